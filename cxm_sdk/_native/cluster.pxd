"""Whether a constraint keeps two records apart; shared by inclusion, not at run time."""

from libc.stdint cimport int32_t


cdef struct Barriers:
    # Values of records, row by row. single: two different known values exclude each other; unique: two equal ones do.
    const int32_t* single
    const int32_t* unique
    Py_ssize_t singles
    Py_ssize_t uniques


cdef inline Barriers barriers_of(const int32_t[:, ::1] single, const int32_t[:, ::1] unique) noexcept nogil:
    cdef Barriers found
    found.singles, found.uniques = single.shape[1], unique.shape[1]
    found.single = &single[0, 0] if single.shape[0] and found.singles else NULL
    found.unique = &unique[0, 0] if unique.shape[0] and found.uniques else NULL
    return found


cdef inline bint forbidden(int32_t a, int32_t b, const Barriers* barriers) noexcept nogil:
    cdef Py_ssize_t c
    cdef const int32_t* ours = barriers.single + a * barriers.singles
    cdef const int32_t* theirs = barriers.single + b * barriers.singles
    for c in range(barriers.singles):
        if ours[c] >= 0 and theirs[c] >= 0 and ours[c] != theirs[c]:
            return True
    ours, theirs = barriers.unique + a * barriers.uniques, barriers.unique + b * barriers.uniques
    for c in range(barriers.uniques):
        if ours[c] >= 0 and ours[c] == theirs[c]:
            return True
    return False
