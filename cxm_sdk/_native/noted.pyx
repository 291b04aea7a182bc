"""Records under keys, in memory: what a store has noted and not yet moved into the table of its keys.

``noted.pyi`` says what each class takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport INT64_MIN, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libcpp.algorithm cimport lower_bound, sort, unique
from libcpp.map cimport map as mapped
from libcpp.pair cimport pair
from libcpp.set cimport set as ordered
from libcpp.vector cimport vector

from cxm_sdk._native.packing cimport ROW, read_number, write_number


cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* at) noexcept nogil


cdef enum:
    AHEAD = 8      # keys that are on their way from memory while others are looked up
    FREE = -1      # instead of a record: nothing was ever here
    GONE = -2      # something was
    FEWEST = 1024  # places of an empty table

ctypedef pair[int64_t, int64_t] Row


cdef extern from "run.hpp" nogil:
    void sort_rows "cxm_sort_rows"(vector[Row]&) except +

    cdef cppclass Run "CxmRun":
        vector[Row] rows
        vector[uint32_t] starts
        int shift
        void look_up_fast() except +
        size_t place_of(const Row&)
        bint holds(size_t, const Row&)
        void fetch_starts(int64_t)
        void fetch_rows(int64_t)
        void free()


cdef struct Place:
    int64_t key
    int64_t node   # the first record
    int32_t more   # where all are, if there are several; -1 if not


@cython.final
@cython.auto_pickle(False)
cdef class Noted:
    """Records by key.

    A row lies in a table while it is new, then in a run of rows that are in order and densely packed, and in another
    such run while it waits to be moved. One that comes again may lie in several.
    """

    cdef vector[Place] places           # a power of two, never more than half of them used
    cdef vector[vector[int64_t]] lists  # of keys that several records are under
    cdef vector[int32_t] spare          # lists that are free
    cdef size_t used, fresh, most       # rows in the table, and most of them
    cdef Run run, queue
    cdef size_t moved                   # rows of the queue that have been
    cdef ordered[Row] gone              # rows that lie in the runs, and are here no more

    def __cinit__(self):
        self.clear()

    def __init__(self, size_t most=1 << 16):
        self.most = most

    def __len__(self):
        return self.fresh + self.run.rows.size() + self.queue.rows.size() - self.moved

    def clear(self):
        """Forgets everything."""
        self._empty()
        self.run.free()
        self.queue.free()
        self.gone.clear()
        self.moved = 0

    cdef void _empty(self) except *:
        """Empties the table."""
        cdef Place free
        free.key, free.node, free.more = 0, FREE, -1
        self.places.assign(FEWEST, free)
        self.places.shrink_to_fit()
        self.lists.clear()
        self.spare.clear()
        self.used = self.fresh = 0

    cdef inline size_t _belongs(self, int64_t key) noexcept:
        """Where a key is looked for first."""
        return <size_t>((<uint64_t>key * 0x9E3779B97F4A7C15ull) >> 20) & (self.places.size() - 1)

    cdef size_t _find(self, int64_t key) noexcept:
        """Where a key is, or the free place where it belongs."""
        cdef size_t mask = self.places.size() - 1
        cdef size_t at = self._belongs(key)
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

    cdef inline bint _comes_back(self, const Row& row) except -1:
        """Whether a row was gone, and is not from now on."""
        return not self.gone.empty() and self.gone.erase(row) > 0

    cdef void _add(self, int64_t key, int64_t node) except *:
        cdef Row row
        row.first, row.second = key, node
        if self._comes_back(row):
            return
        self._add_fresh(key, node)
        if self.fresh > self.most and 8 * self.fresh > self.run.rows.size():
            self._sort_in()

    cdef void _drop(self, int64_t key, int64_t node) except *:
        cdef Row row
        row.first, row.second = key, node
        self._drop_fresh(key, node)
        if self.run.holds(0, row) or self.queue.holds(self.moved, row):
            self.gone.insert(row)

    cdef void _add_fresh(self, int64_t key, int64_t node) except *:
        cdef size_t at = self._find(key), place
        cdef vector[int64_t]* held
        if self.places[at].node == FREE:
            self.places[at].key, self.places[at].node = key, node
            self.fresh += 1
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
        self.fresh += 1

    cdef void _drop_fresh(self, int64_t key, int64_t node) except *:
        cdef size_t at = self._find(key), place
        cdef vector[int64_t]* held
        if self.places[at].node == FREE:
            return
        if self.places[at].more < 0:
            if self.places[at].node != node:
                return
            self.places[at].node = GONE
        else:
            held = &self.lists[self.places[at].more]
            place = lower_bound(held.begin(), held.end(), node) - held.begin()
            if place == held.size() or held[0][place] != node:
                return
            held.erase(held.begin() + place)
            self.places[at].node = held[0][0]
            if held.size() == 1:
                held.clear()
                self.spare.push_back(self.places[at].more)
                self.places[at].more = -1
        self.fresh -= 1

    cdef void _sort_in(self) except *:
        """Puts the rows of the table into the run."""
        cdef vector[Row] found
        cdef Row row
        cdef size_t i, j
        found.reserve(self.fresh)
        for i in range(self.places.size()):
            if self.places[i].node < 0:
                continue
            row.first, row.second = self.places[i].key, self.places[i].node
            if self.places[i].more < 0:
                found.push_back(row)
                continue
            for j in range(self.lists[self.places[i].more].size()):
                row.second = self.lists[self.places[i].more][j]
                found.push_back(row)
        sort_rows(found)
        self._put_in(found)
        self._empty()

    cdef void _put_in(self, vector[Row]& more) except *:
        """Puts rows, which are in order, into the run, and leaves out those that are gone."""
        cdef vector[Row] held, both
        cdef Row row
        cdef size_t i = 0, j = 0
        held.swap(self.run.rows)
        if held.empty():
            both.swap(more)
        both.reserve(more.size() + held.size())
        while i < more.size() or j < held.size():
            if j == held.size() or (i < more.size() and more[i] <= held[j]):
                if j < held.size() and more[i] == held[j]:
                    j += 1
                both.push_back(more[i])
                i += 1
            else:
                if self.gone.empty() or not self.gone.count(held[j]):
                    both.push_back(held[j])
                j += 1
        self.run.rows.swap(both)
        self.run.look_up_fast()
        self._know_gone()

    cdef void _know_gone(self) except *:
        """Those that are gone are known to be as long as they lie in the queue."""
        cdef ordered[Row] left
        for row in self.gone:
            if self.queue.holds(self.moved, row):
                left.insert(row)
        self.gone.swap(left)

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
        cdef size_t i, count = <size_t>len(rows) // ROW
        cdef int64_t node
        if count > self.most:
            self._take_many(at, count)
            return
        for i in range(count):
            if i + AHEAD < count:
                cxm_prefetch(&self.places[self._belongs(read_number(at + (i + AHEAD) * ROW))])
            node = read_number(at + i * ROW + 8)
            if node < 0:
                self._drop(read_number(at + i * ROW), ~node)
            else:
                self._add(read_number(at + i * ROW), node)

    cdef void _take_many(self, const uint8_t* at, size_t count) except *:
        """Takes in rows in their order, of which the last of each counts."""
        cdef mapped[Row, bint] last  # of those that go: whether they come again
        cdef vector[Row] added
        cdef Row row
        cdef int64_t node
        cdef size_t i
        for i in range(count):
            node = read_number(at + i * ROW + 8)
            if node < 0:
                row.first, row.second = read_number(at + i * ROW), ~node
                last[row] = False
        added.reserve(count)
        for i in range(count):
            node = read_number(at + i * ROW + 8)
            row.first, row.second = read_number(at + i * ROW), max(node, ~node)
            if not last.empty() and last.count(row):
                last[row] = node >= 0
            elif not self._comes_back(row):
                added.push_back(row)
        for one in last:
            if not one.second:
                self._drop(one.first.first, one.first.second)
            elif not self._comes_back(one.first):
                added.push_back(one.first)
        sort_rows(added)
        added.erase(unique(added.begin(), added.end()), added.end())
        self._put_in(added)

    def put(self, bytes rows not None):
        """Takes in rows as bytes, each in the place of all under its key."""
        cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(rows)
        cdef Py_ssize_t i
        cdef vector[int64_t] held
        cdef int64_t key, node, old
        for i in range(len(rows) // ROW):
            key, node = read_number(at + i * ROW), read_number(at + i * ROW + 8)
            held.clear()
            self._all_under(key, held)
            for old in held:
                self._drop(key, old)
            if node >= 0:
                self._add(key, node)

    def packed(self):
        """All rows as bytes."""
        cdef vector[Row] found
        self._sort_in()
        self._left(found)
        found.insert(found.end(), self.run.rows.begin(), self.run.rows.end())
        return bytes_of(found)

    cdef void _left(self, vector[Row]& found) except *:
        """Rows that are still to be moved."""
        cdef size_t i
        for i in range(self.moved, self.queue.rows.size()):
            if self.gone.empty() or not self.gone.count(self.queue.rows[i]):
                found.push_back(self.queue.rows[i])

    cdef void _under_in(self, Run& run, size_t since, int64_t key, vector[int64_t]& found) except *:
        cdef Row row
        cdef size_t at
        row.first, row.second = key, INT64_MIN
        at = max(run.place_of(row), since)
        while at < run.rows.size() and run.rows[at].first == key:
            if self.gone.empty() or not self.gone.count(run.rows[at]):
                found.push_back(run.rows[at].second)
            at += 1

    cdef void _fetch(self, int64_t key) noexcept:
        """Asks for what a look at a key takes first."""
        cxm_prefetch(&self.places[self._belongs(key)])
        self.run.fetch_starts(key)
        self.queue.fetch_starts(key)

    cdef void _all_under(self, int64_t key, vector[int64_t]& found) except *:
        """Records under a key, ascending."""
        cdef size_t at = self._find(key)
        if self.places[at].node != FREE:
            if self.places[at].more < 0:
                found.push_back(self.places[at].node)
            else:
                found = self.lists[self.places[at].more]
        self._under_in(self.run, 0, key, found)
        self._under_in(self.queue, self.moved, key, found)
        if found.size() > 1:
            sort(found.begin(), found.end())
            found.erase(unique(found.begin(), found.end()), found.end())

    def under(self, int64_t key):
        """Records under a key."""
        cdef vector[int64_t] found
        self._all_under(key, found)
        return list(found)

    def firsts(self, list keys not None):
        """The smallest record under each of some keys."""
        cdef vector[int64_t] held
        cdef dict found = {}
        for key in keys:
            held.clear()
            self._all_under(key, held)
            if not held.empty():
                found[key] = held[0]
        return found

    def beside(self, list keys not None, list moved not None, size_t most):
        """Records under keys, with those that were moved, and of which keys there are more."""
        cdef vector[Row] rows, kept
        cdef vector[int64_t] held, numbers = keys
        cdef Row row
        cdef size_t i, j, count = 0
        cdef list crowded = []
        rows.reserve(len(moved) + len(keys) // 4)
        for found in moved:
            row.first, row.second = found[0], found[1]
            rows.push_back(row)
        for i in range(numbers.size() + AHEAD):
            if i < numbers.size():
                self._fetch(numbers[i])
            if AHEAD // 2 <= i < numbers.size() + AHEAD // 2:
                self.run.fetch_rows(numbers[i - AHEAD // 2])
                self.queue.fetch_rows(numbers[i - AHEAD // 2])
            if i < AHEAD:
                continue
            held.clear()
            row.first = numbers[i - AHEAD]
            self._all_under(row.first, held)
            for j in range(held.size()):
                row.second = held[j]
                rows.push_back(row)
        sort(rows.begin(), rows.end())
        rows.erase(unique(rows.begin(), rows.end()), rows.end())
        kept.reserve(rows.size())
        for i in range(rows.size()):
            count = count + 1 if i and rows[i].first == rows[i - 1].first else 1
            if count <= most:
                kept.push_back(rows[i])
            elif count == most + 1:
                crowded.append(rows[i].first)
        return bytes_of(kept), crowded

    def begin(self):
        """Puts all rows in the order in which they are to be moved."""
        cdef vector[Row] left
        self._sort_in()
        self._left(left)
        self.queue.free()
        self.moved = 0
        self._put_in(left)
        self.queue.rows.swap(self.run.rows)
        self.queue.starts.swap(self.run.starts)
        self.queue.shift = self.run.shift

    def next(self, size_t count):
        """Takes the next rows out, as far as they are still there."""
        cdef list found = []
        cdef Row row
        while self.moved < self.queue.rows.size() and <size_t>len(found) < 2 * count:
            row = self.queue.rows[self.moved]
            self.moved += 1
            if self.gone.empty() or not self.gone.count(row):
                found.append(row.first)
                found.append(row.second)
            elif not self.run.holds(0, row):  # it lies nowhere any more, and may come again
                self.gone.erase(row)
        if self.moved == self.queue.rows.size():
            self.queue.free()
            self.moved = 0
            if not self.gone.empty():
                self._sort_in()
        return found


cdef bytes bytes_of(vector[Row]& rows):
    cdef bytes made = PyBytes_FromStringAndSize(NULL, rows.size() * ROW)
    cdef uint8_t* at = <uint8_t*>PyBytes_AS_STRING(made)
    cdef size_t i
    for i in range(rows.size()):
        write_number(at + i * ROW, rows[i].first)
        write_number(at + i * ROW + 8, rows[i].second)
    return made
