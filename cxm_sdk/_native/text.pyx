"""String primitives on spans of one UTF-8 buffer; see ``text.pyi`` for what each function takes and gives.

A column of strings is ``data`` plus, for each row, the half-open byte span ``[start, stop)``. Cutting a string is
arithmetic on spans and copies nothing; only ``translate``, ``gather`` and ``join`` write new text. Every loop
runs without the GIL and every function is a pure function of its arguments.
"""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcmp, memcpy, memset

import numpy as np

from cxm_sdk._native.sound cimport sound_of
from cxm_sdk._native.spans cimport Spans, fill_spans, finished, hash_text, load_word, mix_word, total_size

cdef extern from "sort_rows.hpp":
    struct CxmSortKey:
        uint64_t prefix
        int32_t row

    struct CxmRows:
        const uint8_t* data
        const int32_t* starts
        const int32_t* stops

    void cxm_sort_rows(
        CxmSortKey* keys, int64_t n, CxmSortKey* spare, const CxmRows& rows, int32_t depth
    ) noexcept nogil


cdef enum:
    SPACE = 32
    WIDE_ROWS = 65536
    LANES = 4  # words that are hashed side by side


# ---------------------------------------------------------------------------------------------- hashing


cdef inline int64_t _forward(const uint8_t* p, int64_t size, int64_t count) noexcept nogil:
    """Bytes that the first ``count`` characters take."""
    cdef int64_t i = 0
    while i < size and count:
        i += 1
        while i < size and (p[i] & 0xC0) == 0x80:
            i += 1
        count -= 1
    return i


cdef inline int64_t _backward(const uint8_t* p, int64_t size, int64_t count) noexcept nogil:
    """Bytes that the last ``count`` characters take."""
    cdef int64_t i = size
    while i > 0 and count:
        i -= 1
        while i > 0 and (p[i] & 0xC0) == 0x80:
            i -= 1
        count -= 1
    return size - i


cdef void _hash_all(Spans* s, uint64_t seed, int64_t part, uint64_t* out) noexcept nogil:
    cdef Py_ssize_t i
    cdef const uint8_t* p
    cdef int64_t size, used
    for i in range(s.n):
        p = s.data + s.starts[i]
        size = s.stops[i] - s.starts[i]
        if size == 0:
            out[i] = 0
            continue
        if part > 0:
            size = _forward(p, size, part)
        elif part < 0:
            used = _backward(p, size, -part)
            p += size - used
            size = used
        out[i] = hash_text(p, size, seed)


def hash64(
    const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops, uint64_t seed=0, int64_t part=0
):
    cdef Spans s
    fill_spans(&s, data, starts, stops)
    out = np.empty(s.n, dtype=np.uint64)
    cdef uint64_t[::1] view = out
    if s.n:
        with nogil:
            _hash_all(&s, seed, part, &view[0])
    return out


cdef void _mix_stripe(uint64_t* lanes, const uint8_t* p) noexcept nogil:
    cdef Py_ssize_t lane
    for lane in range(LANES):
        lanes[lane] = mix_word(lanes[lane], load_word(p + 8 * lane))


def hash128(const uint8_t[::1] data):
    """Hashes a whole buffer; a step waits for the one before it, so four words are hashed side by side."""
    cdef Py_ssize_t size = data.shape[0], at = 0, lane
    cdef uint64_t[LANES] lanes
    cdef uint64_t[2] halves
    cdef uint8_t[8 * LANES] rest
    with nogil:
        for lane in range(LANES):
            lanes[lane] = <uint64_t>size ^ (<uint64_t>0x9E3779B97F4A7C15 * <uint64_t>(lane + 1))
        while size - at >= 8 * LANES:
            _mix_stripe(lanes, &data[at])
            at += 8 * LANES
        if at < size:
            memset(rest, 0, sizeof(rest))
            memcpy(rest, &data[at], size - at)
            _mix_stripe(lanes, rest)
        for lane in range(2):
            halves[lane] = hash_text(<const uint8_t*>lanes, sizeof(lanes), lane + 1)
    return (<const uint8_t*>halves)[:sizeof(halves)]


# ---------------------------------------------------------------------------------------------- characters


cdef inline bint _pictograph(const uint8_t* p) noexcept nogil:
    """Whether a four-byte sequence is an emoji, symbol, selector or tag: U+1F000 to U+1FAFF and U+E0000 up."""
    return (p[0] == 0xF0 and p[1] == 0x9F and p[2] < 0xAC) or p[0] >= 0xF3


cdef inline uint8_t* _put(uint8_t* out, uint8_t byte, uint8_t* previous) noexcept nogil:
    """Writes a byte, but no space behind a space nor at the start of a row; without a branch to mispredict."""
    cdef bint keep = (byte != 0) & ((byte != SPACE) | (previous[0] != SPACE))
    out[0] = byte
    previous[0] = byte if keep else previous[0]
    return out + keep


