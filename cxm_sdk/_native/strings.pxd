"""Distinct values laid out for comparison, and what is asked of two of them; shared by inclusion, not at run time."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from cxm_sdk._native.rapidfuzz_capi cimport RF_UINT8, RF_UINT32, RF_Kwargs, RF_Scorer, RF_ScorerFunc, RF_String


cdef extern from "columns.hpp":
    int lowest "cxm_lowest" (uint64_t bits) noexcept nogil


cdef extern from *:
    """
    #if defined(__GNUC__)
    #define CXM_POPCOUNT(x) __builtin_popcountll(x)
    #else
    static inline int CXM_POPCOUNT(uint64_t x) {
        x = x - ((x >> 1) & 0x5555555555555555u);
        x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
        x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
        return static_cast<int>((x * 0x0101010101010101u) >> 56);
    }
    #endif
    """
    int popcount "CXM_POPCOUNT" (uint64_t x) noexcept nogil


cdef struct Place:
    # Where a value lies and what is asked of it before it is read, in half a cache line.
    int32_t start
    int32_t length
    uint64_t letters  # which of 64 character classes occur
    uint64_t head     # the lower 16 bits of each of the first four characters
    uint64_t mark     # length and a digest of which character stands where, to see that two values are far apart


@cython.final
cdef class TextColumn:
    cdef Place* places
    cdef const uint8_t* base
    cdef uint32_t* arena
    cdef readonly Py_ssize_t size
    cdef const uint8_t[::1] owner


@cython.final
cdef class Similarity:
    cdef RF_Scorer* scorer
    cdef RF_Kwargs kwargs
    cdef bint ready
    cdef object owner


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


cdef inline uint32_t char_at(const RF_String* s, int64_t i) noexcept nogil:
    if s.kind == RF_UINT8:
        return (<const uint8_t*>s.data)[i]
    return (<const uint32_t*>s.data)[i]


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


cdef inline bint may_reach(const Place* a, const Place* b, double similarity) noexcept nogil:
    # Whether Jaro-Winkler could reach a similarity: a character class that only one side has cannot be matched.
    # With m matches Jaro is at most (m / la + m / lb + 1) / 3, and a common prefix of p lifts j to j + p / 10 * (1 - j).
    cdef int64_t m = a.length - popcount(a.letters & ~b.letters), other = b.length - popcount(b.letters & ~a.letters)
    cdef uint64_t unlike = a.head ^ b.head
    cdef int64_t prefix = 4 if unlike == 0 else lowest(unlike) >> 4  # at least as long as it is
    cdef double jaro
    m = other if other < m else m
    if m <= 0:
        return False
    jaro = (similarity - 0.1 * prefix) / (1.0 - 0.1 * prefix)
    return m * (a.length + b.length) >= (3.0 * jaro - 1.0) * a.length * b.length - 1e-9


cdef inline bint may_stand_for(const Place* a, const Place* b) noexcept nogil:
    # Whether the shorter text could be whole words of the longer one, which has a space then and all of its letters, or
    # the letter that it begins with.
    cdef const Place* t
    if a.length > b.length:
        t = a
        a = b
        b = t
    if a.length == 1:
        return (a.head ^ b.head) & 0xFFFF == 0
    return (b.letters >> 32) & 1 and a.letters & ~b.letters == 0


cdef inline bint within_one_edit(const RF_String* a, const RF_String* b) noexcept nogil:
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


cdef inline bint one_edit_apart(TextColumn text, int32_t a, int32_t b, Py_ssize_t shortest) noexcept nogil:
    cdef RF_String one, two
    if far_apart(text.places[a].mark, text.places[b].mark):
        return False
    one = value_at(text, a)
    two = value_at(text, b)
    return one.length >= shortest and two.length >= shortest and within_one_edit(&one, &two)


cdef inline bint is_part(const RF_String* a, const RF_String* b) noexcept nogil:
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


cdef struct Cursor:
    # One scorer function, built for the left value it was last asked about.
    RF_ScorerFunc function
    int32_t code
    bint built


cdef inline void cursor_close(Cursor* cursor) noexcept nogil:
    if cursor.built and cursor.function.dtor != NULL:
        cursor.function.dtor(&cursor.function)
    cursor.built = False


cdef inline double cursor_score(Cursor* cursor, const RF_Scorer* scorer, const RF_Kwargs* kwargs, const RF_String* left,
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
