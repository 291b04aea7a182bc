# cython: auto_pickle=False
"""Comparisons that look at several roles at once: addresses, swapped names, and what agreeing names have said already.

``joint.pyi`` says what each class takes and gives.
"""

cimport cython
from libc.stdint cimport int32_t, uint8_t, uint64_t
from libcpp.vector cimport vector

from cxm_sdk._native.compare cimport (
    Batch,
    Codes,
    Comparison,
    Measure,
    MeasuredComparison,
    alike,
    code_of,
    codes_at,
    fetch_texts,
    reached,
    write_best,
)
from cxm_sdk._native.rapidfuzz_capi cimport RF_String
from cxm_sdk._native.strings cimport Similarity, TextColumn, is_part, one_edit_apart, value_at


cdef struct Address:
    Codes street
    Codes number
    Codes postcode
    Codes city


cdef Address address_at(tuple parts):
    cdef Address found
    found.street = codes_at(parts[0])
    found.number = codes_at(parts[1])
    found.postcode = codes_at(parts[2])
    found.city = codes_at(parts[3])
    return found


@cython.final
cdef class AddressLevels(MeasuredComparison):
    """Levels of addresses: every combination of a street ladder and a place ladder."""

    cdef vector[Address] our_addresses
    cdef vector[Address] their_addresses
    cdef list addresses
    cdef TextColumn streets, postcodes, cities
    cdef const uint64_t[::1] areas
    cdef double similar

    def __init__(self, slots, Py_ssize_t column, TextColumn streets not None, TextColumn postcodes not None,
                 TextColumn cities not None, const uint64_t[::1] areas, Similarity similarity, measure,
                 double similar):
        self.addresses = [(tuple(ours), tuple(theirs)) for ours, theirs in slots]
        streets_only = [(ours[0], theirs[0]) for ours, theirs in self.addresses]
        MeasuredComparison.__init__(self, streets_only, column, similarity, measure)
        for ours, theirs in self.addresses:
            self.our_addresses.push_back(address_at(ours))
            self.their_addresses.push_back(address_at(theirs))
        self.streets, self.postcodes, self.cities, self.areas = streets, postcodes, cities, areas
        self.similar = reached(similar)

    cdef bint fill_streets(self, Batch* batch, Measure* measure, const Address* ours, const Address* theirs) noexcept nogil:
        cdef RF_String one, two
        cdef Py_ssize_t i, k = 0
        cdef int32_t a, b, p, q, same_number
        cdef double score
        for i in range(batch.size):
            a = code_of(&ours.street, batch.left[i])
            b = code_of(&theirs.street, batch.right[i])
            p = code_of(&ours.number, batch.left[i])
            q = code_of(&theirs.number, batch.right[i])
            same_number = (p >= 0) & (p == q)
            # 5 same number, 3 a number is missing, 2 other number; streets that differ are written below.
            batch.outer[i] = <uint8_t>(((a >= 0) & (a == b)) * (2 + ((p | q) < 0) + 3 * same_number))
            batch.rows[k] = <int32_t>i
            batch.ones[k] = a
            batch.others[k] = b
            batch.inner[k] = <uint8_t>same_number
            k += ((a | b) >= 0) & (a != b)
        batch.unlike = k
        for k in range(batch.unlike):
            fetch_texts(batch, self.streets, k)
            one = value_at(self.streets, batch.ones[k])
            two = value_at(self.streets, batch.others[k])
            score = alike(measure, batch, k, &one, &two, self.similar)
            if score < 0.0:
                return False
            if score >= self.similar or is_part(&one, &two):
                batch.outer[batch.rows[k]] = 4 if batch.inner[k] else 2
            else:
                batch.outer[batch.rows[k]] = 1
        return True

    cdef void fill_places(self, Batch* batch, const Address* ours, const Address* theirs) noexcept nogil:
        cdef Py_ssize_t i, k = 0
        cdef int32_t a, b, p, q, postcodes, cities, same_postcode, same_city
        for i in range(batch.size):
            a = code_of(&ours.postcode, batch.left[i])
            b = code_of(&theirs.postcode, batch.right[i])
            p = code_of(&ours.city, batch.left[i])
            q = code_of(&theirs.city, batch.right[i])
            postcodes = (a | b) >= 0
            cities = (p | q) >= 0
            same_postcode = postcodes & (a == b)
            same_city = cities & (p == q)
            batch.inner[i] = <uint8_t>(4 * same_postcode + 3 * (same_city & (1 - same_postcode)))
            batch.rows[k] = <int32_t>i
            k += (postcodes | cities) & (1 - same_postcode) & (1 - same_city)
        batch.unlike = k
        for k in range(batch.unlike):
            i = batch.rows[k]
            a = code_of(&ours.postcode, batch.left[i])
            b = code_of(&theirs.postcode, batch.right[i])
            p = code_of(&ours.city, batch.left[i])
            q = code_of(&theirs.city, batch.right[i])
            if (a | b) >= 0 and (
                (self.areas[a] != 0 and self.areas[a] == self.areas[b]) or one_edit_apart(self.postcodes, a, b, 1)
            ):
                batch.inner[i] = 2
            elif (p | q) >= 0 and one_edit_apart(self.cities, p, q, 4):
                batch.inner[i] = 2
            else:
                batch.inner[i] = 1

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        cdef Py_ssize_t i
        if not self.fill_streets(batch, measure, &self.our_addresses[slot], &self.their_addresses[slot]):
            return False
        self.fill_places(batch, &self.our_addresses[slot], &self.their_addresses[slot])
        for i in range(batch.size):
            write_best(batch, i, self.column, <uint8_t>(batch.outer[i] * 5 + batch.inner[i]))
        return True


