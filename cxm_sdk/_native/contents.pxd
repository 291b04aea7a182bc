"""What a record says, for other compiled modules."""

from libc.stdint cimport uint32_t
from libcpp cimport bool as cbool
from libcpp.string cimport string
from libcpp.vector cimport vector


cdef extern from "<string_view>" namespace "std" nogil:
    cdef cppclass string_view:
        string_view()
        string_view(const char*, size_t)
        const char* data()
        size_t size()
        cbool operator==(string_view)
        cbool operator!=(string_view)
        cbool operator<(string_view)


cdef extern from "said.hpp" nogil:
    cdef struct CxmSpan:
        uint32_t start
        uint32_t stop

    cdef struct CxmRole:
        CxmSpan name
        uint32_t first
        uint32_t last

    cdef cppclass CxmSaid:
        CxmSaid()
        string text
        vector[CxmRole] roles
        vector[CxmSpan] values
        string_view at(CxmSpan)
        CxmSpan append(const char*, size_t)
        void begin_role(CxmSpan)
        void add_value(CxmSpan)
        const CxmRole* find(string_view)
        cbool read(const char*, size_t)

    size_t cxm_fewest_first(vector[const CxmSaid*], vector[string_view])


cdef class Packed:
    cdef CxmSaid held
    cdef dict known  # the same as a dict, once somebody asked
    cdef void _pack(self, dict content) except *
