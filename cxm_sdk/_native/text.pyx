# distutils: language = c++
"""String primitives on spans of one UTF-8 buffer; see ``text.pyi`` for what each function takes and gives.

A column of strings is ``data`` plus, for each row, the half-open byte span ``[start, stop)``. Cutting a string is
arithmetic on spans and copies nothing; only ``translate``, ``map_words`` and ``gather`` write new text. Every loop
runs without the GIL and every function is a pure function of its arguments.
"""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memchr, memcmp, memcpy

import numpy as np

from cxm_sdk._native.spans cimport Spans, fill_spans, hash_text, load_word, nothing

cdef extern from *:
    """
    #include <algorithm>
    #include <cstdint>
    #include <cstring>
    #include <utility>

    // One row while sorting: the eight bytes looked at, as a number that orders like they do.
    struct CxmSortKey { uint64_t prefix; int32_t row; };

    struct CxmRows { const uint8_t* data; const int32_t* starts; const int32_t* stops; };

    static inline bool cxm_by_prefix(const CxmSortKey& a, const CxmSortKey& b) {
        return a.prefix != b.prefix ? a.prefix < b.prefix : a.row < b.row;
    }

    static void cxm_load_prefixes(CxmSortKey* keys, int64_t n, const CxmRows& rows, int32_t depth) {
        for (int64_t i = 0; i < n; ++i) {
            const int32_t row = keys[i].row, size = rows.stops[row] - rows.starts[row] - depth;
            const uint8_t* p = rows.data + rows.starts[row] + depth;
            uint64_t prefix = 0;
            for (int32_t b = 0; b < 8; ++b) prefix = prefix << 8 | (b < size ? p[b] : 0);
            keys[i].prefix = prefix;
        }
    }

    // Stable counting sort, byte by byte from the last.
    static void cxm_radix_sort(CxmSortKey* keys, int64_t n, CxmSortKey* spare) {
        CxmSortKey *from = keys, *to = spare;
        for (int shift = 0; shift < 64; shift += 8) {
            int64_t counts[256] = {0};
            for (int64_t i = 0; i < n; ++i) ++counts[(from[i].prefix >> shift) & 0xFF];
            if (counts[(from[0].prefix >> shift) & 0xFF] == n) continue;
            int64_t at = 0;
            for (int b = 0; b < 256; ++b) { const int64_t c = counts[b]; counts[b] = at; at += c; }
            for (int64_t i = 0; i < n; ++i) to[counts[(from[i].prefix >> shift) & 0xFF]++] = from[i];
            std::swap(from, to);
        }
        if (from != keys) std::memcpy(keys, from, n * sizeof(CxmSortKey));
    }

    // Sorts rows that agree in their first `depth` bytes; keys come by row. Rows that agree in the next eight bytes
    // too are sorted by what follows, after some rounds by whole comparisons, so that long equal texts do not nest.
    static void cxm_sort_rows(CxmSortKey* keys, int64_t n, CxmSortKey* spare, const CxmRows& rows, int32_t depth) {
        cxm_load_prefixes(keys, n, rows, depth);
        if (n > 512) cxm_radix_sort(keys, n, spare);
        else std::sort(keys, keys + n, cxm_by_prefix);
        for (int64_t i = 0, j; i < n; i = j) {
            int32_t longest = 0;
            for (j = i; j < n && keys[j].prefix == keys[i].prefix; ++j)
                longest = std::max(longest, rows.stops[keys[j].row] - rows.starts[keys[j].row]);
            if (j - i == 1) continue;
            if (longest > depth + 8 && depth < 64) {
                cxm_sort_rows(keys + i, j - i, spare, rows, depth + 8);
                continue;
            }
            std::sort(keys + i, keys + j, [&rows](const CxmSortKey& a, const CxmSortKey& b) {
                const int32_t la = rows.stops[a.row] - rows.starts[a.row];
                const int32_t lb = rows.stops[b.row] - rows.starts[b.row];
                const int c = std::memcmp(rows.data + rows.starts[a.row], rows.data + rows.starts[b.row],
                                          std::min(la, lb));
                return c != 0 ? c < 0 : la != lb ? la < lb : a.row < b.row;
            });
        }
    }

    """
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


