"""Agreement levels of record pairs, one comparison after the other over batches that stay in the cache.

``compare.pyi`` says what each class takes and gives.
"""

cimport cython
from cpython.ref cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from cxm_sdk._native.rapidfuzz_capi cimport RF_Kwargs, RF_Scorer, RF_String
from cxm_sdk._native.strings cimport (
    Cursor,
    Similarity,
    TextColumn,
    char_at,
    cursor_close,
    cursor_score,
    is_part,
    may_reach,
    one_edit_apart,
    popcount,
    text_at,
    value_at,
)

import numpy as np

cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


# Measured similarities come as 32-bit floats, and scorers differ in their last bit: so much below a threshold still
# reaches it, and levels are the same by every path.
cdef double SLACK = 1e-7


cdef Codes codes_at(const int32_t[:] codes):
    cdef Codes found
    found.at = &codes[0] if codes.shape[0] else NULL
    found.stride = codes.strides[0] // sizeof(int32_t)
    return found


cdef inline void keep_best(uint8_t* out, uint8_t level) noexcept nogil:
    if level > out[0]:
        out[0] = level


cdef inline void write_best(Batch* batch, Py_ssize_t row, Py_ssize_t column, uint8_t level) noexcept nogil:
    keep_best(batch.levels + row * batch.width + column, level)


cdef void find_unlike(
    Batch* batch, const Codes* ours, const Codes* theirs, Py_ssize_t column, uint8_t exact
) noexcept nogil:
    # Where codes are equal or missing the level is known at once. That is settled first, for all pairs and without a
    # branch, as no processor can guess which pairs agree; the others, unless other slots made them exact already, are
    # listed and compared in a loop of their own, with values fetched ahead.
    cdef Py_ssize_t i, k = 0
    cdef uint8_t* out = batch.levels + column
    cdef int32_t a, b
    cdef uint8_t level
    for i in range(batch.size):
        a = code_of(ours, batch.left[i])
        b = code_of(theirs, batch.right[i])
        level = <uint8_t>(exact * ((a >= 0) & (a == b)))
        level = level if level > out[0] else out[0]
        out[0] = level
        out += batch.width
        batch.rows[k] = <int32_t>i
        batch.ones[k] = a
        batch.others[k] = b
        k += ((a | b) >= 0) & (a != b) & (level < exact)
    batch.unlike = k


cdef inline void fetch_texts(const Batch* batch, TextColumn text, Py_ssize_t k) noexcept nogil:
    # Asks for the places of texts that come later, and for the texts whose places are there by now.
    cdef Py_ssize_t ahead = k + 2 * AHEAD
    if ahead < batch.unlike:
        cxm_prefetch(&text.places[batch.ones[ahead]])
        cxm_prefetch(&text.places[batch.others[ahead]])
    ahead = k + AHEAD
    if ahead < batch.unlike:
        cxm_prefetch(text_at(text, batch.ones[ahead]))
        cxm_prefetch(text_at(text, batch.others[ahead]))


cdef struct Measure:
    # How alike two texts are: by a scorer, or as measured before where there is none.
    const RF_Scorer* scorer
    const RF_Kwargs* kwargs
    Cursor cursor


cdef inline void open_measure(Measure* measure, Similarity similarity) noexcept nogil:
    measure.scorer = NULL
    measure.kwargs = NULL
    if similarity is not None:
        measure.scorer = similarity.scorer
        measure.kwargs = &similarity.kwargs
    measure.cursor.built = False
    measure.cursor.code = -1


cdef inline double alike(
    Measure* measure, const Batch* batch, Py_ssize_t k, const RF_String* one, const RF_String* two, double least
) noexcept nogil:
    # Similarity of an unlike pair, 0 below the least that matters, negative when the scorer failed.
    if measure.scorer == NULL:
        return batch.measured[batch.rows[k]]
    if not may_reach(one, two, least):
        return 0.0
    return cursor_score(&measure.cursor, measure.scorer, measure.kwargs, one, two, batch.ones[k], least)


