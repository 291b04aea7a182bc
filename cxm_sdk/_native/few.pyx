"""Levels and adjustments of pairs of few records, compared where their values lie.

``few.pyi`` says what each class takes and gives.
"""

cimport cython
from libc.math cimport log2, pow
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libcpp.algorithm cimport sort, unique
from libcpp.deque cimport deque
from libcpp.string cimport string
from libcpp.unordered_map cimport unordered_map
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

import numpy as np

from cxm_sdk._native.compare cimport jaro_winkler, reached
from cxm_sdk._native.contents cimport CxmRole, CxmSaid, Packed, string_view
from cxm_sdk._native.rapidfuzz_capi cimport RF_UINT8, RF_UINT32, RF_String
from cxm_sdk._native.sound cimport sound_of
from cxm_sdk._native.strings cimport (
    Cursor,
    Similarity,
    char_at,
    cursor_close,
    cursor_score,
    is_part,
    within_one_edit,
)


cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef extern from "dates.hpp":
    void date_levels "cxm_date_levels" (const int32_t* ones, const int32_t* others, Py_ssize_t n,
                                        uint8_t* out) noexcept nogil


cdef extern from "jaro.hpp":
    enum:
        SHORT "CXM_JARO_LONGEST"


cdef enum Kind:
    NAME, DATE, EMAIL, CODE, EQUAL, COMPANY, ADDRESS


cdef enum:
    TAIL = 7           # digits of a phone number that stay when country and area are written differently
    SHORTEST_CODE = 6  # below, one edit is no longer a likely slip
    SHORTEST_HELD = 3  # characters of a name that an address may hold
    MOST_GROUPS = 3    # nickname groups of a name that count
    HOLDS_FIRST = 1
    HOLDS_LAST = 2


cdef dict KINDS = {
    "name": NAME, "date": DATE, "email": EMAIL, "code": CODE, "equal": EQUAL, "company": COMPANY, "address": ADDRESS,
}


cdef int[7] EXACT
EXACT[:] = [6, 5, 4, 4, 2, 6, 0]


cdef struct Value:
    string_view bytes  # from NULL where there is none
    RF_String text


cdef struct Compared:
    int kind
    int role


cdef struct Rarity:
    Py_ssize_t column
    int role
    bint shared  # whether people who share the value are counted, and not how common it is
    double rest
    unordered_map[string_view, double] bits
    vector[uint8_t] at_level


cdef struct Row:
    # Where the values of a record lie, role by role, and the end of those that came as such: one more than their last.
    vector[size_t] starts
    vector[size_t] own   # 0 where nothing is derived
    string_view source
    double first, last
    uint8_t held  # which names its first address holds


cdef inline string_view view(object text) except *:
    cdef Py_ssize_t size = 0
    cdef const char* data = PyUnicode_AsUTF8AndSize(text, &size)
    return string_view(data, size)


cdef inline str decoded(string_view text):
    return PyUnicode_DecodeUTF8(text.data(), text.size(), NULL)


cdef inline bint known(const Value* value) noexcept nogil:
    return value.bytes.data() != NULL


cdef inline bint equal(const Value* a, const Value* b) noexcept nogil:
    return a.bytes == b.bytes


cdef inline string_view local_of(const Value* email) noexcept nogil:
    """What stands before the last @ of an address, all where there is none."""
    cdef Py_ssize_t at = email.bytes.size()
    while at > 0 and email.bytes.data()[at - 1] != b"@":
        at -= 1
    return string_view(email.bytes.data(), at - 1 if at else email.bytes.size())


cdef Value local_value(const Value* email) noexcept nogil:
    cdef Value local = email[0]
    cdef const uint32_t* wide = <const uint32_t*>email.text.data
    local.bytes = local_of(email)
    if email.text.kind == RF_UINT8:
        local.text.length = local.bytes.size()
        return local
    if local.bytes.size() < email.bytes.size():
        while wide[local.text.length - 1] != b"@":
            local.text.length -= 1
        local.text.length -= 1
    return local


cdef uint32_t digits_of(const Value* date) noexcept nogil:
    cdef uint32_t found = 0
    cdef size_t i
    for i in range(date.bytes.size()):
        found = found << 4 | (<uint32_t>date.bytes.data()[i] & 15)
    return found