# ---------------------------------------------------------------------------------------------- new text


cdef int64_t _total(Spans* s) noexcept nogil:
    """Bytes of all rows together."""
    cdef int64_t total = 0
    cdef Py_ssize_t i
    for i in range(s.n):
        total += s.stops[i] - s.starts[i]
    return total


cdef object _finish(object data, object offsets, int64_t written):
    """The part of ``data`` that was written, with the offsets of the rows in it."""
    if written > INT32_MAX:
        raise MemoryError("expected text of at most 2 GiB in a column, got more: int32 offsets do not reach")
    return data[:written], offsets


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


# ---------------------------------------------------------------------------------------------- word lists


cdef struct Words:
    const uint8_t* data
    const int32_t* offsets
    int32_t* slots
    uint64_t mask
    uint64_t lengths     # bit n: some word has n bytes; bit 63 for all longer ones
    uint64_t[4] letters  # bit c: some word starts with byte c


cdef int _check_offsets(const uint8_t[::1] data, const int32_t[::1] offsets) except -1:
    cdef Py_ssize_t n = offsets.shape[0] - 1, i
    if n < 0 or offsets[0] < 0 or offsets[n] > data.shape[0]:
        raise ValueError("expected word offsets that lie inside the data of the list")
    for i in range(n):
        if offsets[i + 1] < offsets[i]:
            raise ValueError(f"expected word offsets that never fall, got otherwise at word {i}")
    return 0


cdef int _words(Words* words, const uint8_t[::1] data, const int32_t[::1] offsets) except -1:
    """Builds the lookup table of a word list; the caller frees ``words.slots``."""
    cdef Py_ssize_t n = offsets.shape[0] - 1, i
    cdef uint64_t room = 8, at
    cdef int32_t size
    _check_offsets(data, offsets)
    while room < <uint64_t> (2 * n + 1):
        room *= 2
    words.slots = <int32_t*> calloc(room, sizeof(int32_t))
    if words.slots == NULL:
        raise MemoryError("no memory for a word list")
    words.mask = room - 1
    words.data = &data[0] if data.shape[0] else nothing()
    words.offsets = &offsets[0]
    words.lengths = 0
    for i in range(4):
        words.letters[i] = 0
    for i in range(n):
        size = offsets[i + 1] - offsets[i]
        if size == 0:
            continue
        words.lengths |= <uint64_t> 1 << min(size, 63)
        words.letters[data[offsets[i]] >> 6] |= <uint64_t> 1 << (data[offsets[i]] & 63)
        if _lookup(words, words.data + offsets[i], size) >= 0:
            continue  # the first of equal words counts
        at = hash_text(words.data + offsets[i], size, 0) & words.mask
        while words.slots[at]:
            at = (at + 1) & words.mask
        words.slots[at] = <int32_t> (i + 1)
    return 0


cdef inline int32_t _lookup(Words* words, const uint8_t* p, int64_t size) noexcept nogil:
    """Index of a word in its list, -1 when it is not there."""
    cdef uint64_t at
    cdef int32_t i, start
    if size == 0 or not (words.lengths >> min(size, 63) & words.letters[p[0] >> 6] >> (p[0] & 63) & 1):
        return -1  # most rows end here, without a hash
    at = hash_text(p, size, 0) & words.mask
    while words.slots[at]:
        i = words.slots[at] - 1
        start = words.offsets[i]
        if words.offsets[i + 1] - start == size and memcmp(words.data + start, p, <size_t> size) == 0:
            return i
        at = (at + 1) & words.mask
    return -1


cdef void _lookup_all(Spans* s, Words* words, int32_t* out) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(s.n):
        out[i] = _lookup(words, s.data + s.starts[i], s.stops[i] - s.starts[i])