cdef int scorer_failed() except -1 with gil:
    raise RuntimeError("the similarity scorer failed")


cdef class Comparison:
    """One step over a batch of pairs; raises levels, or changes them by what other comparisons found."""

    def __init__(self, slots, Py_ssize_t column, measure=None):
        # Kept alive; what they hold must not change.
        self.slots = [(ours, theirs) for ours, theirs in slots]
        self.column = column
        self.measure = measure
        for ours, theirs in self.slots:
            self.ours.push_back(codes_at(ours))
            self.theirs.push_back(codes_at(theirs))

    def __reduce__(self):
        raise TypeError("comparisons borrow their buffers and cannot be pickled; bind the model again")

    cdef int fill(self, Batch* batch) except -1 nogil:
        return 0

    cdef int take_measured(self, Batch* batch, Py_ssize_t slot) except -1:
        cdef const float[::1] found
        cdef Py_ssize_t i
        ours, theirs = self.slots[slot]
        left = np.asarray(<const int32_t[:batch.size]>batch.left)
        right = np.asarray(<const int32_t[:batch.size]>batch.right)
        found = self.measure(left, right, ours, theirs)
        if found.shape[0] != batch.size:
            raise ValueError(f"expected {batch.size} similarities, got {found.shape[0]}")
        for i in range(batch.size):
            batch.measured[i] = found[i]
        return 0


@cython.final
cdef class EqualLevels(Comparison):
    """Levels of plain codes."""

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t slot, k
        for slot in range(<Py_ssize_t>self.ours.size()):
            find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 2)
            for k in range(batch.unlike):
                write_best(batch, batch.rows[k], self.column, 1)
        return 0


cdef inline bint shares_group(const int32_t* groups, Py_ssize_t width, int32_t a, int32_t b) noexcept nogil:
    cdef Py_ssize_t i, j
    for i in range(width):
        if groups[a * width + i] < 0:
            return False
        for j in range(width):
            if groups[b * width + j] < 0:
                break
            if groups[a * width + i] == groups[b * width + j]:
                return True
    return False


@cython.final
cdef class NameLevels(Comparison):
    """Levels of names."""

    cdef TextColumn text
    cdef const uint64_t[::1] sounds
    cdef const int32_t[:, ::1] groups
    cdef Similarity similarity
    cdef double close, similar

    def __init__(self, slots, Py_ssize_t column, TextColumn text not None, const uint64_t[::1] sounds,
                 const int32_t[:, ::1] groups, Similarity similarity, measure, double close, double similar):
        Comparison.__init__(self, slots, column, measure)
        self.text, self.sounds, self.groups, self.similarity = text, sounds, groups, similarity
        self.close, self.similar = close - SLACK, similar - SLACK

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef RF_String one, two
        cdef Py_ssize_t slot, k, width = self.groups.shape[1]
        cdef int32_t a, b
        cdef double score
        cdef uint8_t level
        cdef Measure measure
        cdef const int32_t* group = &self.groups[0, 0] if self.text.size and width else NULL
        open_measure(&measure, self.similarity)
        for slot in range(<Py_ssize_t>self.ours.size()):
            find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 6)
            if measure.scorer == NULL:
                with gil:
                    self.take_measured(batch, slot)
            for k in range(batch.unlike):
                fetch_texts(batch, self.text, k)
                a = batch.ones[k]
                b = batch.others[k]
                one = value_at(self.text, a)
                two = value_at(self.text, b)
                score = alike(&measure, batch, k, &one, &two, self.similar)
                if score < 0.0:
                    cursor_close(&measure.cursor)
                    scorer_failed()
                if score >= self.close:
                    level = 5
                elif (group != NULL and shares_group(group, width, a, b)) or is_part(&one, &two):
                    level = 4
                elif (one.length and two.length and (one.length == 1 or two.length == 1)
                        and char_at(&one, 0) == char_at(&two, 0)):
                    level = 3
                elif score >= self.similar or (self.sounds[a] != 0 and self.sounds[a] == self.sounds[b]):
                    level = 2
                else:
                    level = 1
                write_best(batch, batch.rows[k], self.column, level)
        cursor_close(&measure.cursor)
        return 0


