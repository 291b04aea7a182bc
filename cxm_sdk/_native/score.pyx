"""Agreement levels of record pairs, column by column, and the bits they are worth.

``score.pyi`` says what each function takes and gives.
"""

cimport cython
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid
from libc.math cimport exp2, log1p
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libcpp.vector cimport vector

import numpy as np

from cxm_sdk._native.rapidfuzz_capi cimport (
    RF_SCORER_FLAG_RESULT_F64,
    RF_SCORER_STRUCT_VERSION,
    RF_UINT8,
    RF_UINT32,
    RF_Kwargs,
    RF_Scorer,
    RF_ScorerFlags,
    RF_ScorerFunc,
    RF_String,
)


cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


# Measured similarities come as 32-bit floats, and scorers differ in their last bit: so much below a threshold still
# reaches it, and levels are the same by every path.
cdef double SLACK = 1e-7


cdef inline int popcount(uint64_t x) noexcept nogil:
    x = x - ((x >> 1) & <uint64_t>0x5555555555555555)
    x = (x & <uint64_t>0x3333333333333333) + ((x >> 2) & <uint64_t>0x3333333333333333)
    x = (x + (x >> 4)) & <uint64_t>0x0F0F0F0F0F0F0F0F
    return <int>((x * <uint64_t>0x0101010101010101) >> 56)


cdef struct Place:
    int32_t start
    int32_t length
    uint64_t letters


@cython.final
cdef class TextColumn:
    """Distinct values of one column, laid out for comparison without the GIL."""

    # Where each value lies, how long it is, and which of 64 character classes occur in it.
    cdef Place* places
    # Length and a digest of which character stands where, to see at a glance that two values are far apart.
    cdef uint64_t* marks
    cdef const uint8_t* base
    cdef uint32_t* arena
    cdef readonly Py_ssize_t size
    cdef const uint8_t[::1] owner

    def __cinit__(self, const int32_t[::1] offsets, const uint8_t[::1] data):
        cdef Py_ssize_t n = offsets.shape[0] - 1, i
        if n < 0 or offsets[0] < 0 or offsets[n] > data.shape[0]:
            raise ValueError("expected offsets that lie inside the data")
        for i in range(n):
            if offsets[i + 1] < offsets[i]:
                raise ValueError(f"expected offsets that never fall, got otherwise at value {i}")
        cdef int64_t wide = 0, used = 0, length
        cdef RF_String value
        self.size = n
        self.owner = data
        self.places = <Place*>calloc(n + 1, sizeof(Place))
        self.marks = <uint64_t*>calloc(n + 1, sizeof(uint64_t))
        if self.places == NULL or self.marks == NULL:
            raise MemoryError
        if n == 0 or data.shape[0] == 0:
            return
        self.base = &data[0]
        for i in range(n):
            if not is_ascii(self.base + offsets[i], offsets[i + 1] - offsets[i]):
                wide += offsets[i + 1] - offsets[i]
        if wide:
            self.arena = <uint32_t*>malloc(wide * sizeof(uint32_t))
            if self.arena == NULL:
                raise MemoryError
        for i in range(n):
            length = offsets[i + 1] - offsets[i]
            if is_ascii(self.base + offsets[i], length):
                self.places[i].start = offsets[i]
                self.places[i].length = <int32_t>length
            else:
                # A negative start counts characters of the arena.
                length = decode_utf8(self.base + offsets[i], length, self.arena + used)
                self.places[i].start = <int32_t>(-1 - used)
                self.places[i].length = <int32_t>length
                used += length
            value = value_at(self, i)
            self.places[i].letters = letter_mask(&value)
            self.marks[i] = mark_of(&value)

    def __dealloc__(self):
        free(self.places)
        free(self.marks)
        free(self.arena)

    def __reduce__(self):
        raise TypeError("TextColumn borrows its buffers and cannot be pickled; build it again from the Arrow array")


cdef inline RF_String value_at(TextColumn column, Py_ssize_t i) noexcept nogil:
    # The context, which scorers leave alone, carries the character classes.
    cdef RF_String value
    cdef const Place* place = &column.places[i]
    value.dtor = NULL
    value.length = place.length
    value.context = <void*>place.letters
    if place.start >= 0:
        value.kind = RF_UINT8
        value.data = <void*>(column.base + place.start)
    else:
        value.kind = RF_UINT32
        value.data = <void*>(column.arena - 1 - place.start)
    return value


cdef inline const void* text_at(TextColumn column, Py_ssize_t i) noexcept nogil:
    cdef int32_t start = column.places[i].start
    return <const void*>(column.base + start) if start >= 0 else <const void*>(column.arena - 1 - start)


cdef bint is_ascii(const uint8_t* s, int64_t n) noexcept nogil:
    cdef int64_t i
    cdef uint8_t seen = 0
    for i in range(n):
        seen |= s[i]
    return seen < 128