def lookup(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] word_data,
    const int32_t[::1] word_offsets,
):
    cdef Spans s
    cdef Words words
    cdef int32_t[::1] view
    fill_spans(&s, data, starts, stops)
    _words(&words, word_data, word_offsets)
    try:
        out = np.empty(s.n, dtype=np.int32)
        view = out
        if s.n:
            with nogil:
                _lookup_all(&s, &words, &view[0])
    finally:
        free(words.slots)
    return out


cdef void _find_word_all(Spans* s, Words* words, int32_t* out) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t at, stop, end
    for i in range(s.n):
        at = s.starts[i]
        stop = s.stops[i]
        out[i] = -1
        while at < stop:
            end = at
            while end < stop and s.data[end] != SPACE:
                end += 1
            if _lookup(words, s.data + at, end - at) >= 0:
                out[i] = at
                break
            at = end + 1


def find_word(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] word_data,
    const int32_t[::1] word_offsets,
):
    cdef Spans s
    cdef Words words
    cdef int32_t[::1] view
    fill_spans(&s, data, starts, stops)
    _words(&words, word_data, word_offsets)
    try:
        out = np.empty(s.n, dtype=np.int32)
        view = out
        if s.n:
            with nogil:
                _find_word_all(&s, &words, &view[0])
    finally:
        free(words.slots)
    return out


cdef void _run_at_start(Spans* s, Words* words, bint keep_one, int32_t* out) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t at, stop, end
    for i in range(s.n):
        at = s.starts[i]
        stop = s.stops[i]
        while at < stop:
            end = at
            while end < stop and s.data[end] != SPACE:
                end += 1
            if (keep_one and end == stop) or _lookup(words, s.data + at, end - at) < 0:
                break
            at = end + 1 if end < stop else end
        out[i] = at


cdef void _run_at_end(Spans* s, Words* words, bint keep_one, int32_t* out) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t at, start, end
    for i in range(s.n):
        start = s.starts[i]
        end = s.stops[i]
        while end > start:
            at = end
            while at > start and s.data[at - 1] != SPACE:
                at -= 1
            if (keep_one and at == start) or _lookup(words, s.data + at, end - at) < 0:
                break
            end = at - 1 if at > start else at
        out[i] = end


def word_run(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] word_data,
    const int32_t[::1] word_offsets,
    bint at_end,
    bint keep_one,
):
    cdef Spans s
    cdef Words words
    cdef int32_t[::1] view
    fill_spans(&s, data, starts, stops)
    _words(&words, word_data, word_offsets)
    try:
        out = np.empty(s.n, dtype=np.int32)
        view = out
        if s.n:
            with nogil:
                if at_end:
                    _run_at_end(&s, &words, keep_one, &view[0])
                else:
                    _run_at_start(&s, &words, keep_one, &view[0])
    finally:
        free(words.slots)
    return out


cdef inline int32_t _ending(Words* words, int32_t first, int32_t n, const uint8_t* p, int32_t size) noexcept nogil:
    """The listed ending of a word that has at least two bytes before it, -1 for none."""
    cdef int32_t i, tail
    for i in range(first, n):
        tail = words.offsets[i + 1] - words.offsets[i]
        if tail and size > tail + 1 and memcmp(p + size - tail, words.data + words.offsets[i], <size_t> tail) == 0:
            return i
    return -1


