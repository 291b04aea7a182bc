"""What a record says, for other compiled modules."""

from libc.stdint cimport int64_t, uint32_t
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


cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef inline string_view view(object text) except *:
    cdef Py_ssize_t size = 0
    cdef const char* data = PyUnicode_AsUTF8AndSize(text, &size)
    return string_view(data, size)


cdef inline str decoded(string_view text):
    return PyUnicode_DecodeUTF8(text.data(), text.size(), NULL)


cdef inline bint is_space(char letter) noexcept nogil:
    """Whether a character of ASCII is a space to Python."""
    return letter == 32 or 9 <= letter <= 13 or 28 <= letter <= 31


cdef extern from "said.hpp" nogil:
    const uint32_t CXM_KNOWN_ROLES
    string_view CXM_ROLES[]

    cdef struct CxmSpan:
        uint32_t start
        uint32_t stop

    cdef struct CxmName:
        uint32_t number
        CxmSpan span

    cdef struct CxmRole:
        CxmName name
        uint32_t first
        uint32_t last
        cbool identifier
        cbool other

    cdef cppclass CxmFew[T]:
        uint32_t size()
        T& operator[](size_t)
        const T* begin()
        const T* end()
        void push_back(T) except +
        void erase(size_t)

    cdef cppclass CxmSought:
        CxmSought()
        CxmSought(string_view)
        uint32_t number
        string_view name

    cdef cppclass CxmSaid:
        CxmSaid()
        string text
        CxmSpan source
        CxmSpan id
        CxmFew[CxmRole] roles
        CxmFew[CxmSpan] values
        CxmFew[CxmSpan] written
        cbool keyed
        CxmFew[int64_t] keys
        CxmFew[CxmName] others
        string_view at(CxmSpan)
        string_view at(CxmName)
        void name(string_view, string_view)
        void begin_role(string_view)
        void add_value(string_view, string_view)
        const CxmRole* find(string_view)
        const CxmRole* find(const CxmSought&)
        void forget_keys()
        void begin_keys()
        void add_key(string_view, string_view)
        cbool same(const CxmSaid&)
        string packed()
        cbool read(const char*, size_t)

    size_t cxm_fewest_first(vector[const CxmSaid*], const vector[CxmSought]&)
    int64_t cxm_key(string_view, string_view)


cdef class Packed:
    cdef CxmSaid held
    cdef readonly int64_t number
    cdef readonly int64_t first  # microseconds since 1970
    cdef readonly int64_t last
    cdef readonly object roles  # those that are identifiers
    cdef public object joint
    # What somebody has asked for.
    cdef object known, writing, named_source, named_id, place, listed, listed_roles
    cdef object identified, identifiers_in_clear
    cdef int _pack(self, dict content, object written) except -1
    cdef vector[string] _derived(self, str clear) except *
    cdef int identify(self) except -1


cdef str role_name(const CxmSaid& held, CxmName name)
cdef str known_name(const CxmSought& role)
