"""From pairs to profiles: the records of a group are joined while two clusters look like one person.

``profiles.pyi`` says what each class and function takes and gives.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t
from libcpp.vector cimport vector

from cxm_sdk._native.cluster cimport Barriers, barriers_of
from cxm_sdk._native.joining cimport Group, clusters_apart, join_group, weigh_pair


cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


cdef enum:
    AHEAD = 24  # records whose source is asked for before it is needed


@cython.final
cdef class Evidence:
    """What agreement is worth under every hypothesis about two clusters."""

    def __init__(self, const double[:, ::1] match_bits, const double[:, ::1] household_bits,
                 const uint8_t[:, ::1] alike, const double[:, ::1] priors, adjusted, const uint8_t[::1] several):
        cdef Py_ssize_t column, level, kind, across, lane
        cdef double* row
        self.width, self.most, self.kinds = match_bits.shape[0], match_bits.shape[1], alike.shape[0]
        if household_bits.shape[0] != self.width or household_bits.shape[1] != self.most:
            raise ValueError("expected as many bits for households as for matches")
        if self.kinds > LANES - ALIKE or (self.kinds and alike.shape[1] != self.width):
            raise ValueError(f"expected at most {LANES - ALIKE} kinds of look-alikes in {self.width} comparisons")
        if several.shape[0] != self.width:
            raise ValueError(f"expected to hear of {self.width} comparisons whether people have several values")
        if priors.shape[0] != 2 or priors.shape[1] != ALIKE + self.kinds:
            raise ValueError("expected two priors of each hypothesis, inside a source and between sources")
        self.levels.assign(self.width * self.most * LANES, 0.0)
        self.priors.assign(2 * LANES, 0.0)
        self.several.assign(self.width + 1, 0)
        for column in range(self.width):
            if several[column] > BEST_ALONE:
                raise ValueError(f"expected 0, 1 or 2 for what counts of pairs, got {several[column]}")
            self.several[column] = several[column]
            for level in range(self.most):
                row = &self.levels[(column * self.most + level) * LANES]
                row[MATCH] = match_bits[column, level]
                row[HOUSEHOLD] = household_bits[column, level]
                for kind in range(self.kinds):
                    row[ALIKE + kind] = match_bits[column, level] * alike[kind, column]
        for across in range(2):
            for lane in range(ALIKE + self.kinds):
                self.priors[across * LANES + lane] = priors[across, lane]
        for column, household in adjusted:
            if not 0 <= column < self.width:
                raise ValueError(f"expected adjustments of {self.width} comparisons, got one of {column}")
            self.columns.push_back(<int32_t>column)
            self.shares.resize(self.columns.size() * LANES)
            row = &self.shares[(self.columns.size() - 1) * LANES]
            row[MATCH] = 1.0
            row[HOUSEHOLD] = 1.0 if household else 0.0
            for kind in range(self.kinds):
                row[ALIKE + kind] = alike[kind, column]

    def __reduce__(self):
        raise TypeError("Evidence is not pickled; build it again from the model")


def join_profiles(const int64_t[::1] starts, const int32_t[::1] members, const uint8_t[:, ::1] levels,
                  const double[:, ::1] adjustments, const int32_t[::1] sources, Evidence evidence not None,
                  double astray, double cut, const int32_t[:, ::1] single, const int32_t[:, ::1] unique,
                  int32_t[::1] labels, uint8_t[::1] contradicted):
    """Joins the records of each group while two clusters, taken as one record each, weigh more than the cut."""
    cdef int64_t g, i, j, at = 0, first
    cdef Py_ssize_t count_adjusted = adjustments.shape[1], column
    cdef bint alone = False
    cdef const int32_t* rows
    cdef const uint8_t* agreed = NULL
    cdef const double* adjusted = NULL
    cdef vector[double] bits, top, weight
    cdef vector[int32_t] known, owner, count
    cdef Group group
    cdef Barriers barriers = barriers_of(single, unique)
    if levels.shape[1] != evidence.width or adjustments.shape[1] != <Py_ssize_t>evidence.columns.size():
        raise ValueError(f"expected levels of {evidence.width} comparisons and {evidence.columns.size()} adjustments")
    if levels.shape[0] != adjustments.shape[0] or levels.shape[0] != contradicted.shape[0]:
        raise ValueError(f"expected {contradicted.shape[0]} pairs everywhere")
    if levels.shape[0] and evidence.width:
        agreed = &levels[0, 0]
    if levels.shape[0] and count_adjusted:
        adjusted = &adjustments[0, 0]
    group.terms = evidence.width + 1
    group.kinds = evidence.kinds
    group.several = evidence.several.data()
    for column in range(evidence.width):
        alone |= evidence.several[column] == BEST_ALONE
    group.astray, group.cut = astray, cut
    group.top = NULL
    with nogil:
        for g in range(starts.shape[0] - 1):
            group.size = starts[g + 1] - starts[g]
            if group.size < 2:
                continue
            rows = &members[starts[g]]
            bits.resize(group.size * group.size * group.terms * LANES)
            if alone:
                top.resize(bits.size())
                group.top = top.data()
            known.resize(group.size * group.size * group.terms)
            weight.resize(group.size * group.size)
            owner.resize(group.size)
            count.assign(group.size, 1)
            group.bits, group.known, group.weight = bits.data(), known.data(), weight.data()
            group.owner, group.count = owner.data(), count.data()
            first = at
            for i in range(group.size):
                owner[i] = <int32_t>i
                if starts[g] + i + AHEAD < members.shape[0]:
                    cxm_prefetch(&sources[rows[i + AHEAD]])
                for j in range(i + 1, group.size):
                    weigh_pair(&group, i, j, evidence, agreed + at * evidence.width, adjusted + at * count_adjusted,
                               sources[rows[i]] != sources[rows[j]])
                    # The table of weights changes; whether the pair alone is a link is kept here.
                    contradicted[at] = weight[i * group.size + j] > cut
                    at += 1
            join_group(&group, rows, cut, &barriers)
            at = first
            for i in range(group.size):
                labels[rows[i]] = rows[owner[i]]
                for j in range(i + 1, group.size):
                    if contradicted[at]:
                        contradicted[at] = owner[i] != owner[j] and clusters_apart(
                            group.size, rows, owner.data(), owner[i], owner[j], &barriers)
                    at += 1