cdef int64_t _map_words(
    Spans* s, Words* words, int32_t n, int32_t endings, const uint8_t* new_data, const int32_t* new_offsets,
    uint8_t* out, int32_t* offsets
) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t at, stop, end, word, stem
    cdef int64_t written = 0, begin
    offsets[0] = 0
    for i in range(s.n):
        at = s.starts[i]
        stop = s.stops[i]
        begin = written
        while at < stop:
            end = at
            while end < stop and s.data[end] != SPACE:
                end += 1
            if end == at:
                at += 1
                continue
            stem = end - at
            word = _lookup(words, s.data + at, stem)
            if word >= 0 and word < n - endings:
                stem = 0
            elif endings:
                word = _ending(words, n - endings, n, s.data + at, stem)
                if word >= 0:
                    stem -= words.offsets[word + 1] - words.offsets[word]
            if stem or new_offsets[word + 1] > new_offsets[word]:
                if written > begin:
                    out[written] = SPACE
                    written += 1
                memcpy(out + written, s.data + at, <size_t> stem)
                written += stem
            if word >= 0:
                stem = new_offsets[word + 1] - new_offsets[word]
                memcpy(out + written, new_data + new_offsets[word], <size_t> stem)
                written += stem
            at = end + 1
        offsets[i + 1] = <int32_t> written
    return written


def map_words(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] word_data,
    const int32_t[::1] word_offsets,
    const uint8_t[::1] new_data,
    const int32_t[::1] new_offsets,
    int32_t endings=0,
):
    cdef Spans s
    cdef Words words
    cdef int64_t room, written = 0
    cdef int32_t growth = 0, n = <int32_t> (word_offsets.shape[0] - 1)
    cdef Py_ssize_t i
    if new_offsets.shape[0] != word_offsets.shape[0]:
        raise ValueError("expected one replacement for each word")
    if not 0 <= endings <= n:
        raise ValueError(f"expected 0 to {n} endings, got {endings}")
    _check_offsets(new_data, new_offsets)
    _check_offsets(word_data, word_offsets)
    fill_spans(&s, data, starts, stops)
    for i in range(word_offsets.shape[0] - 1):
        growth = max(growth, new_offsets[i + 1] - new_offsets[i] - word_offsets[i + 1] + word_offsets[i])
    room = _total(&s)
    room += (room // 2 + s.n) * growth  # every second byte a word, at worst
    out = np.empty(room, dtype=np.uint8)
    offsets = np.zeros(s.n + 1, dtype=np.int32)
    cdef uint8_t[::1] out_view = out
    cdef int32_t[::1] view = offsets
    _words(&words, word_data, word_offsets)
    if room:
        with nogil:
            written = _map_words(
                &s, &words, n, endings, &new_data[0] if new_data.shape[0] else nothing(), &new_offsets[0], &out_view[0],
                &view[0],
            )
    free(words.slots)
    return _finish(out, offsets, written)


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
    return _finish(out, offsets, written)


def gather(const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops):
    cdef Spans s
    cdef int64_t total, written = 0
    cdef int32_t size
    cdef Py_ssize_t i
    fill_spans(&s, data, starts, stops)
    total = _total(&s)
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
    return _finish(out, offsets, total)


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
    room = _total(&left) + _total(&right) + left.n
    out = np.empty(room, dtype=np.uint8)
    offsets = np.zeros(left.n + 1, dtype=np.int32)
    cdef uint8_t[::1] out_view = out
    cdef int32_t[::1] view = offsets
    if room:
        with nogil:
            written = _join(&left, &right, separator, &out_view[0], &view[0])
    return _finish(out, offsets, written)


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


# ---------------------------------------------------------------------------------------------- house numbers


cdef inline bint _digit(uint8_t byte) noexcept nogil:
    return 48 <= byte <= 57


cdef inline bint _letter(uint8_t byte) noexcept nogil:
    return 97 <= byte <= 122


cdef bint _numberlike(const uint8_t* p, int32_t size) noexcept nogil:
    """``12``, ``12a``, ``12-14``, ``10/a``, ``12bis``; not the ordinals ``1st``, ``22nd``, ``3rd``, ``47th``."""
    cdef int32_t i = 0, letters = 0
    if size == 0 or size > 12 or not _digit(p[0]):
        return False
    while i < size:
        if _letter(p[i]):
            letters += 1
        elif not _digit(p[i]) and p[i] != 45 and p[i] != 47:  # hyphen, slash
            return False
        i += 1
    if letters == 0:
        return True
    if letters == 2:
        p += size - 2
        return not (
            (p[0] == 115 and p[1] == 116)      # st
            or (p[0] == 110 and p[1] == 100)   # nd
            or (p[0] == 114 and p[1] == 100)   # rd
            or (p[0] == 116 and p[1] == 104)   # th
        )
    if letters == 3 and size > 3:
        p += size - 3
        return (p[0] == 98 and p[1] == 105 and p[2] == 115) or (p[0] == 116 and p[1] == 101 and p[2] == 114)
    return letters == 1


cdef void _number_at_end(Spans* s, Words* roads, Py_ssize_t i, int32_t* start, int32_t* stop) noexcept nogil:
    cdef const uint8_t* data = s.data
    cdef int32_t begin = s.starts[i], end = s.stops[i], at = s.stops[i], number, before
    while at > begin and data[at - 1] != SPACE:
        at -= 1
    number = at
    if end - at == 1 and _letter(data[at]) and at - 1 > begin:  # "12 a"
        number = at - 1
        while number > begin and data[number - 1] != SPACE:
            number -= 1
        if not (_digit(data[number]) and _digit(data[at - 2])):
            return
    if number == begin or not _numberlike(data + number, (at - 1 if number < at else end) - number):
        return
    before = number - 1
    while before > begin and data[before - 1] != SPACE:
        before -= 1
    if _lookup(roads, data + before, number - 1 - before) < 0:
        start[0] = number
        stop[0] = end


cdef void _house_numbers(Spans* s, Words* roads, int32_t* starts, int32_t* stops) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t at, stop
    cdef const uint8_t* data = s.data
    for i in range(s.n):
        starts[i] = -1
        stops[i] = -1
        at = s.starts[i]
        stop = s.stops[i]
        if at == stop:
            continue
        while at < stop and data[at] != SPACE:
            at += 1
        if _numberlike(data + s.starts[i], at - s.starts[i]):
            starts[i] = s.starts[i]
            stops[i] = at
            if stop - at > 4 and data[at + 4] == SPACE and (  # "12 bis rue"
                memcmp(data + at + 1, b"bis", 3) == 0 or memcmp(data + at + 1, b"ter", 3) == 0
            ):
                stops[i] = at + 4
        elif at < stop:
            _number_at_end(s, roads, i, &starts[i], &stops[i])


def house_numbers(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] word_data,
    const int32_t[::1] word_offsets,
):
    cdef Spans s
    cdef Words roads
    cdef int32_t[::1] out_starts
    cdef int32_t[::1] out_stops
    fill_spans(&s, data, starts, stops)
    _words(&roads, word_data, word_offsets)
    try:
        new_starts = np.empty(s.n, dtype=np.int32)
        new_stops = np.empty(s.n, dtype=np.int32)
        out_starts = new_starts
        out_stops = new_stops
        if s.n:
            with nogil:
                _house_numbers(&s, &roads, &out_starts[0], &out_stops[0])
    finally:
        free(roads.slots)
    return new_starts, new_stops


