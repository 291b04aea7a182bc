"""Rows of two numbers as bytes: sixteen for each row, the lowest byte of a number first."""

from libc.stdint cimport int64_t, uint8_t, uint64_t


cdef enum:
    ROW = 16


cdef inline int64_t read_number(const uint8_t* at) noexcept nogil:
    cdef uint64_t value = 0
    cdef int i
    for i in range(8):
        value |= <uint64_t>at[i] << (8 * i)
    return <int64_t>value


cdef inline void write_number(uint8_t* at, int64_t value) noexcept nogil:
    cdef int i
    for i in range(8):
        at[i] = <uint8_t>(<uint64_t>value >> (8 * i))
