"""Few records laid out for a model, and their pairs compared where their values lie.

``few.pyi`` says what the class takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_Next
from cpython.object cimport PyObject
from cython.operator cimport dereference
from libc.math cimport log2, pow
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport CxmRole, CxmSaid, Packed, decoded, string_view, view
from cxm_sdk._native.few_values cimport HOLDS_FIRST, HOLDS_LAST, IS_FIRST, IS_LAST, Value, equal, head_of, holding, known
from cxm_sdk._native.few_values cimport local_of
from cxm_sdk._native.joining cimport log2_of_sum
from cxm_sdk._native.packing cimport ROW, read_number
from cxm_sdk._native.pair_model cimport ADDRESS, Compared, PairModel, Rarity
from cxm_sdk._native.profiles cimport ALIKE, HOUSEHOLD, LANES, MATCH, Evidence
from cxm_sdk._native.rapidfuzz_capi cimport RF_UINT8, RF_UINT32
from cxm_sdk._native.weighing cimport Weighing


cdef extern from "curve.hpp":
    double log2_of_one_plus "cxm_log2_of_one_plus" (double x) noexcept nogil


# The highest level of each kind of comparison, which is that of equal values.
cdef int[7] EXACT
EXACT[:] = [6, 5, 4, 4, 2, 6, 0]


@cython.final
@cython.auto_pickle(False)
cdef class Few:
    """Some records, laid out for a model."""

    def __init__(self, Weighing rules not None, dict shared not None):
        self.rules, self.model, self.shared = rules, rules.model, shared
        self.records, self.kept = [], []
        self.roles = self.model.names.size()
        self.muted.resize(self.roles)
        self.people.resize(self.roles)
        self.levels.assign(rules.evidence.width, 0)
        self.adjusted.assign(rules.evidence.columns.size(), 0.0)
        self.lost.assign(2 * rules.fading.size(), 0.0)

    def add(self, records not None):
        """Lays out those of some records that do not lie here yet."""
        cdef Packed record
        self.count()
        for held in records:
            record = <Packed?>held
            if self.places.find(record.number) < 0:
                self.read(record)

    cdef int count(self) except -1:
        """Takes in who shares identifiers."""
        cdef Py_ssize_t at = 0
        cdef PyObject* key
        cdef PyObject* people
        self.counted = CxmIndexed()
        self.counts.clear()
        while PyDict_Next(self.shared, &at, &key, &people):
            self.counted.place(<object>key)
            self.counts.push_back(<object>people)
        return 0

    cdef int32_t place(self, int64_t number) except -1:
        cdef int32_t found = self.places.find(number)
        if found < 0:
            raise KeyError("expected numbers of records that are laid out")
        return found

    cdef bint before(self, int32_t a, int32_t b) noexcept nogil:
        """Whether a record stands before another in canonical order."""
        cdef const Row* one = &self.rows[a]
        cdef const Row* other = &self.rows[b]
        if one.source_head != other.source_head:
            return one.source_head < other.source_head
        if one.source != other.source:
            return one.source < other.source
        if one.name_head != other.name_head:
            return one.name_head < other.name_head
        return one.name < other.name

    cdef int find_shared(self, Packed record) except -1:
        """Finds those of a record's values that several people, or too many, share."""
        cdef const CxmSaid* held = &record.held
        cdef const CxmRole* role
        cdef size_t at = 0, i, j
        cdef int32_t place
        record.identify()
        for i in range(held.roles.size()):
            role = &held.roles[i]
            if not role.identifier:
                continue
            for j in range(role.first, role.last):
                place = self.counted.find(held.keys[at])
                if place >= 0:
                    self.share(self.model.place_of(held[0], role.name), held.at(held.values[j]), self.counts[place])
                at += 1
        return 0

    cdef int share(self, int role, string_view value, int64_t people) except -1:
        if role >= 0 and people < 0:
            self.muted[role].insert(value)
        elif role >= 0 and people > 1:
            self.people[role][value] = <float>(-log2(people))  # in 32 bits, as the batch side has them
        return 0

    cdef int read(self, Packed record) except -1:
        """Takes in what one record says."""
        cdef const CxmSaid* held = &record.held
        cdef int32_t place = <int32_t>self.rows.size()
        cdef size_t r, i
        cdef int number
        cdef Part part
        cdef Row row
        self.records.append(record)
        row.source, row.name = held.at(held.source), held.at(held.id)
        row.source_head, row.name_head = head_of(row.source), head_of(row.name)
        row.first, row.last, row.held, row.derived = record.first, record.last, 0, False
        if not self.counts.empty():
            self.find_shared(record)
        part.first = part.own = part.last = 0
        self.parts.resize(self.parts.size() + self.roles, part)
        for r in range(held.roles.size()):
            number = self.model.place_of(held[0], held.roles[r].name)
            if number < 0:
                continue
            part.first = <uint32_t>self.values.size()
            for i in range(held.roles[r].first, held.roles[r].last):
                self.add_value(held.at(held.values[i]), number)
            part.own = part.last = <uint32_t>self.values.size()
            self.parts[place * self.roles + number] = part
        self.rows.push_back(row)
        self.places.place(record.number)
        self.find_held(place)
        return 0

    cdef int derive(self, int32_t place) except -1:
        """Works out under which digests others may know what a record knows in clear."""
        cdef size_t i
        cdef uint32_t j
        cdef int number
        cdef Part* part
        cdef Part before
        cdef list named, digests
        if self.rows[place].derived:
            return 0
        self.rows[place].derived = True
        record = self.records[place]
        named = record.identifiers
        self.kept.append(named)
        for role, value, key in named[len(record.named):]:
            people = self.shared.get(key)
            if people is not None and role in self.model.numbers:
                self.share(self.model.numbers[role], view(value), people)
        for i in range(self.rules.digests.size()):
            number, digests = self.rules.digests[i], record.derived(self.rules.digest_names[i])
            self.kept.append(digests)
            part = &self.parts[place * self.roles + number]
            before = part[0]
            part.first = <uint32_t>self.values.size()
            for j in range(before.first, before.last):
                # Values that count as missing may stay: they are compared with nothing.
                if not known(&self.values[j]) or decoded(self.values[j].bytes) not in digests:
                    self.values.push_back(self.values[j])
            part.own = <uint32_t>self.values.size()
            for digest in digests:
                self.add_value(view(digest), number)
            part.last = <uint32_t>self.values.size()
        return 0

    cdef int add_value(self, string_view text, size_t role) except -1:
        cdef Value value
        cdef size_t i, more
        cdef uint8_t lead
        cdef uint32_t code
        cdef uint8_t high = 0
        value.bytes = text
        value.groups = NULL
        value.grouped = False
        for i in range(text.size()):
            high |= <uint8_t>text.data()[i]
        value.text.dtor = NULL
        value.text.context = NULL
        value.text.kind, value.text.data, value.text.length = RF_UINT8, <void*>text.data(), text.size()
        if (
            text.size() == 0 or (not self.muted[role].empty() and self.muted[role].count(text))
            or (not self.model.ignored[role].empty() and self.model.ignored[role].count(text))
        ):
            value.bytes = string_view()
        elif high & 0x80:
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

    cdef const Value* at(self, int32_t row, int role, size_t slot) noexcept nogil:
        """A value of a record; NULL for none."""
        cdef const Value* value
        cdef const Part* part
        if role < 0:
            return NULL
        part = &self.parts[row * self.roles + role]
        if slot >= part.last - part.first:
            return NULL
        value = &self.values[part.first + slot]
        return value if known(value) else NULL

    cdef size_t slots(self, int32_t row, int role) noexcept nogil:
        cdef const Part* part = &self.parts[row * self.roles + role]
        return part.last - part.first

    cdef void find_held(self, int32_t place) noexcept:
        """Finds out which names of a record the local part of its first address holds."""
        cdef Row* row = &self.rows[place]
        cdef const Value* email = self.at(place, self.model.email, 0)
        cdef const Value* name = self.at(place, self.model.first_name, 0)
        row.held = 0
        if email == NULL:
            return
        if name != NULL:
            row.held |= holding(local_of(email), name.bytes) * HOLDS_FIRST
        name = self.at(place, self.model.last_name, 0)
        if name != NULL:
            row.held |= holding(local_of(email), name.bytes) * HOLDS_LAST

    cdef int column_level(self, const Compared* compared, int32_t a, int32_t b) except -1:
        """The best level of any two values of a role."""
        cdef int found = 0
        cdef uint32_t i, j
        cdef const Part* ours
        cdef const Part* theirs
        cdef const Value* one
        cdef const Value* other
        if compared.kind == ADDRESS:
            return self.address_level(a, b)
        ours = &self.parts[a * self.roles + compared.role]
        theirs = &self.parts[b * self.roles + compared.role]
        for i in range(ours.first, ours.last):
            one = &self.values[i]
            if not known(one):
                continue
            for j in range(theirs.first, theirs.last):
                other = &self.values[j]
                # Digests of what is known in clear are not compared with each other: what was hashed is.
                if not known(other) or (i >= ours.own and j >= theirs.own):
                    continue
                if equal(one, other):
                    return EXACT[compared.kind]
                found = max(found, self.model.level(compared, one, other))
        return found

    cdef size_t most(self, int32_t a, int32_t b, int role) noexcept nogil:
        return max(self.slots(a, role), self.slots(b, role), <size_t>1)

    cdef const Value* part(self, int32_t row, int role, size_t address, size_t most) noexcept nogil:
        """A part of an address: those of one stand in the same slot, and the last goes with all that follow."""
        return self.at(row, role, min(address, most - 1))

    cdef int address_level(self, int32_t a, int32_t b) except -1:
        cdef PairModel model = self.model
        cdef size_t streets = self.most(a, b, model.street), numbers = self.most(a, b, model.house_number)
        cdef size_t postcodes = self.most(a, b, model.postcode), cities = self.most(a, b, model.city), i, j
        cdef int found = 0, outer, inner
        for i in range(max(streets, postcodes, cities)):
            for j in range(max(streets, postcodes, cities)):
                outer = model.street_level(
                    self.part(a, model.street, i, streets), self.part(b, model.street, j, streets),
                    self.part(a, model.house_number, i, numbers), self.part(b, model.house_number, j, numbers),
                )
                inner = model.place_level(
                    self.part(a, model.postcode, i, postcodes), self.part(b, model.postcode, j, postcodes),
                    self.part(a, model.city, i, cities), self.part(b, model.city, j, cities),
                )
                found = max(found, 5 * outer + inner)
        return found

    cdef void join_rules(self, int32_t a, int32_t b, uint8_t* levels) noexcept:
        """Names that stand in each other's place, and addresses that only repeat what names have said already."""
        cdef PairModel model = self.model
        cdef const Value* first = self.at(a, model.first_name, 0)
        cdef const Value* other_first = self.at(b, model.first_name, 0)
        cdef const Value* last = self.at(a, model.last_name, 0)
        cdef const Value* other_last = self.at(b, model.last_name, 0)
        cdef uint8_t held = self.rows[a].held | self.rows[b].held, email
        if model.first_column < 0 or model.last_column < 0:
            return
        if model.swapped >= 0 and first != NULL and last != NULL and other_first != NULL and other_last != NULL:
            if equal(first, other_last) and equal(last, other_first) and not equal(first, other_first):
                levels[model.first_column], levels[model.last_column] = <uint8_t>model.swapped, 0
        elif model.swapped >= 0 and first != NULL and other_first != NULL and not equal(first, other_first):
            if (last != NULL and equal(last, other_first)) or (other_last != NULL and equal(other_last, first)):
                levels[model.first_column] = 0
        if model.email_column < 0 or not held:
            return
        email = levels[model.email_column]
        if email <= 1 or email >= 4:
            return
        if levels[model.first_column] >= 2 and (levels[model.last_column] >= 2 or held & IS_FIRST):
            levels[model.email_column] = 0
        elif held & IS_LAST and levels[model.last_column] >= 2:
            levels[model.email_column] = 0
        elif email <= 2 and (
            (held & HOLDS_FIRST and levels[model.first_column] != 1)
            or (held & HOLDS_LAST and levels[model.last_column] != 1)
        ):
            levels[model.email_column] = 0

    cdef double worth(self, const Rarity* rarity, string_view value) noexcept:
        """Bits of one shared value."""
        cdef unordered_map[string_view, double]* known = &self.people[rarity.role]
        if not rarity.shared:
            known = <unordered_map[string_view, double]*>&rarity.bits
        held = known.find(value)
        if held != known.end():
            return dereference(held).second
        return 0.0 if rarity.shared else rarity.rest

    cdef double adjustment(self, const Rarity* rarity, int32_t a, int32_t b) except? -1.0:
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
                found = self.worth(rarity, one.bytes)
                if found != 0.0:
                    return found
        return 0.0

    cdef int compare(self, int32_t left, int32_t right) except -1:
        """Finds out what a pair says, and keeps it until the next one."""
        cdef int32_t pair = self.known_pairs.find(<int64_t>left << 32 | right)
        if pair >= 0:
            self.recall(pair)
            return 0
        return self.compare_anew(left, right)

    cdef int compare_anew(self, int32_t left, int32_t right) except -1:
        cdef Py_ssize_t c, k, width = self.model.width, rarities = self.model.rarities.size()
        cdef size_t d
        cdef const Rarity* rarity
        cdef const Part* ours
        cdef const Part* theirs
        for d in range(self.rules.digests.size()):
            ours = &self.parts[left * self.roles + self.rules.digests[d]]
            theirs = &self.parts[right * self.roles + self.rules.digests[d]]
            # Only beside digests that came as such do derived ones say anything.
            if ours.first < ours.own or theirs.first < theirs.own:
                self.derive(left)
                self.derive(right)
                break
        self.across = self.rows[left].source != self.rows[right].source
        for c in range(width):
            self.levels[c] = self.column_level(&self.model.comparisons[c], left, right)
        if width:
            self.join_rules(left, right, self.levels.data())
        for k in range(rarities):
            rarity = &self.model.rarities[k]
            self.adjusted[k] = 0.0
            if rarity.at_level[self.levels[rarity.column]]:
                self.adjusted[k] = self.adjustment(rarity, left, right)
        for k in range(<Py_ssize_t>self.rules.fading.size()):
            self.fade(k, &self.rows[left], &self.rows[right])
            # Of what has aged, the match loses more than the household, and each has an adjustment of its own.
            self.adjusted[rarities + 2 * k] = self.lost[2 * k + 1] - self.lost[2 * k]
            self.adjusted[rarities + 2 * k + 1] = -self.lost[2 * k + 1]
        return 0

    cdef int remember(self, int32_t left, int32_t right) except -1:
        """Keeps what was found out about the pair that was compared last: groups are made of such pairs."""
        if <size_t>self.known_pairs.place(<int64_t>left << 32 | right) < self.known_across.size():
            return 0
        self.known_across.push_back(self.across)
        self.known_levels.insert(self.known_levels.end(), self.levels.begin(), self.levels.end())
        self.known_bits.insert(self.known_bits.end(), self.adjusted.begin(), self.adjusted.end())
        self.known_bits.insert(self.known_bits.end(), self.lost.begin(), self.lost.end())
        return 0

    cdef void recall(self, size_t pair) noexcept:
        """Takes up again what was found out about a pair."""
        cdef const uint8_t* levels = &self.known_levels[pair * self.levels.size()]
        cdef const double* bits
        self.across = self.known_across[pair]
        self.levels.assign(levels, levels + self.levels.size())
        if self.adjusted.size():
            bits = &self.known_bits[pair * (self.adjusted.size() + self.lost.size())]
            self.adjusted.assign(bits, bits + self.adjusted.size())
            self.lost.assign(bits + self.adjusted.size(), bits + self.adjusted.size() + self.lost.size())

    cdef void fade(self, Py_ssize_t k, const Row* a, const Row* b) noexcept:
        """Finds what an agreement has lost because time has passed between the two observations."""
        cdef Evidence evidence = self.rules.evidence
        cdef Py_ssize_t column = self.rules.fading[k].column
        cdef uint8_t level = self.levels[column]
        cdef double gap = max(0.0, a.first - b.last, b.first - a.last) / 1e6, faded
        cdef const double* bits = &evidence.levels[(column * evidence.most + level) * LANES]
        self.lost[2 * k] = self.lost[2 * k + 1] = 0.0
        if level and gap > 0.0:
            faded = 1.0 - pow(2.0, -gap / self.rules.fading[k].half_life)
            self.lost[2 * k] = max(bits[MATCH], 0.0) * faded
            self.lost[2 * k + 1] = max(bits[HOUSEHOLD], 0.0) * faded

    cdef int weights(self, double* match_out, double* household_out) noexcept:
        """Sums the bits of the pair that was compared last, as the batch side does to the last bit."""
        cdef Evidence evidence = self.rules.evidence
        cdef const double* bits
        cdef Py_ssize_t c, k, kind, at, rarities = self.model.rarities.size()
        cdef double match = evidence.priors[self.across * LANES + MATCH]
        cdef double household = evidence.priors[self.across * LANES + HOUSEHOLD], odds
        cdef bint aged = False
        for k in range(<Py_ssize_t>self.lost.size()):
            aged = aged or self.lost[k] != 0.0
        for c in range(self.model.width):
            bits = &evidence.levels[(c * evidence.most + self.levels[c]) * LANES]
            match += bits[MATCH]
            household += bits[HOUSEHOLD]
        for k in range(rarities):
            match += self.adjusted[k]
            household += self.adjusted[k] * evidence.shares[k * LANES + HOUSEHOLD]
        for k in range(<Py_ssize_t>self.rules.fading.size()):
            match -= self.lost[2 * k]
            household -= self.lost[2 * k + 1]
        household_out[0] = household
        match_out[0] = match - (log2_of_sum(household) if aged else log2_of_one_plus(household))
        if match_out[0] < self.rules.floor:
            return 0
        for kind in range(ALIKE, ALIKE + evidence.kinds):
            odds = evidence.priors[self.across * LANES + kind]
            for c in range(self.model.width):
                odds += evidence.levels[(c * evidence.most + self.levels[c]) * LANES + kind]
            for k in range(rarities):
                odds += self.adjusted[k] * evidence.shares[k * LANES + kind]
            for k in range(<Py_ssize_t>self.rules.fading.size()):
                at = rarities + 2 * k
                odds -= self.lost[2 * k] * evidence.shares[at * LANES + kind]
            odds -= household_out[0]
            household_out[0] += log2_of_sum(odds) if aged else log2_of_one_plus(odds)
        match_out[0] = match - (log2_of_sum(household_out[0]) if aged else log2_of_one_plus(household_out[0]))
        return 0

    def weigh(self, bytes pairs not None):
        """Weighs pairs."""
        cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(pairs)
        cdef Py_ssize_t i, count = len(pairs) // ROW
        cdef bytes found = PyBytes_FromStringAndSize(NULL, count * 2 * sizeof(double))
        cdef double* bits = <double*>PyBytes_AS_STRING(found)
        cdef int32_t a, b
        for i in range(count):
            a, b = self.place(read_number(at + i * ROW)), self.place(read_number(at + i * ROW + 8))
            if self.before(b, a):
                a, b = b, a
            self.compare_anew(a, b)
            self.remember(a, b)
            self.weights(bits + 2 * i, bits + 2 * i + 1)
        return found

    def terms(self, one not None, other not None):
        """What two records say, term by term."""
        cdef double match = 0.0, household = 0.0
        cdef int32_t a = self.place(one), b = self.place(other)
        if self.before(b, a):
            a, b = b, a
        self.compare(a, b)
        self.weights(&match, &household)
        return (
            [self.levels[c] for c in range(self.model.width)],
            [self.adjusted[k] for k in range(<Py_ssize_t>self.model.rarities.size())],
            bool(self.across),
            [(self.lost[2 * k], self.lost[2 * k + 1]) for k in range(<Py_ssize_t>self.rules.fading.size())],
            match,
            household,
        )
