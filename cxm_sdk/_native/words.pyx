"""Words of a list in spans of text; see ``words.pyi`` for what each function takes and gives."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy

import numpy as np

from cxm_sdk._native.addresses cimport LONGEST_ADDRESS, Letters, fill_letters, plain_address
from cxm_sdk._native.spans cimport Spans, fill_spans, finished, nothing, total_size
from cxm_sdk._native.words cimport Words, check_offsets, index_of, open_words

cdef enum:
    SPACE = 32


cdef void _lookup_all(Spans* s, Words* words, int32_t* out) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(s.n):
        out[i] = index_of(words, s.data + s.starts[i], s.stops[i] - s.starts[i])


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
    open_words(&words, word_data, word_offsets)
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
            if index_of(words, s.data + at, end - at) >= 0:
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
    open_words(&words, word_data, word_offsets)
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
            if (keep_one and end == stop) or index_of(words, s.data + at, end - at) < 0:
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
            if (keep_one and at == start) or index_of(words, s.data + at, end - at) < 0:
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
    open_words(&words, word_data, word_offsets)
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
            word = index_of(words, s.data + at, stem)
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
    check_offsets(new_data, new_offsets)
    check_offsets(word_data, word_offsets)
    fill_spans(&s, data, starts, stops)
    for i in range(word_offsets.shape[0] - 1):
        growth = max(growth, new_offsets[i + 1] - new_offsets[i] - word_offsets[i + 1] + word_offsets[i])
    room = total_size(&s)
    room += (room // 2 + s.n) * growth  # every second byte a word, at worst
    out = np.empty(room, dtype=np.uint8)
    offsets = np.zeros(s.n + 1, dtype=np.int32)
    cdef uint8_t[::1] out_view = out
    cdef int32_t[::1] view = offsets
    open_words(&words, word_data, word_offsets)
    if room:
        with nogil:
            written = _map_words(
                &s, &words, n, endings, &new_data[0] if new_data.shape[0] else nothing(), &new_offsets[0], &out_view[0],
                &view[0],
            )
    free(words.slots)
    return finished(out, offsets, written)


cdef struct Listed:
    Words nobody
    Words nowhere


cdef int64_t _plain_addresses(Spans* s, Listed* listed, uint8_t* text, int32_t* offsets, uint8_t* plain) noexcept nogil:
    cdef Py_ssize_t i, size, at = 0
    cdef int64_t written = 0
    cdef Letters letters
    cdef uint8_t* made
    fill_letters(&letters)
    offsets[0] = 0
    for i in range(s.n):
        made = text + written
        size = plain_address(&letters, s.data + s.starts[i], s.stops[i] - s.starts[i], made, &at)
        plain[i] = size > 0
        if size and index_of(&listed.nobody, made, at) < 0 and (
            index_of(&listed.nowhere, made + at + 1, size - at - 1) < 0
        ):
            written += size
        offsets[i + 1] = <int32_t> written
    return written


def plain_addresses(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] nobody_data,
    const int32_t[::1] nobody_offsets,
    const uint8_t[::1] nowhere_data,
    const int32_t[::1] nowhere_offsets,
):
    cdef Spans s
    cdef Listed listed
    cdef int64_t written = 0
    fill_spans(&s, data, starts, stops)
    # A row that is none may be written in part, behind those that are.
    out = np.empty(total_size(&s) + LONGEST_ADDRESS, dtype=np.uint8)
    offsets = np.zeros(s.n + 1, dtype=np.int32)
    plain = np.empty(s.n, dtype=np.uint8)
    cdef uint8_t[::1] out_view = out, plain_view = plain
    cdef int32_t[::1] view = offsets
    listed.nobody.slots = NULL
    listed.nowhere.slots = NULL
    try:
        open_words(&listed.nobody, nobody_data, nobody_offsets)
        open_words(&listed.nowhere, nowhere_data, nowhere_offsets)
        if s.n:
            with nogil:
                written = _plain_addresses(&s, &listed, &out_view[0], &view[0], &plain_view[0])
    finally:
        free(listed.nobody.slots)
        free(listed.nowhere.slots)
    return *finished(out, offsets, written), plain
