"""Levels and adjustments of pairs of few records, compared where their values lie.

``few.pyi`` says what the class takes and gives.
"""

cimport cython
from libc.math cimport log2, pow
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libcpp.deque cimport deque
from libcpp.unordered_map cimport unordered_map
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

import numpy as np

from cxm_sdk._native.contents cimport CxmRole, CxmSaid, Packed, string_view
from cxm_sdk._native.few_values cimport Value, contains, decoded, equal, known, local_of, same_area, view
from cxm_sdk._native.pair_model cimport ADDRESS, Compared, PairModel, Rarity
from cxm_sdk._native.rapidfuzz_capi cimport RF_UINT8, RF_UINT32
from cxm_sdk._native.strings cimport is_part, within_one_edit

cdef enum:
    HOLDS_FIRST = 1
    HOLDS_LAST = 2

# The highest level of each kind of comparison, which is that of equal values.
cdef int[7] EXACT
EXACT[:] = [6, 5, 4, 4, 2, 6, 0]


cdef struct Row:
    # Where the values of a record lie, role by role, and the end of those that came as such: one more than their last.
    vector[size_t] starts
    vector[size_t] own   # 0 where nothing is derived
    string_view source
    double first, last
    uint8_t held  # which names its first address holds


@cython.final
@cython.auto_pickle(False)
cdef class Few:
    """Some records, laid out for a model."""

    cdef PairModel model
    cdef list records, kept
    cdef vector[Value] values
    cdef vector[Row] rows
    cdef deque[vector[uint32_t]] wide
    cdef vector[unordered_map[string_view, double]] people  # bits by value, by role
    cdef vector[unordered_set[string_view]] muted

    def __init__(self, PairModel model not None, list records not None, roles not None, dict shared not None,
                 dict derived not None):
        cdef unordered_set[string_view] identifiers
        cdef unordered_map[int64_t, int64_t] counts
        cdef size_t r
        self.model, self.records, self.kept = model, records, [derived]
        self.muted.resize(model.names.size())
        self.people.resize(model.names.size())
        if shared:
            for role in roles:
                identifiers.insert(view(role))
            for key, count in shared.items():
                counts[key] = count
            for record in records:
                self.find_shared(record, identifiers, counts)
        self.rows.resize(len(records))
        for r in range(self.rows.size()):
            self.read(r, derived)

    cdef int find_shared(self, record, unordered_set[string_view]& roles,
                         unordered_map[int64_t, int64_t]& counts) except -1:
        """Finds those of a record's values that several people, or too many, share."""
        cdef const CxmSaid* held = &(<Packed?>record).held
        cdef const CxmRole* role
        cdef list keys = list(record.keys)
        cdef size_t i, j, at = 0, size = len(keys)
        cdef bint any_shared = False
        for i in range(size):
            any_shared = any_shared or counts.count(<int64_t>keys[i]) != 0
        if not any_shared:
            return 0
        for i in range(held.roles.size()):
            role = &held.roles[i]
            if not roles.count(held.at(role.name)):
                continue
            for j in range(role.first, role.last):
                if counts.count(<int64_t>keys[at]):
                    self.share(held.at(role.name), held.at(held.values[j]), counts[<int64_t>keys[at]])
                at += 1
        for i in range(at, size if self.kept[0] else at):  # digests are worked out only where they are compared
            if counts.count(<int64_t>keys[i]):
                name, value, _ = record.identifiers[i]
                self.kept.append((name, value))
                self.share(view(name), view(value), counts[<int64_t>keys[i]])
        return 0

    cdef int share(self, string_view role, string_view value, int64_t people) except -1:
        cdef size_t number
        if self.model.places.count(role):
            number = self.model.places[role]
            if people < 0:
                self.muted[number].insert(value)
            elif people > 1:
                self.people[number][value] = <float>(-log2(people))  # in 32 bits, as the batch side has them
        return 0

    cdef int read(self, size_t number, dict derived) except -1:
        """Takes in what one record says."""
        cdef Row* row = &self.rows[number]
        cdef const CxmSaid* held = &(<Packed?>self.records[number]).held
        cdef const CxmRole* role
        cdef vector[const CxmRole*] said  # by the number of the role
        cdef size_t r, i
        cdef list own
        cdef string_view text
        record = self.records[number]
        row.source, row.first, row.last = view(record.source), record.first, record.last
        said.assign(self.model.names.size(), NULL)
        for r in range(held.roles.size()):
            if self.model.places.count(held.at(held.roles[r].name)):
                said[self.model.places[held.at(held.roles[r].name)]] = &held.roles[r]
        row.starts.reserve(said.size() + 1)
        row.own.reserve(said.size())
        for r in range(said.size()):
            row.starts.push_back(self.values.size())
            role = said[r]
            own = None if not derived else derived.get(self.model.roles[r])
            if role != NULL:
                for i in range(role.first, role.last):
                    text = held.at(held.values[i])
                    if own is None or decoded(text) not in own[number]:
                        self.add(text, r)
            row.own.push_back(self.values.size() + 1 if own is not None else 0)
            if own is not None:
                for digest in own[number]:
                    self.add(view(digest), r)
        row.starts.push_back(self.values.size())
        self.find_held(row)

    cdef int add(self, string_view text, size_t role) except -1:
        cdef Value value
        cdef size_t i, more
        cdef uint8_t lead
        cdef uint32_t code
        cdef bint narrow = True
        value.bytes = text
        for i in range(text.size()):
            narrow = narrow and <uint8_t>text.data()[i] < 0x80
        value.text.dtor = NULL
        value.text.context = NULL
        value.text.kind, value.text.data, value.text.length = RF_UINT8, <void*>text.data(), text.size()
        if text.size() == 0 or self.muted[role].count(text) or self.model.ignored[role].count(text):
            value.bytes = string_view()
        elif not narrow:
            self.wide.push_back(vector[uint32_t]())
            i = 0
            while i < text.size():
                lead = <uint8_t>text.data()[i]
                more = 0 if lead < 0x80 else 1 if lead < 0xE0 else 2 if lead < 0xF0 else 3
                code = lead if more == 0 else lead & (0x3F >> more)
                while more:
                    i += 1
                    more -= 1
                    code = code << 6 | (<uint8_t>text.data()[i] & 0x3F)
                self.wide.back().push_back(code)
                i += 1
            value.text.kind, value.text.data = RF_UINT32, self.wide.back().data()
            value.text.length = self.wide.back().size()
        self.values.push_back(value)
        return 0

    cdef const Value* at(self, const Row* row, int role, size_t slot) noexcept nogil:
        """A value of a record; NULL for none."""
        cdef const Value* value
        if role < 0 or slot >= row.starts[role + 1] - row.starts[role]:
            return NULL
        value = &self.values[row.starts[role] + slot]
        return value if known(value) else NULL

    cdef size_t slots(self, const Row* row, int role) noexcept nogil:
        return row.starts[role + 1] - row.starts[role]

    cdef void find_held(self, Row* row) noexcept:
        """Finds out which names of a record the local part of its first address holds."""
        cdef const Value* email = self.at(row, self.model.email, 0)
        cdef const Value* name = self.at(row, self.model.first_name, 0)
        row.held = 0
        if email == NULL:
            return
        if name != NULL and contains(local_of(email), name.bytes):
            row.held |= HOLDS_FIRST
        name = self.at(row, self.model.last_name, 0)
        if name != NULL and contains(local_of(email), name.bytes):
            row.held |= HOLDS_LAST

    cdef int column_level(self, const Compared* compared, const Row* a, const Row* b) except -1:
        """The best level of any two values of a role."""
        cdef int found = 0
        cdef size_t i, j
        cdef const Value* one
        cdef const Value* other
        if compared.kind == ADDRESS:
            return self.address_level(a, b)
        for i in range(self.slots(a, compared.role)):
            one = self.at(a, compared.role, i)
            if one == NULL:
                continue
            for j in range(self.slots(b, compared.role)):
                other = self.at(b, compared.role, j)
                if other == NULL:
                    continue
                # Digests of what is known in clear are not compared with each other: what was hashed is.
                if self.is_derived(a, compared.role, i) and self.is_derived(b, compared.role, j):
                    continue
                if equal(one, other):
                    return EXACT[compared.kind]
                found = max(found, self.model.level(compared, one, other))
        return found

    cdef bint is_derived(self, const Row* row, int role, size_t slot) noexcept nogil:
        return row.own[role] != 0 and row.starts[role] + slot + 1 >= row.own[role]

    cdef size_t most(self, const Row* a, const Row* b, int role) noexcept nogil:
        return max(self.slots(a, role), self.slots(b, role), <size_t>1)

    cdef const Value* part(self, const Row* row, int role, size_t address, size_t most) noexcept nogil:
        """A part of an address: those of one stand in the same slot, and the last goes with all that follow."""
        return self.at(row, role, min(address, most - 1))

    cdef int address_level(self, const Row* a, const Row* b) except -1:
        cdef PairModel model = self.model
        cdef size_t streets = self.most(a, b, model.street), numbers = self.most(a, b, model.house_number)
        cdef size_t postcodes = self.most(a, b, model.postcode), cities = self.most(a, b, model.city), i, j
        cdef int found = 0, outer, inner
        for i in range(max(streets, postcodes, cities)):
            for j in range(max(streets, postcodes, cities)):
                outer = self.street_level(
                    self.part(a, model.street, i, streets), self.part(b, model.street, j, streets),
                    self.part(a, model.house_number, i, numbers), self.part(b, model.house_number, j, numbers),
                )
                inner = self.place_level(
                    self.part(a, model.postcode, i, postcodes), self.part(b, model.postcode, j, postcodes),
                    self.part(a, model.city, i, cities), self.part(b, model.city, j, cities),
                )
                found = max(found, 5 * outer + inner)
        return found

    cdef int street_level(self, const Value* a, const Value* b, const Value* number, const Value* other) except -1:
        cdef bint both = number != NULL and other != NULL
        cdef bint same = both and equal(number, other)
        if a == NULL or b == NULL:
            return 0
        if equal(a, b):
            return 5 if same else 2 if both else 3
        if self.model.alike(a, b, self.model.close) >= self.model.close or is_part(&a.text, &b.text):
            return 4 if same else 2
        return 1

    cdef int place_level(self, const Value* a, const Value* b, const Value* city, const Value* other) noexcept nogil:
        cdef bint coded = a != NULL and b != NULL, named = city != NULL and other != NULL
        if coded and equal(a, b):
            return 4
        if named and equal(city, other):
            return 3
        if coded and (same_area(a, b) or (min(a.text.length, b.text.length) and within_one_edit(&a.text, &b.text))):
            return 2
        if named and min(city.text.length, other.text.length) >= 4 and within_one_edit(&city.text, &other.text):
            return 2
        return 1 if coded or named else 0

    cdef void join_rules(self, const Row* a, const Row* b, uint8_t* levels) noexcept:
        """Names that stand in each other's place, and addresses that only repeat what names have said already."""
        cdef PairModel model = self.model
        cdef const Value* first = self.at(a, model.first_name, 0)
        cdef const Value* other_first = self.at(b, model.first_name, 0)
        cdef const Value* last = self.at(a, model.last_name, 0)
        cdef const Value* other_last = self.at(b, model.last_name, 0)
        cdef uint8_t held = a.held | b.held, email
        if model.first_column < 0 or model.last_column < 0:
            return
        if model.swapped >= 0 and first != NULL and last != NULL and other_first != NULL and other_last != NULL:
            if equal(first, other_last) and equal(last, other_first) and not equal(first, other_first):
                levels[model.first_column], levels[model.last_column] = <uint8_t>model.swapped, 0
        if model.email_column < 0 or not held:
            return
        email = levels[model.email_column]
        if email <= 1 or email >= 4:
            return
        if levels[model.first_column] >= 2 and levels[model.last_column] >= 2:
            levels[model.email_column] = 0
        elif email <= 2 and (
            (held & HOLDS_FIRST and levels[model.first_column] != 1)
            or (held & HOLDS_LAST and levels[model.last_column] != 1)
        ):
            levels[model.email_column] = 0

    cdef double adjustment(self, const Rarity* rarity, const Row* a, const Row* b) except? -1.0:
        """Bits of a shared value: of the first that has any."""
        cdef size_t i, j
        cdef const Value* one
        cdef const Value* other
        cdef double found
        for i in range(self.slots(a, rarity.role)):
            one = self.at(a, rarity.role, i)
            for j in range(self.slots(b, rarity.role) if one != NULL else 0):
                other = self.at(b, rarity.role, j)
                if other == NULL or not equal(one, other):
                    continue
                if rarity.shared:
                    found = self.people[rarity.role][one.bytes] if self.people[rarity.role].count(one.bytes) else 0.0
                else:
                    found = rarity.bits.at(one.bytes) if rarity.bits.count(one.bytes) else rarity.rest
                if found != 0.0:
                    return found
        return 0.0

    def compare(self, const int32_t[::1] left not None, const int32_t[::1] right not None):
        """Finds levels and adjustments of pairs."""
        cdef Py_ssize_t i, c, k, n = left.shape[0], width = self.model.width
        cdef const Row* a
        cdef const Row* b
        cdef const Rarity* rarity
        levels, adjusted = np.zeros((n, width), np.uint8), np.zeros((n, self.model.rarities.size()))
        across = np.zeros(n, np.uint8)
        cdef uint8_t[:, ::1] reached_levels = levels
        cdef double[:, ::1] bits = adjusted
        cdef uint8_t[::1] apart = across
        if right.shape[0] != n:
            raise ValueError(f"expected {n} pairs on both sides, got {right.shape[0]}")
        for i in range(n):
            if not 0 <= min(left[i], right[i]) <= max(left[i], right[i]) < <Py_ssize_t>self.rows.size():
                raise IndexError(f"expected records below {self.rows.size()}")
            a, b = &self.rows[left[i]], &self.rows[right[i]]
            apart[i] = a.source != b.source
            for c in range(width):
                reached_levels[i, c] = self.column_level(&self.model.comparisons[c], a, b)
            if width:
                self.join_rules(a, b, &reached_levels[i, 0])
            for k in range(<Py_ssize_t>self.model.rarities.size()):
                rarity = &self.model.rarities[k]
                if rarity.at_level[reached_levels[i, rarity.column]]:
                    bits[i, k] = self.adjustment(rarity, a, b)
        return levels, adjusted, across

    def lost(self, const int32_t[::1] left not None, const int32_t[::1] right not None,
             const uint8_t[:, ::1] levels not None, dict half_lives not None, const double[:, ::1] match_bits not None,
             const double[:, ::1] household_bits not None):
        """Finds what agreements lose because time has passed."""
        cdef Py_ssize_t i, n = left.shape[0], k = 0, column
        cdef double gap, faded, half_life
        cdef const Row* a
        cdef const Row* b
        cdef double[:, :, ::1] out
        cdef uint8_t level
        found = np.zeros((len(half_lives), 2, n))
        out = found
        for column, half_life in half_lives.items():
            for i in range(n):
                level = levels[i, column]
                a, b = &self.rows[left[i]], &self.rows[right[i]]
                gap = max(0.0, a.first - b.last, b.first - a.last) / 1e6
                if level and gap > 0.0:
                    faded = 1.0 - pow(2.0, -gap / half_life)
                    out[k, 0, i] = max(match_bits[column, level], 0.0) * faded
                    out[k, 1, i] = max(household_bits[column, level], 0.0) * faded
            k += 1
        return found

    def sources(self):
        """Numbers the sources of the records."""
        cdef unordered_map[string_view, int32_t] numbers
        cdef size_t i
        found = np.empty(self.rows.size(), np.int32)
        cdef int32_t[::1] out = found
        for i in range(self.rows.size()):
            if not numbers.count(self.rows[i].source):
                numbers[self.rows[i].source] = <int32_t>numbers.size()
            out[i] = numbers[self.rows[i].source]
        return found

    def single(self, str role not None, list members not None):
        """Gives the records of groups one number for all values that they have of a role."""
        cdef unordered_map[string_view, size_t] numbers
        cdef vector[size_t] parent
        cdef const Row* row
        cdef const Value* value
        cdef size_t place, before, i
        cdef int number = self.model.numbers[role]
        found = np.full(self.rows.size(), -1, np.int32)
        cdef int32_t[::1] out = found
        for own in members:
            numbers.clear()  # one value in two groups counts as two
            for place in own:
                row = &self.rows[place]
                before = 0
                for i in range(self.slots(row, number)):
                    value = self.at(row, number, i)
                    if value == NULL:
                        continue
                    if not numbers.count(value.bytes):
                        numbers[value.bytes] = parent.size()
                        parent.push_back(parent.size())
                    if before:
                        join(parent, before - 1, numbers[value.bytes])
                    before = numbers[value.bytes] + 1
                if before:
                    out[place] = <int32_t>(before - 1)
            for place in own:
                if out[place] >= 0:
                    out[place] = <int32_t>root(parent, out[place])
        return found


cdef size_t root(vector[size_t]& parent, size_t number) noexcept nogil:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


cdef void join(vector[size_t]& parent, size_t a, size_t b) noexcept nogil:
    a, b = root(parent, a), root(parent, b)
    parent[max(a, b)] = min(a, b)