cdef int64_t decode_utf8(const uint8_t* s, int64_t n, uint32_t* out) noexcept nogil:
    # Arrow guarantees valid UTF-8; a stray byte is taken as itself, so a broken value can never read past the end.
    cdef int64_t i = 0, k = 0
    cdef uint32_t c
    while i < n:
        c = s[i]
        if c < 0x80:
            i += 1
        elif c >> 5 == 6 and i + 1 < n:
            c = ((c & 0x1F) << 6) | (s[i + 1] & 0x3F)
            i += 2
        elif c >> 4 == 14 and i + 2 < n:
            c = ((c & 0x0F) << 12) | ((s[i + 1] & 0x3F) << 6) | (s[i + 2] & 0x3F)
            i += 3
        elif c >> 3 == 30 and i + 3 < n:
            c = ((c & 0x07) << 18) | ((s[i + 1] & 0x3F) << 12) | ((s[i + 2] & 0x3F) << 6) | (s[i + 3] & 0x3F)
            i += 4
        else:
            i += 1
        out[k] = c
        k += 1
    return k


cdef inline uint32_t char_at(const RF_String* s, int64_t i) noexcept nogil:
    if s.kind == RF_UINT8:
        return (<const uint8_t*>s.data)[i]
    return (<const uint32_t*>s.data)[i]


cdef uint64_t letter_mask(const RF_String* s) noexcept nogil:
    cdef uint64_t mask = 0
    cdef int64_t i
    for i in range(s.length):
        mask |= (<uint64_t>1) << (char_at(s, i) & 63)
    return mask


cdef uint64_t mark_of(const RF_String* s) noexcept nogil:
    # 56 bits, one for each character in its place, above 8 bits of length.
    cdef uint64_t mark = 0
    cdef int64_t i
    for i in range(s.length):
        mark |= (<uint64_t>256) << ((char_at(s, i) * 37 + i * 11) % 56)
    return mark | (<uint64_t>s.length if s.length < 255 else 255)


cdef inline bint far_apart(uint64_t a, uint64_t b) noexcept nogil:
    # Whether two marks rule out a single edit. One wrong character changes two bits at most, a swap of two four; a
    # lost or added character moves all that follow, so then only the length can tell.
    cdef int64_t gap = <int64_t>(a & 255) - <int64_t>(b & 255)
    if gap == 0:
        # 255 stands for all greater lengths, which may differ by one.
        return (a & 255) < 255 and popcount((a ^ b) >> 8) > 4
    return gap < -1 or gap > 1


cdef inline uint64_t letters_of(const RF_String* s) noexcept nogil:
    return <uint64_t>s.context


cdef inline bint may_reach(const RF_String* a, const RF_String* b, double similarity) noexcept nogil:
    # Whether Jaro-Winkler could reach a similarity: a character class that only one side has cannot be matched.
    # With m matches Jaro is at most (m / la + m / lb + 1) / 3, and a common prefix of p lifts j to j + p / 10 * (1 - j).
    cdef uint64_t la = letters_of(a), lb = letters_of(b)
    cdef int64_t m = a.length - popcount(la & ~lb), other = b.length - popcount(lb & ~la), prefix = 0
    cdef double jaro
    if other < m:
        m = other
    if m <= 0:
        return False
    jaro = (similarity - 0.4) / 0.6
    if m * (a.length + b.length) < (3.0 * jaro - 1.0) * a.length * b.length:
        return False
    while prefix < 4 and prefix < a.length and prefix < b.length and char_at(a, prefix) == char_at(b, prefix):
        prefix += 1
    jaro = (similarity - 0.1 * prefix) / (1.0 - 0.1 * prefix)
    return m * (a.length + b.length) >= (3.0 * jaro - 1.0) * a.length * b.length - 1e-9


cdef bint within_one_edit(const RF_String* a, const RF_String* b) noexcept nogil:
    # Optimal string alignment distance <= 1: one substitution, insertion, deletion or swap of neighbours.
    cdef const RF_String* t
    cdef int64_t i = 0, j
    if a.length > b.length:
        t = a
        a = b
        b = t
    if b.length - a.length > 1 or popcount(letters_of(a) & ~letters_of(b)) > 1:
        return False
    while i < a.length and char_at(a, i) == char_at(b, i):
        i += 1
    if a.length == b.length:
        if i + 1 < a.length and char_at(a, i) == char_at(b, i + 1) and char_at(a, i + 1) == char_at(b, i):
            j = i + 2
            while j < a.length and char_at(a, j) == char_at(b, j):
                j += 1
            if j == a.length:
                return True
        j = i + 1
        while j < a.length and char_at(a, j) == char_at(b, j):
            j += 1
        return j >= a.length
    j = i
    while j < a.length and char_at(a, j) == char_at(b, j + 1):
        j += 1
    return j == a.length


cdef bint one_edit_apart(TextColumn text, int32_t a, int32_t b, Py_ssize_t shortest) noexcept nogil:
    cdef RF_String one, two
    if far_apart(text.marks[a], text.marks[b]):
        return False
    one = value_at(text, a)
    two = value_at(text, b)
    return one.length >= shortest and two.length >= shortest and within_one_edit(&one, &two)


