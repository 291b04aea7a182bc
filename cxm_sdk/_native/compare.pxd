"""What scoring needs of the comparisons, without the GIL in between."""

cimport cython
from cpython.ref cimport PyObject
from libc.stdint cimport int32_t, uint8_t
from libcpp.vector cimport vector

from cxm_sdk._native.rapidfuzz_capi cimport RF_Kwargs, RF_Scorer, RF_String
from cxm_sdk._native.strings cimport Cursor, Similarity, TextColumn, cursor_score, may_reach, text_at

cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


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


cdef inline void keep_best(uint8_t* out, uint8_t level) noexcept nogil:
    if level > out[0]:
        out[0] = level


cdef inline void write_best(Batch* batch, Py_ssize_t row, Py_ssize_t column, uint8_t level) noexcept nogil:
    keep_best(batch.levels + row * batch.width + column, level)


cdef inline void fetch_texts(const Batch* batch, TextColumn text, Py_ssize_t k) noexcept nogil:
    # Asks for the places of texts that come later, and for the texts whose places are there by now.
    cdef Py_ssize_t ahead = k + 2 * AHEAD
    if ahead < batch.unlike:
        cxm_prefetch(&text.places[batch.ones[ahead]])
        cxm_prefetch(&text.places[batch.others[ahead]])
    ahead = k + AHEAD
    if ahead < batch.unlike:
        cxm_prefetch(text_at(text, batch.ones[ahead]))
        cxm_prefetch(text_at(text, batch.others[ahead]))


cdef struct Measure:
    # How alike two texts are: by a scorer, or as measured before where there is none.
    const RF_Scorer* scorer
    const RF_Kwargs* kwargs
    Cursor cursor


cdef inline double alike(Measure* measure, const Batch* batch, Py_ssize_t k, const RF_String* one, const RF_String* two,
                         double least) noexcept nogil:
    # Similarity of an unlike pair, 0 below the least that matters, negative when the scorer failed.
    if measure.scorer == NULL:
        return batch.measured[batch.rows[k]]
    if not may_reach(one, two, least):
        return 0.0
    return cursor_score(&measure.cursor, measure.scorer, measure.kwargs, one, two, batch.ones[k], least)


cdef inline double reached(double threshold) noexcept nogil:
    # Measured similarities come as 32-bit floats, and scorers differ in their last bit: so much below a threshold
    # still reaches it, and levels are the same by every path.
    return threshold - 1e-7


cdef inline Codes codes_at(const int32_t[:] codes):
    cdef Codes found
    found.at = &codes[0] if codes.shape[0] else NULL
    found.stride = codes.strides[0] // sizeof(int32_t)
    return found


cdef class Comparison:
    cdef Py_ssize_t column
    cdef vector[Codes] ours
    cdef vector[Codes] theirs
    cdef list slots
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
    cdef int fill(self, Batch* batch) except -1 nogil
