"""Agreement levels of record pairs, one comparison after the other over batches that stay in the cache.

``compare.pyi`` says what each class takes and gives.
"""

cimport cython
from cpython.ref cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libcpp.vector cimport vector

from cxm_sdk._native.batch cimport (
    AHEAD,
    BATCH,
    Batch,
    Code,
    Digest,
    Slots,
    coded,
    cxm_prefetch,
    fetch_rows,
    find_unlike,
    gather_codes,
    keep_alike,
    keep_best,
    keep_near,
    keep_near_codes,
    keep_promising,
    levels_of,
    list_pairs,
    open_batch,
    our_codes,
    put_levels,
    put_value,
    raise_levels,
    same_codes,
    take_batch,
    take_levels,
    their_codes,
)
from cxm_sdk._native.overlap cimport overlap_level
from cxm_sdk._native.rapidfuzz_capi cimport RF_String
from cxm_sdk._native.strings cimport (
    Name,
    Needs,
    Similarity,
    TextColumn,
    aligned,
    char_at,
    cursor_close,
    is_part,
    may_reach,
    name_may_reach,
    name_may_stand_for,
    name_of,
    needs_of,
    one_edit_apart,
    shares_group,
    text_at,
    text_from,
    value_at,
    value_from,
)

import numpy as np


cdef extern from "dates.hpp":
    void date_levels "cxm_date_levels" (const int32_t* ones, const int32_t* others, Py_ssize_t n,
                                        uint8_t* out) noexcept nogil


cdef class Comparison:
    """One step over a batch of pairs; raises levels, or changes them by what other comparisons found."""

    def __init__(self, slots, Py_ssize_t column):
        self.column = self.highest = column
        self.widest = -1
        for ours, theirs in slots:
            self.reads(Slots(ours, theirs))

    cdef int reads(self, Slots slots) except -1:
        if min(slots.ours, slots.theirs) < -1:
            raise ValueError(f"expected columns of codes, or -1, got {min(slots.ours, slots.theirs)}")
        self.slots.push_back(slots)
        self.widest = max(self.widest, slots.ours, slots.theirs)
        return 0

    cdef int reads_digests(self, digests) except -1:
        for (ours, our_shift), (theirs, their_shift) in digests:
            if not 0 <= min(our_shift, their_shift) <= max(our_shift, their_shift) < 32:
                raise ValueError(f"expected shifts from 0 to 31, got {our_shift} and {their_shift}")
            self.digests.push_back(Digest(Slots(ours, theirs), our_shift, their_shift))
            self.widest = max(self.widest, <Py_ssize_t>ours, <Py_ssize_t>theirs)
        if self.digests.size() and self.digests.size() != self.slots.size():
            raise ValueError(f"expected digests of {self.slots.size()} slots, got {self.digests.size()}")
        return 0

    cdef bint has_digest(self, Py_ssize_t slot) noexcept nogil:
        cdef const Digest* digest = self.digests.data() + slot
        return self.digests.size() != 0 and min(digest.slots.ours, digest.slots.theirs) >= 0

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
        for slot in range(<Py_ssize_t>self.slots.size()):
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
        ours = np.asarray(<const int32_t[:batch.size]>our_codes(batch, self.slots[slot].ours))
        theirs = np.asarray(<const int32_t[:batch.size]>their_codes(batch, self.slots[slot].theirs))
        found = self.measure(ours, theirs)
        if found.shape[0] != batch.size:
            raise ValueError(f"expected {batch.size} similarities, got {found.shape[0]}")
        for i in range(batch.size):
            batch.measured[i] = found[i]
        return 0


@cython.final
cdef class EqualLevels(Comparison):
    """Levels of plain codes."""

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t slot
        for slot in range(<Py_ssize_t>self.slots.size()):
            find_unlike(batch, self.slots[slot], 2, levels_of(batch, self.column))
        return 0


