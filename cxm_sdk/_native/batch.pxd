"""A batch of pairs and its codes, column by column, as one comparison hands it to the next; shared by inclusion."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport malloc
from libc.string cimport memset
from libcpp.vector cimport vector

from cxm_sdk._native.strings cimport (
    NEEDED,
    Needs,
    Place,
    TextColumn,
    far_apart,
    lowest,
    may_reach,
    may_stand_for,
    needs_of,
    popcount,
    text_at,
)

cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


cdef extern from "columns.hpp":
    enum:
        BATCH "CXM_BATCH"  # pairs handed from one comparison to the next while their codes are in the cache
    void gather "cxm_gather" (const int32_t* table, Py_ssize_t columns, const int32_t* rows, Py_ssize_t n,
                              int32_t* out) noexcept nogil
    uint64_t same_codes "cxm_same" (const int32_t* a, const int32_t* b) noexcept nogil
    uint64_t told_codes "cxm_told" (const int32_t* a, const int32_t* b) noexcept nogil
    uint64_t raise_levels "cxm_raise" (const int32_t* a, const int32_t* b, uint8_t exact, uint8_t* levels) noexcept nogil
    void put_value "cxm_put" (uint64_t bits, uint8_t value, uint8_t* out) noexcept nogil
    void put_rows "cxm_rows" (const uint8_t* columns, Py_ssize_t width, Py_ssize_t n, uint8_t* out) noexcept nogil


cdef enum:
    AHEAD = 12  # pairs whose values are asked for before they are compared


cdef struct Batch:
    # At most BATCH pairs, their codes and levels, and room for what one comparison notes down.
    const int32_t* left
    const int32_t* right
    Py_ssize_t size
    Py_ssize_t following  # pairs that come behind them
    Py_ssize_t width
    # Column by column, BATCH places each; behind the last pair codes are null. Before the first column of codes lies
    # one of nulls.
    uint8_t* levels
    int32_t* ours
    int32_t* theirs
    # Pairs whose codes differ: which they are, and the codes.
    int32_t[BATCH + 1] rows
    int32_t[BATCH + 1] ones
    int32_t[BATCH + 1] others
    Py_ssize_t unlike
    uint8_t[BATCH] outer
    uint8_t[BATCH] inner
    float[BATCH] measured


cdef struct Slots:
    # One pair of slots: the column read for the left record and the one read for the right, -1 for nulls.
    Py_ssize_t ours
    Py_ssize_t theirs


cdef inline const int32_t* our_codes(const Batch* batch, Py_ssize_t column) noexcept nogil:
    return batch.ours + (column + 1) * BATCH


cdef inline const int32_t* their_codes(const Batch* batch, Py_ssize_t column) noexcept nogil:
    return batch.theirs + (column + 1) * BATCH


cdef inline uint8_t* levels_of(const Batch* batch, Py_ssize_t column) noexcept nogil:
    return batch.levels + column * BATCH


cdef inline void list_pairs(Batch* batch, uint64_t bits, Py_ssize_t first, const int32_t* ours,
                            const int32_t* theirs) noexcept nogil:
    # Lists the pairs of one word whose bit is set.
    cdef Py_ssize_t i, k = batch.unlike
    while bits:
        i = first + lowest(bits)
        bits &= bits - 1
        batch.rows[k] = <int32_t>i
        batch.ones[k] = ours[i]
        batch.others[k] = theirs[i]
        k += 1
    batch.unlike = k


cdef inline void find_unlike(Batch* batch, Slots slots, uint8_t exact, uint8_t* levels) noexcept nogil:
    # Where codes are equal or missing the level is known at once. That is settled first, for many pairs at a time; the
    # others, unless other slots made them exact already, are listed and compared in a loop of their own, with values
    # fetched ahead.
    cdef Py_ssize_t first
    cdef const int32_t* ours = our_codes(batch, slots.ours)
    cdef const int32_t* theirs = their_codes(batch, slots.theirs)
    batch.unlike = 0
    for first in range(0, BATCH, 64):
        list_pairs(batch, raise_levels(ours + first, theirs + first, exact, levels + first), first, ours, theirs)


cdef inline void keep_best(uint8_t* out, uint8_t level) noexcept nogil:
    if level > out[0]:
        out[0] = level


cdef inline Batch* open_batch(Py_ssize_t columns, Py_ssize_t width) except NULL:
    # Everything in one piece, given back by free().
    cdef Py_ssize_t codes = (columns + 1) * BATCH
    cdef Batch* batch = <Batch*>malloc(sizeof(Batch) + 2 * codes * sizeof(int32_t) + width * BATCH)
    if batch == NULL:
        raise MemoryError
    batch.width = width
    batch.ours = <int32_t*>(batch + 1)
    batch.theirs = batch.ours + codes
    batch.levels = <uint8_t*>(batch.theirs + codes)
    memset(batch.ours, 255, BATCH * sizeof(int32_t))
    memset(batch.theirs, 255, BATCH * sizeof(int32_t))
    return batch


cdef inline bint take_batch(Batch* batch, const int32_t* left, const int32_t* right, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    # The pairs from one place on; false where there are none.
    batch.left = left + first
    batch.right = right + first
    batch.size = min(n - first, <Py_ssize_t>BATCH)
    batch.following = max(min(n - first - BATCH, <Py_ssize_t>BATCH), <Py_ssize_t>0)
    return batch.size > 0


cdef inline void take_levels(Batch* batch, const uint8_t* levels) noexcept nogil:
    cdef Py_ssize_t i, c
    cdef uint8_t seen = 0
    for i in range(batch.size * batch.width):
        seen |= levels[i]
    if seen == 0 or batch.size < BATCH:
        memset(batch.levels, 0, batch.width * BATCH)
    if seen == 0:
        return
    for i in range(batch.size):
        for c in range(batch.width):
            batch.levels[c * BATCH + i] = levels[c]
        levels += batch.width


cdef inline void put_levels(const Batch* batch, uint8_t* out) noexcept nogil:
    put_rows(batch.levels, batch.width, batch.size, out)


cdef inline void fetch_rows(const int32_t[:, ::1] table, const int32_t* rows, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, columns = table.shape[1]
    cdef const int32_t* row
    for i in range(n if columns else 0):
        row = &table[rows[i], 0]
        cxm_prefetch(row)
        cxm_prefetch(row + columns - 1)


cdef inline void gather_codes(const int32_t[:, ::1] table, Batch* batch) noexcept nogil:
    if table.shape[0] and table.shape[1]:
        gather(&table[0, 0], table.shape[1], batch.left, batch.size, batch.ours + BATCH)
        gather(&table[0, 0], table.shape[1], batch.right, batch.size, batch.theirs + BATCH)


cdef inline void keep_promising(Batch* batch, TextColumn text, double least, bint parts) noexcept nogil:
    # Keeps the listed pairs that could be as alike as matters, or of which one may stand for the other where that is
    # wanted, and asks for their texts; most are ruled out by what stands beside the place of a text.
    cdef Py_ssize_t k, kept = 0
    cdef int32_t a, b
    cdef const Place* one
    cdef const Place* two
    cdef Needs needs = needs_of(least)
    for k in range(min(batch.unlike, <Py_ssize_t>AHEAD)):
        cxm_prefetch(&text.places[batch.ones[k]])
        cxm_prefetch(&text.places[batch.others[k]])
    for k in range(batch.unlike):
        if k + AHEAD < batch.unlike:
            cxm_prefetch(&text.places[batch.ones[k + AHEAD]])
            cxm_prefetch(&text.places[batch.others[k + AHEAD]])
        a = batch.ones[k]
        b = batch.others[k]
        one = &text.places[a]
        two = &text.places[b]
        if may_reach(one, two, &needs) or (parts and may_stand_for(one, two)):
            cxm_prefetch(text_at(text, a))
            cxm_prefetch(text_at(text, b))
            batch.rows[kept] = batch.rows[k]
            batch.ones[kept] = a
            batch.others[kept] = b
            kept += 1
    batch.unlike = kept


cdef struct Code:
    # What is asked of a phone, a postcode or another code before its text, in one place.
    uint64_t tail
    uint64_t mark


cdef inline vector[Code] coded(TextColumn text, const uint64_t[::1] tails) except *:
    cdef vector[Code] found
    cdef Py_ssize_t i
    if tails.shape[0] != text.size:
        raise ValueError(f"expected as many tails as values, got {tails.shape[0]} and {text.size}")
    found.resize(text.size)
    for i in range(text.size):
        found[i].tail = tails[i]
        found[i].mark = text.places[i].mark
    return found


cdef inline void keep_near_codes(Batch* batch, const Code* codes, TextColumn text, uint8_t* levels) noexcept nogil:
    # Of the listed pairs those with equal tails get their level; of the others those are kept that may be within one
    # edit, and the places of their texts asked for. All of them are asked for before the first one is needed.
    cdef Py_ssize_t k, kept = 0
    cdef const Code* one
    cdef const Code* two
    for k in range(min(batch.unlike, <Py_ssize_t>AHEAD)):
        cxm_prefetch(&codes[batch.ones[k]])
        cxm_prefetch(&codes[batch.others[k]])
    for k in range(batch.unlike):
        if k + AHEAD < batch.unlike:
            cxm_prefetch(&codes[batch.ones[k + AHEAD]])
            cxm_prefetch(&codes[batch.others[k + AHEAD]])
        one = &codes[batch.ones[k]]
        two = &codes[batch.others[k]]
        if one.tail != 0 and one.tail == two.tail:
            keep_best(levels + batch.rows[k], 3)
        elif not far_apart(one.mark, two.mark):
            cxm_prefetch(&text.places[batch.ones[k]])
            cxm_prefetch(&text.places[batch.others[k]])
            batch.rows[kept] = batch.rows[k]
            batch.ones[kept] = batch.ones[k]
            batch.others[kept] = batch.others[k]
            kept += 1
    batch.unlike = kept


cdef enum:
    KINDS = 1023  # bits of a digest
    LETTERS = 24  # bits of kinds in a digest of all characters, below the length
    LONGEST = 63  # which stands for all greater lengths


cdef struct Digest:
    # Where both sides of a slot have a digest of their values: columns of codes, -1 for none, and the lowest bits.
    Slots slots
    int our_shift
    int their_shift


cdef inline void keep_near(Batch* batch, const Digest* digest) noexcept nogil:
    # Keeps those listed pairs that ``tail_kinds``, which lie beside the codes, do not tell apart, so that nothing of the
    # others is fetched.
    cdef Py_ssize_t k, kept = 0
    cdef int32_t row
    cdef const int32_t* ours = our_codes(batch, digest.slots.ours)
    cdef const int32_t* theirs = their_codes(batch, digest.slots.theirs)
    for k in range(batch.unlike):
        row = batch.rows[k]
        batch.rows[kept] = row
        batch.ones[kept] = batch.ones[k]
        batch.others[kept] = batch.others[k]
        kept += popcount(((ours[row] >> digest.our_shift) ^ (theirs[row] >> digest.their_shift)) & KINDS) <= 2
    batch.unlike = kept


cdef inline void keep_alike(Batch* batch, const Digest* digest, const Needs* needs) noexcept nogil:
    # Keeps those listed pairs that could be as alike as is needed by what lies beside their codes: ``letter_kinds``. Every
    # kind that only one side has an odd number of is a character that is not matched.
    cdef Py_ssize_t k, kept = 0
    cdef int32_t row, one, other
    cdef int64_t length, other_length, both
    cdef const int32_t* ours = our_codes(batch, digest.slots.ours)
    cdef const int32_t* theirs = their_codes(batch, digest.slots.theirs)
    for k in range(batch.unlike):
        row = batch.rows[k]
        one = ours[row] >> digest.our_shift
        other = theirs[row] >> digest.their_shift
        length = one >> LETTERS
        other_length = other >> LETTERS
        both = length + other_length
        batch.rows[kept] = row
        batch.ones[kept] = batch.ones[k]
        batch.others[kept] = batch.others[k]
        kept += (
            (max(length, other_length) == LONGEST)
            | ((both - popcount((one ^ other) & ((1 << LETTERS) - 1))) * both << (NEEDED - 1)
               >= needs.share[4] * length * other_length)
        )
    batch.unlike = kept
