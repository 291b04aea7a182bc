"""From pairs to profiles: the records of a group are joined while two clusters look like one person.

``profiles.pyi`` says what each class and function takes and gives.
"""

cimport cython
from libc.math cimport exp2, log1p
from libc.stdint cimport int32_t, int64_t, uint8_t
from libcpp.vector cimport vector

from cxm_sdk._native.cluster cimport forbidden


cdef enum:
    # Hypotheses about two clusters, side by side: one person, one household, and relatives who look like one person.
    MATCH = 0
    HOUSEHOLD = 1
    ALIKE = 2
    LANES = 4


cdef inline double log2_of_one_plus(double x) noexcept nogil:
    # log2(1 + 2 ** x), which sums two likelihoods given in bits.
    return x if x > 60.0 else log1p(exp2(x)) * 1.4426950408889634


@cython.final
cdef class Evidence:
    """What agreement is worth under every hypothesis about two clusters."""

    cdef vector[double] levels     # by comparison, level and lane
    cdef vector[double] priors     # inside a source and between sources, by lane
    cdef vector[int32_t] columns   # comparison of each adjustment
    cdef vector[double] shares     # whether an adjustment counts, by lane
    cdef vector[uint8_t] several   # by comparison, whether the best pair counts
    cdef Py_ssize_t width, most, kinds

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
            self.several[column] = several[column] != 0
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


cdef bint clusters_apart(int64_t size, const int32_t* rows, const int32_t* owner, int32_t a, int32_t b,
                         const int32_t[:, ::1] single, const int32_t[:, ::1] unique) noexcept nogil:
    cdef int64_t i, j
    for i in range(size):
        for j in range(size):
            if owner[i] == a and owner[j] == b and forbidden(rows[i], rows[j], single, unique):
                return True
    return False


cdef struct Group:
    # The clusters of one group of records. What is known of two clusters is kept for each comparison and, last, for the
    # prior: bits summed over the pairs that can tell, by lane, and the number of those pairs. Clusters are named after
    # their smallest place; a table is filled where the first name is the smaller one.
    # A pair that cannot tell is expected to be worth what those that can are, and with the chance ``astray`` nothing.
    # Where people have several values the bits are those of the best pair, and its number is 1.
    int64_t size
    Py_ssize_t terms
    const uint8_t* several
    Py_ssize_t kinds
    double astray
    double* bits
    int32_t* known
    double* weight
    int32_t* owner
    int32_t* count


cdef double weigh_clusters(const Group* group, int64_t a, int64_t b) noexcept nogil:
    cdef double[LANES] total
    cdef double household
    cdef Py_ssize_t term, lane
    cdef int64_t at = (a * group.size + b) * group.terms
    cdef int32_t pairs = group.known[at + group.terms - 1]  # every pair has a prior
    cdef double heard
    for lane in range(LANES):
        total[lane] = 0.0
    for term in range(group.terms):
        if group.known[at + term]:
            heard = 1.0
            if not group.several[term]:
                heard = group.known[at + term] / (1.0 - group.astray * (pairs - group.known[at + term]) / pairs)
            for lane in range(LANES):
                total[lane] += group.bits[(at + term) * LANES + lane] / heard
    household = total[HOUSEHOLD]
    for lane in range(ALIKE, ALIKE + group.kinds):
        household += log2_of_one_plus(total[lane] - household)
    return total[MATCH] - log2_of_one_plus(household)


cdef void weigh_pair(const Group* group, int64_t a, int64_t b, Evidence evidence, const uint8_t* levels,
                     const double* adjustments, bint across) noexcept nogil:
    cdef Py_ssize_t c, k, lane
    cdef int64_t at = (a * group.size + b) * group.terms
    cdef double* bits = group.bits + at * LANES
    for c in range(evidence.width):
        group.known[at + c] = levels[c] != 0
        for lane in range(LANES):
            bits[c * LANES + lane] = evidence.levels[(c * evidence.most + levels[c]) * LANES + lane]
    for k in range(<Py_ssize_t>evidence.columns.size()):
        c = evidence.columns[k]
        for lane in range(LANES):
            bits[c * LANES + lane] += adjustments[k] * evidence.shares[k * LANES + lane]
    group.known[at + evidence.width] = 1
    for lane in range(LANES):
        bits[evidence.width * LANES + lane] = evidence.priors[across * LANES + lane]
    group.weight[a * group.size + b] = weigh_clusters(group, a, b)