@cython.final
cdef class NameLevels(MeasuredComparison):
    """Levels of names."""

    cdef TextColumn text
    cdef vector[Name] room
    cdef Name* names
    cdef const uint64_t[::1] sounds
    cdef const int32_t[:, ::1] groups
    cdef double close, similar

    def __init__(self, slots, Py_ssize_t column, TextColumn text not None, const uint64_t[::1] sounds,
                 const int32_t[:, ::1] groups, Similarity similarity, measure, double close, double similar):
        cdef Py_ssize_t i, width = groups.shape[1]
        MeasuredComparison.__init__(self, slots, column, similarity, measure)
        if sounds.shape[0] != text.size or groups.shape[0] != text.size:
            raise ValueError(f"expected sounds and groups of {text.size} values")
        self.text, self.sounds, self.groups = text, sounds, groups
        self.close, self.similar = reached(close), reached(similar)
        self.room.resize(text.size + 1)
        self.names = <Name*>aligned(self.room.data(), sizeof(Name))
        for i in range(text.size):
            self.names[i] = name_of(&text.places[i], sounds[i], &groups[i, 0] if width else NULL, width)

    cdef inline uint8_t known_level(self, int32_t a, int32_t b) noexcept nogil:
        # What does not ask for letters: a shared nickname group, and equal sounds.
        cdef const Name* one = &self.names[a]
        cdef const Name* two = &self.names[b]
        if one.groups and two.groups and (
            one.group == two.group
            or (one.groups + two.groups > 2 and shares_group(&self.groups[0, 0], self.groups.shape[1], a, b))
        ):
            return 4
        return 2 if one.sound != 0 and one.sound == two.sound and self.sounds[a] == self.sounds[b] else 1

    cdef void keep_promising(self, Batch* batch, uint8_t* levels, bint measured) noexcept nogil:
        # Gives all listed pairs the level that is known without their letters, and keeps those listed that could reach
        # a higher one; where all are measured already, all of them.
        cdef Py_ssize_t k, kept = 0
        cdef int32_t a, b
        cdef const Name* names = self.names
        cdef const Name* one
        cdef const Name* two
        cdef Needs needs = needs_of(self.similar)
        for k in range(min(batch.unlike, <Py_ssize_t>AHEAD)):
            cxm_prefetch(&names[batch.ones[k]])
            cxm_prefetch(&names[batch.others[k]])
        for k in range(batch.unlike):
            if k + AHEAD < batch.unlike:
                cxm_prefetch(&names[batch.ones[k + AHEAD]])
                cxm_prefetch(&names[batch.others[k + AHEAD]])
            a = batch.ones[k]
            b = batch.others[k]
            one = &names[a]
            two = &names[b]
            keep_best(levels + batch.rows[k], self.known_level(a, b))
            if measured or name_may_reach(one, two, &needs) or name_may_stand_for(one, two):
                cxm_prefetch(text_from(self.text, one.start))
                cxm_prefetch(text_from(self.text, two.start))
                batch.rows[kept] = batch.rows[k]
                batch.ones[kept] = a
                batch.others[kept] = b
                kept += 1
        batch.unlike = kept

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        cdef RF_String one, two
        cdef const Name* name
        cdef Py_ssize_t k
        cdef double score
        cdef uint8_t level
        cdef uint8_t* levels = levels_of(batch, self.column)
        find_unlike(batch, self.slots[slot], 6, levels)
        self.keep_promising(batch, levels, measure.scorer == NULL)
        for k in range(batch.unlike):
            name = &self.names[batch.ones[k]]
            one = value_from(self.text, name.start, name.length, name.letters)
            name = &self.names[batch.others[k]]
            two = value_from(self.text, name.start, name.length, name.letters)
            score = alike(measure, batch, k, &one, &two, self.similar)
            if score < 0.0:
                return False
            if score >= self.close:
                level = 5
            elif is_part(&one, &two):
                level = 4
            elif (one.length and two.length and (one.length == 1 or two.length == 1)
                    and char_at(&one, 0) == char_at(&two, 0)):
                level = 3
            else:
                level = 2 if score >= self.similar else 1
            keep_best(levels + batch.rows[k], level)
        return True