cdef inline int32_t year_of(uint32_t date) noexcept nogil:
    return ((date >> 28) * 1000 + ((date >> 24) & 15) * 100 + ((date >> 20) & 15) * 10 + ((date >> 16) & 15))


cdef uint8_t date_level(uint32_t x, uint32_t y) noexcept nogil:
    cdef uint32_t differs = x ^ y
    cdef uint32_t marks = (differs | (differs >> 1) | (differs >> 2) | (differs >> 3)) & 0x11111111
    cdef int digits = popcount(marks), shift = 0
    cdef int32_t gap
    if digits == 1:
        return 4
    if digits == 2:
        while not (marks >> shift) & 1:
            shift += 4
        if (marks >> (shift + 4)) & 1 and (
            (x >> shift) & 15 == (y >> (shift + 4)) & 15 and (x >> (shift + 4)) & 15 == (y >> shift) & 15
        ):
            return 4
    if x >> 16 == y >> 16:
        if x & 0xFF == (y >> 8) & 0xFF and (x >> 8) & 0xFF == y & 0xFF:
            return 4
        return 3 if x & 0xFF == y & 0xFF or (x ^ y) & 0xFF00 == 0 else 2
    if (x ^ y) & 0xFFFF == 0:
        return 3
    gap = year_of(x) - year_of(y)
    return 2 if -1 <= gap <= 1 else 1


@cython.final
cdef class DateLevels(Comparison):
    """Levels of dates."""

    cdef const uint32_t[::1] dates

    def __init__(self, slots, Py_ssize_t column, const uint32_t[::1] dates):
        Comparison.__init__(self, slots, column)
        self.dates = dates

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t slot, k
        cdef uint8_t level
        for slot in range(<Py_ssize_t>self.ours.size()):
            find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 5)
            for k in range(batch.unlike):
                level = date_level(self.dates[batch.ones[k]], self.dates[batch.others[k]])
                write_best(batch, batch.rows[k], self.column, level)
        return 0


@cython.final
cdef class CodeLevels(Comparison):
    """Levels of phones and identifiers."""

    cdef TextColumn text
    cdef const uint64_t[::1] tails
    cdef Py_ssize_t shortest

    def __init__(self, slots, Py_ssize_t column, TextColumn text not None, const uint64_t[::1] tails,
                 Py_ssize_t shortest):
        Comparison.__init__(self, slots, column)
        self.text, self.tails, self.shortest = text, tails, shortest

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t slot, k, ahead
        cdef int32_t a, b
        cdef uint8_t level
        for slot in range(<Py_ssize_t>self.ours.size()):
            find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 4)
            for k in range(batch.unlike):
                ahead = k + AHEAD
                if ahead < batch.unlike:
                    cxm_prefetch(&self.tails[batch.ones[ahead]])
                    cxm_prefetch(&self.tails[batch.others[ahead]])
                    cxm_prefetch(&self.text.marks[batch.ones[ahead]])
                    cxm_prefetch(&self.text.marks[batch.others[ahead]])
                a = batch.ones[k]
                b = batch.others[k]
                level = 1
                if self.tails[a] != 0 and self.tails[a] == self.tails[b]:
                    level = 3
                elif one_edit_apart(self.text, a, b, self.shortest):
                    level = 2
                write_best(batch, batch.rows[k], self.column, level)
        return 0