cdef void join_clusters(const Group* group, int64_t a, int64_t b) noexcept nogil:
    # Cluster b goes into a, and what either knows of a third is put together.
    cdef int64_t c, into, at
    cdef Py_ssize_t term, lane
    cdef double* ours
    cdef const double* theirs
    for c in range(group.size):
        if group.owner[c] == b:
            group.owner[c] = <int32_t>a
    group.count[a] += group.count[b]
    group.count[b] = 0
    for c in range(group.size):
        if c == a or group.count[c] == 0:
            continue
        into = (min(a, c) * group.size + max(a, c)) * group.terms
        at = (min(b, c) * group.size + max(b, c)) * group.terms
        for term in range(group.terms):
            ours = group.bits + (into + term) * LANES
            theirs = group.bits + (at + term) * LANES
            if not group.several[term]:
                group.known[into + term] += group.known[at + term]
                for lane in range(LANES):
                    ours[lane] += theirs[lane]
            elif group.known[at + term] and (not group.known[into + term] or theirs[MATCH] > ours[MATCH]):
                group.known[into + term] = 1
                for lane in range(LANES):
                    ours[lane] = theirs[lane]
        group.weight[min(a, c) * group.size + max(a, c)] = weigh_clusters(group, min(a, c), max(a, c))


cdef void join_group(const Group* group, const int32_t* rows, double cut, const int32_t[:, ::1] single,
                     const int32_t[:, ::1] unique) noexcept nogil:
    cdef int64_t i, j, a, b
    cdef double best
    while True:
        best = cut
        a = -1
        b = -1
        for i in range(group.size):
            if group.count[i] == 0:
                continue
            for j in range(i + 1, group.size):
                if group.count[j] != 0 and group.weight[i * group.size + j] > best:
                    best = group.weight[i * group.size + j]
                    a = i
                    b = j
        if a < 0:
            return
        if clusters_apart(group.size, rows, group.owner, <int32_t>a, <int32_t>b, single, unique):
            # Whatever joins either of them is kept apart from the other as well.
            group.weight[a * group.size + b] = -1e300
            continue
        join_clusters(group, a, b)


def join_profiles(const int64_t[::1] starts, const int32_t[::1] members, const uint8_t[:, ::1] levels,
                  const double[:, ::1] adjustments, const int32_t[::1] sources, Evidence evidence not None,
                  double astray, double cut, const int32_t[:, ::1] single, const int32_t[:, ::1] unique,
                  int32_t[::1] labels, uint8_t[::1] contradicted):
    """Joins the records of each group while two clusters, taken as one record each, weigh more than the cut."""
    cdef int64_t g, i, j, at = 0, first
    cdef Py_ssize_t count_adjusted = adjustments.shape[1]
    cdef const int32_t* rows
    cdef const uint8_t* agreed = NULL
    cdef const double* adjusted = NULL
    cdef vector[double] bits, weight
    cdef vector[int32_t] known, owner, count
    cdef Group group
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
    group.astray = astray
    with nogil:
        for g in range(starts.shape[0] - 1):
            group.size = starts[g + 1] - starts[g]
            if group.size < 2:
                continue
            rows = &members[starts[g]]
            bits.resize(group.size * group.size * group.terms * LANES)
            known.resize(group.size * group.size * group.terms)
            weight.resize(group.size * group.size)
            owner.resize(group.size)
            count.assign(group.size, 1)
            group.bits, group.known, group.weight = bits.data(), known.data(), weight.data()
            group.owner, group.count = owner.data(), count.data()
            first = at
            for i in range(group.size):
                owner[i] = <int32_t>i
                for j in range(i + 1, group.size):
                    weigh_pair(&group, i, j, evidence, agreed + at * evidence.width, adjusted + at * count_adjusted,
                               sources[rows[i]] != sources[rows[j]])
                    # The table of weights changes; whether the pair alone is a link is kept here.
                    contradicted[at] = weight[i * group.size + j] > cut
                    at += 1
            join_group(&group, rows, cut, single, unique)
            at = first
            for i in range(group.size):
                labels[rows[i]] = rows[owner[i]]
                for j in range(i + 1, group.size):
                    if contradicted[at]:
                        contradicted[at] = owner[i] != owner[j] and clusters_apart(
                            group.size, rows, owner.data(), owner[i], owner[j], single, unique)
                    at += 1
