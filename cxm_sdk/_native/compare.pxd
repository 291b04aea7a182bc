"""What scoring needs of the comparisons, without the GIL in between."""

cimport cython
from cpython.ref cimport PyObject
from libc.stdint cimport int32_t, uint8_t
from libcpp.vector cimport vector


cdef enum:
    BATCH = 256   # pairs handed from one comparison to the next while their records are in the cache
    AHEAD = 12    # pairs whose values are asked for before they are compared


cdef struct Codes:
    # One slot of a role: codes of all records, as a column of a table.
    const int32_t* at
    Py_ssize_t stride


cdef inline int32_t code_of(const Codes* codes, int32_t record) noexcept nogil:
    return codes.at[record * codes.stride]


cdef struct Batch:
    # At most BATCH pairs, their levels, and room for what one comparison notes down.
    const int32_t* left
    const int32_t* right
    Py_ssize_t size
    uint8_t* levels
    Py_ssize_t width
    # Pairs whose codes differ: which they are, and the codes.
    int32_t[BATCH + 1] rows
    int32_t[BATCH + 1] ones
    int32_t[BATCH + 1] others
    Py_ssize_t unlike
    uint8_t[BATCH] outer
    uint8_t[BATCH] inner
    float[BATCH] measured


cdef class Comparison:
    cdef Py_ssize_t column
    cdef vector[Codes] ours
    cdef vector[Codes] theirs
    cdef list slots
    cdef object measure
    cdef int fill(self, Batch* batch) except -1 nogil
    cdef int take_measured(self, Batch* batch, Py_ssize_t slot) except -1


@cython.final
cdef class Comparisons:
    cdef list steps
    cdef vector[PyObject*] pointers
    cdef const int32_t[:, ::1] table
    cdef readonly Py_ssize_t width
    cdef int fill(self, Batch* batch) except -1 nogil
