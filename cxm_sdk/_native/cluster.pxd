"""Whether a constraint keeps two records apart; shared by inclusion, not at run time."""

from libc.stdint cimport int32_t


cdef inline bint forbidden(int32_t a, int32_t b, const int32_t[:, ::1] single,
                           const int32_t[:, ::1] unique) noexcept nogil:
    # single: two different known values exclude each other; unique: two equal known values do.
    cdef Py_ssize_t c
    for c in range(single.shape[1]):
        if single[a, c] >= 0 and single[b, c] >= 0 and single[a, c] != single[b, c]:
            return True
    for c in range(unique.shape[1]):
        if unique[a, c] >= 0 and unique[a, c] == unique[b, c]:
            return True
    return False
