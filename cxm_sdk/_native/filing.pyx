"""Records under keys as they are after a batch, and whom they bring together.

``filing.pyi`` says what each class takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libcpp cimport bool as cbool
from libcpp.algorithm cimport set_difference, sort, unique
from libcpp.iterator cimport back_inserter
from libcpp.pair cimport pair
from libcpp.string cimport string
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport CxmFew, CxmSaid, CxmSought, Packed, cxm_fewest_first, decoded, role_name, string_view, view
from cxm_sdk._native.indexed cimport CxmIndexed
from cxm_sdk._native.packing cimport ROW, read_number, write_number

ctypedef pair[int64_t, int64_t] Two


cdef struct Key:
    int64_t key
    CxmFew[int64_t] nodes  # records under it after the batch
    int64_t before         # how many there were, where that changes; -1 where not
    int32_t role           # of an identifier of a changed record; -1 of others
    cbool asked            # whether the store was asked for it
    cbool known            # whether it leads anywhere: one under which one record is, and none was, does not


cdef struct Change:
    int32_t key
    int64_t node


cdef struct Block:
    int64_t node
    int64_t most        # records under its keys that bring each other together
    size_t first, last  # its keys


cdef inline void add_nodes(vector[int64_t]& found, const Key& key) except *:
    cdef size_t i
    for i in range(key.nodes.size()):
        found.push_back(key.nodes[i])


cdef bytes rows_of(vector[Change]& changes, vector[Key]& held):
    cdef bytes made = PyBytes_FromStringAndSize(NULL, changes.size() * ROW)
    cdef uint8_t* at = <uint8_t*>PyBytes_AS_STRING(made)
    cdef size_t i
    for i in range(changes.size()):
        write_number(at + i * ROW, held[changes[i].key].key)
        write_number(at + i * ROW + 8, changes[i].node)
    return made


@cython.final
@cython.auto_pickle(False)
cdef class Filing:
    """Records under keys."""

    cdef CxmIndexed places, shared       # keys, and identifiers of which it is known who shares them
    cdef vector[Key] held                # by place
    cdef vector[int32_t] named, wanting  # identifiers of changed records, and keys to ask for
    cdef vector[Change] gained, lost     # all rows that change
    cdef size_t applied, undone          # as many of them have been
    cdef size_t first_gained, first_lost  # those of bounded keys
    cdef vector[Block] blocks
    cdef vector[int32_t] block_keys
    cdef vector[Two] together            # pairs that are weighed whatever they share
    cdef vector[string] role_names
    cdef list roles                      # the same as texts

    def __cinit__(self):
        self.roles = []

    cdef int32_t _place(self, int64_t key) except -1:
        cdef int32_t place = self.places.place(key)
        cdef Key fresh
        if <size_t>place == self.held.size():
            fresh.key, fresh.before, fresh.role, fresh.asked, fresh.known = key, -1, -1, False, False
            self.held.push_back(fresh)
        return place

    cdef void _want(self, int32_t place) noexcept:
        if not self.held[place].asked:
            self.held[place].asked = True
            self.wanting.push_back(place)

    cdef int32_t _role(self, string_view name) except -1:
        cdef size_t i
        for i in range(self.role_names.size()):
            if name == string_view(self.role_names[i].data(), self.role_names[i].size()):
                return <int32_t>i
        self.role_names.push_back(string(name.data(), name.size()))
        self.roles.append(decoded(name))
        return <int32_t>(self.role_names.size() - 1)

    cdef void _name(self, int64_t key, int32_t role, vector[int32_t]& found) except *:
        cdef int32_t place = self._place(key)
        if self.held[place].role < 0:
            self.named.push_back(place)
        self.held[place].role = role
        self._want(place)
        found.push_back(place)

    cdef void _names(self, Packed record, vector[int32_t]& found) except *:
        """Identifiers of a record, by place, ascending."""
        cdef const CxmSaid* said
        cdef size_t at = 0, i
        cdef uint32_t value
        cdef int32_t role
        if record is None:
            return
        record.identify()
        said = &record.held
        for i in range(said.roles.size()):
            if not said.roles[i].identifier:
                continue
            role = self._role(said.at(said.roles[i].name))
            for value in range(said.roles[i].first, said.roles[i].last):
                self._name(said.keys[at], role, found)
                at += 1
        for i in range(said.others.size()):
            self._name(said.keys[at + i], self._role(said.at(said.others[i])), found)
        settle(found)

    cdef void _differ(self, int64_t node, vector[int32_t]& old, vector[int32_t]& new) except *:
        cdef vector[int32_t] came, went
        cdef Change change
        change.node = node
        set_difference(new.begin(), new.end(), old.begin(), old.end(), back_inserter(came))
        for place in came:
            change.key = place
            self.gained.push_back(change)
            self._want(place)
        set_difference(old.begin(), old.end(), new.begin(), new.end(), back_inserter(went))
        for place in went:
            change.key = place
            self.lost.push_back(change)
            self._want(place)

    def identify(self, int64_t node, Packed old, Packed new):
        """Files a record under its identifiers."""
        cdef vector[int32_t] before, after
        self._names(old, before)
        self._names(new, after)
        self._differ(node, before, after)

    def change(self, int64_t node, old not None, new not None):
        """Files a record under other keys than before."""
        cdef vector[int32_t] before, after
        for key in old:
            before.push_back(self._place(key))
        for key in new:
            after.push_back(self._place(key))
        settle(before)
        settle(after)
        self._differ(node, before, after)

    def mark(self):
        """Keys that change from now on are bounded in size."""
        self.first_gained, self.first_lost = self.gained.size(), self.lost.size()

    def wanted(self):
        """Keys of which has to be known who is under them."""
        cdef vector[int64_t] found
        found.reserve(self.wanting.size())
        for place in self.wanting:
            found.push_back(self.held[place].key)
        self.wanting.clear()
        sort(found.begin(), found.end())
        return list(found)

    def found(self, bytes rows not None):
        """Takes in who is under keys, and what the batch changes."""
        cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(rows)
        cdef Key* key
        cdef size_t i, j
        for i in range(<size_t>len(rows) // ROW):
            key = &self.held[self._place(read_number(at + i * ROW))]
            key.nodes.push_back(read_number(at + i * ROW + 8))
            key.known = True
        for i in range(self.undone, self.lost.size()):
            key = &self.held[self.lost[i].key]
            if key.before < 0:
                key.before = <int64_t>key.nodes.size()
            key.known = True
            for j in range(key.nodes.size()):
                if key.nodes[j] == self.lost[i].node:
                    key.nodes.erase(j)
                    break
        self.undone = self.lost.size()
        for i in range(self.applied, self.gained.size()):
            key = &self.held[self.gained[i].key]
            if key.before < 0:
                key.before = <int64_t>key.nodes.size()
            key.nodes.push_back(self.gained[i].node)
            key.known = key.known or key.nodes.size() > 1
        self.applied = self.gained.size()

    def rows(self):
        """Rows that the batch takes out, and that it puts in."""
        return rows_of(self.lost, self.held), rows_of(self.gained, self.held)

    def under(self, int64_t key):
        """Records under a key."""
        cdef int32_t place = self.places.find(key)
        cdef vector[int64_t] found
        if place >= 0:
            add_nodes(found, self.held[place])
        return list(found)

    # ---------------------------------------------------------------------------------------- who shares them

    def unknown(self, list records not None):
        """Identifiers of records of which it was not known who shares them."""
        cdef list found = []
        cdef Packed record
        cdef int32_t count
        cdef size_t i
        for held in records:
            record = <Packed?>held
            record.identify()
            for i in range(record.held.keys.size()):
                count = self.shared.size()
                if self.shared.place(record.held.keys[i]) == count:
                    found.append(record.held.keys[i])
        return found

    def unknown_before(self):
        """Identifiers of changed records of which it was not known who shared them."""
        cdef list found = []
        cdef const Key* key
        cdef int32_t count
        cdef int64_t before
        for place in self.named:
            key = &self.held[place]
            before = key.before if key.before >= 0 else <int64_t>key.nodes.size()
            count = self.shared.size()
            # What one record held at most was not shared, so that it need not be looked up.
            if self.shared.place(key.key) == count and before > 1:
                found.append(key.key)
        return found

    def sharers(self, size_t most):
        """Records under those identifiers that several are under."""
        cdef vector[int64_t] found
        cdef const Key* key
        for place in self.named:
            key = &self.held[place]
            if key.known and 1 < key.nodes.size() <= most:
                add_nodes(found, key[0])
        sort(found.begin(), found.end())
        found.erase(unique(found.begin(), found.end()), found.end())
        return list(found)

    def recounted(self, dict records not None, dict shared not None, size_t most, tuple proxies not None,
                  int64_t too_many):
        """Identifiers that other people are behind than before."""
        cdef list found = []
        cdef const Key* key
        cdef vector[const CxmSaid*] holders
        cdef vector[vector[CxmSought]] telling
        cdef size_t i
        cdef int64_t people
        for name in self.roles:
            telling.push_back(names_but(proxies, name))
        for place in self.named:
            key = &self.held[place]
            if not key.known:
                continue
            people = 1
            if key.nodes.size() > most:
                people = -1
            elif key.nodes.size() > 1:
                holders.clear()
                for i in range(key.nodes.size()):
                    holders.push_back(&(<Packed?>records[key.nodes[i]]).held)
                people = max(<int64_t>cxm_fewest_first(holders, telling[key.role]), 1)
                if people >= too_many:
                    people = -1
            if people != shared.get(key.key, 1):
                found.append((key.key, self.roles[key.role], people))
        return found

    # ---------------------------------------------------------------------------------------- whom they bring together

    def resized(self, size_t largest):
        """Records under bounded keys that the batch brings above or below a size."""
        cdef vector[int32_t] concerned
        cdef vector[int64_t] found
        cdef const Key* key
        cdef size_t i
        for i in range(self.first_gained, self.gained.size()):
            concerned.push_back(self.gained[i].key)
        for i in range(self.first_lost, self.lost.size()):
            concerned.push_back(self.lost[i].key)
        for place in concerned:
            key = &self.held[place]
            if key.before >= 0 and (<size_t>key.before > largest) != (key.nodes.size() > largest):
                add_nodes(found, key[0])
        return list(found)

    def bring(self, int64_t node, keys not None, int64_t most):
        """Says that a record is weighed against those that are under some keys."""
        cdef Block block
        cdef int32_t place
        block.node, block.most, block.first = node, most, self.block_keys.size()
        for key in keys:
            place = self._place(key)
            self._want(place)
            self.block_keys.push_back(place)
        block.last = self.block_keys.size()
        self.blocks.push_back(block)

    cdef int _bring_key(self, int64_t key, dict shared) except -1:
        cdef int32_t place
        if shared.get(key) != -1:
            place = self._place(key)
            self._want(place)
            self.block_keys.push_back(place)
        return 0

    def bring_named(self, Packed record not None, set roles not None, dict shared not None, int64_t most):
        """Says that a record is weighed against those that are under its identifiers."""
        cdef Block block
        cdef const CxmSaid* said
        cdef size_t at = 0, i
        cdef uint32_t j
        record.identify()
        said = &record.held
        block.node, block.most, block.first = record.number, most, self.block_keys.size()
        for i in range(said.roles.size()):
            if not said.roles[i].identifier:
                continue
            if role_name(said[0], said.roles[i].name) in roles:
                for j in range(said.roles[i].last - said.roles[i].first):
                    self._bring_key(said.keys[at + j], shared)
            at += said.roles[i].last - said.roles[i].first
        for i in range(said.others.size()):
            if role_name(said[0], said.others[i]) in roles:
                self._bring_key(said.keys[at + i], shared)
        block.last = self.block_keys.size()
        self.blocks.push_back(block)

    def bring_all(self, int64_t key):
        """Says that all under a key are weighed against each other."""
        cdef vector[int64_t] nodes
        cdef size_t i, j
        add_nodes(nodes, self.held[self._place(key)])
        sort(nodes.begin(), nodes.end())
        for i in range(nodes.size()):
            for j in range(i + 1, nodes.size()):
                self.together.push_back(Two(nodes[i], nodes[j]))

    def bring_pair(self, int64_t one, int64_t other):
        """Says that two records are weighed against each other."""
        self.together.push_back(Two(min(one, other), max(one, other)))

    def pairs(self):
        """Pairs of records that are to be weighed."""
        cdef vector[Two] found = self.together
        cdef const Key* key
        cdef size_t i, j, k
        cdef int64_t node
        cdef bytes made
        cdef uint8_t* at
        for i in range(self.blocks.size()):
            node = self.blocks[i].node
            for j in range(self.blocks[i].first, self.blocks[i].last):
                key = &self.held[self.block_keys[j]]
                if <int64_t>key.nodes.size() > self.blocks[i].most:
                    continue
                for k in range(key.nodes.size()):
                    if key.nodes[k] != node:
                        found.push_back(Two(min(node, key.nodes[k]), max(node, key.nodes[k])))
        sort(found.begin(), found.end())
        found.erase(unique(found.begin(), found.end()), found.end())
        made = PyBytes_FromStringAndSize(NULL, found.size() * ROW)
        at = <uint8_t*>PyBytes_AS_STRING(made)
        for i in range(found.size()):
            write_number(at + i * ROW, found[i].first)
            write_number(at + i * ROW + 8, found[i].second)
        return made


cdef void settle(vector[int32_t]& places) except *:
    """Puts places in order, each once."""
    sort(places.begin(), places.end())
    places.erase(unique(places.begin(), places.end()), places.end())


cdef vector[CxmSought] names_but(tuple names, object but) except *:
    cdef vector[CxmSought] found
    for name in names:
        if name != but:
            found.push_back(CxmSought(view(name)))
    return found
