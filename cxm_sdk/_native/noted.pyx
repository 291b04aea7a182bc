"""Records under keys, in memory: what a store has noted and not yet moved into the table of its keys.

``noted.pyi`` says what each class takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libcpp.algorithm cimport lower_bound, sort
from libcpp.pair cimport pair
from libcpp.vector cimport vector


cdef enum:
    FREE = -1      # instead of a record: nothing was ever here
    GONE = -2      # something was
    FEWEST = 1024  # places of an empty table
    ROW = 16       # bytes of a key and a record

ctypedef pair[int64_t, int64_t] Row


cdef struct Place:
    int64_t key
    int64_t node   # the first record
    int32_t more   # where all are, if there are several; -1 if not


cdef inline int64_t read_number(const uint8_t* at) noexcept nogil:
    cdef uint64_t value = 0
    cdef int i
    for i in range(8):
        value |= <uint64_t>at[i] << (8 * i)
    return <int64_t>value


cdef inline void write_number(uint8_t* at, int64_t value) noexcept nogil:
    cdef int i
    for i in range(8):
        at[i] = <uint8_t>(<uint64_t>value >> (8 * i))


def packed(list rows not None):
    """Rows as bytes."""
    cdef bytes made = PyBytes_FromStringAndSize(NULL, len(rows) * ROW)
    cdef uint8_t* at = <uint8_t*>PyBytes_AS_STRING(made)
    cdef tuple row
    for row in rows:
        write_number(at, row[0])
        write_number(at + 8, row[1])
        at += ROW
    return made


@cython.final
@cython.auto_pickle(False)
cdef class Noted:
    """Records by key."""

    cdef vector[Place] places           # a power of two, never more than half of them used
    cdef vector[vector[int64_t]] lists  # of keys that several records are under
    cdef vector[int32_t] spare          # lists that are free
    cdef vector[Row] queue              # what is to be moved, in the order of keys
    cdef size_t used, rows, moved

    def __cinit__(self):
        self.clear()

    def __len__(self):
        return self.rows

    def clear(self):
        """Forgets everything."""
        cdef Place free
        free.key, free.node, free.more = 0, FREE, -1
        self.places.assign(FEWEST, free)
        self.lists.clear()
        self.spare.clear()
        self.queue.clear()
        self.used = self.rows = self.moved = 0

    cdef size_t _find(self, int64_t key) noexcept:
        """Where a key is, or the free place where it belongs."""
        cdef size_t mask = self.places.size() - 1
        cdef size_t at = <size_t>((<uint64_t>key * 0x9E3779B97F4A7C15ull) >> 20) & mask
        while self.places[at].node != FREE and (self.places[at].node == GONE or self.places[at].key != key):
            at = (at + 1) & mask
        return at

    cdef void _grow(self) except *:
        cdef vector[Place] old
        cdef Place free
        cdef size_t i, held = 0
        free.key, free.node, free.more = 0, FREE, -1
        old.swap(self.places)
        for i in range(old.size()):
            held += old[i].node >= 0
        i = FEWEST
        while i < 4 * held:
            i *= 2
        self.places.assign(i, free)
        for i in range(old.size()):
            if old[i].node >= 0:
                self.places[self._find(old[i].key)] = old[i]
        self.used = held

    cdef void _add(self, int64_t key, int64_t node) except *:
        cdef size_t at = self._find(key), place
        cdef vector[int64_t]* held
        if self.places[at].node == FREE:
            self.places[at].key, self.places[at].node = key, node
            self.rows += 1
            self.used += 1
            if 2 * self.used > self.places.size():
                self._grow()
            return
        if self.places[at].more < 0:
            if self.places[at].node == node:
                return
            if self.spare.empty():
                self.places[at].more = <int32_t>self.lists.size()
                self.lists.resize(self.lists.size() + 1)
            else:
                self.places[at].more = self.spare.back()
                self.spare.pop_back()
            self.lists[self.places[at].more].assign(1, self.places[at].node)
        held = &self.lists[self.places[at].more]
        if held.back() < node:  # nearly always: later records have larger numbers
            held.push_back(node)
        else:
            place = lower_bound(held.begin(), held.end(), node) - held.begin()
            if held[0][place] == node:
                return
            held.insert(held.begin() + place, node)
            self.places[at].node = held[0][0]
        self.rows += 1

    cdef bint _drop(self, int64_t key, int64_t node) except -1:
        """Whether the record was under the key."""
        cdef size_t at = self._find(key), place
        cdef vector[int64_t]* held
        if self.places[at].node == FREE:
            return False
        if self.places[at].more < 0:
            if self.places[at].node != node:
                return False
            self.places[at].node = GONE
        else:
            held = &self.lists[self.places[at].more]
            place = lower_bound(held.begin(), held.end(), node) - held.begin()
            if place == held.size() or held[0][place] != node:
                return False
            held.erase(held.begin() + place)
            self.places[at].node = held[0][0]
            if held.size() == 1:
                held.clear()
                self.spare.push_back(self.places[at].more)
                self.places[at].more = -1
        self.rows -= 1
        return True

    def add(self, list rows not None):
        """Takes rows in."""
        cdef tuple row
        for row in rows:
            self._add(row[0], row[1])

    def drop(self, list rows not None):
        """Takes rows out."""
        cdef tuple row
        for row in rows:
            self._drop(row[0], row[1])

    def take(self, bytes rows not None):
        """Takes in rows as bytes."""
        cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(rows)
        cdef Py_ssize_t i
        cdef int64_t node
        for i in range(len(rows) // ROW):
            node = read_number(at + i * ROW + 8)
            if node < 0:
                self._drop(read_number(at + i * ROW), ~node)
            else:
                self._add(read_number(at + i * ROW), node)

    def put(self, bytes rows not None):
        """Takes in rows as bytes, each in the place of all under its key."""
        cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(rows)
        cdef Py_ssize_t i
        cdef int64_t key, node
        for i in range(len(rows) // ROW):
            key, node = read_number(at + i * ROW), read_number(at + i * ROW + 8)
            for old in self._under(key) or ():
                self._drop(key, old)
            if node >= 0:
                self._add(key, node)

    def packed(self):
        """All rows as bytes."""
        cdef bytes made = PyBytes_FromStringAndSize(NULL, self.rows * ROW)
        cdef uint8_t* at = <uint8_t*>PyBytes_AS_STRING(made)
        cdef size_t i, j
        for i in range(self.places.size()):
            if self.places[i].node < 0:
                continue
            if self.places[i].more < 0:
                write_number(at, self.places[i].key)
                write_number(at + 8, self.places[i].node)
                at += ROW
                continue
            for j in range(self.lists[self.places[i].more].size()):
                write_number(at, self.places[i].key)
                write_number(at + 8, self.lists[self.places[i].more][j])
                at += ROW
        return made

    cdef list _under(self, int64_t key):
        cdef size_t at = self._find(key)
        if self.places[at].node == FREE:
            return None
        if self.places[at].more < 0:
            return [self.places[at].node]
        return list(self.lists[self.places[at].more])

    def under(self, int64_t key):
        """Records under a key."""
        return self._under(key) or []

    def join(self, list keys not None, dict found not None):
        """Records under keys, beside others."""
        cdef list held, own
        for key in keys:
            own = self._under(key)
            if own is None:
                continue
            held = found.get(key)
            if held is None:
                found[key] = own
            elif held[len(held) - 1] < own[0]:
                held.extend(own)
            else:
                found[key] = sorted({*held, *own})

    def begin(self):
        """Puts all rows in the order in which they are to be moved."""
        cdef size_t i, j
        cdef Row row
        self.queue.clear()
        self.queue.reserve(self.rows)
        for i in range(self.places.size()):
            if self.places[i].node < 0:
                continue
            row.first = self.places[i].key
            if self.places[i].more < 0:
                row.second = self.places[i].node
                self.queue.push_back(row)
            else:
                for j in range(self.lists[self.places[i].more].size()):
                    row.second = self.lists[self.places[i].more][j]
                    self.queue.push_back(row)
        sort(self.queue.begin(), self.queue.end())
        self.moved = 0

    def next(self, size_t count):
        """Takes the next rows out, as far as they are still there."""
        cdef list found = []
        cdef Row row
        while self.moved < self.queue.size() and <size_t>len(found) < count:
            row = self.queue[self.moved]
            self.moved += 1
            if self._drop(row.first, row.second):
                found.append((row.first, row.second))
        if self.moved == self.queue.size():
            self.queue.clear()
            self.moved = 0
            self._grow()
        return found