@cython.final
cdef class SwappedNames(Comparison):
    """Where first and last name stand in each other's place, marks the first name and silences the last."""

    cdef const int32_t[::1] as_first
    cdef uint8_t swapped
    cdef Py_ssize_t last_column

    def __init__(self, const int32_t[:] first_names, const int32_t[:] last_names, const int32_t[::1] as_first,
                 uint8_t swapped, Py_ssize_t first_column, Py_ssize_t last_column):
        Comparison.__init__(self, [(first_names, last_names)], first_column)
        self.as_first, self.swapped, self.last_column = as_first, swapped, last_column

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t i, k = 0
        cdef int32_t a, b, c, d
        cdef uint8_t* levels
        cdef const Codes* first = &self.ours[0]
        cdef const Codes* last = &self.theirs[0]
        for i in range(batch.size):
            a = code_of(first, batch.left[i])
            b = code_of(first, batch.right[i])
            c = code_of(last, batch.left[i])
            d = code_of(last, batch.right[i])
            batch.rows[k] = <int32_t>i
            k += ((a | b | c | d) >= 0) & (a != b) & (c != d)
        for k in range(k):
            i = batch.rows[k]
            a = code_of(first, batch.left[i])
            if self.as_first[code_of(last, batch.right[i])] != a:
                continue
            if self.as_first[code_of(last, batch.left[i])] == code_of(first, batch.right[i]):
                levels = batch.levels + i * batch.width
                levels[self.column] = self.swapped
                levels[self.last_column] = 0
        return 0


@cython.final
cdef class SilencedLevels(Comparison):
    """Drops a partial agreement that only repeats what agreeing names have said already."""

    cdef const uint8_t[::1] derived
    cdef uint8_t exact, agreeing
    cdef Py_ssize_t first_column, last_column

    def __init__(self, const uint8_t[::1] derived, uint8_t exact, uint8_t agreeing, Py_ssize_t column,
                 Py_ssize_t first_column, Py_ssize_t last_column):
        Comparison.__init__(self, [], column)
        self.derived, self.exact, self.agreeing = derived, exact, agreeing
        self.first_column, self.last_column = first_column, last_column

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t i
        cdef uint8_t* levels = batch.levels
        for i in range(batch.size):
            if (
                1 < levels[self.column] < self.exact
                and levels[self.first_column] >= self.agreeing
                and levels[self.last_column] >= self.agreeing
                and (self.derived[batch.left[i]] or self.derived[batch.right[i]])
            ):
                levels[self.column] = 0
            levels += batch.width
        return 0