# ---------------------------------------------------------------------------------------------- sound


# Consonant classes of the code, by letter a..z: 0 is silent (vowels, h, w, y).
#   b p = 1   f v = 2   c g j k q x = 3   d t = 4   l = 5   m n = 6   r = 7   s z = 8
cdef const uint8_t* SOUND = b"\x00\x01\x03\x04\x00\x02\x03\x00\x00\x03\x03\x05\x06\x06\x00\x01\x03\x07\x08\x04\x00\x02\x00\x03\x00\x08"


cdef inline bint _silent(const uint8_t* p, int64_t i, int64_t size) noexcept nogil:
    """Whether the consonant at ``i`` is swallowed by the next: sch, gh, tz, dg."""
    cdef uint8_t letter = p[i], following
    if i + 1 >= size:
        return False
    following = p[i + 1]
    if letter == 99:                                            # sch
        return following == 104 and i > 0 and p[i - 1] == 115
    if letter == 103:                                           # gh, but not first
        return following == 104 and i > 0
    if letter == 116:                                           # tz
        return following == 122
    return letter == 100 and following == 103                   # dg


cdef uint64_t _sound(const uint8_t* p, int64_t size) noexcept nogil:
    """One name; see ``phonetic`` in the stub for the rules."""
    cdef uint64_t code = 0
    cdef uint8_t letter, sound, previous = 0
    cdef int64_t i = 0
    cdef int places = 0
    while i < size and not _letter(p[i]) and p[i] < 0x80:
        i += 1
    if i == size:
        return 0
    if size - i > 1:  # silent first letters: kn, gn, wr
        if ((p[i] == 107 or p[i] == 103) and p[i + 1] == 110) or (p[i] == 119 and p[i + 1] == 114):
            i += 1
    while i < size:
        letter = p[i]
        i += 1
        if letter >= 0x80:
            return hash_text(p, size, 0) | (<uint64_t> 1 << 63)
        if not _letter(letter) or _silent(p, i - 1, size):
            continue
        sound = SOUND[letter - 97]
        if letter == 112 and i < size and p[i] == 104:          # ph
            sound = 2
        elif letter == 99 and i < size and (p[i] == 101 or p[i] == 105 or p[i] == 121):  # ce, ci, cy
            sound = 8
        if places == 0:
            # vowels, h, w and y are heard at the start, all as one
            code = sound if sound else 9
            places = 1
        elif sound and sound != previous and places < 8:
            code = code << 4 | sound
            places += 1
        # h and w do not part two consonants of one class, vowels do
        if letter != 104 and letter != 119:
            previous = sound
    return code