cdef bint is_part(const RF_String* a, const RF_String* b) noexcept nogil:
    # Whether the shorter text is whole words at the start or the end of the longer one (double surnames).
    cdef const RF_String* t
    cdef int64_t i, shift
    if a.length > b.length:
        t = a
        a = b
        b = t
    if a.length < 2 or a.length == b.length:
        return False
    shift = b.length - a.length
    if char_at(b, a.length) == 32:
        i = 0
        while i < a.length and char_at(a, i) == char_at(b, i):
            i += 1
        if i == a.length:
            return True
    if char_at(b, shift - 1) == 32:
        i = 0
        while i < a.length and char_at(a, i) == char_at(b, i + shift):
            i += 1
        return i == a.length
    return False


@cython.final
cdef class Similarity:
    """A RapidFuzz scorer that can be called without the GIL."""

    cdef RF_Scorer* scorer
    cdef RF_Kwargs kwargs
    cdef bint ready
    cdef object owner

    def __cinit__(self, scorer):
        cdef RF_ScorerFlags flags
        self.ready = False
        capsule = getattr(scorer, "_RF_Scorer", None)
        if capsule is None or not PyCapsule_IsValid(capsule, NULL):
            raise TypeError("the scorer has no C interface")
        self.owner = capsule
        self.scorer = <RF_Scorer*>PyCapsule_GetPointer(capsule, NULL)
        if self.scorer.version != RF_SCORER_STRUCT_VERSION:
            raise TypeError(f"expected scorer struct version 3, got {self.scorer.version}")
        self.scorer.kwargs_init(&self.kwargs, {})
        self.ready = True
        self.scorer.get_scorer_flags(&self.kwargs, &flags)
        if not flags.flags & RF_SCORER_FLAG_RESULT_F64:
            raise TypeError("expected a scorer with a float result")

    def __dealloc__(self):
        if self.ready and self.kwargs.dtor != NULL:
            self.kwargs.dtor(&self.kwargs)

    def __reduce__(self):
        raise TypeError("Similarity holds a C capsule and cannot be pickled; build it again from the scorer")


cdef struct Cursor:
    # One scorer function, built for the left value it was last asked about.
    RF_ScorerFunc function
    int32_t code
    bint built


cdef inline void cursor_close(Cursor* cursor) noexcept nogil:
    if cursor.built and cursor.function.dtor != NULL:
        cursor.function.dtor(&cursor.function)
    cursor.built = False


cdef double cursor_score(Cursor* cursor, const RF_Scorer* scorer, const RF_Kwargs* kwargs, const RF_String* left,
                         const RF_String* right, int32_t a, double cutoff) noexcept nogil:
    # Returns a negative number when the scorer failed (an exception is then set).
    cdef double out = 0.0
    if not cursor.built or cursor.code != a:
        cursor_close(cursor)
        if not scorer.scorer_func_init(&cursor.function, kwargs, 1, left):
            return -1.0
        cursor.built = True
        cursor.code = a
    if not cursor.function.f64(&cursor.function, right, 1, cutoff, cutoff, &out):
        return -1.0
    return out


cdef inline void keep_best(uint8_t* out, uint8_t level) noexcept nogil:
    if level > out[0]:
        out[0] = level


cdef enum:
    AHEAD = 12  # pairs whose values are asked for before they are compared
    LARGE_TABLE = 4096  # values whose bits the fast caches hold anyway


cdef class Unlike:
    """The pairs of a batch whose codes differ: which they are, and the codes.

    Where codes are equal or missing the level is known at once. That is settled first, for all pairs and without a
    branch, as no processor can guess which pairs agree; what is left is compared in loops of its own, with values
    fetched ahead.
    """

    cdef int32_t* rows
    cdef int32_t* ones
    cdef int32_t* others
    cdef Py_ssize_t room, count

    def __cinit__(self, Py_ssize_t room):
        self.rows = <int32_t*>malloc(3 * (room + 1) * sizeof(int32_t))
        if self.rows == NULL:
            raise MemoryError
        self.ones = self.rows + room + 1
        self.others = self.ones + room + 1
        self.room = room
        self.count = 0

    def __dealloc__(self):
        free(self.rows)

    cdef void find(self, const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_codes,
                   const int32_t[:] right_codes, uint8_t[:, ::1] levels, Py_ssize_t column, uint8_t exact) noexcept nogil:
        """Writes ``exact`` where codes are equal, and lists the pairs that differ and have not got it from other slots."""
        cdef Py_ssize_t i, k = 0, n = left.shape[0], width = levels.shape[1]
        cdef int32_t* rows = self.rows
        cdef int32_t* ones = self.ones
        cdef int32_t* others = self.others
        cdef uint8_t* out = &levels[0, column] if n else NULL
        cdef int32_t a, b
        cdef uint8_t level
        for i in range(n):
            a = left_codes[left[i]]
            b = right_codes[right[i]]
            level = <uint8_t>(exact * ((a >= 0) & (a == b)))
            level = level if level > out[0] else out[0]
            out[0] = level
            out += width
            rows[k] = <int32_t>i
            ones[k] = a
            others[k] = b
            k += ((a | b) >= 0) & (a != b) & (level < exact)
        self.count = k

    cdef void fetch(self, TextColumn text, Py_ssize_t k) noexcept nogil:
        """Asks for the places of texts that come later, and for the texts whose places are there by now."""
        cdef Py_ssize_t ahead = k + 2 * AHEAD
        if ahead < self.count:
            cxm_prefetch(&text.places[self.ones[ahead]])
            cxm_prefetch(&text.places[self.others[ahead]])
        ahead = k + AHEAD
        if ahead < self.count:
            cxm_prefetch(text_at(text, self.ones[ahead]))
            cxm_prefetch(text_at(text, self.others[ahead]))