cdef uint8_t* _put_wide(
    const uint8_t* p, int32_t size, const uint8_t* narrow, const uint64_t* wide, uint8_t* out, uint8_t* previous
) noexcept nogil:
    """Writes what a character of two to four bytes becomes."""
    cdef uint64_t packed
    cdef uint8_t byte
    cdef int32_t i
    if size == 4:  # beyond the table
        if _pictograph(p):
            return _put(out, narrow[SPACE], previous)
        for i in range(4):
            out = _put(out, p[i], previous)
        return out
    if size == 3:
        packed = wide[(p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F)]
    else:
        packed = wide[(p[0] & 0x1F) << 6 | (p[1] & 0x3F)]
    for i in range(<int32_t> (packed & 0xFF)):
        packed >>= 8
        byte = packed & 0xFF
        out = _put(out, narrow[byte] if byte < 0x80 else byte, previous)
    return out


cdef int64_t _room(Spans* s, bint wide) noexcept nogil:
    """Most bytes that rows may become: a character of two bytes writes up to seven. One is spare, see ``_put``."""
    cdef int64_t total = 0, others = 0
    cdef Py_ssize_t i
    cdef const uint8_t* p
    cdef const uint8_t* end
    for i in range(s.n):
        p = s.data + s.starts[i]
        end = s.data + s.stops[i]
        total += end - p
        if wide:
            while p < end:
                others += p[0] >> 7
                p += 1
    return total + 3 * others + 1


cdef int64_t _translate(
    Spans* s, const uint8_t* narrow, const uint64_t* wide, uint8_t* text, int32_t* offsets
) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t size
    cdef uint8_t byte, previous
    cdef const uint8_t* p
    cdef const uint8_t* end
    cdef uint8_t* out = text
    cdef uint8_t* begin
    offsets[0] = 0
    for i in range(s.n):
        p = s.data + s.starts[i]
        end = s.data + s.stops[i]
        begin = out
        previous = SPACE
        while p < end:
            byte = p[0]
            if byte < 0x80:
                out = _put(out, narrow[byte], &previous)
                p += 1
                continue
            size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            if end - p < size:
                break
            if wide != NULL:
                out = _put_wide(p, size, narrow, wide, out, &previous)
            p += size
        if out > begin and previous == SPACE:
            out -= 1
        offsets[i + 1] = <int32_t> (out - text)
    return out - text


def translate(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] narrow,
    const uint64_t[::1] wide,
):
    cdef Spans s
    cdef int64_t room, written = 0
    if narrow.shape[0] != 128:
        raise ValueError(f"expected 128 entries for ASCII, got {narrow.shape[0]}")
    if wide.shape[0] and wide.shape[0] != WIDE_ROWS:
        raise ValueError(f"expected 0 or {WIDE_ROWS} entries for other characters, got {wide.shape[0]}")
    fill_spans(&s, data, starts, stops)
    with nogil:
        room = _room(&s, wide.shape[0] > 0)
    out = np.empty(room, dtype=np.uint8)
    offsets = np.zeros(s.n + 1, dtype=np.int32)
    cdef uint8_t[::1] out_view = out
    cdef int32_t[::1] view = offsets
    if s.n:
        with nogil:
            written = _translate(&s, &narrow[0], &wide[0] if wide.shape[0] else NULL, &out_view[0], &view[0])
    return finished(out, offsets, written)


def gather(const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops):
    cdef Spans s
    cdef int64_t total, written = 0
    cdef int32_t size
    cdef Py_ssize_t i
    fill_spans(&s, data, starts, stops)
    total = total_size(&s)
    out = np.empty(total, dtype=np.uint8)
    offsets = np.zeros(s.n + 1, dtype=np.int32)
    cdef uint8_t[::1] out_view = out
    cdef int32_t[::1] view = offsets
    if total:
        with nogil:
            for i in range(s.n):
                size = s.stops[i] - s.starts[i]
                if size:
                    memcpy(&out_view[written], s.data + s.starts[i], <size_t> size)
                written += size
                view[i + 1] = <int32_t> written
    return finished(out, offsets, total)


cdef int64_t _join(Spans* left, Spans* right, uint8_t separator, uint8_t* out, int32_t* offsets) noexcept nogil:
    cdef Py_ssize_t i
    cdef int64_t written = 0
    cdef int32_t size, other
    offsets[0] = 0
    for i in range(left.n):
        size = left.stops[i] - left.starts[i]
        other = right.stops[i] - right.starts[i]
        if size:
            memcpy(out + written, left.data + left.starts[i], <size_t> size)
            written += size
        if size and other:
            out[written] = separator
            written += 1
        if other:
            memcpy(out + written, right.data + right.starts[i], <size_t> other)
            written += other
        offsets[i + 1] = <int32_t> written
    return written


