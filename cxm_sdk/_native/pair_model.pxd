"""What a model compares, for other compiled modules."""

from libc.stdint cimport uint8_t
from libcpp.unordered_map cimport unordered_map
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport CxmName, CxmSaid, string_view
from cxm_sdk._native.few_values cimport Value
from cxm_sdk._native.strings cimport Similarity


cdef enum Kind:
    NAME, DATE, EMAIL, CODE, EQUAL, COMPANY, ADDRESS


cdef struct Compared:
    int kind
    int role


cdef struct Rarity:
    Py_ssize_t column
    int role
    bint shared  # whether people who share the value are counted, and not how common it is
    double rest
    unordered_map[string_view, double] bits
    vector[uint8_t] at_level


cdef class PairModel:
    cdef vector[Compared] comparisons
    cdef vector[Rarity] rarities
    cdef list roles, kept
    cdef dict numbers
    cdef vector[string_view] names
    cdef unordered_map[string_view, size_t] places
    cdef vector[int] known  # the same by number of known roles; -1 for those that are not compared
    cdef vector[unordered_set[string_view]] ignored
    cdef unordered_map[string_view, vector[int]] groups
    cdef Similarity similarity
    cdef object measure
    cdef double close, similar
    cdef int first_name, last_name, email, phone, street, house_number, postcode, city
    cdef int first_column, last_column, email_column, swapped
    cdef readonly Py_ssize_t width
    cdef readonly list adjusted
    cdef string_view keep(self, str text) except *
    cdef int place_of(self, const CxmSaid& held, CxmName name) noexcept nogil
    cdef int number(self, str role) except -1
    cdef double alike(self, const Value* a, const Value* b, double least) except -1.0
    cdef const vector[int]* groups_of(self, const Value* name) noexcept nogil
    cdef bint share_group(self, const Value* a, const Value* b) noexcept nogil
    cdef int name_level(self, const Value* a, const Value* b, bint first) except -1
    cdef int street_level(self, const Value* a, const Value* b, const Value* number, const Value* other) except -1
    cdef int place_level(self, const Value* a, const Value* b, const Value* city, const Value* other) noexcept nogil
    cdef int level(self, const Compared* compared, const Value* a, const Value* b) except -1