def equal_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_codes,
                 const int32_t[:] right_codes, uint8_t[:, ::1] levels, Py_ssize_t column):
    """Level 2 where codes are equal, 1 where they differ, 0 where either is null."""
    cdef Py_ssize_t i, n = left.shape[0]
    cdef int32_t a, b
    with nogil:
        for i in range(n):
            a = left_codes[left[i]]
            b = right_codes[right[i]]
            if a >= 0 and b >= 0:
                keep_best(&levels[i, column], 2 if a == b else 1)


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


def name_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_codes,
                const int32_t[:] right_codes, TextColumn text, const uint64_t[::1] sounds,
                const int32_t[:, ::1] groups, Similarity similarity, const float[::1] measured, double close,
                double similar, uint8_t[:, ::1] levels, Py_ssize_t column):
    """Levels of names: 6 exact, 5 close, 4 variant, 3 initial, 2 similar, 1 different, 0 missing."""
    cdef RF_String one, two
    cdef Py_ssize_t k, width = groups.shape[1]
    cdef int32_t a, b
    cdef Unlike unlike = Unlike(left.shape[0])
    cdef Cursor cursor
    cdef const RF_String* s
    cdef const RF_String* t
    cdef const RF_Scorer* scorer = NULL
    cdef const RF_Kwargs* kwargs = NULL
    cdef double score
    cdef uint8_t level
    cdef bint failed = False
    cdef const int32_t* group = &groups[0, 0] if text.size and width else NULL
    close -= SLACK
    similar -= SLACK
    if similarity is not None:
        scorer = similarity.scorer
        kwargs = &similarity.kwargs
    cursor.built = False
    cursor.code = -1
    with nogil:
        unlike.find(left, right, left_codes, right_codes, levels, column, 6)
        for k in range(unlike.count):
            unlike.fetch(text, k)
            a = unlike.ones[k]
            b = unlike.others[k]
            one = value_at(text, a)
            two = value_at(text, b)
            s = &one
            t = &two
            score = 0.0
            if scorer == NULL:
                score = measured[unlike.rows[k]]
            elif may_reach(s, t, similar):
                score = cursor_score(&cursor, scorer, kwargs, &one, &two, a, similar)
                if score < 0.0:
                    failed = True
                    break
            if score >= close:
                level = 5
            elif (group != NULL and shares_group(group, width, a, b)) or is_part(s, t):
                level = 4
            elif s.length and t.length and (s.length == 1 or t.length == 1) and char_at(s, 0) == char_at(t, 0):
                level = 3
            elif score >= similar or (sounds[a] != 0 and sounds[a] == sounds[b]):
                level = 2
            else:
                level = 1
            keep_best(&levels[unlike.rows[k], column], level)
        cursor_close(&cursor)
    if failed:
        raise RuntimeError("the similarity scorer failed")


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


def date_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_codes,
                const int32_t[:] right_codes, const uint32_t[::1] dates, uint8_t[:, ::1] levels, Py_ssize_t column):
    """Levels of dates: 5 exact, 4 one slip, 3 two parts equal, 2 within a year, 1 different, 0 missing."""
    cdef Py_ssize_t k
    cdef Unlike unlike = Unlike(left.shape[0])
    with nogil:
        unlike.find(left, right, left_codes, right_codes, levels, column, 5)
        for k in range(unlike.count):
            keep_best(&levels[unlike.rows[k], column], date_level(dates[unlike.ones[k]], dates[unlike.others[k]]))


def code_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_codes,
                const int32_t[:] right_codes, TextColumn text, const uint64_t[::1] tails, Py_ssize_t shortest,
                uint8_t[:, ::1] levels, Py_ssize_t column):
    """Levels of phones and identifiers: 4 exact, 3 same tail, 2 one edit, 1 different, 0 missing."""
    cdef Py_ssize_t k, ahead
    cdef int32_t a, b
    cdef uint8_t level
    cdef Unlike unlike = Unlike(left.shape[0])
    with nogil:
        unlike.find(left, right, left_codes, right_codes, levels, column, 4)
        for k in range(unlike.count):
            ahead = k + AHEAD
            if ahead < unlike.count:
                cxm_prefetch(&tails[unlike.ones[ahead]])
                cxm_prefetch(&tails[unlike.others[ahead]])
                cxm_prefetch(&text.marks[unlike.ones[ahead]])
                cxm_prefetch(&text.marks[unlike.others[ahead]])
            a = unlike.ones[k]
            b = unlike.others[k]
            level = 1
            if tails[a] != 0 and tails[a] == tails[b]:
                level = 3
            elif one_edit_apart(text, a, b, shortest):
                level = 2
            keep_best(&levels[unlike.rows[k], column], level)


