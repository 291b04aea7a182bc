"""The writer of JSON text, for other native modules."""

from cpython.object cimport PyObject
from libcpp cimport bool as cbool


cdef extern from "json_text.hpp" namespace "cxm":
    cdef cppclass JsonText:
        const char* data()
        size_t size()
        void cut(size_t size)
        void byte(char c) except +
        void raw(const char* s, size_t n) except +
        void text(const char* s, size_t n) except +
        void integer(long long number) except +

    JsonText* borrow() except +
    void give_back(JsonText* text)


cdef enum:
    DEEPEST = 64  # containers within containers; what lies deeper is written as null


cdef class Layout


cdef class _Field:
    cdef str name
    cdef bytes key  # with its quotes and the colon
    cdef int kind
    cdef Layout part


cdef class Layout:
    cdef object cls
    cdef dict fields  # by name; None where nothing is known
    cdef tuple order
    cdef object whole


cdef class _Writer:
    cdef JsonText* out
    cdef size_t limit
    cdef object plain
    cdef PyObject* path[DEEPEST]

    cdef bytes written(self)
    cdef int text(self, str value) except -1
    cdef int integer(self, object value) except -1
    cdef int real(self, double value) except -1
    cdef int mapping(self, dict value, int depth) except -1
    cdef int sequence(self, object value, int depth) except -1
    cdef int value(self, object value, int depth) except -1
    cdef int typed(self, object value, Layout layout) except -1
    cdef int part(self, object value, Layout layout, int depth) except -1
    cdef int field(self, object value, _Field field, int depth) except -1
    cdef int entries(self, dict value, int depth, cbool skips, cbool first) except -1
    cdef int exact(self, object value, int depth) except -1
    cdef int amount(self, object value) except -1

cdef _Writer writer_of(size_t limit, object plain)
