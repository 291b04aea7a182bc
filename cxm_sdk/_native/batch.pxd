"""A batch of pairs and its codes, column by column, as one comparison hands it to the next; shared by inclusion."""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.stdlib cimport malloc
from libc.string cimport memset
from libcpp.vector cimport vector

from cxm_sdk._native.strings cimport Place, TextColumn, lowest, may_reach, may_stand_for, text_at

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
    RECENT = 1024  # pairs of values that are remembered


cdef struct Recent:
    # A pair of values that a comparison has seen, and the level it gave them; while they are being compared, -1 minus
    # the row of the batch that they are compared for.
    int32_t one
    int32_t other
    int32_t column
    int32_t level


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
    # The pairs of values that were seen last, of those that differ where they are remembered, and which rows wait for
    # another row of the same two values.
    Recent[RECENT] recent
    int32_t[BATCH] places
    int32_t[BATCH] fresh
    Py_ssize_t count_fresh
    int32_t[BATCH] waiting
    int32_t[BATCH] awaited
    Py_ssize_t count_waiting
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


cdef inline void recall(Batch* batch, Py_ssize_t column, uint8_t* levels, uint8_t* found) noexcept nogil:
    # Gives the listed pairs whose values were compared before the level they got then, and leaves the others listed.
    # Records of one person meet those of another in one block, so many pairs of values come several times in a row.
    cdef Py_ssize_t k, place, kept = 0, waiting = 0
    cdef int32_t a, b, row
    cdef Recent* recent
    for k in range(batch.unlike):
        a = batch.ones[k]
        b = batch.others[k]
        row = batch.rows[k]
        place = (((<uint64_t>a << 32) | <uint64_t>b) + <uint64_t>column) * <uint64_t>0x9E3779B97F4A7C15 >> 54
        recent = &batch.recent[place]
        if recent.one == a and recent.other == b and recent.column == column:
            if recent.level >= 0:
                keep_best(levels + row, <uint8_t>recent.level)
            else:
                batch.waiting[waiting] = row
                batch.awaited[waiting] = -1 - recent.level
                waiting += 1
        else:
            recent[0] = Recent(a, b, <int32_t>column, -1 - row)
            found[row] = 1
            batch.places[kept] = <int32_t>place
            batch.fresh[kept] = row
            batch.rows[kept] = row
            batch.ones[kept] = a
            batch.others[kept] = b
            kept += 1
    batch.unlike = batch.count_fresh = kept
    batch.count_waiting = waiting


cdef inline void remember(Batch* batch, uint8_t* levels, const uint8_t* found) noexcept nogil:
    # Takes over the levels found for what ``recall`` has left listed.
    cdef Py_ssize_t k
    cdef int32_t row
    for k in range(batch.count_fresh):
        row = batch.fresh[k]
        keep_best(levels + row, found[row])
        # Another pair may have taken the place.
        if batch.recent[batch.places[k]].level == -1 - row:
            batch.recent[batch.places[k]].level = found[row]
    for k in range(batch.count_waiting):
        keep_best(levels + batch.waiting[k], found[batch.awaited[k]])


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
    memset(batch.recent, 255, RECENT * sizeof(Recent))
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
    if seen == 0:
        memset(batch.levels, 0, batch.width * BATCH)
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
        if may_reach(one, two, least) or (parts and may_stand_for(one, two)):
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