def street_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_streets,
                  const int32_t[:] left_numbers, const int32_t[:] right_streets,
                  const int32_t[:] right_numbers, TextColumn text, Similarity similarity,
                  const float[::1] measured, double similar, uint8_t[::1] out):
    """Levels of street lines, 0 to 5."""
    cdef RF_String one, two
    cdef Py_ssize_t i, k = 0, n = left.shape[0]
    cdef int32_t a, b, p, q, same_number
    cdef Unlike unlike = Unlike(n)
    cdef Cursor cursor
    cdef const RF_Scorer* scorer = NULL
    cdef const RF_Kwargs* kwargs = NULL
    cdef double score
    cdef bint failed = False
    similar -= SLACK
    if similarity is not None:
        scorer = similarity.scorer
        kwargs = &similarity.kwargs
    cursor.built = False
    cursor.code = -1
    with nogil:
        for i in range(n):
            a = left_streets[left[i]]
            b = right_streets[right[i]]
            p = left_numbers[left[i]]
            q = right_numbers[right[i]]
            same_number = (p >= 0) & (p == q)
            # 5 same number, 3 a number is missing, 2 other number; what differs is written below.
            out[i] = <uint8_t>(((a >= 0) & (a == b)) * (2 + ((p < 0) | (q < 0)) + 3 * same_number))
            unlike.rows[k] = <int32_t>(i << 1 | same_number)
            unlike.ones[k] = a
            unlike.others[k] = b
            k += (a >= 0) & (b >= 0) & (a != b)
        unlike.count = k
        for k in range(unlike.count):
            unlike.fetch(text, k)
            a = unlike.ones[k]
            i = unlike.rows[k] >> 1
            one = value_at(text, a)
            two = value_at(text, unlike.others[k])
            score = 0.0
            if scorer == NULL:
                score = measured[i]
            elif may_reach(&one, &two, similar):
                score = cursor_score(&cursor, scorer, kwargs, &one, &two, a, similar)
                if score < 0.0:
                    failed = True
                    break
            if score >= similar or is_part(&one, &two):
                out[i] = 4 if unlike.rows[k] & 1 else 2
            else:
                out[i] = 1
        cursor_close(&cursor)
    if failed:
        raise RuntimeError("the similarity scorer failed")


def place_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_postcodes,
                 const int32_t[:] left_cities, const int32_t[:] right_postcodes,
                 const int32_t[:] right_cities, TextColumn postcode_text, TextColumn city_text,
                 const uint64_t[::1] areas, uint8_t[::1] out):
    """Levels of places: 4 same postcode, 3 same city, 2 neighbours, 1 different, 0 missing."""
    cdef Py_ssize_t i, k = 0, n = left.shape[0]
    cdef int32_t a, b, p, q, postcodes, cities, same_postcode, same_city
    cdef Unlike unlike = Unlike(n)
    with nogil:
        for i in range(n):
            a = left_postcodes[left[i]]
            b = right_postcodes[right[i]]
            p = left_cities[left[i]]
            q = right_cities[right[i]]
            postcodes = (a >= 0) & (b >= 0)
            cities = (p >= 0) & (q >= 0)
            same_postcode = postcodes & (a == b)
            same_city = cities & (p == q)
            out[i] = <uint8_t>(4 * same_postcode if same_postcode else 3 * same_city)
            unlike.rows[k] = <int32_t>i
            k += (postcodes | cities) & (1 - same_postcode) & (1 - same_city)
        unlike.count = k
        for k in range(unlike.count):
            i = unlike.rows[k]
            a = left_postcodes[left[i]]
            b = right_postcodes[right[i]]
            p = left_cities[left[i]]
            q = right_cities[right[i]]
            if a >= 0 and b >= 0 and (
                (areas[a] != 0 and areas[a] == areas[b]) or one_edit_apart(postcode_text, a, b, 1)
            ):
                out[i] = 2
            elif p >= 0 and q >= 0 and one_edit_apart(city_text, p, q, 4):
                out[i] = 2
            else:
                out[i] = 1


def joint_levels(const uint8_t[::1] outer, const uint8_t[::1] inner, Py_ssize_t width, uint8_t[:, ::1] levels,
                 Py_ssize_t column):
    """Writes ``outer * width + inner``: one level for every combination of two ladders."""
    cdef Py_ssize_t i, n = outer.shape[0]
    with nogil:
        for i in range(n):
            keep_best(&levels[i, column], <uint8_t>(outer[i] * width + inner[i]))


