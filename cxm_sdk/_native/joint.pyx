# cython: auto_pickle=False
"""Comparisons that look at several roles at once: addresses, swapped names, and what agreeing names have said already.

``joint.pyi`` says what each class takes and gives.
"""

cimport cython
from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.string cimport memset
from libcpp.vector cimport vector

from cxm_sdk._native.batch cimport (
    AHEAD,
    BATCH,
    Batch,
    Code,
    Slots,
    coded,
    cxm_prefetch,
    keep_promising,
    levels_of,
    list_pairs,
    our_codes,
    put_value,
    same_codes,
    their_codes,
    told_codes,
)
from cxm_sdk._native.compare cimport Comparison, Measure, MeasuredComparison, alike, reached
from cxm_sdk._native.rapidfuzz_capi cimport RF_String
from cxm_sdk._native.strings cimport Similarity, TextColumn, far_apart, is_part, lowest, one_edit_apart, value_at


cdef enum:
    WORDS = BATCH // 64
    HOLDS_FIRST = 1  # a local part holds the first name
    HOLDS_LAST = 2
    IS_FIRST = 4  # and is made of it
    IS_LAST = 8


cdef struct Address:
    # The slots of its parts.
    Slots street
    Slots number
    Slots postcode
    Slots city


@cython.final
cdef class AddressLevels(MeasuredComparison):
    """Levels of addresses: every combination of a street ladder and a place ladder."""

    cdef vector[Address] addresses
    cdef TextColumn streets, postcodes, cities
    cdef vector[Code] areas
    cdef double similar

    def __init__(self, slots, Py_ssize_t column, TextColumn streets not None, TextColumn postcodes not None,
                 TextColumn cities not None, const uint64_t[::1] areas, Similarity similarity, measure,
                 double similar):
        cdef Address address
        cdef vector[Slots] measured
        MeasuredComparison.__init__(self, [], column, similarity, measure)
        for ours, theirs in slots:
            street, number, postcode, city = zip(ours, theirs, strict=True)
            for part in (number, postcode, city, street):
                self.reads(Slots(part[0], part[1]))
            measured.push_back(self.slots.back())
            address.street = Slots(street[0], street[1])
            address.number = Slots(number[0], number[1])
            address.postcode = Slots(postcode[0], postcode[1])
            address.city = Slots(city[0], city[1])
            self.addresses.push_back(address)
        self.slots.swap(measured)
        self.streets, self.postcodes, self.cities = streets, postcodes, cities
        self.areas = coded(postcodes, areas)
        self.similar = reached(similar)

    cdef bint fill_streets(self, Batch* batch, Measure* measure, const Address* address) noexcept nogil:
        # 5 same number, 3 a number is missing, 2 other number; streets that differ are written below.
        cdef RF_String one, two
        cdef Py_ssize_t first, i, k
        cdef uint64_t same, same_number, told
        cdef uint64_t[WORDS] same_numbers
        cdef double score
        cdef const int32_t* ours = our_codes(batch, address.street.ours)
        cdef const int32_t* theirs = their_codes(batch, address.street.theirs)
        cdef const int32_t* our_numbers = our_codes(batch, address.number.ours)
        cdef const int32_t* their_numbers = their_codes(batch, address.number.theirs)
        batch.unlike = 0
        memset(batch.outer, 0, BATCH)
        for first in range(0, BATCH, 64):
            same = same_codes(ours + first, theirs + first)
            told = told_codes(ours + first, theirs + first)
            same_number = same_codes(our_numbers + first, their_numbers + first)
            same_numbers[first // 64] = same_number
            put_value(told, 1, &batch.outer[first])
            put_value(same, 2, &batch.outer[first])
            put_value(
                same & ~told_codes(our_numbers + first, their_numbers + first), 3, &batch.outer[first]
            )
            put_value(same & same_number, 5, &batch.outer[first])
            list_pairs(batch, told & ~same, first, ours, theirs)
        if measure.scorer != NULL:
            keep_promising(batch, self.streets, self.similar, True)
        for k in range(batch.unlike):
            one = value_at(self.streets, batch.ones[k])
            two = value_at(self.streets, batch.others[k])
            score = alike(measure, batch, k, &one, &two, self.similar)
            if score < 0.0:
                return False
            if score >= self.similar or is_part(&one, &two):
                i = batch.rows[k]
                batch.outer[i] = 4 if (same_numbers[i // 64] >> (i % 64)) & 1 else 2
        return True

    cdef void fill_places(self, Batch* batch, const Address* address) noexcept nogil:
        # 4 same postcode, 3 same city; what else could be neighbours is asked below.
        cdef Py_ssize_t first, i, k
        cdef int32_t a, b, p, q
        cdef uint64_t same_postcode, same_city, told
        cdef const Code* areas = self.areas.data()
        cdef const int32_t* ours = our_codes(batch, address.postcode.ours)
        cdef const int32_t* theirs = their_codes(batch, address.postcode.theirs)
        cdef const int32_t* our_cities = our_codes(batch, address.city.ours)
        cdef const int32_t* their_cities = their_codes(batch, address.city.theirs)
        batch.unlike = 0
        memset(batch.inner, 0, BATCH)
        for first in range(0, BATCH, 64):
            same_postcode = same_codes(ours + first, theirs + first)
            same_city = same_codes(our_cities + first, their_cities + first)
            told = told_codes(ours + first, theirs + first) | told_codes(our_cities + first, their_cities + first)
            put_value(told, 1, &batch.inner[first])
            put_value(same_city, 3, &batch.inner[first])
            put_value(same_postcode, 4, &batch.inner[first])
            list_pairs(batch, told & ~same_postcode & ~same_city, first, ours, theirs)
        for k in range(batch.unlike):
            if k + AHEAD < batch.unlike and (batch.ones[k + AHEAD] | batch.others[k + AHEAD]) >= 0:
                cxm_prefetch(&areas[batch.ones[k + AHEAD]])
                cxm_prefetch(&areas[batch.others[k + AHEAD]])
            i = batch.rows[k]
            a = batch.ones[k]
            b = batch.others[k]
            p = our_cities[i]
            q = their_cities[i]
            if (a | b) >= 0 and (
                (areas[a].tail != 0 and areas[a].tail == areas[b].tail)
                or (not far_apart(areas[a].mark, areas[b].mark) and one_edit_apart(self.postcodes, a, b, 1))
            ):
                batch.inner[i] = 2
            elif (p | q) >= 0 and one_edit_apart(self.cities, p, q, 4):
                batch.inner[i] = 2

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        cdef Py_ssize_t i
        cdef uint8_t* levels = levels_of(batch, self.column)
        if not self.fill_streets(batch, measure, &self.addresses[slot]):
            return False
        self.fill_places(batch, &self.addresses[slot])
        for i in range(BATCH):
            levels[i] = max(levels[i], <uint8_t>(batch.outer[i] * 5 + batch.inner[i]))
        return True


@cython.final
cdef class SwappedNames(Comparison):
    """Where first and last name stand in each other's place, marks the first name and silences the last.

    A first name without a last one that is the last name of the other says nothing of the first.
    """

    cdef const int32_t[::1] as_first
    cdef uint8_t swapped
    cdef Py_ssize_t last_column

    def __init__(self, Py_ssize_t first_names, Py_ssize_t last_names, const int32_t[::1] as_first, uint8_t swapped,
                 Py_ssize_t first_column, Py_ssize_t last_column):
        Comparison.__init__(self, [(first_names, first_names), (last_names, last_names)], first_column)
        self.as_first, self.swapped, self.last_column = as_first, swapped, last_column
        self.highest = max(first_column, last_column)

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t word, i
        cdef uint64_t unlike, lone
        cdef const int32_t* our_first = our_codes(batch, self.slots[0].ours)
        cdef const int32_t* their_first = their_codes(batch, self.slots[0].theirs)
        cdef const int32_t* our_last = our_codes(batch, self.slots[1].ours)
        cdef const int32_t* their_last = their_codes(batch, self.slots[1].theirs)
        for word in range(0, BATCH, 64):
            unlike = (
                told_codes(our_first + word, their_first + word) & ~same_codes(our_first + word, their_first + word)
            )
            lone = unlike & ~told_codes(our_last + word, their_last + word)
            unlike &= (
                told_codes(our_last + word, their_last + word) & ~same_codes(our_last + word, their_last + word)
            )
            while lone:
                i = word + lowest(lone)
                lone &= lone - 1
                if (our_last[i] >= 0 and self.as_first[our_last[i]] == their_first[i]) or (
                    their_last[i] >= 0 and self.as_first[their_last[i]] == our_first[i]
                ):
                    levels_of(batch, self.column)[i] = 0
            while unlike:
                i = word + lowest(unlike)
                unlike &= unlike - 1
                if self.as_first[their_last[i]] == our_first[i] and self.as_first[our_last[i]] == their_first[i]:
                    levels_of(batch, self.column)[i] = self.swapped
                    levels_of(batch, self.last_column)[i] = 0
        return 0


@cython.final
cdef class SilencedLevels(Comparison):
    """Drops a partial agreement that only repeats what names have said already, or would."""

    cdef const uint8_t[::1] derived
    cdef uint8_t close, exact, agreeing
    cdef Py_ssize_t first_column, last_column

    def __init__(self, const uint8_t[::1] derived, uint8_t close, uint8_t exact, uint8_t agreeing, Py_ssize_t column,
                 Py_ssize_t first_column, Py_ssize_t last_column):
        Comparison.__init__(self, [], column)
        self.derived, self.close, self.exact, self.agreeing = derived, close, exact, agreeing
        self.first_column, self.last_column = first_column, last_column
        self.highest = max(column, first_column, last_column)

    cdef int fill(self, Batch* batch) except -1 nogil:
        # Few levels are looked at, and what is asked of their records lies anywhere: they are listed, and it is fetched.
        cdef Py_ssize_t i, k, count = 0
        cdef uint8_t held
        cdef uint8_t* levels = levels_of(batch, self.column)
        cdef const uint8_t* first = levels_of(batch, self.first_column)
        cdef const uint8_t* last = levels_of(batch, self.last_column)
        for i in range(batch.size):
            batch.rows[count] = <int32_t>i
            count += (levels[i] > 1) & (levels[i] < self.exact)
        for k in range(count):
            cxm_prefetch(&self.derived[batch.left[batch.rows[k]]])
            cxm_prefetch(&self.derived[batch.right[batch.rows[k]]])
        for k in range(count):
            i = batch.rows[k]
            held = self.derived[batch.left[i]] | self.derived[batch.right[i]]
            if held == 0:
                continue
            if first[i] >= self.agreeing and (last[i] >= self.agreeing or held & IS_FIRST):
                levels[i] = 0
            elif held & IS_LAST and last[i] >= self.agreeing:
                levels[i] = 0
            elif levels[i] <= self.close and (
                (held & HOLDS_FIRST and first[i] != 1) or (held & HOLDS_LAST and last[i] != 1)
            ):
                levels[i] = 0
        return 0
