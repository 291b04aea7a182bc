"""Numbers in the order in which they first come, each found by its key; a C++ class, declared once."""

from libc.stdint cimport int32_t, int64_t


cdef extern from "indexed.hpp" nogil:
    cdef cppclass CxmIndexed:
        CxmIndexed()
        int32_t find(int64_t)
        int32_t place(int64_t)
        int32_t size()
