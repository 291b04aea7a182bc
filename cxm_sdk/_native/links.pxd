"""Links of a row of bytes, for other compiled modules; shared by inclusion, not at run time."""

from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcpy
from libcpp.string cimport string

from cxm_sdk._native.contents cimport string_view
from cxm_sdk._native.packing cimport read_number, write_number


cdef enum:
    HEAD = 25  # record, weight, household, and how many bytes of what became of it follow


cdef inline void write_real(uint8_t* at, double value) noexcept nogil:
    cdef int64_t bits
    memcpy(&bits, &value, 8)
    write_number(at, bits)


cdef inline double read_real(const uint8_t* at) noexcept nogil:
    cdef int64_t bits = read_number(at)
    cdef double value
    memcpy(&value, &bits, 8)
    return value


cdef inline int append_link(string& out, int64_t a, double weight, double household, string_view fate) except -1:
    """Appends a link; nothing at all became of one below the threshold."""
    cdef uint8_t[HEAD] head
    cdef size_t size = fate.size()
    if fate.data() != NULL and not 0 < size < 256:
        raise ValueError(f"expected what became of a link in 1 to 255 bytes, got {size}.")
    write_number(head, a)
    write_real(head + 8, weight)
    write_real(head + 16, household)
    head[24] = <uint8_t>size
    out.append(<const char*>head, HEAD)
    if size:
        out.append(fate.data(), size)
    return 0


cdef inline Py_ssize_t size_of(const uint8_t* at, Py_ssize_t rest) except -1:
    """Bytes of the link at a place."""
    if rest < HEAD or rest < HEAD + at[24]:
        raise ValueError(f"expected whole links, got {rest} bytes of one.")
    return HEAD + at[24]