def token_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_codes,
                 const int32_t[:] right_codes, TextColumn text, const int64_t[::1] starts,
                 const int32_t[::1] tokens, const float[::1] rarity, Similarity similarity,
                 const float[::1] measured, double close, uint8_t[:, ::1] levels, Py_ssize_t column):
    """Levels of organisation names by the rarity of shared words, 0 to 6."""
    cdef RF_String one, two
    cdef Py_ssize_t i, n = left.shape[0]
    cdef int64_t x, y
    cdef int32_t a, b
    cdef double both, mine, yours, score
    cdef Cursor cursor
    cdef const RF_Scorer* scorer = NULL
    cdef const RF_Kwargs* kwargs = NULL
    cdef uint8_t level
    cdef bint failed = False
    close -= SLACK
    if similarity is not None:
        scorer = similarity.scorer
        kwargs = &similarity.kwargs
    cursor.built = False
    cursor.code = -1
    with nogil:
        for i in range(n):
            a = left_codes[left[i]]
            b = right_codes[right[i]]
            if a < 0 or b < 0:
                continue
            if a == b:
                levels[i, column] = 6
                continue
            both = mine = yours = 0.0
            x = starts[a]
            y = starts[b]
            while x < starts[a + 1] or y < starts[b + 1]:
                if y >= starts[b + 1] or (x < starts[a + 1] and tokens[x] < tokens[y]):
                    mine += rarity[tokens[x]]
                    x += 1
                elif x >= starts[a + 1] or tokens[y] < tokens[x]:
                    yours += rarity[tokens[y]]
                    y += 1
                else:
                    both += rarity[tokens[x]]
                    x += 1
                    y += 1
            one = value_at(text, a)
            two = value_at(text, b)
            score = 0.0
            if scorer == NULL:
                score = measured[i]
            elif may_reach(&one, &two, close):
                score = cursor_score(&cursor, scorer, kwargs, &one, &two, a, close)
                if score < 0.0:
                    failed = True
                    break
            if score >= close:
                level = 5
            elif both <= 0.0:
                level = 1
            elif both >= 0.8 * (both + mine + yours):
                level = 5
            elif both >= 0.9 * (both + (mine if mine < yours else yours)):
                level = 4
            elif both >= 0.5 * (both + mine + yours):
                level = 3
            elif both >= 0.2 * (both + mine + yours):
                level = 2
            else:
                level = 1
            keep_best(&levels[i, column], level)
        cursor_close(&cursor)
    if failed:
        raise RuntimeError("the similarity scorer failed")


def swapped_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] first_names,
                   const int32_t[:] last_names, const int32_t[::1] as_first, uint8_t swapped,
                   uint8_t[:, ::1] levels, Py_ssize_t first_column, Py_ssize_t last_column):
    """Where first and last name stand in each other's place, marks the first name and silences the last."""
    cdef Py_ssize_t i, n = left.shape[0]
    cdef int32_t a, b, c, d
    with nogil:
        for i in range(n):
            a = first_names[left[i]]
            b = first_names[right[i]]
            c = last_names[left[i]]
            d = last_names[right[i]]
            if a < 0 or b < 0 or c < 0 or d < 0 or a == b:
                continue
            if as_first[c] == b and as_first[d] == a:
                levels[i, first_column] = swapped
                levels[i, last_column] = 0


def silence_levels(const int32_t[::1] left, const int32_t[::1] right, const uint8_t[::1] derived,
                   uint8_t exact, uint8_t agreeing, uint8_t[:, ::1] levels, Py_ssize_t column,
                   Py_ssize_t first_column, Py_ssize_t last_column):
    """Drops a partial agreement that only repeats what agreeing names have said already."""
    cdef Py_ssize_t i, n = left.shape[0]
    with nogil:
        for i in range(n):
            if (1 < levels[i, column] < exact and (derived[left[i]] or derived[right[i]])
                    and levels[i, first_column] >= agreeing and levels[i, last_column] >= agreeing):
                levels[i, column] = 0


def contains_text(const int32_t[::1] outer_codes, TextColumn outer, const int32_t[::1] inner_codes,
                  TextColumn inner, Py_ssize_t shortest, uint8_t[::1] out):
    """Marks the records whose outer value holds their inner value."""
    cdef RF_String one, two
    cdef Py_ssize_t i, j, k, n = outer_codes.shape[0]
    cdef const RF_String* s
    cdef const RF_String* t
    with nogil:
        for i in range(n):
            if outer_codes[i] < 0 or inner_codes[i] < 0:
                continue
            one = value_at(outer, outer_codes[i])
            two = value_at(inner, inner_codes[i])
            s = &one
            t = &two
            if t.length < shortest:
                continue
            for j in range(s.length - t.length + 1):
                k = 0
                while k < t.length and char_at(s, j + k) == char_at(t, k):
                    k += 1
                if k == t.length:
                    out[i] = 1
                    break


cdef enum:
    STEPS = 64  # places of a table in each bit
    REACH = 44  # bits beyond which the curve is its asymptote to the last digit

