"""Rows of text as the native modules take them, and the hash of a text; shared by inclusion, not at run time."""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

# Stands for the text of empty buffers: even no bytes at all must not be copied from NULL.
cdef inline const uint8_t* nothing() noexcept nogil:
    return <const uint8_t*> b"\x00"


cdef struct Spans:
    const uint8_t* data
    const int32_t* starts
    const int32_t* stops
    Py_ssize_t n


cdef inline int fill_spans(
    Spans* spans, const uint8_t[::1] data, const int32_t[::1] starts, const int32_t[::1] stops
) except -1:
    """Fills ``spans`` after checking that every span lies inside ``data``."""
    cdef Py_ssize_t n = starts.shape[0], size = data.shape[0], i
    cdef bint bad = False
    if stops.shape[0] != n:
        raise ValueError(f"expected as many stops as starts, got {stops.shape[0]} and {n}")
    spans.n = n
    spans.data = &data[0] if size else nothing()
    spans.starts = &starts[0] if n else NULL
    spans.stops = &stops[0] if n else NULL
    with nogil:
        for i in range(n):
            if spans.starts[i] < 0 or spans.stops[i] < spans.starts[i] or spans.stops[i] > size:
                bad = True
                break
    if bad:
        raise ValueError(f"expected 0 <= start <= stop <= {size} in every row, got otherwise in row {i}")
    return 0


cdef inline bint is_letter(uint8_t byte) noexcept nogil:
    return 97 <= byte <= 122


cdef inline int64_t total_size(Spans* s) noexcept nogil:
    """Bytes of all rows together."""
    cdef int64_t total = 0
    cdef Py_ssize_t i
    for i in range(s.n):
        total += s.stops[i] - s.starts[i]
    return total


cdef inline object finished(object data, object offsets, int64_t written):
    """The part of ``data`` that was written, with the offsets of the rows in it."""
    if written > INT32_MAX:
        raise MemoryError("expected text of at most 2 GiB in a column, got more: int32 offsets do not reach")
    return data[:written], offsets


cdef inline uint64_t load_word(const uint8_t* p) noexcept nogil:
    cdef uint64_t word
    memcpy(&word, p, 8)
    return word


cdef inline uint64_t load_part(const uint8_t* p, int64_t size) noexcept nogil:
    """One to seven bytes as ``load_word`` would read them with zeros behind."""
    cdef uint32_t first, last
    if size < 4:
        return (
            <uint64_t> p[0] | <uint64_t> p[size >> 1] << (8 * (size >> 1)) | <uint64_t> p[size - 1] << (8 * (size - 1))
        )
    memcpy(&first, p, 4)
    memcpy(&last, p + size - 4, 4)
    return <uint64_t> first | <uint64_t> last << (8 * (size - 4))


cdef inline uint64_t mix_word(uint64_t h, uint64_t word) noexcept nogil:
    """A step of MurmurHash64A: eight more bytes."""
    cdef uint64_t m = <uint64_t> 0xC6A4A7935BD1E995
    word *= m
    word ^= word >> 47
    return (h ^ (word * m)) * m


cdef inline uint64_t hash_text(const uint8_t* p, int64_t size, uint64_t seed) noexcept nogil:
    """64-bit hash after the public MurmurHash64A construction; never 0."""
    cdef uint64_t m = <uint64_t> 0xC6A4A7935BD1E995
    cdef uint64_t h = seed ^ (<uint64_t> size * m)
    while size >= 8:
        h = mix_word(h, load_word(p))
        p += 8
        size -= 8
    if size:
        h = (h ^ load_part(p, size)) * m
    h ^= h >> 47
    h *= m
    h ^= h >> 47
    return h if h else 1