def phonetic(const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops):
    cdef Spans s
    cdef Py_ssize_t i
    fill_spans(&s, data, starts, stops)
    out = np.empty(s.n, dtype=np.uint64)
    cdef uint64_t[::1] view = out
    with nogil:
        for i in range(s.n):
            view[i] = _sound(s.data + s.starts[i], s.stops[i] - s.starts[i])
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


# ---------------------------------------------------------------------------------------------- phone numbers


cdef struct Phone:
    uint64_t number   # significant digits
    int32_t digits    # digits read, with leading zeros
    int32_t zeros     # leading zeros
    bint marked       # a plus sign stands in front


cdef inline bint _any_letter(uint8_t byte) noexcept nogil:
    return _letter(byte | 32) or byte >= 0x80


cdef bint _lost_digits(const uint8_t* p, int32_t size, int32_t i) noexcept nogil:
    """Whether the ``e`` at ``i`` makes ``4.47701E+11`` of the text, the rest of whose digits is gone."""
    cdef int32_t j, others = 0
    if i == 0 or i + 1 >= size or (p[i + 1] != 43 and not _digit(p[i + 1])):
        return False
    for j in range(i):
        if not _digit(p[j]):
            others += 1
            if others > 1 or j != 1 or (p[j] != 46 and p[j] != 44):
                return False
    return True


cdef bint _only_zeros(const uint8_t* p, int32_t size, int32_t i) noexcept nogil:
    """Whether only digits stand before ``i`` and only zeros after it: a number read as a float."""
    cdef int32_t j
    for j in range(i):
        if not _digit(p[j]):
            return False
    for j in range(i + 1, size):
        if p[j] != 48:
            return False
    return i + 1 < size


