"""Distinct values laid out for comparison, and what is asked of two of them; shared by inclusion, not at run time."""

cimport cython
from libc.math cimport floor
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t, uintptr_t

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


cdef inline void* aligned(void* room, size_t size) noexcept nogil:
    # The first place of a piece of memory that is a multiple of a power of two, so that nothing lies in two cache lines.
    return <void*>((<uintptr_t>room + size - 1) & ~<uintptr_t>(size - 1))


@cython.final
cdef class TextColumn:
    cdef Place* places
    cdef const uint8_t* base
    cdef uint32_t* arena
    cdef readonly Py_ssize_t size
    cdef const uint8_t[::1] owner
    cdef void* room


@cython.final
cdef class Similarity:
    cdef RF_Scorer* scorer
    cdef RF_Kwargs kwargs
    cdef bint ready
    cdef object owner


cdef inline const void* text_from(TextColumn column, int32_t start) noexcept nogil:
    return <const void*>(column.base + start) if start >= 0 else <const void*>(column.arena - 1 - start)


cdef inline RF_String value_from(TextColumn column, int32_t start, int64_t length, uint64_t letters) noexcept nogil:
    # The context, which scorers leave alone, carries the character classes.
    cdef RF_String value
    value.dtor = NULL
    value.length = length
    value.context = <void*>letters
    value.kind = RF_UINT8 if start >= 0 else RF_UINT32
    value.data = <void*>text_from(column, start)
    return value


cdef inline RF_String value_at(TextColumn column, Py_ssize_t i) noexcept nogil:
    cdef const Place* place = &column.places[i]
    return value_from(column, place.start, place.length, place.letters)


cdef inline const void* text_at(TextColumn column, Py_ssize_t i) noexcept nogil:
    return text_from(column, column.places[i].start)


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


cdef struct Needs:
    # What texts that share so many of their first four characters need in common, for one similarity to be reached.
    int64_t[5] share


cdef enum:
    NEEDED = 16  # bits of a need behind the point
    LONG = 20    # bits of the length of a text for which needs are not asked


cdef inline Needs needs_of(double similarity) noexcept nogil:
    # With m matches Jaro is at most (m / la + m / lb + 1) / 3, and a common prefix of p lifts j to j + p / 10 * (1 - j).
    # Rounded down and one less, so that no rounding rules out what is just reached.
    cdef Needs needs
    cdef int prefix
    cdef double jaro
    for prefix in range(5):
        jaro = (similarity - 0.1 * prefix) / (1.0 - 0.1 * prefix)
        needs.share[prefix] = <int64_t>floor((3.0 * jaro - 1.0) * (1 << NEEDED)) - 1
    return needs


cdef inline bint may_match(int64_t length, uint64_t letters, int64_t other_length, uint64_t other_letters, int64_t prefix,
                           const Needs* needs) noexcept nogil:
    # Whether Jaro-Winkler could reach a similarity: a character class that only one side has cannot be matched.
    cdef int64_t m = min(length - popcount(letters & ~other_letters), other_length - popcount(other_letters & ~letters))
    if (length | other_length) >> LONG:
        return True
    return m > 0 and m * (length + other_length) << NEEDED >= needs.share[prefix] * length * other_length


cdef inline bint may_reach(const Place* a, const Place* b, const Needs* needs) noexcept nogil:
    cdef uint64_t unlike = a.head ^ b.head
    # The prefix is at least as long as it is.
    return may_match(a.length, a.letters, b.length, b.letters, 4 if unlike == 0 else lowest(unlike) >> 4, needs)


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


cdef struct Name:
    # What is asked of a name, in half a cache line.
    uint64_t letters  # which of 64 character classes occur
    int32_t start
    int32_t length
    uint32_t head     # the lower 8 bits of each of the first four characters
    uint32_t sound    # a digest of its sound, 0 for none
    int32_t group     # its first nickname group, -1 for none
    int32_t groups    # how many it has


cdef inline Name name_of(const Place* place, uint64_t sound, const int32_t* groups, Py_ssize_t width) noexcept nogil:
    cdef Name name
    cdef int i
    name.letters, name.start, name.length = place.letters, place.start, place.length
    name.head = 0
    for i in range(4):
        name.head |= <uint32_t>((place.head >> (16 * i)) & 255) << (8 * i)
    name.sound = <uint32_t>(sound * <uint64_t>0x9E3779B97F4A7C15 >> 32) | 1 if sound else 0
    name.groups = 0
    while name.groups < width and groups[name.groups] >= 0:
        name.groups += 1
    name.group = groups[0] if name.groups else -1
    return name


cdef inline bint name_may_reach(const Name* a, const Name* b, const Needs* needs) noexcept nogil:
    # The prefix is at least as long as it is, and of four characters where no bit differs.
    cdef uint64_t unlike = (a.head ^ b.head) | <uint64_t>1 << 32
    return may_match(a.length, a.letters, b.length, b.letters, lowest(unlike) >> 3, needs)


cdef inline bint name_may_stand_for(const Name* a, const Name* b) noexcept nogil:
    # Like ``may_stand_for``.
    if a.length <= 1 or b.length <= 1:
        return (a.head ^ b.head) & 255 == 0
    if not ((a.letters | b.letters) >> 32) & 1:
        return False
    return a.letters & ~b.letters == 0 or b.letters & ~a.letters == 0


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
