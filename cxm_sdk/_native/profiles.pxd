"""What agreement is worth under every hypothesis about two clusters, for other compiled modules."""

from libc.stdint cimport int32_t, uint8_t
from libcpp.vector cimport vector


cdef enum:
    # Hypotheses about two clusters, side by side: one person, one household, and relatives who look like one person.
    MATCH = 0
    HOUSEHOLD = 1
    ALIKE = 2
    LANES = 4

    # Which of the pairs between two clusters a comparison goes by.
    MEAN = 0
    BEST = 1
    BEST_ALONE = 2  # the best where nothing else is known of both, else the mean


cdef class Evidence:
    cdef vector[double] levels     # by comparison, level and lane
    cdef vector[double] priors     # inside a source and between sources, by lane
    cdef vector[int32_t] columns   # comparison of each adjustment
    cdef vector[double] shares     # whether an adjustment counts, by lane
    cdef vector[uint8_t] several   # by comparison, which pairs count
    cdef Py_ssize_t width, most, kinds