cdef bint contains(string_view outer, string_view inner) noexcept nogil:
    """Whether a text holds another one of some length."""
    cdef size_t i, letters = 0
    for i in range(inner.size()):
        letters += (<uint8_t>inner.data()[i] & 0xC0) != 0x80
    if letters < SHORTEST_HELD:
        return False
    for i in range(outer.size() - inner.size() + 1 if outer.size() >= inner.size() else 0):
        if string_view(outer.data() + i, inner.size()) == inner:
            return True
    return False


cdef vector[string_view] words_of(string_view text):
    """Distinct words in their order."""
    cdef vector[string_view] found
    cdef size_t start = 0, i
    for i in range(text.size() + 1):
        if i == text.size() or text.data()[i] == b" ":
            found.push_back(string_view(text.data() + start, i - start))
            start = i + 1
    sort(found.begin(), found.end())
    found.erase(unique(found.begin(), found.end()), found.end())
    return found


cdef uint8_t shared_words(string_view a, string_view b) noexcept:
    cdef vector[string_view] ours = words_of(a), theirs = words_of(b)
    cdef size_t x = 0, y = 0
    cdef double both = 0.0, mine, yours
    while x < ours.size() and y < theirs.size():
        if ours[x] == theirs[y]:
            both += 1.0
            x += 1
            y += 1
        elif ours[x] < theirs[y]:
            x += 1
        else:
            y += 1
    mine, yours = ours.size() - both, theirs.size() - both
    if both <= 0.0:
        return 1
    if both >= 0.8 * (both + mine + yours):
        return 5
    if both >= 0.9 * (both + (mine if mine < yours else yours)):
        return 4
    if both >= 0.5 * (both + mine + yours):
        return 3
    return 2 if both >= 0.2 * (both + mine + yours) else 1


