"""Distinct values laid out for comparison, and RapidFuzz scorers that can be called without the GIL.

``strings.pyi`` says what each class and function takes and gives.
"""

cimport cython
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

import numpy as np

from cxm_sdk._native.rapidfuzz_capi cimport (
    RF_SCORER_FLAG_RESULT_F64,
    RF_SCORER_STRUCT_VERSION,
    RF_Kwargs,
    RF_Scorer,
    RF_ScorerFlags,
    RF_String,
)


cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


cdef enum:
    AHEAD = 24  # records whose values are looked up before they are compared
    NEAR = 12   # and so many before, their texts are on their way


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


cdef uint64_t head_of(const RF_String* s) noexcept nogil:
    cdef uint64_t head = 0
    cdef int64_t i
    for i in range(min(s.length, 4)):
        head |= <uint64_t>(char_at(s, i) & 0xFFFF) << (16 * i)
    return head


cdef void describe(Place* place, const RF_String* value) noexcept nogil:
    place.letters = letter_mask(value)
    place.head = head_of(value)
    place.mark = mark_of(value)


cdef void describe_bytes(Place* place, const uint8_t* s, uint32_t n) noexcept nogil:
    # The same for a value of one byte a character, as nearly all are, in one pass.
    cdef uint64_t letters = 0, head = 0, mark = 0
    cdef uint32_t i
    for i in range(n):
        letters |= (<uint64_t>1) << (s[i] & 63)
        mark |= (<uint64_t>256) << ((s[i] * <uint32_t>37 + i * <uint32_t>11) % <uint32_t>56)
    for i in range(min(n, <uint32_t>4)):
        head |= <uint64_t>s[i] << (16 * i)
    place.letters = letters
    place.head = head
    place.mark = mark | (n if n < 255 else 255)


cdef bint lay_out(TextColumn column, const int32_t* offsets) noexcept nogil:
    """Describes every value, and takes those that are not ASCII apart into characters; False without memory."""
    cdef Py_ssize_t i, n = column.size
    cdef int64_t wide = 0, used = 0, length
    cdef RF_String value
    cdef bint narrow = is_ascii(column.base + offsets[0], offsets[n] - offsets[0])
    if not narrow:
        for i in range(n):
            if not is_ascii(column.base + offsets[i], offsets[i + 1] - offsets[i]):
                wide += offsets[i + 1] - offsets[i]
        column.arena = <uint32_t*>malloc(wide * sizeof(uint32_t))
        if column.arena == NULL:
            return False
    for i in range(n):
        length = offsets[i + 1] - offsets[i]
        if narrow or is_ascii(column.base + offsets[i], length):
            column.places[i].start = offsets[i]
            column.places[i].length = <int32_t>length
            describe_bytes(&column.places[i], column.base + offsets[i], <uint32_t>length)
        else:
            # A negative start counts characters of the arena.
            length = decode_utf8(column.base + offsets[i], length, column.arena + used)
            column.places[i].start = <int32_t>(-1 - used)
            column.places[i].length = <int32_t>length
            used += length
            value = value_at(column, i)
            describe(&column.places[i], &value)
    return True


@cython.final
cdef class TextColumn:
    """Distinct values of one column, laid out for comparison without the GIL."""


    def __cinit__(self, const int32_t[::1] offsets, const uint8_t[::1] data):
        cdef Py_ssize_t n = offsets.shape[0] - 1, i
        cdef bint done
        if n < 0 or offsets[0] < 0 or offsets[n] > data.shape[0]:
            raise ValueError("expected offsets that lie inside the data")
        with nogil:
            for i in range(n):
                if offsets[i + 1] < offsets[i]:
                    break
            else:
                i = n
        if i < n:
            raise ValueError(f"expected offsets that never fall, got otherwise at value {i}")
        self.size = n
        self.owner = data
        self.room = calloc(n + 2, sizeof(Place))
        if self.room == NULL:
            raise MemoryError
        self.places = <Place*>aligned(self.room, sizeof(Place))
        if n == 0 or data.shape[0] == 0:
            return
        self.base = &data[0]
        with nogil:
            done = lay_out(self, &offsets[0])
        if not done:
            raise MemoryError

    def __dealloc__(self):
        free(self.room)
        free(self.arena)

    def __reduce__(self):
        raise TypeError("TextColumn borrows its buffers and cannot be pickled; build it again from the Arrow array")


@cython.final
cdef class Similarity:
    """A RapidFuzz scorer that can be called without the GIL."""


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


def tail_kinds(TextColumn text not None, Py_ssize_t length):
    """Which kinds of characters the end of each value holds an odd number of."""
    cdef Py_ssize_t i, k
    cdef RF_String value
    kinds = np.zeros(text.size, np.int32)
    cdef int32_t[::1] view = kinds
    with nogil:
        for i in range(text.size):
            value = value_at(text, i)
            for k in range(max(value.length - length, <Py_ssize_t>0), value.length):
                view[i] ^= 1 << (char_at(&value, k) % 10)
    return kinds


def letter_kinds(TextColumn text not None):
    """Which kinds of characters each value holds an odd number of, and its length."""
    cdef Py_ssize_t i, k
    cdef RF_String value
    kinds = np.zeros(text.size, np.int32)
    cdef int32_t[::1] view = kinds
    with nogil:
        for i in range(text.size):
            value = value_at(text, i)
            for k in range(value.length):
                view[i] ^= 1 << (char_at(&value, k) % 24)
            view[i] |= <int32_t>min(value.length, 63) << 24
    return kinds


cdef inline int64_t letters_in(const RF_String* text) noexcept nogil:
    """Characters of a value that are not there to part others."""
    cdef int64_t k, found = 0
    for k in range(text.length):
        found += char_at(text, k) not in (c".", c"_", c"-")
    return found


def contains_text(const int32_t[::1] outer_codes, TextColumn outer, const int32_t[::1] inner_codes,
                  TextColumn inner, Py_ssize_t shortest, uint8_t mark, uint8_t[::1] out):
    """Marks the records whose outer value holds their inner value, and those where little else is in it."""
    cdef RF_String one, two
    cdef Py_ssize_t i, j, k, n = outer_codes.shape[0]
    cdef const RF_String* s
    cdef const RF_String* t
    with nogil:
        for i in range(n):
            if i + AHEAD < n and outer_codes[i + AHEAD] >= 0 and inner_codes[i + AHEAD] >= 0:
                cxm_prefetch(&outer.places[outer_codes[i + AHEAD]])
                cxm_prefetch(&inner.places[inner_codes[i + AHEAD]])
            if i + NEAR < n and outer_codes[i + NEAR] >= 0 and inner_codes[i + NEAR] >= 0:
                cxm_prefetch(text_at(outer, outer_codes[i + NEAR]))
                cxm_prefetch(text_at(inner, inner_codes[i + NEAR]))
            if outer_codes[i] < 0 or inner_codes[i] < 0:
                continue
            one = value_at(outer, outer_codes[i])
            two = value_at(inner, inner_codes[i])
            s = &one
            t = &two
            # A character that the outer value lacks is told without reading either.
            if t.length < shortest or letters_of(t) & ~letters_of(s):
                continue
            for j in range(s.length - t.length + 1):
                k = 0
                while k < t.length and char_at(s, j + k) == char_at(t, k):
                    k += 1
                if k == t.length:
                    out[i] |= mark | (mark << 2 if letters_in(s) <= t.length + 1 else 0)
                    break