@cython.final
cdef class DateLevels(Comparison):
    """Levels of dates."""

    cdef const uint32_t[::1] dates

    def __init__(self, slots, Py_ssize_t column, const uint32_t[::1] dates):
        Comparison.__init__(self, slots, column)
        self.dates = dates

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t slot, k
        cdef uint8_t* levels = levels_of(batch, self.column)
        for slot in range(<Py_ssize_t>self.slots.size()):
            find_unlike(batch, self.slots[slot], 5, levels)
            for k in range(batch.unlike):
                batch.ones[k] = <int32_t>self.dates[batch.ones[k]]
                batch.others[k] = <int32_t>self.dates[batch.others[k]]
            date_levels(batch.ones, batch.others, batch.unlike, batch.outer)
            for k in range(batch.unlike):
                keep_best(levels + batch.rows[k], batch.outer[k])
        return 0


@cython.final
cdef class CodeLevels(Comparison):
    """Levels of phones and identifiers."""

    cdef TextColumn text
    cdef vector[Code] codes
    cdef Py_ssize_t shortest

    def __init__(self, slots, Py_ssize_t column, TextColumn text not None, const uint64_t[::1] tails,
                 Py_ssize_t shortest, digests=()):
        Comparison.__init__(self, slots, column)
        self.text, self.shortest = text, shortest
        self.codes = coded(text, tails)
        self.reads_digests(digests)

    cdef int fill(self, Batch* batch) except -1 nogil:
        cdef Py_ssize_t slot, k
        cdef uint8_t* levels = levels_of(batch, self.column)
        cdef const Code* codes = self.codes.data()
        for slot in range(<Py_ssize_t>self.slots.size()):
            find_unlike(batch, self.slots[slot], 4, levels)
            if self.has_digest(slot):
                keep_near(batch, &self.digests[slot])
            keep_near_codes(batch, codes, self.text, levels)
            for k in range(batch.unlike):
                cxm_prefetch(text_at(self.text, batch.ones[k]))
                cxm_prefetch(text_at(self.text, batch.others[k]))
            for k in range(batch.unlike):
                if one_edit_apart(self.text, batch.ones[k], batch.others[k], self.shortest):
                    keep_best(levels + batch.rows[k], 2)
        return 0


@cython.final
cdef class EmailLevels(MeasuredComparison):
    """Levels of e-mail addresses."""

    cdef vector[Slots] addresses
    cdef TextColumn local_text
    cdef double close

    def __init__(self, slots, local_slots, Py_ssize_t column, TextColumn local_text not None, Similarity similarity,
                 measure, double close, digests=()):
        MeasuredComparison.__init__(self, slots, column, similarity, measure)
        # The last slots read stay those that are measured.
        self.addresses.swap(self.slots)
        for ours, theirs in local_slots:
            self.reads(Slots(ours, theirs))
        if self.addresses.size() != self.slots.size():
            raise ValueError(f"expected local parts of {self.addresses.size()} slots, got {self.slots.size()}")
        self.reads_digests(digests)
        self.local_text = local_text
        self.close = reached(close)

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        cdef RF_String one, two
        cdef Needs needs
        cdef Py_ssize_t first, k
        cdef uint64_t unlike, same
        cdef double score
        cdef uint8_t* levels = levels_of(batch, self.column)
        cdef const int32_t* our_addresses = our_codes(batch, self.addresses[slot].ours)
        cdef const int32_t* their_addresses = their_codes(batch, self.addresses[slot].theirs)
        cdef const int32_t* ours = our_codes(batch, self.slots[slot].ours)
        cdef const int32_t* theirs = their_codes(batch, self.slots[slot].theirs)
        batch.unlike = 0
        for first in range(0, BATCH, 64):
            unlike = raise_levels(our_addresses + first, their_addresses + first, 4, levels + first)
            same = unlike & same_codes(ours + first, theirs + first)
            put_value(same, 3, levels + first)
            list_pairs(batch, unlike & ~same, first, ours, theirs)
        if measure.scorer != NULL:
            if self.has_digest(slot):
                needs = needs_of(self.close)
                keep_alike(batch, &self.digests[slot], &needs)
            keep_promising(batch, self.local_text, self.close, False)
        for k in range(batch.unlike):
            one = value_at(self.local_text, batch.ones[k])
            two = value_at(self.local_text, batch.others[k])
            score = alike(measure, batch, k, &one, &two, self.close)
            if score < 0.0:
                return False
            if score >= self.close:
                keep_best(levels + batch.rows[k], 2)
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
        return overlap_level(both, mine, yours)

    cdef bint fill_slot(self, Batch* batch, Measure* measure, Py_ssize_t slot) noexcept nogil:
        cdef RF_String one, two
        cdef Py_ssize_t k
        cdef int32_t a, b
        cdef double score
        cdef Needs needs = needs_of(self.close)
        cdef uint8_t* levels = levels_of(batch, self.column)
        find_unlike(batch, self.slots[slot], 6, levels)
        for k in range(batch.unlike):
            a = batch.ones[k]
            b = batch.others[k]
            score = 0.0
            if measure.scorer == NULL or may_reach(&self.text.places[a], &self.text.places[b], &needs):
                one = value_at(self.text, a)
                two = value_at(self.text, b)
                score = alike(measure, batch, k, &one, &two, self.close)
            if score < 0.0:
                return False
            keep_best(levels + batch.rows[k], 5 if score >= self.close else self.shared_words(a, b))
        return True


