"""Blocked Bloom filters of what is filed in a table; see ``bloom.pyi`` for what the class takes and gives."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy
from libcpp.algorithm cimport sort, unique
from libcpp.vector cimport vector


cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* at) noexcept nogil


cdef enum:
    AHEAD = 12   # numbers whose blocks are on their way from memory while others are looked up
    PARTS = 4096
    SHIFT = 52   # of the bits of a number that choose its part
    HEAD = 8     # bytes before the blocks of a part: how many numbers are in it
    BLOCK = 64   # bytes of a block
    ROOM = 42    # numbers of a block: of a hundred others one is taken for one of them
    SMALL = 40   # numbers of fewer bits lie close together, and are not looked at


cdef inline bint is_small(int64_t key) noexcept nogil:
    return <uint64_t>key < (<uint64_t>1 << SMALL)


cdef inline size_t part_of(int64_t key) noexcept nogil:
    return <size_t>((<uint64_t>key ^ (<uint64_t>1 << 63)) >> SHIFT)


cdef inline uint64_t stirred(uint64_t key) noexcept nogil:
    key = (key ^ (key >> 33)) * <uint64_t>0xFF51AFD7ED558CCD
    return (key ^ (key >> 33)) * <uint64_t>0xC4CEB9FE1A85EC53


cdef inline uint32_t number_in(vector[uint8_t]& part) noexcept nogil:
    return part[0] | <uint32_t>part[1] << 8 | <uint32_t>part[2] << 16 | <uint32_t>part[3] << 24


cdef inline uint8_t* block_of(vector[uint8_t]& part, uint64_t bits) noexcept nogil:
    cdef uint64_t blocks = (part.size() - HEAD) // BLOCK
    return part.data() + HEAD + BLOCK * (((bits >> 32) * blocks) >> 32)


cdef bint has(vector[uint8_t]& part, int64_t key) noexcept nogil:
    cdef uint64_t bits = stirred(<uint64_t>key), places = stirred(bits)
    cdef const uint8_t* block
    cdef int i
    if part.empty():
        return False
    block = block_of(part, bits)
    for i in range(6):
        if not (block[(places & 511) >> 3] >> (places & 7)) & 1:
            return False
        places >>= 9
    return True


cdef void put(vector[uint8_t]& part, int64_t key) noexcept nogil:
    cdef uint64_t bits = stirred(<uint64_t>key), places = stirred(bits)
    cdef uint8_t* block = block_of(part, bits)
    cdef uint32_t count
    cdef int i
    if has(part, key):
        return
    for i in range(6):
        block[(places & 511) >> 3] |= <uint8_t>(1 << (places & 7))
        places >>= 9
    count = number_in(part) + 1
    for i in range(4):
        part[i] = <uint8_t>(count >> (8 * i))


@cython.final
@cython.auto_pickle(False)
cdef class Bloom:
    """Which numbers may be filed."""

    cdef vector[vector[uint8_t]] parts

    def __cinit__(self):
        self.clear()

    def clear(self):
        """Forgets everything."""
        self.parts.clear()
        self.parts.resize(PARTS)

    def may_hold(self, list keys not None):
        """Those of some numbers that may be filed."""
        cdef list found = []
        cdef vector[int64_t] numbers = keys
        cdef size_t i
        for i in range(numbers.size() + AHEAD):
            if i < numbers.size() and not self.parts[part_of(numbers[i])].empty():
                cxm_prefetch(block_of(self.parts[part_of(numbers[i])], stirred(<uint64_t>numbers[i])))
            if i >= AHEAD and self._may_hold(numbers[i - AHEAD]):
                found.append(keys[i - AHEAD])
        return found

    cdef inline bint _may_hold(self, int64_t number) noexcept:
        return is_small(number) or has(self.parts[part_of(number)], number)

    def parts_of(self, list keys not None):
        """Parts in which some numbers belong."""
        cdef vector[size_t] found
        cdef int64_t key
        for key in keys:
            if not is_small(key) and (found.empty() or found.back() != part_of(key)):
                found.push_back(part_of(key))
        sort(found.begin(), found.end())  # which they are already, but for a few, where keys are in order
        found.erase(unique(found.begin(), found.end()), found.end())
        return list(found)

    def bounds(self, size_t part):
        """Least and largest number of a part."""
        cdef uint64_t first = (<uint64_t>part << SHIFT) ^ (<uint64_t>1 << 63)
        cdef int64_t last = <int64_t>(first | ((<uint64_t>1 << SHIFT) - 1))
        return max(<int64_t>first, <int64_t>1 << SMALL) if first == 0 else <int64_t>first, last

    def add(self, list keys not None):
        """Takes numbers in, and gives the parts that are too full."""
        cdef set full = set()
        cdef size_t place
        cdef int64_t key
        for key in keys:
            if is_small(key):
                continue
            place = part_of(key)
            if self.parts[place].empty():
                full.add(place)
                continue
            put(self.parts[place], key)
            if number_in(self.parts[place]) > ROOM * (self.parts[place].size() - HEAD) // BLOCK:
                full.add(place)
        return sorted(full)

    def make(self, size_t part, list keys not None):
        """Makes a part anew."""
        cdef vector[uint8_t] made
        cdef int64_t key
        made.assign(HEAD + BLOCK * (1 + 3 * len(keys) // (2 * ROOM)), 0)
        for key in keys:
            if not is_small(key) and part_of(key) == part:
                put(made, key)
        self.parts.at(part).swap(made)

    def part(self, size_t part):
        """A part as bytes."""
        return PyBytes_FromStringAndSize(<const char*>self.parts.at(part).data(), self.parts.at(part).size())

    def take(self, size_t part, bytes bits not None):
        """Takes a part as bytes in place of what is here."""
        cdef vector[uint8_t] made
        if PyBytes_GET_SIZE(bits) < HEAD + BLOCK or (PyBytes_GET_SIZE(bits) - HEAD) % BLOCK:
            raise ValueError(f"expected whole blocks, got {len(bits)} bytes.")
        made.resize(PyBytes_GET_SIZE(bits))
        memcpy(made.data(), PyBytes_AS_STRING(bits), made.size())
        self.parts.at(part).swap(made)
