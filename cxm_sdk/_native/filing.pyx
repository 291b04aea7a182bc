"""Records under keys as they are after a batch, and whom they bring together.

``filing.pyi`` says what each class takes and gives.
"""

cimport cython
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int64_t
from libcpp.algorithm cimport sort, unique
from libcpp.pair cimport pair
from libcpp.unordered_map cimport unordered_map
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport CxmSaid, Packed, cxm_fewest_first, string_view

ctypedef pair[int64_t, int64_t] Two


cdef struct Key:
    vector[int64_t] nodes  # records under it after the batch
    int64_t before         # how many there were, where that changes; -1 where not
    bint known             # whether it leads anywhere: one under which one record is, and none was, does not


@cython.final
@cython.auto_pickle(False)
cdef class Filing:
    """Records under keys."""

    cdef unordered_map[int64_t, Key] keys
    cdef unordered_set[int64_t] asked
    cdef vector[Two] gained, lost  # all rows that change, by key and record
    cdef size_t applied, undone    # as many of them have been
    cdef size_t first_gained, first_lost  # those of bounded keys

    cdef void _gain(self, int64_t key, int64_t node) except *:
        cdef Two row
        row.first, row.second = key, node
        self.gained.push_back(row)

    def change(self, int64_t node, old not None, new not None):
        """Files a record under other keys than before."""
        cdef Two row
        cdef set before, after
        if not old:
            for key in new:
                self._gain(key, node)
            return
        before, after = set(old), set(new)
        for key in after - before:
            self._gain(key, node)
        for key in before - after:
            row.first, row.second = key, node
            self.lost.push_back(row)

    def wanted(self, keys not None):
        """Keys of which has to be known who is under them."""
        cdef vector[int64_t] found
        cdef size_t i
        cdef int64_t key
        for key in keys:
            if self.asked.insert(key).second:
                found.push_back(key)
        for i in range(self.applied, self.gained.size()):
            if self.asked.insert(self.gained[i].first).second:
                found.push_back(self.gained[i].first)
        for i in range(self.undone, self.lost.size()):
            if self.asked.insert(self.lost[i].first).second:
                found.push_back(self.lost[i].first)
        sort(found.begin(), found.end())
        return list(found)

    cdef Key* _key(self, int64_t key) except NULL:
        cdef Key empty
        if not self.keys.count(key):
            empty.before, empty.known = -1, False
            self.keys[key] = empty
        return &self.keys[key]

    def found(self, dict held not None):
        """Takes in who is under keys, and what the batch changes."""
        cdef Key* place
        cdef list nodes
        cdef size_t i, j
        for key, nodes in held.items():
            place = self._key(key)
            place.nodes.clear()
            for node in nodes:
                place.nodes.push_back(node)
            place.known = True
        for i in range(self.undone, self.lost.size()):
            place = self._key(self.lost[i].first)
            if place.before < 0:
                place.before = <int64_t>place.nodes.size()
            place.known = True
            for j in range(place.nodes.size()):
                if place.nodes[j] == self.lost[i].second:
                    place.nodes.erase(place.nodes.begin() + j)
                    break
        self.undone = self.lost.size()
        for i in range(self.applied, self.gained.size()):
            place = self._key(self.gained[i].first)
            if place.before < 0:
                place.before = <int64_t>place.nodes.size()
            place.nodes.push_back(self.gained[i].second)
            place.known = place.known or place.nodes.size() > 1
        self.applied = self.gained.size()

    def rows(self):
        """Rows that the batch takes out, and that it puts in."""
        cdef list out = [], into = []
        cdef size_t i
        for i in range(self.lost.size()):
            out.append((self.lost[i].first, self.lost[i].second))
        for i in range(self.gained.size()):
            into.append((self.gained[i].first, self.gained[i].second))
        return out, into

    def under(self, int64_t key):
        """Records under a key."""
        return list(self._key(key).nodes)

    def were_several(self, keys not None):
        """Those of some keys under which several records were."""
        cdef list found = []
        cdef int64_t key
        cdef Key* place
        for key in keys:
            if self.keys.count(key):
                place = &self.keys[key]
                if place.known and (place.before if place.before >= 0 else <int64_t>place.nodes.size()) > 1:
                    found.append(key)
        return found

    def sharers(self, keys not None, size_t most):
        """Records under those of some keys that several are under."""
        cdef unordered_set[int64_t] found
        cdef int64_t key
        cdef vector[int64_t]* nodes
        cdef size_t i
        for key in keys:
            if self.keys.count(key):
                nodes = &self.keys[key].nodes
                if self.keys[key].known and 1 < nodes.size() <= most:
                    for i in range(nodes.size()):
                        found.insert(nodes[0][i])
        return list(found)

    def people(self, dict roles not None, dict records not None, size_t most, tuple proxies not None):
        """How many people there are behind identifiers at least."""
        cdef dict found = {}
        cdef int64_t key
        cdef Key* place
        cdef vector[const CxmSaid*] held
        cdef size_t i
        for key, role in roles.items():
            if not self.keys.count(key) or not self.keys[key].known:
                continue
            place = &self.keys[key]
            if place.nodes.size() > most:
                found[key] = -1
                continue
            if place.nodes.size() < 2:
                found[key] = 1
                continue
            held.clear()
            for i in range(place.nodes.size()):
                held.push_back(&(<Packed?>records[place.nodes[i]]).held)
            found[key] = cxm_fewest_first(held, names_but(proxies, role))
        return found

    def mark(self):
        """Keys that change from now on are bounded in size."""
        self.first_gained, self.first_lost = self.gained.size(), self.lost.size()

    cdef void _resized(self, int64_t key, size_t largest, unordered_set[int64_t]& found) except *:
        cdef Key* place
        cdef size_t i
        if self.keys.count(key):
            place = &self.keys[key]
            if place.before >= 0 and (<size_t>place.before > largest) != (place.nodes.size() > largest):
                for i in range(place.nodes.size()):
                    found.insert(place.nodes[i])

    def resized(self, size_t largest):
        """Records under bounded keys that the batch brings above or below a size."""
        cdef unordered_set[int64_t] found
        cdef size_t i
        for i in range(self.first_gained, self.gained.size()):
            self._resized(self.gained[i].first, largest, found)
        for i in range(self.first_lost, self.lost.size()):
            self._resized(self.lost[i].first, largest, found)
        return list(found)

    def pairs(self, list blocks not None):
        """Pairs of records and others under their keys."""
        cdef vector[Two] found
        cdef Two two
        cdef vector[int64_t]* nodes
        cdef int64_t node, key
        cdef size_t i, most
        cdef tuple block
        cdef set made = set()
        for block in blocks:
            node, most = block[0], block[2]
            for key in block[1]:
                if not self.keys.count(key):
                    continue
                nodes = &self.keys[key].nodes
                if nodes.size() > most:
                    continue
                for i in range(nodes.size()):
                    if nodes[0][i] != node:
                        two.first, two.second = min(node, nodes[0][i]), max(node, nodes[0][i])
                        found.push_back(two)
        sort(found.begin(), found.end())
        found.erase(unique(found.begin(), found.end()), found.end())
        for i in range(found.size()):
            made.add((found[i].first, found[i].second))
        return made


cdef vector[string_view] names_but(tuple names, object but) except *:
    cdef vector[string_view] found
    cdef Py_ssize_t size
    cdef const char* text
    for name in names:
        if name != but:
            text = PyUnicode_AsUTF8AndSize(name, &size)
            found.push_back(string_view(text, size))
    return found