@cython.final
cdef class EmailLevels(Comparison):
    """Levels of e-mail addresses."""

    cdef const int32_t[::1] local_codes
    cdef TextColumn local_text
    cdef Similarity similarity
    cdef double close

    def __init__(self, slots, Py_ssize_t column, const int32_t[::1] local_codes, TextColumn local_text not None,
                 Similarity similarity, measure, double close):
        Comparison.__init__(self, slots, column, measure)
        self.local_codes, self.local_text, self.similarity = local_codes, local_text, similarity
        self.close = close - SLACK

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef RF_String one, two
        cdef Py_ssize_t slot, k
        cdef double score
        cdef Measure measure
        open_measure(&measure, self.similarity)
        for slot in range(<Py_ssize_t>self.ours.size()):
            find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 4)
            if measure.scorer == NULL:
                with gil:
                    self.take_measured(batch, slot)
            for k in range(batch.unlike):
                batch.ones[k] = self.local_codes[batch.ones[k]]
                batch.others[k] = self.local_codes[batch.others[k]]
            for k in range(batch.unlike):
                fetch_texts(batch, self.local_text, k)
                if batch.ones[k] == batch.others[k]:
                    write_best(batch, batch.rows[k], self.column, 3)
                    continue
                one = value_at(self.local_text, batch.ones[k])
                two = value_at(self.local_text, batch.others[k])
                score = alike(&measure, batch, k, &one, &two, self.close)
                if score < 0.0:
                    cursor_close(&measure.cursor)
                    scorer_failed()
                write_best(batch, batch.rows[k], self.column, 2 if score >= self.close else 1)
        cursor_close(&measure.cursor)
        return 0


@cython.final
cdef class TokenLevels(Comparison):
    """Levels of organisation names by the rarity of shared words."""

    cdef TextColumn text
    cdef const int64_t[::1] starts
    cdef const int32_t[::1] tokens
    cdef const float[::1] rarity
    cdef Similarity similarity
    cdef double close

    def __init__(self, slots, Py_ssize_t column, TextColumn text not None, const int64_t[::1] starts,
                 const int32_t[::1] tokens, const float[::1] rarity, Similarity similarity, measure, double close):
        Comparison.__init__(self, slots, column, measure)
        self.text, self.starts, self.tokens, self.rarity = text, starts, tokens, rarity
        self.similarity, self.close = similarity, close - SLACK

    cdef inline uint8_t shared_words(self, int32_t a, int32_t b) noexcept nogil:
        cdef double both = 0.0, mine = 0.0, yours = 0.0
        cdef int64_t x = self.starts[a], y = self.starts[b]
        while x < self.starts[a + 1] or y < self.starts[b + 1]:
            if y >= self.starts[b + 1] or (x < self.starts[a + 1] and self.tokens[x] < self.tokens[y]):
                mine += self.rarity[self.tokens[x]]
                x += 1
            elif x >= self.starts[a + 1] or self.tokens[y] < self.tokens[x]:
                yours += self.rarity[self.tokens[y]]
                y += 1
            else:
                both += self.rarity[self.tokens[x]]
                x += 1
                y += 1
        if both <= 0.0:
            return 1
        if both >= 0.8 * (both + mine + yours):
            return 5
        if both >= 0.9 * (both + (mine if mine < yours else yours)):
            return 4
        if both >= 0.5 * (both + mine + yours):
            return 3
        return 2 if both >= 0.2 * (both + mine + yours) else 1

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef RF_String one, two
        cdef Py_ssize_t slot, k
        cdef double score
        cdef uint8_t level
        cdef Measure measure
        open_measure(&measure, self.similarity)
        for slot in range(<Py_ssize_t>self.ours.size()):
            find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 6)
            if measure.scorer == NULL:
                with gil:
                    self.take_measured(batch, slot)
            for k in range(batch.unlike):
                one = value_at(self.text, batch.ones[k])
                two = value_at(self.text, batch.others[k])
                score = alike(&measure, batch, k, &one, &two, self.close)
                if score < 0.0:
                    cursor_close(&measure.cursor)
                    scorer_failed()
                level = 5 if score >= self.close else self.shared_words(batch.ones[k], batch.others[k])
                write_best(batch, batch.rows[k], self.column, level)
        cursor_close(&measure.cursor)
        return 0


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
cdef class AddressLevels(Comparison):
    """Levels of addresses: every combination of a street ladder and a place ladder."""

    cdef vector[Address] our_addresses
    cdef vector[Address] their_addresses
    cdef list addresses
    cdef TextColumn streets, postcodes, cities
    cdef const uint64_t[::1] areas
    cdef Similarity similarity
    cdef double similar

    def __init__(self, slots, Py_ssize_t column, TextColumn streets not None, TextColumn postcodes not None,
                 TextColumn cities not None, const uint64_t[::1] areas, Similarity similarity, measure,
                 double similar):
        self.addresses = [(tuple(ours), tuple(theirs)) for ours, theirs in slots]
        Comparison.__init__(self, [(ours[0], theirs[0]) for ours, theirs in self.addresses], column, measure)
        for ours, theirs in self.addresses:
            self.our_addresses.push_back(address_at(ours))
            self.their_addresses.push_back(address_at(theirs))
        self.streets, self.postcodes, self.cities, self.areas = streets, postcodes, cities, areas
        self.similarity, self.similar = similarity, similar - SLACK

    cdef int fill_streets(self, Batch* batch, Measure* measure, const Address* ours, const Address* theirs) except -1 nogil:
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
                cursor_close(&measure.cursor)
                scorer_failed()
            if score >= self.similar or is_part(&one, &two):
                batch.outer[batch.rows[k]] = 4 if batch.inner[k] else 2
            else:
                batch.outer[batch.rows[k]] = 1
        return 0

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

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t slot, i
        cdef Measure measure
        open_measure(&measure, self.similarity)
        for slot in range(<Py_ssize_t>self.our_addresses.size()):
            if measure.scorer == NULL:
                with gil:
                    self.take_measured(batch, slot)
            self.fill_streets(batch, &measure, &self.our_addresses[slot], &self.their_addresses[slot])
            self.fill_places(batch, &self.our_addresses[slot], &self.their_addresses[slot])
            for i in range(batch.size):
                write_best(batch, i, self.column, <uint8_t>(batch.outer[i] * 5 + batch.inner[i]))
        cursor_close(&measure.cursor)
        return 0


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


