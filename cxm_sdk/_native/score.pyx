"""The bits that agreement levels are worth.

``score.pyi`` says what each class and function takes and gives.
"""

cimport cython
from libc.stdint cimport int32_t, intptr_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libcpp.vector cimport vector

import numpy as np

from cxm_sdk._native.batch cimport (
    AHEAD,
    BATCH,
    Batch,
    Slots,
    cxm_prefetch,
    gather_codes,
    levels_of,
    open_batch,
    our_codes,
    put_levels,
    same_codes,
    take_batch,
    take_levels,
    their_codes,
)
from cxm_sdk._native.compare cimport Comparisons
from cxm_sdk._native.strings cimport lowest


cdef extern from "columns.hpp":
    uint64_t among "cxm_among" (const uint8_t* levels, const uint8_t* wanted, int pieces) noexcept nogil
    void sum_lanes "cxm_sum_levels" (const uint8_t* levels, Py_ssize_t width, const double* table, Py_ssize_t step,
                                     uint64_t bits, const double* priors, double* out) noexcept nogil


cdef extern from "curve.hpp":
    double log2_of_one_plus "cxm_log2_of_one_plus" (double x) noexcept nogil
    double share_of_one "cxm_share_of_one" (double x) noexcept nogil


cdef enum:
    # Hypotheses about a pair, side by side.
    MATCH = 0
    HOUSEHOLD = 1
    ALIKE = 2
    LANES = 4


cdef enum:
    WORDS = BATCH // 64
    MOST = 64  # levels of one comparison
    FEW = 4096  # values whose bits lie in the cache whichever are asked for


cdef struct Adjustment:
    Py_ssize_t column         # comparison whose level is looked at
    Slots slots               # columns of the codes
    const float* bits         # by value
    const uint8_t* at_level   # by level, a byte of ones where it is asked for
    int pieces                # so many times 16 levels
    const uint64_t* told      # where few values have any bits, one bit for each, looked at before those are fetched
    bint household
    Py_ssize_t number         # adjustments of one number are alternatives: the first that agrees counts


