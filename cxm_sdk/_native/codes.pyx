"""Dictionary codes: distinct texts are numbered once, and what follows works on the numbers.

``codes.pyi`` says what each function takes and gives.
"""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy, memset

import numpy as np

from cxm_sdk._native.spans cimport Spans, fill_spans, hash_text

cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


cdef enum:
    AHEAD = 32  # rows hashed and looked for in one go, so that their memory is on its way when they are compared
    WRITTEN = 25  # letters of twelve bytes in hexadecimal, behind another letter
    FEW = 4096  # slots to begin with; what holds few distinct texts then stays in the fast caches


cdef struct Slot:
    uint32_t tag    # upper half of the hash, so that most unlike texts are told apart without reading them
    int32_t number  # number of the distinct text + 1, 0 for a free slot
    int32_t start
    int32_t size


cdef struct Table:
    Slot* slots
    uint64_t mask
    uint64_t* hashes  # of each distinct text, for moving into a larger table
    int32_t room      # distinct texts that fit
    int32_t used


cdef bint open_table(Table* table) noexcept nogil:
    table.mask = FEW - 1
    table.room = FEW // 2
    table.used = 0
    table.slots = <Slot*> calloc(FEW, sizeof(Slot))
    table.hashes = <uint64_t*> malloc(table.room * sizeof(uint64_t))
    return table.slots != NULL and table.hashes != NULL


cdef void close_table(Table* table) noexcept nogil:
    free(table.slots)
    free(table.hashes)


cdef bint grow(Table* table) noexcept nogil:
    """Moves into a table four times as large."""
    cdef uint64_t size = 4 * (table.mask + 1), old, at
    cdef Slot* slots = <Slot*> calloc(size, sizeof(Slot))
    cdef uint64_t* hashes = <uint64_t*> realloc(table.hashes, (size // 2) * sizeof(uint64_t))
    if hashes != NULL:
        table.hashes = hashes
    if slots == NULL or hashes == NULL:
        free(slots)
        return False
    for old in range(table.mask + 1):
        if table.slots[old].number:
            at = hashes[table.slots[old].number - 1] & (size - 1)
            while slots[at].number:
                at = (at + 1) & (size - 1)
            slots[at] = table.slots[old]
    free(table.slots)
    table.slots = slots
    table.mask = size - 1
    table.room = <int32_t> min(size // 2, <uint64_t> INT32_MAX)
    return True


cdef bint number_rows(Spans* s, Table* table, int32_t* numbers, int32_t* firsts) noexcept nogil:
    cdef Py_ssize_t i, begin, end
    cdef uint64_t hashes[AHEAD]
    cdef uint64_t at
    cdef uint32_t tag
    cdef int32_t size, number
    cdef Slot* slot
    begin = 0
    while begin < s.n:
        end = min(begin + AHEAD, s.n)
        if table.room - table.used < AHEAD and not grow(table):
            return False
        for i in range(begin, end):
            hashes[i - begin] = hash_text(s.data + s.starts[i], s.stops[i] - s.starts[i], 0)
            cxm_prefetch(&table.slots[hashes[i - begin] & table.mask])
        for i in range(begin, end):
            slot = &table.slots[hashes[i - begin] & table.mask]
            if slot.number:
                cxm_prefetch(s.data + slot.start)
        for i in range(begin, end):
            size = s.stops[i] - s.starts[i]
            if size == 0:
                numbers[i] = -1
                continue
            at = hashes[i - begin] & table.mask
            tag = <uint32_t> (hashes[i - begin] >> 32)
            number = 0
            while True:
                slot = &table.slots[at]
                number = slot.number
                if number == 0 or (
                    slot.tag == tag
                    and slot.size == size
                    and memcmp(s.data + slot.start, s.data + s.starts[i], <size_t> size) == 0
                ):
                    break
                at = (at + 1) & table.mask
            if number == 0:
                firsts[table.used] = <int32_t> i
                table.hashes[table.used] = hashes[i - begin]
                table.used += 1
                number = table.used
                slot[0] = Slot(tag, number, s.starts[i], size)
            numbers[i] = number - 1
        begin = end
    return True


def number_distinct(const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops):
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
        done = open_table(&table) and number_rows(&s, &table, &number_view[0], &first_view[0])
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