@cython.final
cdef class Comparisons:
    """All comparisons of a model, tied to the codes of some records."""

    def __init__(self, steps, const int32_t[:, ::1] table not None, Py_ssize_t width):
        cdef Comparison known
        self.steps = list(steps)
        self.table = table
        self.width = width
        for step in self.steps:
            if not isinstance(step, Comparison):
                raise TypeError(f"expected comparisons, got {type(step).__name__}")
            known = step
            if known.widest >= table.shape[1] or known.column < 0 or known.highest >= width:
                raise ValueError(
                    f"expected at least {known.widest + 1} columns and {known.highest + 1} levels, "
                    f"got {table.shape[1]} and {width}"
                )
            self.pointers.push_back(<PyObject*>step)

    def __reduce__(self):
        raise TypeError("Comparisons borrows its buffers and cannot be pickled; bind the model again")

    cdef bint reads_codes(self, const int32_t[:, ::1] codes):
        return codes.shape[1] == self.table.shape[1] and (codes.shape[0] == 0 or &codes[0, 0] == &self.table[0, 0])

    cdef int fill(self, Batch* batch) except -1 nogil:
        # Rows of the next batch are asked for a few at a time, between one comparison and the next.
        cdef Py_ssize_t step, first = 0, last, steps = <Py_ssize_t>self.pointers.size()
        for step in range(steps):
            last = batch.following * (step + 1) // steps
            fetch_rows(self.table, batch.left + batch.size + first, last - first)
            fetch_rows(self.table, batch.right + batch.size + first, last - first)
            first = last
            (<Comparison>self.pointers[step]).fill(batch)
        return 0

    def write(self, const int32_t[::1] left, const int32_t[::1] right, uint8_t[:, ::1] levels):
        """Writes the levels of some pairs."""
        cdef Py_ssize_t first = 0, n = left.shape[0]
        cdef Batch* batch
        if levels.shape[0] != n or right.shape[0] != n or levels.shape[1] != self.width:
            raise ValueError(f"expected {n} pairs on both sides and levels of {self.width} comparisons")
        if n == 0 or self.width == 0:
            return
        batch = open_batch(self.table.shape[1], self.width)
        try:
            with nogil:
                while take_batch(batch, &left[0], &right[0], first, n):
                    gather_codes(self.table, batch)
                    take_levels(batch, &levels[first, 0])
                    self.fill(batch)
                    put_levels(batch, &levels[first, 0])
                    first += BATCH
        finally:
            free(batch)