@cython.final
cdef class Adjustments:
    """Bits by which a shared value weighs more or less than its level says, for all comparisons of a model."""

    cdef vector[Adjustment] items
    # For each comparison which of the items look at it.
    cdef vector[vector[int32_t]] by_column
    cdef const int32_t[:, ::1] codes
    cdef list owners, tables
    cdef readonly Py_ssize_t size

    def __cinit__(self, const int32_t[:, ::1] codes not None):
        self.codes = codes
        self.owners = []
        self.tables = []
        self.size = 0

    def add(self, Py_ssize_t column, Py_ssize_t ours, Py_ssize_t theirs, const float[::1] bits,
            const uint8_t[::1] at_level, bint household, bint alternative):
        """Adds one adjustment."""
        cdef Adjustment item
        if at_level.shape[0] > MOST:
            raise ValueError(f"expected at most {MOST} levels, got {at_level.shape[0]}")
        if not 0 <= min(ours, theirs) <= max(ours, theirs) < self.codes.shape[1]:
            raise ValueError(f"expected columns of codes below {self.codes.shape[1]}, got {ours} and {theirs}")
        self.size += 0 if alternative and self.size else 1
        if bits.shape[0] == 0:
            return  # it keeps its number, so that those behind it keep theirs
        item.column = column
        item.slots = Slots(ours, theirs)
        item.bits = &bits[0]
        item.told = NULL
        cdef const uint64_t[::1] words
        if bits.shape[0] > FEW:
            told, count = self.told_values(bits)
            words = told
            item.told = &words[0] if 2 * count < bits.shape[0] else NULL
        wanted = np.zeros(MOST, np.uint8)
        wanted[:at_level.shape[0]][np.asarray(at_level) != 0] = 255
        cdef const uint8_t[::1] asked = wanted
        item.at_level = &asked[0]
        item.pieces = max((at_level.shape[0] + 15) // 16, 1)
        item.household = household
        item.number = self.size - 1
        if <Py_ssize_t>self.by_column.size() <= column:
            self.by_column.resize(column + 1)
        self.by_column[column].push_back(<int32_t>self.items.size())
        self.items.push_back(item)
        self.owners.append((bits, wanted))

    cdef tuple told_values(self, const float[::1] bits):
        """One bit for each value whose bits are not 0, and how many those are; made once for a table."""
        for known, told, count in self.tables:
            if known is bits.base:
                return told, count
        told = np.zeros((bits.shape[0] + 63) // 64 * 64, np.uint8)
        told[:bits.shape[0]] = np.asarray(bits) != 0
        told = np.packbits(told, bitorder="little").view(np.uint64)
        count = int(np.count_nonzero(bits))
        self.tables.append((bits.base, told, count))
        return told, count

    def bits(self, const int32_t[::1] left, const int32_t[::1] right, const uint8_t[:, ::1] levels,
             double[:, ::1] out):
        """Writes the bits of every adjustment for some pairs."""
        cdef Py_ssize_t i, k, n = left.shape[0]
        cdef const Adjustment* item
        cdef int32_t a
        with nogil:
            for i in range(n):
                if i + AHEAD < n and self.codes.shape[1]:
                    cxm_prefetch(&self.codes[left[i + AHEAD], 0])
                    cxm_prefetch(&self.codes[right[i + AHEAD], 0])
                for k in range(self.size):
                    out[i, k] = 0.0
                for k in range(<Py_ssize_t>self.items.size()):
                    item = &self.items[k]
                    if item.at_level[levels[i, item.column]] and out[i, item.number] == 0.0:
                        a = self.codes[left[i], item.slots.ours]
                        if a >= 0 and a == self.codes[right[i], item.slots.theirs]:
                            out[i, item.number] = item.bits[a]

    def __reduce__(self):
        raise TypeError("Adjustments borrow their buffers and cannot be pickled; build them again from the model")


cdef struct Weights:
    # What a pair's hypotheses are worth, in a row of lanes: a match, one household, and each kind of relatives who look
    # like one person. By comparison and level, and the prior odds inside a source and between sources.
    double* levels
    Py_ssize_t most
    double[2][LANES] priors
    const int32_t* sources
    Py_ssize_t source_stride
    Py_ssize_t source_column  # of the codes of a batch, where sources are one of them; else -1
    Py_ssize_t kinds
    const uint8_t* alike  # in which comparisons relatives agree like one person
    double floor


cdef struct Sums:
    # Bits of the pairs of a batch so far, and for which of them an adjustment of one number has counted.
    double[BATCH][LANES] bits
    uint64_t[WORDS] done
    Py_ssize_t number


cdef void sum_levels(const Batch* batch, const Weights* weights, Sums* sums) noexcept nogil:
    cdef Py_ssize_t first, i
    cdef uint64_t same
    cdef const int32_t* sources = weights.sources
    for first in range(0, BATCH, 64):
        if weights.source_column >= 0:
            same = same_codes(
                our_codes(batch, weights.source_column) + first, their_codes(batch, weights.source_column) + first
            )
        else:
            same = 0
            for i in range(first, min(first + 64, batch.size)):
                same |= <uint64_t>(
                    sources[batch.left[i] * weights.source_stride] == sources[batch.right[i] * weights.source_stride]
                ) << (i - first)
        sum_lanes(
            batch.levels + first, batch.width, weights.levels, weights.most * LANES, same, &weights.priors[0][0],
            sums.bits[first]
        )
    sums.number = -1


cdef void adjust(Batch* batch, const Weights* weights, const Adjustment* item, Sums* sums) noexcept nogil:
    # Pairs that share the value at a level that is asked for are listed first, so that only their bits are fetched, and
    # ahead.
    cdef Py_ssize_t word, first, i, k, lane, found = 0
    cdef const uint8_t* levels = levels_of(batch, item.column)
    cdef const int32_t* ours = our_codes(batch, item.slots.ours)
    cdef const int32_t* theirs = their_codes(batch, item.slots.theirs)
    cdef uint64_t same
    cdef int32_t a
    cdef double bits
    cdef double[LANES] share
    if sums.number != item.number:
        sums.number = item.number
        for word in range(WORDS):
            sums.done[word] = 0
    for word in range(WORDS):
        first = word * 64
        same = among(levels + first, item.at_level, item.pieces) & ~sums.done[word]
        if same:
            same &= same_codes(ours + first, theirs + first)
        while same:
            i = first + lowest(same)
            same &= same - 1
            a = ours[i]
            batch.ones[found] = <int32_t>i
            batch.others[found] = a
            if item.told != NULL:
                found += (item.told[a >> 6] >> (a & 63)) & 1
            else:
                found += 1
                cxm_prefetch(item.bits + a)
    if item.told != NULL:
        for k in range(found):
            cxm_prefetch(item.bits + batch.others[k])
    share[MATCH] = 1.0
    share[HOUSEHOLD] = item.household
    for lane in range(ALIKE, LANES):
        share[lane] = lane - ALIKE < weights.kinds and weights.alike[(lane - ALIKE) * batch.width + item.column]
    for k in range(found):
        i = batch.ones[k]
        bits = item.bits[batch.others[k]]
        for lane in range(LANES):
            sums.bits[i][lane] += bits * share[lane]
        sums.done[i >> 6] |= <uint64_t>(bits != 0.0) << (i & 63)


cdef double weigh_batch(Batch* batch, const Weights* weights, Adjustments adjustments, Sums* sums, double* match_out,
                        double* household_out) noexcept nogil:
    cdef Py_ssize_t i, c, k, kind, count = 0
    cdef double household, bits, expected = 0.0
    sum_levels(batch, weights, sums)
    for c in range(min(batch.width, <Py_ssize_t>adjustments.by_column.size())):
        for k in range(<Py_ssize_t>adjustments.by_column[c].size()):
            adjust(batch, weights, &adjustments.items[adjustments.by_column[c][k]], sums)
    # Look-alikes only take weight, so they are not asked where there is too little as it is. Which pairs have enough is
    # listed without a branch, as no processor can guess it.
    for i in range(batch.size):
        household = sums.bits[i][HOUSEHOLD]
        bits = sums.bits[i][MATCH] - log2_of_one_plus(household)
        match_out[i] = bits
        household_out[i] = household
        batch.rows[count] = <int32_t>i
        count += bits >= weights.floor
    for k in range(count if weights.kinds else 0):
        i = batch.rows[k]
        household = household_out[i]
        for kind in range(weights.kinds):
            household += log2_of_one_plus(sums.bits[i][ALIKE + kind] - household)
        match_out[i] = sums.bits[i][MATCH] - log2_of_one_plus(household)
        household_out[i] = household
    for i in range(batch.size):
        expected += share_of_one(match_out[i])
    return expected


def score_pairs(Comparisons comparisons, const int32_t[::1] left, const int32_t[::1] right, uint8_t[:, ::1] levels,
                const double[:, ::1] match_bits, const double[:, ::1] household_bits, Adjustments adjustments not None,
                const int32_t[:] sources, const double[::1] match_prior, const double[::1] household_prior,
                const uint8_t[:, ::1] alike, const double[:, ::1] alike_prior, double floor, double[::1] match_out,
                double[::1] household_out):
    """Compares pairs and sums their bits for one person, and for one household, against strangers."""
    cdef double expected = 0.0
    cdef Py_ssize_t first = 0, n = left.shape[0], width = levels.shape[1], column, level, kind, across, at
    cdef vector[double] lanes
    cdef double* row
    cdef uint8_t* place
    cdef Weights weights
    cdef Batch* batch
    cdef Sums* sums
    if levels.shape[0] != n or right.shape[0] != n or match_out.shape[0] != n or household_out.shape[0] != n:
        raise ValueError(f"expected {n} pairs everywhere")
    if comparisons is not None and comparisons.width != width or match_bits.shape[0] != width:
        raise ValueError(f"expected bits and levels of as many comparisons, got {match_bits.shape[0]} and {width}")
    if household_bits.shape[0] != width or household_bits.shape[1] != match_bits.shape[1]:
        raise ValueError("expected as many bits for households as for matches")
    if min(match_prior.shape[0], household_prior.shape[0], alike_prior.shape[1]) < 2:
        raise ValueError("expected two priors of each kind, inside a source and between sources")
    if alike.shape[0] > LANES - ALIKE or (alike.shape[0] and alike.shape[1] != width):
        raise ValueError(f"expected at most {LANES - ALIKE} kinds of look-alikes in {width} comparisons")
    if alike_prior.shape[0] != alike.shape[0]:
        raise ValueError(f"expected priors of {alike.shape[0]} kinds of look-alikes, got {alike_prior.shape[0]}")
    if comparisons is not None and adjustments.size and not comparisons.reads_codes(adjustments.codes):
        raise ValueError("expected comparisons and adjustments of one table of codes")
    if n == 0:
        return expected
    weights.most = match_bits.shape[1]
    weights.sources = &sources[0]
    weights.source_stride = sources.strides[0] // <Py_ssize_t>sizeof(int32_t)
    weights.source_column = -1
    weights.kinds = alike.shape[0]
    weights.alike = &alike[0, 0] if weights.kinds and width else NULL
    weights.floor = floor
    lanes.resize(width * weights.most * LANES)
    weights.levels = lanes.data()
    for column in range(width):
        for level in range(weights.most):
            row = weights.levels + (column * weights.most + level) * LANES
            row[MATCH] = match_bits[column, level]
            row[HOUSEHOLD] = household_bits[column, level]
            for kind in range(weights.kinds):
                row[ALIKE + kind] = match_bits[column, level] if alike[kind, column] else 0.0
    for across in range(2):
        weights.priors[across][MATCH] = match_prior[across]
        weights.priors[across][HOUSEHOLD] = household_prior[across]
        for kind in range(LANES - ALIKE):
            weights.priors[across][ALIKE + kind] = alike_prior[kind, across] if kind < weights.kinds else 0.0
    cdef const int32_t[:, ::1] codes = adjustments.codes if comparisons is None else comparisons.table
    if codes.shape[0] and weights.source_stride == codes.shape[1] and sources.shape[0] == codes.shape[0]:
        at = (<intptr_t>weights.sources - <intptr_t>&codes[0, 0]) // <Py_ssize_t>sizeof(int32_t)
        if 0 <= at < codes.shape[1]:
            weights.source_column = at
    batch = open_batch(codes.shape[1], width)
    sums = <Sums*>malloc(sizeof(Sums))
    try:
        if sums == NULL:
            raise MemoryError
        with nogil:
            while take_batch(batch, &left[0], &right[0], first, n):
                gather_codes(codes, batch)
                place = &levels[first, 0] if width else NULL
                take_levels(batch, place)
                if comparisons is not None:
                    comparisons.fill(batch)
                    put_levels(batch, place)
                expected += weigh_batch(
                    batch, &weights, adjustments, sums, &match_out[first], &household_out[first]
                )
                first += BATCH
    finally:
        free(batch)
        free(sums)
    return expected
