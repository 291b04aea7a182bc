"""Dictionary codes: distinct texts are numbered once, and what follows works on the numbers.

``codes.pyi`` says what each function takes and gives.
"""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

import numpy as np

from cxm_sdk._native.spans cimport Spans, fill_spans

cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil

cdef extern from "short_text.hpp":
    uint64_t cxm_passing_hash(const uint8_t* p, int64_t size) noexcept nogil
    bint cxm_same_bytes(const uint8_t* a, const uint8_t* b, int64_t size) noexcept nogil


cdef enum:
    AHEAD = 32  # texts hashed and looked for in one go, so that their memory is on its way when they are compared
    WRITTEN = 25  # letters of twelve bytes in hexadecimal, behind another letter
    FEW = 4096  # slots to begin with; what holds few distinct texts then stays in the fast caches


cdef struct Slot:
    uint32_t hash   # its upper bits are where the slot is looked for, so that larger tables are filled in order
    int32_t number  # number of the distinct text + 1, 0 for a free slot
    int32_t start   # where the text starts, and how long it is
    int32_t size


cdef struct Table:
    Slot* slots
    int shift     # of a hash, to get a place
    int32_t room  # distinct texts that fit
    int32_t used


cdef bint open_table(Table* table, uint64_t expected) noexcept nogil:
    """Takes room for so many texts, up to 2^31; for more it grows."""
    cdef uint64_t size = FEW
    table.shift = 20
    while size < 2 * min(expected, <uint64_t> INT32_MAX):
        size *= 2
        table.shift -= 1
    table.room = <int32_t> (size // 2)
    table.used = 0
    table.slots = <Slot*> calloc(size, sizeof(Slot))
    return table.slots != NULL


cdef void close_table(Table* table) noexcept nogil:
    free(table.slots)


cdef inline Slot* next_slot(Slot* slot, Slot* slots, Slot* end) noexcept nogil:
    slot += 1
    return slots if slot == end else slot


cdef bint grow(Table* table) noexcept nogil:
    """Moves into a table four times as large, up to 2^32 slots."""
    cdef int shift = max(table.shift - 2, 0)
    cdef uint64_t old, size = <uint64_t> 1 << (32 - shift)
    cdef uint64_t room = min(size // 2, <uint64_t> INT32_MAX)
    cdef Slot* slots = <Slot*> calloc(size, sizeof(Slot))
    cdef Slot* slot
    if slots == NULL:
        return False
    for old in range(<uint64_t> 1 << (32 - table.shift)):
        if table.slots[old].number:
            slot = slots + (table.slots[old].hash >> shift)
            while slot.number:
                slot = next_slot(slot, slots, slots + size)
            slot[0] = table.slots[old]
    free(table.slots)
    table.slots = slots
    table.shift = shift
    table.room = <int32_t> room
    return True


cdef inline int32_t number_of(
    Spans* s, Py_ssize_t i, Table* table, Slot* end, uint32_t hash, int32_t* firsts
) noexcept nogil:
    """The number of a row that is not empty; a new one if its text has none."""
    cdef const uint8_t* text = s.data + s.starts[i]
    cdef int32_t size = s.stops[i] - s.starts[i]
    cdef Slot* slot = table.slots + (hash >> table.shift)
    while slot.number:
        if slot.hash == hash and slot.size == size and cxm_same_bytes(s.data + slot.start, text, size):
            return slot.number - 1
        slot = next_slot(slot, table.slots, end)
    firsts[table.used] = <int32_t> i
    table.used += 1
    slot[0] = Slot(hash, table.used, s.starts[i], size)
    return table.used - 1


cdef bint number_rows(Spans* s, Table* table, int32_t* numbers, int32_t* firsts) noexcept nogil:
    cdef Py_ssize_t i = 0, k, count
    cdef Py_ssize_t[AHEAD] rows
    cdef uint32_t[AHEAD] hashes
    cdef Slot* slot
    cdef Slot* end
    while i < s.n:
        if table.room - table.used < AHEAD and not grow(table):
            return False
        end = table.slots + (<uint64_t> 1 << (32 - table.shift))
        count = 0
        while i < s.n and count < AHEAD:
            if s.stops[i] > s.starts[i]:
                hashes[count] = <uint32_t> (cxm_passing_hash(s.data + s.starts[i], s.stops[i] - s.starts[i]) >> 32)
                cxm_prefetch(&table.slots[hashes[count] >> table.shift])
                rows[count] = i
                count += 1
            else:
                numbers[i] = -1
            i += 1
        for k in range(count):
            slot = &table.slots[hashes[k] >> table.shift]
            if slot.number:
                cxm_prefetch(s.data + slot.start)
        for k in range(count):
            numbers[rows[k]] = number_of(s, rows[k], table, end, hashes[k], firsts)
    return True


def number_distinct(const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops, uint64_t expected=0):
    cdef Spans s
    cdef Table table
    cdef bint done = True
    fill_spans(&s, data, starts, stops)
    if s.n > INT32_MAX:
        raise ValueError(f"expected at most {INT32_MAX} rows, got {s.n}")
    numbers = np.empty(s.n, dtype=np.int32)
    firsts = np.empty(s.n, dtype=np.int32)
    cdef int32_t[::1] number_view = numbers
    cdef int32_t[::1] first_view = firsts
    if s.n == 0:
        return numbers, firsts
    with nogil:
        done = open_table(&table, expected) and number_rows(&s, &table, &number_view[0], &first_view[0])
        close_table(&table)
    if not done:
        raise MemoryError("no memory to number distinct rows")
    return numbers, firsts[:table.used].copy()


cdef int check_codes(const int32_t[::1] codes, Py_ssize_t count) except -1:
    cdef Py_ssize_t i, n = codes.shape[0]
    cdef int32_t highest = -1
    with nogil:
        for i in range(n):
            highest = codes[i] if codes[i] > highest else highest
    if highest >= count:
        i = 0
        while codes[i] < count:
            i += 1
        raise IndexError(f"expected codes below {count}, got {codes[i]} in row {i}")
    return 0


def renumber(const int32_t[::1] codes, Py_ssize_t count):
    cdef Py_ssize_t i, n = codes.shape[0]
    cdef int32_t found = 0, code
    check_codes(codes, count)
    numbers = np.full(count, -1, dtype=np.int32)
    firsts = np.empty(count, dtype=np.int32)
    out = np.empty(n, dtype=np.int32)
    cdef int32_t[::1] number = numbers, first = firsts, view = out
    with nogil:
        for i in range(n):
            code = codes[i]
            if code < 0:
                view[i] = -1
                continue
            if number[code] < 0:
                number[code] = found
                first[found] = <int32_t> i
                found += 1
            view[i] = number[code]
    return out, firsts[:found].copy()


def renumber_rows(
    const int32_t[::1] codes,
    const int64_t[::1] rows,
    int32_t[::1] numbers,
    int32_t[::1] order,
    Py_ssize_t known,
    int32_t[::1] out,
):
    cdef Py_ssize_t i, n = rows.shape[0], held = codes.shape[0], count = numbers.shape[0]
    cdef int32_t code
    cdef bint inside = True
    if out.shape[0] != n or order.shape[0] != count:
        raise ValueError(f"expected room for {n} rows and {count} codes, got {out.shape[0]} and {order.shape[0]}")
    check_codes(codes, count)
    with nogil:
        for i in range(n):
            if not 0 <= rows[i] < held:
                inside = False
                break
            code = codes[rows[i]]
            if code >= 0:
                if numbers[code] < 0:
                    numbers[code] = <int32_t> known
                    order[known] = code
                    known += 1
                code = numbers[code]
            out[i] = code
    if not inside:
        raise IndexError(f"expected rows below {held}, got {rows[i]} in place {i}")
    return known


def recode(const int32_t[::1] codes, const int32_t[::1] lookup):
    cdef Py_ssize_t i, n = codes.shape[0], count = lookup.shape[0]
    cdef int32_t code
    cdef bint known = True
    out = np.empty(n, dtype=np.int32)
    cdef int32_t[::1] view = out
    with nogil:
        for i in range(n):
            code = codes[i]
            if code < count:
                view[i] = lookup[code] if code >= 0 else -1
            else:
                known = False
    if not known:
        check_codes(codes, count)
    return out


def unordered_pairs(const int32_t[::1] one, const int32_t[::1] other):
    cdef Py_ssize_t i, n = one.shape[0]
    cdef int64_t small, large
    if other.shape[0] != n:
        raise ValueError(f"expected as many codes on both sides, got {n} and {other.shape[0]}")
    out = np.empty(n, dtype=np.uint64)
    cdef uint64_t[::1] view = out
    with nogil:
        for i in range(n):
            small = <int64_t> min(one[i], other[i]) + 1
            large = <int64_t> max(one[i], other[i]) + 1
            view[i] = <uint64_t> (small << 32 | large) if small > 0 else 0
    return out


def count_codes(const int32_t[::1] codes, Py_ssize_t count):
    cdef Py_ssize_t i, n = codes.shape[0]
    check_codes(codes, count)
    counts = np.zeros(count, dtype=np.int64)
    cdef int64_t[::1] view = counts
    with nogil:
        for i in range(n):
            if codes[i] >= 0:
                view[codes[i]] += 1
    return counts


def held_by_several(const int32_t[::1] codes, Py_ssize_t count):
    cdef Py_ssize_t i, n = codes.shape[0], found = 0
    cdef int64_t total = 0
    check_codes(codes, count)
    if n > INT32_MAX:
        raise ValueError(f"expected at most {INT32_MAX} rows, got {n}")
    # Of each code how many rows hold it; then, where the next of them goes, or -1.
    places = np.zeros(count, dtype=np.int32)
    cdef int32_t[::1] place = places
    with nogil:
        for i in range(n):
            if codes[i] >= 0:
                place[codes[i]] += 1
        for i in range(count):
            if place[i] > 1:
                found += 1
                total += place[i]
    values = np.empty(found, dtype=np.int32)
    starts = np.zeros(found + 1, dtype=np.int64)
    rows = np.empty(total, dtype=np.int32)
    cdef int32_t[::1] value = values, row = rows
    cdef int64_t[::1] start = starts
    with nogil:
        found = 0
        total = 0
        for i in range(count):
            if place[i] > 1:
                value[found] = <int32_t> i
                found += 1
                total += place[i]
                start[found] = total
                place[i] = <int32_t> start[found - 1]
            else:
                place[i] = -1
        for i in range(n):
            if codes[i] >= 0 and place[codes[i]] >= 0:
                row[place[codes[i]]] = <int32_t> i
                place[codes[i]] += 1
    return values, starts, rows


def values_of(const int32_t[::1] codes, const int32_t[::1] values, Py_ssize_t count):
    cdef Py_ssize_t i, n = codes.shape[0]
    if values.shape[0] != n:
        raise ValueError(f"expected as many values as codes, got {values.shape[0]} and {n}")
    check_codes(codes, count)
    found = np.full(count, -1, dtype=np.int32)
    cdef int32_t[::1] view = found
    with nogil:
        for i in range(n):
            if codes[i] >= 0:
                view[codes[i]] = values[i]
    return found


def rows_where(const int32_t[::1] codes, const uint8_t[::1] wanted):
    cdef Py_ssize_t i, found = 0, n = codes.shape[0]
    check_codes(codes, wanted.shape[0])
    rows = np.empty(n + 1, dtype=np.int32)
    cdef int32_t[::1] view = rows
    with nogil:
        for i in range(n):
            if codes[i] >= 0:
                view[found] = <int32_t> i
                found += wanted[codes[i]] != 0
    return rows[:found].copy()


def take_texts(const uint8_t[::1] data, const int32_t[::1] offsets, const int32_t[::1] rows):
    cdef Py_ssize_t i, n = rows.shape[0], count = offsets.shape[0] - 1
    cdef const uint8_t* texts = &data[0] if data.shape[0] else NULL
    cdef int32_t row
    cdef int64_t first, size, total = 0
    cdef bint inside = True
    if count < 0:
        raise ValueError("expected offsets, one more than there are texts; got none")
    check_codes(rows, count)
    starts = np.empty(n, dtype=np.int32)
    places = np.empty(n + 1, dtype=np.int32)
    cdef int32_t[::1] start = starts, place = places
    with nogil:
        # Texts lie anywhere, so first is found out where, and then they are copied, each asked for some steps before.
        for i in range(n):
            if i + AHEAD < n and rows[i + AHEAD] >= 0:
                cxm_prefetch(&offsets[rows[i + AHEAD]])
            row = rows[i]
            first = offsets[row] if row >= 0 else 0
            size = offsets[row + 1] - first if row >= 0 else 0
            inside &= (first >= 0) & (size >= 0) & (first + size <= data.shape[0])
            start[i] = <int32_t> first
            place[i] = <int32_t> min(total, <int64_t> INT32_MAX)
            total += size
        place[n] = <int32_t> min(total, <int64_t> INT32_MAX)
    if not inside:
        raise ValueError(f"expected offsets that ascend and end inside {data.shape[0]} bytes of text")
    if total > INT32_MAX:
        raise MemoryError("expected text of at most 2 GiB in a column, got more: int32 offsets do not reach")
    out = np.empty(total, dtype=np.uint8)
    cdef uint8_t[::1] view = out
    cdef uint8_t* copies = &view[0] if total else NULL
    with nogil:
        for i in range(n if total else 0):
            if i + AHEAD < n:
                cxm_prefetch(texts + start[i + AHEAD])
            memcpy(copies + place[i], texts + start[i], <size_t>(place[i + 1] - place[i]))
    return out, places


def hex_texts(letter, const uint64_t[::1] first, const uint64_t[::1] second):
    cdef Py_ssize_t i, k, n = first.shape[0]
    cdef uint8_t head = ord(letter), byte
    cdef const uint8_t* digits = <const uint8_t*>b"0123456789abcdef"
    if second.shape[0] != n:
        raise ValueError(f"expected {n} numbers on both sides, got {second.shape[0]}")
    texts = np.empty(n * WRITTEN, dtype=np.uint8)
    cdef uint8_t[::1] view = texts
    cdef uint8_t* out
    with nogil:
        for i in range(n):
            out = &view[i * WRITTEN]
            out[0] = head
            for k in range(12):
                byte = <uint8_t>((first[i] >> (8 * k)) if k < 8 else (second[i] >> (8 * (k - 8))))
                out[1 + 2 * k] = digits[byte >> 4]
                out[2 + 2 * k] = digits[byte & 15]
    return texts