@cython.final
cdef class Comparisons:
    """All comparisons of a model, tied to the codes of some records."""

    def __init__(self, steps, const int32_t[:, ::1] table, Py_ssize_t width):
        self.steps = list(steps)
        self.table = table
        self.width = width
        for step in self.steps:
            if not isinstance(step, Comparison):
                raise TypeError(f"expected comparisons, got {type(step).__name__}")
            self.pointers.push_back(<PyObject*>step)

    def __reduce__(self):
        raise TypeError("Comparisons borrows its buffers and cannot be pickled; bind the model again")

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t i, step, columns = self.table.shape[1]
        cdef const int32_t* row
        if self.table.shape[0] and columns:
            for i in range(batch.size):
                row = &self.table[batch.left[i], 0]
                cxm_prefetch(row)
                cxm_prefetch(row + columns - 1)
                row = &self.table[batch.right[i], 0]
                cxm_prefetch(row)
                cxm_prefetch(row + columns - 1)
        for step in range(<Py_ssize_t>self.pointers.size()):
            (<Comparison>self.pointers[step]).fill(batch)
        return 0

    def write(self, const int32_t[::1] left, const int32_t[::1] right, uint8_t[:, ::1] levels):
        """Writes the levels of some pairs."""
        cdef Py_ssize_t first = 0, n = left.shape[0]
        cdef Batch* batch
        if levels.shape[0] != n or right.shape[0] != n or levels.shape[1] != self.width:
            raise ValueError(f"expected {n} pairs on both sides and levels of {self.width} comparisons")
        batch = <Batch*>malloc(sizeof(Batch))
        if batch == NULL:
            raise MemoryError
        try:
            with nogil:
                while first < n:
                    batch.left = &left[first]
                    batch.right = &right[first]
                    batch.size = min(BATCH, n - first)
                    batch.levels = &levels[first, 0] if self.width else NULL
                    batch.width = self.width
                    self.fill(batch)
                    first += BATCH
        finally:
            free(batch)
