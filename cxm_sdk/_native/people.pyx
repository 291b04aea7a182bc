"""Groups of few records that hang together, split into people.

``people.pyi`` says what each function takes and gives.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector

from cxm_sdk._native.cluster cimport Barriers, forbidden
from cxm_sdk._native.contents cimport string_view, view
from cxm_sdk._native.disjoint cimport join_sets, root_of
from cxm_sdk._native.few cimport Few
from cxm_sdk._native.few_values cimport Value
from cxm_sdk._native.joining cimport Group, clusters_apart, join_group, weigh_pair
from cxm_sdk._native.profiles cimport LANES


@cython.final
@cython.auto_pickle(False)
cdef class _Joining:
    """One group at a time; what it needs is kept from one to the next."""

    cdef Few few
    cdef vector[int32_t] rows, all_rows  # places in ``few``, and in the group
    cdef vector[int32_t] single, unique
    cdef Barriers barriers
    cdef vector[Py_ssize_t] columns  # what each column of ``single`` is of: a role of the rules, or -1 for a decision
    cdef Group group
    cdef vector[double] bits, weight
    cdef vector[int32_t] known, owner, count
    cdef vector[uint8_t] strong

    def __cinit__(self, Few few):
        self.few = few

    cdef int take(self, list numbers) except -1:
        """Puts the records of a group in canonical order."""
        cdef size_t i, j
        cdef int32_t row
        self.rows.clear()
        for number in numbers:
            row = self.few.place(number)
            self.rows.push_back(row)
            j = self.rows.size() - 1
            while j and self.few.before(row, self.rows[j - 1]):
                self.rows[j] = self.rows[j - 1]
                j -= 1
            self.rows[j] = row
        self.all_rows.resize(self.rows.size())
        for i in range(self.rows.size()):
            self.all_rows[i] = <int32_t>i
        return 0

    cdef int find_barriers(self, same, apart) except -1:
        """Finds values of which a person has one, and sources of which a person has one record."""
        cdef size_t n = self.rows.size(), c, columns, i
        cdef Py_ssize_t k
        cdef vector[vector[int32_t]] found
        cdef vector[int32_t] codes
        cdef string_view source
        self.columns.clear()
        for c in range(self.few.rules.singles.size()):
            if self.find_single(self.few.rules.singles[c], codes):
                if same:
                    unify(codes, same)
                found.push_back(codes)
                self.columns.push_back(c)
        for ours, theirs in apart:
            codes.assign(n, -1)
            for i in range(n):
                if (i in ours) != (i in theirs):  # a record that holds both speaks against the decision
                    codes[i] = <int32_t>(i in theirs)
            found.push_back(codes)
            self.columns.push_back(-1)
        columns = found.size()
        self.single.assign(n * columns, -1)
        for c in range(columns):
            for i in range(n):
                self.single[i * columns + c] = found[c][i]
        self.barriers.singles, self.barriers.uniques = columns, len(self.few.rules.sources)
        self.unique.assign(n * self.barriers.uniques, -1)
        for k in range(self.barriers.uniques):
            source = view(self.few.rules.sources[k])
            for i in range(n):
                if self.few.rows[self.rows[i]].source == source:
                    self.unique[i * self.barriers.uniques + k] = 0
        self.barriers.single, self.barriers.unique = self.single.data(), self.unique.data()
        return 0

    cdef bint find_single(self, int role, vector[int32_t]& codes) except -1:
        """Gives the records one number for all values of a role that one of them has side by side."""
        cdef unordered_map[string_view, int32_t] numbers
        cdef vector[int32_t] parent
        cdef const Value* value
        cdef int32_t before, number
        cdef size_t place, slot, i
        for i in range(self.few.rules.digests.size()):
            if self.few.rules.digests[i] == role:
                for place in range(self.rows.size()):
                    self.few.derive(self.rows[place])
        codes.assign(self.rows.size(), -1)
        for place in range(self.rows.size()):
            before = -1
            for slot in range(self.few.slots(self.rows[place], role)):
                value = self.few.at(self.rows[place], role, slot)
                if value == NULL:
                    continue
                if not numbers.count(value.bytes):
                    number = <int32_t>parent.size()
                    numbers[value.bytes] = number
                    parent.push_back(number)
                number = numbers[value.bytes]
                if before >= 0:
                    join_sets(parent.data(), before, number)
                before = number
            codes[place] = before
        for place in range(self.rows.size()):
            if codes[place] >= 0:
                codes[place] = root_of(parent.data(), codes[place])
        return not parent.empty()

    cdef str name(self, Py_ssize_t column):
        """What a column is called that keeps people apart."""
        cdef Py_ssize_t c = self.columns[column]
        return "steward" if c < 0 else f"unique:{self.few.rules.single_names[c]}"

    cdef int weigh(self, same) except -1:
        """Compares every pair, and takes it for strong where it speaks for one person alone."""
        cdef int64_t i, j, n = self.rows.size()
        cdef Py_ssize_t decided = self.few.model.width
        cdef double cut = self.few.rules.cut
        self.group.size, self.group.terms = n, decided + 2
        self.group.several, self.group.kinds = self.few.rules.evidence.several.data(), self.few.rules.evidence.kinds
        self.group.astray, self.group.cut = 0.0, cut
        self.group.top = NULL
        if <int64_t>self.known.size() < n * n * self.group.terms:  # what is left from larger groups is not emptied
            self.bits.resize(n * n * self.group.terms * LANES)
            self.known.resize(n * n * self.group.terms)
            self.weight.resize(n * n)
        self.strong.assign(n * n, 0)
        self.owner.resize(n)
        self.count.assign(n, 1)
        self.group.bits, self.group.known, self.group.weight = self.bits.data(), self.known.data(), self.weight.data()
        self.group.owner, self.group.count = self.owner.data(), self.count.data()
        for i in range(n):
            self.owner[i] = <int32_t>i
            for j in range(i + 1, n):
                self.few.compare(self.rows[i], self.rows[j])
                self.few.levels[decided] = bool(same) and (i, j) in same
                weigh_pair(&self.group, i, j, self.few.rules.evidence, self.few.levels.data(),
                           self.few.adjusted.data(), self.few.across)
                self.strong[i * n + j] = self.weight[i * n + j] > cut
        self.few.levels[decided] = 0
        return 0

    cdef tuple pair(self, same):
        """The people of two records, which are weighed as every pair is."""
        cdef double match = 0.0, household = 0.0
        cdef Py_ssize_t c
        if forbidden(0, 1, &self.barriers):
            for c in range(self.barriers.singles):
                if self.single[c] >= 0 and self.single[self.barriers.singles + c] >= 0:
                    if self.single[c] != self.single[self.barriers.singles + c]:
                        return [0, 1], {(0, 1): self.name(c)}
            return [0, 1], {(0, 1): "one_record"}
        if same:
            return [0, 0], {}
        self.few.compare(self.rows[0], self.rows[1])
        self.few.weights(&match, &household)
        return [0, 0] if match > self.few.rules.cut else [0, 1], {}

    cdef int32_t code(self, int32_t owner, Py_ssize_t column) noexcept nogil:
        """The value of which the records of a person have one; -1 for none."""
        cdef size_t i
        for i in range(self.rows.size()):
            if self.owner[i] == owner and self.single[i * self.barriers.singles + column] >= 0:
                return self.single[i * self.barriers.singles + column]
        return -1

    cdef str reason(self, int32_t one, int32_t other):
        """The constraint that keeps two people apart."""
        cdef Py_ssize_t c
        cdef int32_t ours, theirs
        for c in range(self.barriers.singles):
            ours, theirs = self.code(one, c), self.code(other, c)
            if ours >= 0 and theirs >= 0 and ours != theirs:
                return self.name(c)
        return "one_record"

    cdef tuple split(self, same, apart):
        """The people of the group, and why pairs are kept apart that speak for one person."""
        cdef int64_t i, j, n = self.rows.size()
        cdef dict reasons = {}
        self.find_barriers(same, apart)
        if n == 2 and not apart:
            return self.pair(same)
        self.weigh(same)
        join_group(&self.group, self.all_rows.data(), self.few.rules.cut, &self.barriers)
        if self.barriers.singles or self.barriers.uniques:
            for i in range(n):
                for j in range(i + 1, n):
                    if self.strong[i * n + j] and self.owner[i] != self.owner[j] and clusters_apart(
                        n, self.all_rows.data(), self.owner.data(), self.owner[i], self.owner[j], &self.barriers
                    ):
                        reasons[i, j] = self.reason(self.owner[i], self.owner[j])
        return [self.owner[i] for i in range(n)], reasons


cdef void unify(vector[int32_t]& codes, same) except *:
    """Takes values for one where a steward said that their records are one person."""
    cdef vector[int32_t] parent
    cdef size_t i, a, b
    for i in range(codes.size()):
        while codes[i] >= <int64_t>parent.size():
            parent.push_back(<int32_t>parent.size())
    for one, other in same:
        a, b = one, other
        if codes[a] >= 0 and codes[b] >= 0:
            join_sets(parent.data(), codes[a], codes[b])
    for i in range(codes.size()):
        if codes[i] >= 0:
            codes[i] = root_of(parent.data(), codes[i])


def people_of_groups(Few few not None, groups not None, dict verdicts not None):
    """Splits groups of records into people."""
    cdef _Joining joining = _Joining.__new__(_Joining, few)
    cdef list found = [], numbers
    cdef size_t i, at = 0
    for group in groups:
        joining.take(group)
        numbers = [few.records[joining.rows[i]].number for i in range(joining.rows.size())]
        same, apart = verdicts.get(at, (None, ()))
        found.append((numbers, *joining.split(same, apart)))
        at += 1
    return found