@cython.final
@cython.auto_pickle(False)
cdef class PairModel:
    """What a model compares."""

    cdef vector[Compared] comparisons
    cdef vector[Rarity] rarities
    cdef list roles, kept
    cdef dict numbers
    cdef vector[string_view] names
    cdef unordered_map[string_view, size_t] places
    cdef vector[unordered_set[string_view]] ignored
    cdef unordered_map[string_view, vector[int]] groups
    cdef Similarity similarity
    cdef object measure
    cdef double close, similar
    cdef int first_name, last_name, email, phone, street, house_number, postcode, city
    cdef int first_column, last_column, email_column, swapped
    cdef readonly Py_ssize_t width
    cdef readonly list adjusted

    def __init__(self, list comparisons not None, list rarities not None, list roles not None, dict ignored not None,
                 groups not None, Similarity similarity, measure, double close, double similar):
        cdef Compared compared
        cdef Rarity rarity
        cdef vector[int] numbers
        self.roles, self.kept, self.numbers, self.adjusted = [], [], {}, []
        self.similarity, self.measure = similarity, measure
        self.close, self.similar = reached(close), reached(similar)
        self.width = len(comparisons)
        for role in ("first_name", "last_name", "email", "phone", "street", "house_number", "postcode", "city"):
            self.number(role)
        self.first_name, self.last_name, self.email, self.phone = 0, 1, 2, 3
        self.street, self.house_number, self.postcode, self.city = 4, 5, 6, 7
        self.first_column = self.last_column = self.email_column = self.swapped = -1
        for column, (name, kind, read, levels) in enumerate(comparisons):
            for role in read:
                self.number(role)
            compared.kind, compared.role = KINDS[kind], self.number(read[0])
            self.comparisons.push_back(compared)
            if name == "first_name":
                self.first_column = column
                self.swapped = levels - 1 if levels == 8 else -1
            elif name == "last_name":
                self.last_column = column
            elif name == "email":
                self.email_column = column
        for column, role, at_level, bits, rest, household in rarities:
            rarity.column, rarity.role, rarity.rest = column, self.number(role), rest
            rarity.shared = bits is None
            rarity.at_level.clear()
            rarity.bits.clear()
            for asked in at_level:
                rarity.at_level.push_back(asked)
            for value, worth in (bits or {}).items():
                rarity.bits[self.keep(value)] = worth
            self.rarities.push_back(rarity)
            self.adjusted.append((column, household))
        for role in roles:
            self.number(role)
        self.ignored.resize(len(self.roles))
        for role, values in ignored.items():
            if role in self.numbers:
                for value in values:
                    self.ignored[self.number(role)].insert(self.keep(value))
        for name, listed in groups.items():
            numbers.clear()
            for number in listed[:MOST_GROUPS]:
                numbers.push_back(number)
            self.groups[self.keep(name)] = numbers

    cdef string_view keep(self, str text) except *:
        self.kept.append(text)
        return view(text)

    cdef int number(self, str role) except -1:
        if role not in self.numbers:
            self.numbers[role] = len(self.roles)
            self.roles.append(role)
            self.names.push_back(self.keep(role))
            self.places[self.names.back()] = len(self.roles) - 1
        return self.numbers[role]

    cdef double alike(self, const Value* a, const Value* b, double least) except -1.0:
        """How alike two texts are, as far as that reaches the least that matters."""
        cdef Cursor cursor
        cdef double score
        if a.text.length == 0 or b.text.length == 0:
            return 0.0
        if a.text.kind == RF_UINT8 and b.text.kind == RF_UINT8 and max(a.text.length, b.text.length) <= SHORT:
            return jaro_winkler(<const uint8_t*>a.text.data, a.text.length, <const uint8_t*>b.text.data, b.text.length)
        if self.similarity is None:
            return self.measure(decoded(a.bytes), decoded(b.bytes))
        cursor.built, cursor.code = False, -1
        score = cursor_score(&cursor, self.similarity.scorer, &self.similarity.kwargs, &a.text, &b.text, 0, least)
        cursor_close(&cursor)
        if score < 0.0:
            raise RuntimeError("the similarity scorer failed")
        return score

    cdef bint share_group(self, const Value* a, const Value* b) except -1:
        cdef vector[int]* ours
        cdef vector[int]* theirs
        cdef size_t i, j
        if not self.groups.count(a.bytes) or not self.groups.count(b.bytes):
            return False
        ours, theirs = &self.groups[a.bytes], &self.groups[b.bytes]
        for i in range(ours.size()):
            for j in range(theirs.size()):
                if ours[0][i] == theirs[0][j]:
                    return True
        return False

    cdef int name_level(self, const Value* a, const Value* b, bint first) except -1:
        cdef uint64_t sound
        cdef double score
        cdef int level = 1
        if first and self.share_group(a, b):
            level = 4
        else:
            sound = sound_of(<const uint8_t*>a.bytes.data(), a.bytes.size())
            if sound and sound == sound_of(<const uint8_t*>b.bytes.data(), b.bytes.size()):
                level = 2
        score = self.alike(a, b, self.similar)
        if score >= self.close:
            return 5
        if is_part(&a.text, &b.text):
            return 4
        if (a.text.length == 1 or b.text.length == 1) and char_at(&a.text, 0) == char_at(&b.text, 0):
            return max(level, 3)
        return max(level, 2 if score >= self.similar else 1)

    cdef int level(self, const Compared* compared, const Value* a, const Value* b) except -1:
        """The level of two values that differ."""
        cdef int32_t one, other
        cdef uint8_t found
        cdef Value ours, theirs
        if compared.kind == NAME:
            return self.name_level(a, b, compared.role == self.first_name)
        if compared.kind == DATE:
            one, other = <int32_t>digits_of(a), <int32_t>digits_of(b)
            date_levels(&one, &other, 1, &found)
            return found
        if compared.kind == CODE:
            if compared.role == self.phone and a.bytes.size() >= TAIL and b.bytes.size() >= TAIL and string_view(
                a.bytes.data() + a.bytes.size() - TAIL, TAIL
            ) == string_view(b.bytes.data() + b.bytes.size() - TAIL, TAIL):
                return 3
            if min(a.text.length, b.text.length) >= SHORTEST_CODE and within_one_edit(&a.text, &b.text):
                return 2
            return 1
        if compared.kind == EMAIL:
            ours, theirs = local_value(a), local_value(b)
            if ours.bytes == theirs.bytes:
                return 3
            return 2 if self.alike(&ours, &theirs, self.close) >= self.close else 1
        if compared.kind == COMPANY:
            return 5 if self.alike(a, b, self.close) >= self.close else shared_words(a.bytes, b.bytes)
        return 1

    def lay_out(self, list records not None, roles not None, dict shared not None, dict derived not None):
        """Lays records out."""
        return Few(self, records, roles, shared, derived)


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


cdef bint same_area(const Value* a, const Value* b) noexcept nogil:
    """Whether two postcodes of four characters and more begin alike."""
    cdef int i
    if min(a.text.length, b.text.length) < 4:
        return False
    for i in range(3):
        if char_at(&a.text, i) != char_at(&b.text, i):
            return False
    return True


cdef size_t root(vector[size_t]& parent, size_t number) noexcept nogil:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


cdef void join(vector[size_t]& parent, size_t a, size_t b) noexcept nogil:
    a, b = root(parent, a), root(parent, b)
    parent[max(a, b)] = min(a, b)
