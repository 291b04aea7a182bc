"""What pairs of records weigh by a model, for other compiled modules."""

from libcpp.vector cimport vector

from cxm_sdk._native.pair_model cimport PairModel
from cxm_sdk._native.profiles cimport Evidence


cdef struct Fading:
    Py_ssize_t column
    double half_life  # seconds


cdef class Weighing:
    cdef PairModel model
    cdef Evidence evidence
    cdef vector[Fading] fading
    cdef vector[int] digests, singles    # roles, by number
    cdef list digest_names, single_names, sources
    cdef readonly double cut
    cdef double floor
