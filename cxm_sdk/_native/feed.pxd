"""What a batch tells its change feed, for other compiled modules."""

from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport string_view
from cxm_sdk._native.jsonbytes cimport JsonText


cdef class Feed:
    cdef JsonText out
    cdef vector[size_t] ends  # of each entry; a comma stands in front of it
    cdef int begin(self, string_view kind, bytes profile) except -1
    cdef int end(self) except -1
    cdef int pair(self, int64_t a, int64_t b) except -1
    cdef int link_added(self, bytes profile, int64_t a, int64_t b, double weight) except -1
    cdef int link_dropped(self, bytes profile, int64_t a, int64_t b, string_view reason) except -1
