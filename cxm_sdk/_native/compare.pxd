"""What scoring needs of the comparisons, without the GIL in between."""

cimport cython
from cpython.ref cimport PyObject
from libc.stdint cimport int32_t, uint8_t
from libcpp.vector cimport vector

from cxm_sdk._native.batch cimport Batch, Digest, Slots
from cxm_sdk._native.rapidfuzz_capi cimport RF_UINT8, RF_Kwargs, RF_Scorer, RF_String
from cxm_sdk._native.strings cimport Cursor, Similarity, cursor_score


cdef extern from "jaro.hpp":
    enum:
        SHORT "CXM_JARO_LONGEST"
    double jaro_winkler "cxm_jaro_winkler" (const uint8_t* a, Py_ssize_t na, const uint8_t* b,
                                            Py_ssize_t nb) noexcept nogil


cdef struct Measure:
    # How alike two texts are: by a scorer, or as measured before where there is none.
    const RF_Scorer* scorer
    const RF_Kwargs* kwargs
    Cursor cursor


cdef inline double alike(Measure* measure, const Batch* batch, Py_ssize_t k, const RF_String* one, const RF_String* two,
                         double least) noexcept nogil:
    # Similarity of an unlike pair that may reach the least that matters, less than that or 0 below it, negative when the
    # scorer failed. Nearly all texts are short and of single bytes, and calling the scorer takes longer than the rest.
    if measure.scorer == NULL:
        return batch.measured[batch.rows[k]]
    if one.kind == RF_UINT8 and two.kind == RF_UINT8 and max(one.length, two.length) <= SHORT:
        return jaro_winkler(<const uint8_t*>one.data, one.length, <const uint8_t*>two.data, two.length)
    return cursor_score(&measure.cursor, measure.scorer, measure.kwargs, one, two, batch.ones[k], least)


cdef inline double reached(double threshold) noexcept nogil:
    # Measured similarities come as 32-bit floats, and scorers differ in their last bit: so much below a threshold
    # still reaches it, and levels are the same by every path.
    return threshold - 1e-7


cdef class Comparison:
    cdef Py_ssize_t column
    cdef vector[Slots] slots
    # The last column of codes that is read, and the last level that is looked at.
    cdef Py_ssize_t widest
    cdef Py_ssize_t highest
    # For each slot, or for none at all.
    cdef vector[Digest] digests
    cdef int reads(self, Slots slots) except -1
    cdef int reads_digests(self, digests) except -1
    cdef bint has_digest(self, Py_ssize_t slot) noexcept nogil
    cdef int fill(self, Batch* batch) except -1 nogil


cdef class MeasuredComparison(Comparison):
    cdef Similarity similarity
    cdef object measure
    # Writes the levels of one pair of slots; false when the scorer failed.
    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil
    cdef int take_measured(self, Batch* batch, Py_ssize_t slot) except -1


@cython.final
cdef class Comparisons:
    cdef list steps
    cdef vector[PyObject*] pointers
    cdef const int32_t[:, ::1] table
    cdef readonly Py_ssize_t width
    cdef bint reads_codes(self, const int32_t[:, ::1] codes)
    cdef int fill(self, Batch* batch) except -1 nogil