# log2(1 + 2 ** x) and its slope, x from -REACH to REACH. Between two places a cubic is right to 1e-10.
cdef double[2 * REACH * STEPS + 2][2] CURVE


cdef void draw_curve() noexcept:
    cdef Py_ssize_t i
    cdef double x
    for i in range(2 * REACH * STEPS + 2):
        x = <double>i / STEPS - REACH
        CURVE[i][0] = log1p(exp2(x)) * 1.4426950408889634
        CURVE[i][1] = exp2(x) / (1.0 + exp2(x)) / STEPS


draw_curve()


cdef inline double log2_of_one_plus(double x) noexcept nogil:
    # log2(1 + 2 ** x), which sums two likelihoods given in bits.
    cdef double at, t, rise
    cdef Py_ssize_t i
    if x <= -REACH:
        return 0.0
    if x >= REACH:
        return x
    at = (x + REACH) * STEPS
    i = <Py_ssize_t>at
    t = at - i
    rise = CURVE[i + 1][0] - CURVE[i][0]
    # Hermite's cubic through two places with their slopes.
    return CURVE[i][0] + t * (
        CURVE[i][1] + t * (3.0 * rise - 2.0 * CURVE[i][1] - CURVE[i + 1][1]
                           + t * (CURVE[i][1] + CURVE[i + 1][1] - 2.0 * rise))
    )


cdef struct Adjustment:
    Py_ssize_t column         # comparison whose level is looked at
    const int32_t* left       # codes of the left slot
    const int32_t* right      # codes of the right slot
    Py_ssize_t left_stride    # in values
    Py_ssize_t right_stride
    const float* bits         # by value
    const uint8_t* at_level   # by level
    const uint64_t* told      # one bit for each value, set where its bits are not 0; seen before bits are fetched
    bint household
    Py_ssize_t number         # adjustments of one number are alternatives: the first that agrees counts