cdef Phone _read_phone(const uint8_t* p, int32_t size) noexcept nogil:
    """Reads the first number of a text, without extension; no digits when there is none."""
    cdef Phone phone = Phone(0, 0, 0, False)
    cdef Phone first = Phone(0, 0, 0, False)
    cdef int32_t i
    for i in range(size):
        if _digit(p[i]):
            if phone.digits == phone.zeros and p[i] == 48:
                phone.zeros += 1
            phone.digits += 1
            if phone.digits - phone.zeros <= 18:
                phone.number = phone.number * 10 + (p[i] - 48)
        elif p[i] == 43 and phone.digits == 0:
            phone.marked = True
        elif p[i] == 46 and _only_zeros(p, size, i):
            break
        elif (p[i] | 32) == 101 and _lost_digits(p, size, i):
            return Phone(0, 0, 0, False)
        elif phone.digits >= 6 and (_any_letter(p[i]) or p[i] == 35):  # extension
            break
        elif phone.digits > 6 and first.digits == 0 and (
            p[i] == 47 or p[i] == 59 or p[i] == 44 or p[i] == 124 or p[i] == 38 or p[i] == 10  # / ; , | & newline
        ):
            first = phone
    return first if phone.digits > 15 and first.digits else phone


cdef inline int32_t _places(uint64_t number, const uint64_t* powers) noexcept nogil:
    cdef int32_t digits = 0
    while digits < 19 and number >= powers[digits]:
        digits += 1
    return digits


cdef uint64_t _national(Phone* phone, const uint64_t* powers, const uint8_t* least, const uint8_t* most) noexcept nogil:
    """Takes exit, country and trunk codes off, again and again, so that the result stays what it is."""
    cdef uint64_t number = phone.number, rest
    cdef int32_t digits = _places(number, powers), code_digits, left, code
    cdef bint marked = phone.marked or phone.zeros > 1, cut
    cdef int turn
    if phone.digits - phone.zeros > 18:
        return 0
    # 011 in America, 0011 in Australia
    if 0 < phone.zeros < 3 and not phone.marked and digits >= 12 and number // powers[digits - 2] == 11:
        digits -= 2
        number %= powers[digits]
        marked = True
    for turn in range(4):
        digits = _places(number, powers)
        if not marked and digits < 11:
            break
        cut = False
        for code_digits in range(1, 4):
            left = digits - code_digits
            if left < 6:
                break
            code = <int32_t> (number // powers[left])
            rest = number % powers[left]
            # a trunk zero may stand behind the country code; no American area starts with 0 or 1
            if left < least[code] or left > most[code] + (1 if rest < powers[left - 1] else 0):
                continue
            if code == 1 and rest < 2 * powers[9]:
                continue
            number = rest
            cut = True
            break
        if not cut and digits == 11 and number // powers[9] == 89:  # Russian trunk 8
            number %= powers[10]
            cut = True
        if not cut:
            break
        marked = False
    return number


cdef bint _pattern(uint64_t number) noexcept nogil:
    """Whether each digit follows from the one before in one way: 5555555, 1234567890, 987654321."""
    cdef int32_t step = -1, difference, last = <int32_t> (number % 10), digit
    number //= 10
    while number:
        digit = <int32_t> (number % 10)
        difference = (last - digit + 10) % 10
        if step < 0:
            step = difference
        if difference != step or (step > 1 and step != 9):
            return False
        last = digit
        number //= 10
    return True


def phone_numbers(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] least,
    const uint8_t[::1] most,
):
    cdef Spans s
    cdef Phone phone
    cdef Py_ssize_t i
    cdef uint64_t number
    cdef uint64_t[20] powers
    if least.shape[0] != 1000 or most.shape[0] != 1000:
        raise ValueError("expected 1000 entries for country codes")
    fill_spans(&s, data, starts, stops)
    out = np.empty(s.n, dtype=np.uint64)
    cdef uint64_t[::1] view = out
    with nogil:
        powers[0] = 1
        for i in range(1, 20):
            powers[i] = powers[i - 1] * 10
        for i in range(s.n):
            phone = _read_phone(s.data + s.starts[i], s.stops[i] - s.starts[i])
            number = _national(&phone, powers, &least[0], &most[0])
            if number < powers[5] or number >= powers[15] or number % powers[7] == 0 or _pattern(number):
                number = 0
            view[i] = number
    return out
