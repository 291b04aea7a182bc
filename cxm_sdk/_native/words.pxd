"""Word lists: runs of bytes, and where one is in its list; shared by inclusion, not at run time."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc
from libc.string cimport memcmp

from cxm_sdk._native.spans cimport hash_text, nothing


cdef struct Words:
    const uint8_t* data
    const int32_t* offsets
    int32_t* slots
    uint64_t mask
    uint64_t lengths     # bit n: some word has n bytes; bit 63 for all longer ones
    uint64_t[4] letters  # bit c: some word starts with byte c


cdef inline int check_offsets(const uint8_t[::1] data, const int32_t[::1] offsets) except -1:
    cdef Py_ssize_t n = offsets.shape[0] - 1, i
    if n < 0 or offsets[0] < 0 or offsets[n] > data.shape[0]:
        raise ValueError("expected word offsets that lie inside the data of the list")
    for i in range(n):
        if offsets[i + 1] < offsets[i]:
            raise ValueError(f"expected word offsets that never fall, got otherwise at word {i}")
    return 0


cdef inline int32_t index_of(Words* words, const uint8_t* p, int64_t size) noexcept nogil:
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


cdef inline int open_words(Words* words, const uint8_t[::1] data, const int32_t[::1] offsets) except -1:
    """Builds the lookup table of a word list; the caller frees ``words.slots``."""
    cdef Py_ssize_t n = offsets.shape[0] - 1, i
    cdef uint64_t room = 8, at
    cdef int32_t size
    check_offsets(data, offsets)
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
        if index_of(words, words.data + offsets[i], size) >= 0:
            continue  # the first of equal words counts
        at = hash_text(words.data + offsets[i], size, 0) & words.mask
        while words.slots[at]:
            at = (at + 1) & words.mask
        words.slots[at] = <int32_t> (i + 1)
    return 0
