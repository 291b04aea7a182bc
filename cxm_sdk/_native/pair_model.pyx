"""What a model compares of two values.

``pair_model.pyi`` says what the class takes.
"""

cimport cython
from cython.operator cimport dereference
from libc.stdint cimport int32_t, uint8_t, uint64_t
from libcpp.vector cimport vector

from cxm_sdk._native.compare cimport jaro_winkler, reached
from cxm_sdk._native.contents cimport CXM_KNOWN_ROLES, CxmName, CxmSaid, CxmSought, decoded, string_view, view
from cxm_sdk._native.few_values cimport Value, digits_of, equal, local_value, same_area, shared_words
from cxm_sdk._native.rapidfuzz_capi cimport RF_UINT8
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


cdef extern from "dates.hpp":
    void date_levels "cxm_date_levels" (const int32_t* ones, const int32_t* others, Py_ssize_t n,
                                        uint8_t* out) noexcept nogil


cdef extern from "jaro.hpp":
    enum:
        SHORT "CXM_JARO_LONGEST"


cdef enum:
    TAIL = 7           # digits of a phone number that stay when country and area are written differently
    SHORTEST_CODE = 6  # below, one edit is no longer a likely slip
    MOST_GROUPS = 3    # nickname groups of a name that count


cdef dict KINDS = {
    "name": NAME, "date": DATE, "email": EMAIL, "code": CODE, "equal": EQUAL, "company": COMPANY, "address": ADDRESS,
}


@cython.final
@cython.auto_pickle(False)
cdef class PairModel:
    """What a model compares."""

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
        cdef CxmSought found
        if role not in self.numbers:
            self.numbers[role] = len(self.roles)
            self.roles.append(role)
            self.names.push_back(self.keep(role))
            self.places[self.names.back()] = len(self.roles) - 1
            found = CxmSought(self.names.back())
            self.known.resize(CXM_KNOWN_ROLES, -1)
            if found.number < CXM_KNOWN_ROLES:
                self.known[found.number] = <int>(len(self.roles) - 1)
        return self.numbers[role]

    cdef int place_of(self, const CxmSaid& held, CxmName name) noexcept nogil:
        """The number of a role here; -1 where it is not compared."""
        if name.number < self.known.size():
            return self.known[name.number]
        found = self.places.find(held.at(name))
        return -1 if found == self.places.end() else <int>dereference(found).second

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

    cdef const vector[int]* groups_of(self, const Value* name) noexcept nogil:
        """Groups of nicknames that a name is in; NULL for none."""
        cdef Value* asked = <Value*>name
        if not asked.grouped:
            asked.grouped = True
            found = self.groups.find(asked.bytes)
            if found != self.groups.end():
                asked.groups = &dereference(found).second
        return asked.groups

    cdef bint share_group(self, const Value* a, const Value* b) noexcept nogil:
        cdef const vector[int]* ours = self.groups_of(a)
        cdef const vector[int]* theirs = NULL
        cdef size_t i, j
        if ours != NULL:
            theirs = self.groups_of(b)
        if theirs == NULL:
            return False
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

    cdef int street_level(self, const Value* a, const Value* b, const Value* number, const Value* other) except -1:
        cdef bint both = number != NULL and other != NULL
        cdef bint same = both and equal(number, other)
        if a == NULL or b == NULL:
            return 0
        if equal(a, b):
            return 5 if same else 2 if both else 3
        if self.alike(a, b, self.close) >= self.close or is_part(&a.text, &b.text):
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