@cython.final
cdef class Adjustments:
    """Bits by which a shared value weighs more or less than its level says, for all comparisons of a model."""

    cdef vector[Adjustment] items
    # For each comparison the levels that any of its items asks for, one bit each, and which items those are.
    cdef vector[uint64_t] wanted
    cdef vector[vector[int32_t]] by_column
    # Items whose tables are too large for the fast caches, one for each table and left slot.
    cdef vector[int32_t] large
    cdef list owners, tables
    cdef readonly Py_ssize_t size

    def __cinit__(self):
        self.owners = []
        self.tables = []
        self.size = 0

    def add(self, Py_ssize_t column, const int32_t[:] left_codes, const int32_t[:] right_codes,
            const float[::1] bits, const uint8_t[::1] at_level, bint household, bint alternative):
        """Adds one adjustment."""
        cdef Adjustment item
        cdef Py_ssize_t level
        if at_level.shape[0] > 64:
            raise ValueError(f"expected at most 64 levels, got {at_level.shape[0]}")
        self.size += 0 if alternative and self.size else 1
        if bits.shape[0] == 0 or left_codes.shape[0] == 0:
            return  # it keeps its number, so that those behind it keep theirs
        item.column = column
        item.left = &left_codes[0]
        item.right = &right_codes[0]
        item.left_stride = left_codes.strides[0] // sizeof(int32_t)
        item.right_stride = right_codes.strides[0] // sizeof(int32_t)
        item.bits = &bits[0]
        told, count = self.told_values(bits)
        cdef const uint64_t[::1] words = told
        item.told = &words[0]
        item.at_level = &at_level[0]
        item.household = household
        item.number = self.size - 1
        if <Py_ssize_t>self.wanted.size() <= column:
            self.wanted.resize(column + 1)
            self.by_column.resize(column + 1)
        self.by_column[column].push_back(<int32_t>self.items.size())
        if count > LARGE_TABLE and not self.fetches(item.left, item.bits):
            self.large.push_back(<int32_t>self.items.size())
        for level in range(at_level.shape[0]):
            if at_level[level]:
                self.wanted[column] |= (<uint64_t>1) << level
        self.items.push_back(item)
        self.owners.append((left_codes, right_codes, bits, at_level))

    cdef tuple told_values(self, const float[::1] bits):
        """One bit for each value whose bits are not 0, and how many those are; made once for a table."""
        for known, told, count in self.tables:
            if known is bits.base:
                return told, count
        told = np.zeros((bits.shape[0] + 63) // 64 * 64, np.uint8)
        told[:bits.shape[0]] = np.asarray(bits) != 0
        told = np.packbits(told, bitorder="little").view(np.uint64)
        count = int(np.count_nonzero(bits))
        self.tables.append((bits.base, told, count))
        return told, count

    cdef bint fetches(self, const int32_t* left, const float* bits) noexcept:
        cdef Py_ssize_t k
        for k in range(<Py_ssize_t>self.large.size()):
            if self.items[self.large[k]].left == left and self.items[self.large[k]].bits == bits:
                return True
        return False

    cdef inline void fetch(self, int32_t record) noexcept nogil:
        """Asks for the bits of a record's values."""
        cdef Py_ssize_t k
        cdef const Adjustment* item
        cdef int32_t a
        for k in range(<Py_ssize_t>self.large.size()):
            item = &self.items[self.large[k]]
            a = item.left[record * item.left_stride]
            cxm_prefetch(item.bits + (a if a > 0 else 0))

    def bits(self, const int32_t[::1] left, const int32_t[::1] right, const uint8_t[:, ::1] levels,
             double[:, ::1] out):
        """Writes the bits of every adjustment for some pairs."""
        cdef Py_ssize_t i, k, n = left.shape[0]
        cdef const Adjustment* item
        cdef int32_t a
        with nogil:
            for i in range(n):
                for k in range(self.size):
                    out[i, k] = 0.0
                for k in range(<Py_ssize_t>self.items.size()):
                    item = &self.items[k]
                    if item.at_level[levels[i, item.column]] and out[i, item.number] == 0.0:
                        a = item.left[left[i] * item.left_stride]
                        if a >= 0 and a == item.right[right[i] * item.right_stride]:
                            out[i, item.number] = item.bits[a]

    def __reduce__(self):
        raise TypeError("Adjustments borrow their buffers and cannot be pickled; build them again from the model")


def weigh(const int32_t[::1] left, const int32_t[::1] right, const uint8_t[:, ::1] levels,
          const double[:, ::1] match_bits, const double[:, ::1] household_bits, Adjustments adjustments,
          const int32_t[:] sources, const double[::1] match_prior, const double[::1] household_prior,
          double[::1] match_out, double[::1] household_out):
    """Sums the bits of every pair for one person, and for one household, against strangers."""
    cdef Py_ssize_t i, c, k, n = levels.shape[0], width = levels.shape[1]
    cdef double match, household, bits
    cdef const Adjustment* item
    cdef Py_ssize_t done, across, adjusted = <Py_ssize_t>adjustments.wanted.size()
    cdef uint8_t level
    cdef int32_t a
    with nogil:
        for i in range(n):
            if i + AHEAD < n:
                adjustments.fetch(left[i + AHEAD])
            across = sources[left[i]] != sources[right[i]]
            match = match_prior[across]
            household = household_prior[across]
            done = -1
            for c in range(width):
                level = levels[i, c]
                match += match_bits[c, level]
                household += household_bits[c, level]
                if c >= adjusted or not (adjustments.wanted[c] >> level) & 1:
                    continue
                for k in range(<Py_ssize_t>adjustments.by_column[c].size()):
                    item = &adjustments.items[adjustments.by_column[c][k]]
                    if item.number == done or not item.at_level[level]:
                        continue
                    a = item.left[left[i] * item.left_stride]
                    if (
                        a >= 0
                        and a == item.right[right[i] * item.right_stride]
                        and (item.told[a >> 6] >> (a & 63)) & 1
                    ):
                        bits = item.bits[a]
                        match += bits
                        if item.household:
                            household += bits
                        done = item.number
            match_out[i] = match - log2_of_one_plus(household)
            household_out[i] = household


def email_levels(const int32_t[::1] left, const int32_t[::1] right, const int32_t[:] left_codes,
                 const int32_t[:] right_codes, const int32_t[::1] local_codes, TextColumn local_text,
                 Similarity similarity, const float[::1] measured, double close, uint8_t[:, ::1] levels,
                 Py_ssize_t column):
    """Levels of e-mail addresses: 4 exact, 3 same local part, 2 close local part, 1 different, 0 missing."""
    cdef RF_String one, two
    cdef Py_ssize_t k
    cdef int32_t a, b
    cdef Unlike unlike = Unlike(left.shape[0])
    cdef Cursor cursor
    cdef const RF_Scorer* scorer = NULL
    cdef const RF_Kwargs* kwargs = NULL
    cdef double score
    cdef bint failed = False
    close -= SLACK
    if similarity is not None:
        scorer = similarity.scorer
        kwargs = &similarity.kwargs
    cursor.built = False
    cursor.code = -1
    with nogil:
        unlike.find(left, right, left_codes, right_codes, levels, column, 4)
        for k in range(unlike.count):
            unlike.ones[k] = local_codes[unlike.ones[k]]
            unlike.others[k] = local_codes[unlike.others[k]]
        for k in range(unlike.count):
            unlike.fetch(local_text, k)
            a = unlike.ones[k]
            b = unlike.others[k]
            if a == b:
                keep_best(&levels[unlike.rows[k], column], 3)
                continue
            one = value_at(local_text, a)
            two = value_at(local_text, b)
            score = 0.0
            if scorer == NULL:
                score = measured[unlike.rows[k]]
            elif may_reach(&one, &two, close):
                score = cursor_score(&cursor, scorer, kwargs, &one, &two, a, close)
                if score < 0.0:
                    failed = True
                    break
            keep_best(&levels[unlike.rows[k], column], 2 if score >= close else 1)
        cursor_close(&cursor)
    if failed:
        raise RuntimeError("the similarity scorer failed")
