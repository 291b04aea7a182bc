"""Agreement levels of record pairs, one comparison after the other over batches that stay in the cache.

``compare.pyi`` says what each class takes and gives.
"""

cimport cython
from cpython.ref cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from cxm_sdk._native.rapidfuzz_capi cimport RF_String
from cxm_sdk._native.strings cimport (
    Similarity,
    TextColumn,
    char_at,
    cursor_close,
    is_part,
    one_edit_apart,
    popcount,
    value_at,
)

import numpy as np


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


cdef class Comparison:
    """One step over a batch of pairs; raises levels, or changes them by what other comparisons found."""

    def __init__(self, slots, Py_ssize_t column):
        # Kept alive; what they hold must not change.
        self.slots = [(ours, theirs) for ours, theirs in slots]
        self.column = column
        for ours, theirs in self.slots:
            self.ours.push_back(codes_at(ours))
            self.theirs.push_back(codes_at(theirs))

    def __reduce__(self):
        raise TypeError("comparisons borrow their buffers and cannot be pickled; bind the model again")

    cdef int fill(self, Batch* batch) except -1 nogil:
        return 0


cdef class MeasuredComparison(Comparison):
    """A comparison that asks how alike two texts are."""

    def __init__(self, slots, Py_ssize_t column, Similarity similarity, measure):
        Comparison.__init__(self, slots, column)
        self.similarity, self.measure = similarity, measure

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Measure measure
        cdef Py_ssize_t slot
        cdef bint done = True
        measure.scorer = NULL
        measure.kwargs = NULL
        if self.similarity is not None:
            measure.scorer = self.similarity.scorer
            measure.kwargs = &self.similarity.kwargs
        measure.cursor.built = False
        measure.cursor.code = -1
        for slot in range(<Py_ssize_t>self.ours.size()):
            if measure.scorer == NULL:
                with gil:
                    self.take_measured(batch, slot)
            done = self.fill_slot(batch, &measure, slot)
            if not done:
                break
        cursor_close(&measure.cursor)
        if not done:
            with gil:
                raise RuntimeError("the similarity scorer failed")
        return 0

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        return True

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
cdef class NameLevels(MeasuredComparison):
    """Levels of names."""

    cdef TextColumn text
    cdef const uint64_t[::1] sounds
    cdef const int32_t[:, ::1] groups
    cdef double close, similar

    def __init__(self, slots, Py_ssize_t column, TextColumn text not None, const uint64_t[::1] sounds,
                 const int32_t[:, ::1] groups, Similarity similarity, measure, double close, double similar):
        MeasuredComparison.__init__(self, slots, column, similarity, measure)
        self.text, self.sounds, self.groups = text, sounds, groups
        self.close, self.similar = reached(close), reached(similar)

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        cdef RF_String one, two
        cdef Py_ssize_t k, width = self.groups.shape[1]
        cdef int32_t a, b
        cdef double score
        cdef uint8_t level
        cdef const int32_t* group = &self.groups[0, 0] if self.text.size and width else NULL
        find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 6)
        for k in range(batch.unlike):
            fetch_texts(batch, self.text, k)
            a = batch.ones[k]
            b = batch.others[k]
            one = value_at(self.text, a)
            two = value_at(self.text, b)
            score = alike(measure, batch, k, &one, &two, self.similar)
            if score < 0.0:
                return False
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
        return True


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
cdef class EmailLevels(MeasuredComparison):
    """Levels of e-mail addresses."""

    cdef const int32_t[::1] local_codes
    cdef TextColumn local_text
    cdef double close

    def __init__(self, slots, Py_ssize_t column, const int32_t[::1] local_codes, TextColumn local_text not None,
                 Similarity similarity, measure, double close):
        MeasuredComparison.__init__(self, slots, column, similarity, measure)
        self.local_codes, self.local_text = local_codes, local_text
        self.close = reached(close)

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        cdef RF_String one, two
        cdef Py_ssize_t k
        cdef double score
        find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 4)
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
            score = alike(measure, batch, k, &one, &two, self.close)
            if score < 0.0:
                return False
            write_best(batch, batch.rows[k], self.column, 2 if score >= self.close else 1)
        return True


@cython.final
cdef class TokenLevels(MeasuredComparison):
    """Levels of organisation names by the rarity of shared words."""

    cdef TextColumn text
    cdef const int64_t[::1] starts
    cdef const int32_t[::1] tokens
    cdef const float[::1] rarity
    cdef double close

    def __init__(self, slots, Py_ssize_t column, TextColumn text not None, const int64_t[::1] starts,
                 const int32_t[::1] tokens, const float[::1] rarity, Similarity similarity, measure, double close):
        MeasuredComparison.__init__(self, slots, column, similarity, measure)
        self.text, self.starts, self.tokens, self.rarity = text, starts, tokens, rarity
        self.close = reached(close)

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

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        cdef RF_String one, two
        cdef Py_ssize_t k
        cdef double score
        cdef uint8_t level
        find_unlike(batch, &self.ours[slot], &self.theirs[slot], self.column, 6)
        for k in range(batch.unlike):
            one = value_at(self.text, batch.ones[k])
            two = value_at(self.text, batch.others[k])
            score = alike(measure, batch, k, &one, &two, self.close)
            if score < 0.0:
                return False
            level = 5 if score >= self.close else self.shared_words(batch.ones[k], batch.others[k])
            write_best(batch, batch.rows[k], self.column, level)
        return True


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
