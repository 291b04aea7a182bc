"""How much of two sets of words is shared, as a level; shared by inclusion, not at run time."""

from libc.stdint cimport uint8_t


cdef inline uint8_t overlap_level(double both, double mine, double yours) noexcept nogil:
    """The level, from what words weigh that both have, and that one or the other has alone."""
    if both <= 0.0:
        return 1
    if both >= 0.8 * (both + mine + yours):
        return 5
    if both >= 0.9 * (both + (mine if mine < yours else yours)):
        return 4
    if both >= 0.5 * (both + mine + yours):
        return 3
    return 2 if both >= 0.2 * (both + mine + yours) else 1
