"""Records by key: which of them share one, found in pieces that stay in the cache.

``buckets.pyi`` says what the class takes and gives.
"""

cimport cython
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset
from libcpp.vector cimport vector


cdef enum:
    FEWEST = 10  # bits of a bucket number, at least
    LOCAL = 12  # bits of it that are told apart inside a part, whose counters stay in the fastest cache
    PARTS = 11  # bits that tell parts, at most: each is written to at its own end
    LANES = 4
    FEW = 8


cdef struct Entry:
    uint64_t key
    int32_t number


@cython.final
cdef class KeyBuckets:
    """Records in buckets by the lowest bits of their keys, twice as many buckets as there may be keys."""

    cdef Entry* entries
    cdef vector[int64_t] firsts  # where each part starts in ``entries``
    cdef int local
    cdef readonly int slots
    cdef int64_t largest_part

    def __init__(self, list keys):
        cdef const uint64_t[::1] own
        cdef vector[const uint64_t*] columns
        cdef vector[int64_t] cursor
        cdef Py_ssize_t i, s, n = keys[0].shape[0] if keys else 0
        cdef object most = 2 * n * len(keys) - 1
        cdef int bits = max(<int>FEWEST, <int>most.bit_length())
        cdef int parts = min(<int>PARTS, max(0, bits - LOCAL))
        cdef uint64_t mask = ((<uint64_t>1) << bits) - 1, key
        cdef int64_t total = 0, size, at
        self.local, self.slots = bits - parts, len(keys)
        if n * len(keys) > 0x7FFFFFFF:
            raise ValueError(f"expected at most 2,147,483,647 keys, got {n * len(keys)}")
        for own in keys:
            if own.shape[0] != n:
                raise ValueError(f"expected {n} keys of each slot, got {own.shape[0]}")
            columns.push_back(&own[0] if n else NULL)
        self.firsts.assign(((<size_t>1) << parts) + 1, 0)
        cursor.assign((<size_t>1) << parts, 0)
        with nogil:
            for s in range(self.slots):
                for i in range(n):
                    key = columns[s][i]
                    cursor[(key & mask) >> self.local] += key != 0
            for i in range(<Py_ssize_t>cursor.size()):
                size = cursor[i]
                self.largest_part = max(self.largest_part, size)
                self.firsts[i] = cursor[i] = total
                total += size
            self.firsts[cursor.size()] = total
            free(self.entries)
            self.entries = <Entry*>malloc((total + 1) * sizeof(Entry))
        if self.entries == NULL:
            raise MemoryError()
        with nogil:
            for i in range(n):
                for s in range(self.slots):
                    key = columns[s][i]
                    # Without a branch: what is no key is written over by the next that is, or stands behind all.
                    at = cursor[(key & mask) >> self.local]
                    cursor[(key & mask) >> self.local] = at + (key != 0)
                    at = at if key != 0 else total
                    self.entries[at].key = key
                    self.entries[at].number = <int32_t>(i * self.slots + s)

    def __dealloc__(self):
        free(self.entries)

    def __reduce__(self):
        raise TypeError("KeyBuckets cannot be pickled; make them of the keys again")

    cdef void count(self, Py_ssize_t part, uint32_t* counters) noexcept nogil:
        cdef int64_t i
        cdef uint64_t mask = ((<uint64_t>1) << self.local) - 1
        memset(counters, 0, (mask + 1) * sizeof(uint32_t))
        for i in range(self.firsts[part], self.firsts[part + 1]):
            counters[self.entries[i].key & mask] += 1

    def count_sizes(self, int64_t[::1] often):
        """Counts how many buckets hold each number of keys; returns the keys in those that the last place stands for."""
        cdef Py_ssize_t i, part, lane, last = often.shape[0] - 1, size = (<Py_ssize_t>1) << self.local
        cdef vector[uint32_t] counters
        cdef int64_t few[LANES][FEW]
        cdef int64_t beyond = 0
        cdef uint32_t held
        counters.resize(size)
        with nogil:
            memset(few, 0, sizeof(few))
            for part in range(<Py_ssize_t>self.firsts.size() - 1):
                self.count(part, counters.data())
                # Most hold few. Those that follow each other are counted apart, or each would wait for the last.
                for i in range(size):
                    held = counters[i]
                    if held < FEW:
                        few[i & (LANES - 1)][held] += 1
                    elif held < last:
                        often[held] += 1
                    else:
                        often[last] += 1
                        beyond += held
            for lane in range(LANES):
                for i in range(FEW):
                    often[min(i, last)] += few[lane][i]
                    beyond += i * few[lane][i] if i >= last else 0
        return beyond

    def group(self, int64_t largest, int32_t[::1] members, int64_t[::1] starts, int8_t[::1] slots):
        """Lists the records of each key that occurs twice or more, in buckets that are not too large."""
        cdef vector[uint32_t] cursor
        cdef Py_ssize_t i, part, size = (<Py_ssize_t>1) << self.local
        cdef uint64_t mask = size - 1, key
        cdef int64_t total, groups = 0, used = 0, first, last, j, k, begin, rest
        cdef uint32_t held, useful
        cdef vector[Entry] place
        cdef Entry entry
        cdef Py_ssize_t room = members.shape[0]
        cursor.resize(size)
        place.resize(self.largest_part + 1)
        if slots.shape[0] != room or starts.shape[0] != room // 2 + 1:
            raise ValueError(f"expected {room} slots and {room // 2 + 1} starts")
        with nogil:
            for part in range(<Py_ssize_t>self.firsts.size() - 1):
                self.count(part, cursor.data())
                # Keys of one bucket lie together; most buckets hold one key, and many are of no use. Which ones are is
                # not asked by a branch, as no processor can guess it: what is of no use goes behind the others.
                total = 0
                for i in range(size):
                    held = cursor[i]
                    useful = (held >= 2) & (<int64_t>held <= largest)
                    cursor[i] = (<uint32_t>total) | (useful - 1)
                    total += held & -useful
                if used + total > room:
                    break
                for i in range(self.firsts[part], self.firsts[part + 1]):
                    key = self.entries[i].key & mask
                    held = cursor[key]
                    useful = held != <uint32_t>0xFFFFFFFF
                    cursor[key] = held + useful
                    k = held if useful else total
                    place[k] = self.entries[i]
                first = 0
                while first < total:
                    last = first + 1
                    while last < total and (place[last].key ^ place[first].key) & mask == 0:
                        last += 1
                    while first < last:
                        # Take the entries of the first key out, keeping the order of the rest.
                        key = place[first].key
                        begin = used
                        k = first
                        for j in range(first, last):
                            entry = place[j]
                            if entry.key == key:
                                members[used] = entry.number
                                used += 1
                            else:
                                place[k] = entry
                                k += 1
                        # What is left has moved to the front; it goes to the end, where the next key begins.
                        rest = k - first
                        for j in range(rest):
                            place[last - 1 - j] = place[k - 1 - j]
                        first = last - rest
                        if used - begin < 2:
                            used = begin
                        else:
                            starts[groups] = begin
                            groups += 1
                total = 0
            starts[groups] = used
            for i in range(used):
                slots[i] = 0
                if self.slots > 1:
                    slots[i] = <int8_t>(members[i] % self.slots)
                    members[i] = members[i] // self.slots
        if total:
            raise ValueError(f"expected room for the keys of all buckets in use, got {room}")
        return groups, used
