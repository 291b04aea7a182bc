"""Disjoint sets of places, each named by its smallest; shared by inclusion, not at run time."""

from libc.stdint cimport int32_t


cdef inline int32_t root_of(int32_t* parent, int32_t place) noexcept nogil:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


cdef inline void join_sets(int32_t* parent, int32_t a, int32_t b) noexcept nogil:
    a, b = root_of(parent, a), root_of(parent, b)
    parent[max(a, b)] = min(a, b)