def join(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] other_data,
    const int32_t[::1] other_starts,
    const int32_t[::1] other_stops,
    uint8_t separator,
):
    cdef Spans left, right
    cdef int64_t room, written = 0
    fill_spans(&left, data, starts, stops)
    fill_spans(&right, other_data, other_starts, other_stops)
    if left.n != right.n:
        raise ValueError(f"expected as many rows on both sides, got {left.n} and {right.n}")
    room = total_size(&left) + total_size(&right) + left.n
    out = np.empty(room, dtype=np.uint8)
    offsets = np.zeros(left.n + 1, dtype=np.int32)
    cdef uint8_t[::1] out_view = out
    cdef int32_t[::1] view = offsets
    if room:
        with nogil:
            written = _join(&left, &right, separator, &out_view[0], &view[0])
    return finished(out, offsets, written)


def trim(const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops):
    cdef Spans s
    cdef Py_ssize_t i
    cdef int32_t start, stop
    fill_spans(&s, data, starts, stops)
    new_starts = np.empty(s.n, dtype=np.int32)
    new_stops = np.empty(s.n, dtype=np.int32)
    cdef int32_t[::1] out_starts = new_starts
    cdef int32_t[::1] out_stops = new_stops
    with nogil:
        for i in range(s.n):
            start = s.starts[i]
            stop = s.stops[i]
            while start < stop and s.data[start] <= SPACE:
                start += 1
            while stop > start and s.data[stop - 1] <= SPACE:
                stop -= 1
            out_starts[i] = start
            out_stops[i] = stop
    return new_starts, new_stops


def find_byte(
    const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops, uint8_t byte, bint last=False
):
    cdef Spans s
    cdef Py_ssize_t i
    cdef int32_t at
    cdef const uint8_t* hit
    fill_spans(&s, data, starts, stops)
    out = np.empty(s.n, dtype=np.int32)
    cdef int32_t[::1] view = out
    with nogil:
        for i in range(s.n):
            view[i] = -1
            if last:
                at = s.stops[i] - 1
                while at >= s.starts[i] and s.data[at] != byte:
                    at -= 1
                if at >= s.starts[i]:
                    view[i] = at
            elif s.stops[i] > s.starts[i]:
                hit = <const uint8_t*> memchr(s.data + s.starts[i], byte, <size_t> (s.stops[i] - s.starts[i]))
                if hit != NULL:
                    view[i] = <int32_t> (hit - s.data)
    return out


def kinds(
    const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops, const uint8_t[::1] table
):
    cdef Spans s
    cdef Py_ssize_t i
    cdef int32_t at
    cdef uint8_t held
    if table.shape[0] != 256:
        raise ValueError(f"expected kinds of 256 bytes, got {table.shape[0]}")
    fill_spans(&s, data, starts, stops)
    out = np.empty(s.n, dtype=np.uint8)
    cdef uint8_t[::1] view = out
    cdef const uint8_t* kind = &table[0]
    with nogil:
        for i in range(s.n):
            held = 0
            for at in range(s.starts[i], s.stops[i]):
                held |= kind[s.data[at]]
            view[i] = held
    return out


# ---------------------------------------------------------------------------------------------- sound


def phonetic(const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops):
    cdef Spans s
    cdef Py_ssize_t i
    fill_spans(&s, data, starts, stops)
    out = np.empty(s.n, dtype=np.uint64)
    cdef uint64_t[::1] view = out
    with nogil:
        for i in range(s.n):
            view[i] = sound_of(s.data + s.starts[i], s.stops[i] - s.starts[i])
    return out


# ---------------------------------------------------------------------------------------------- order


def sort_order(const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops):
    cdef Spans s
    cdef CxmRows rows
    cdef CxmSortKey* keys
    cdef Py_ssize_t i
    fill_spans(&s, data, starts, stops)
    out = np.empty(s.n, dtype=np.int32)
    cdef int32_t[::1] view = out
    if s.n > INT32_MAX:
        raise ValueError(f"expected at most {INT32_MAX} rows, got {s.n}")
    if s.n == 0:
        return out
    keys = <CxmSortKey*> malloc(2 * <size_t> s.n * sizeof(CxmSortKey))
    if keys == NULL:
        raise MemoryError("no memory to sort")
    rows = CxmRows(s.data, s.starts, s.stops)
    with nogil:
        for i in range(s.n):
            keys[i].row = <int32_t> i
        cxm_sort_rows(keys, s.n, keys + s.n, rows, 0)
        for i in range(s.n):
            view[i] = keys[i].row
    free(keys)
    return out
