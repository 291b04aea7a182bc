"""Plain e-mail addresses, and how their canonical form is written; shared by inclusion, not at run time."""

from libc.stdint cimport uint8_t
from libc.string cimport memchr, memcmp, memmove


cdef enum:
    LONGEST_USER = 64
    LONGEST_DOMAIN = 255
    LONGEST_ADDRESS = 320  # both, and what stands between them
    PLUS = 1
    LINE = 2   # _, which no domain has either
    OTHER = 4  # what a plain address has not


cdef struct Letters:
    uint8_t[256] lower  # each byte, letters in lower case
    uint8_t[256] kinds  # what else there is to know of it


cdef inline void fill_letters(Letters* letters) noexcept nogil:
    cdef int c
    for c in range(256):
        letters.lower[c] = <uint8_t> c
        letters.kinds[c] = OTHER
        if 65 <= c <= 90:
            letters.lower[c] = <uint8_t> (c | 32)
        if 97 <= (c | 32) <= 122 and c < 128 or 48 <= c <= 57 or c == 46 or c == 45:
            letters.kinds[c] = 0
    letters.kinds[43] = PLUS
    letters.kinds[95] = LINE


cdef inline uint8_t lowered(
    const Letters* letters, const uint8_t* text, Py_ssize_t first, Py_ssize_t stop, uint8_t* made
) noexcept nogil:
    """Writes a part of a text in lower case; the kinds of all its bytes."""
    cdef Py_ssize_t i
    cdef uint8_t kinds = 0
    for i in range(first, stop):
        made[i] = letters.lower[text[i]]
        kinds |= letters.kinds[text[i]]
    return kinds


cdef inline Py_ssize_t without_dots(uint8_t* text, Py_ssize_t size) noexcept nogil:
    """Takes the dots out of text; how long it is then."""
    cdef Py_ssize_t i, kept = 0
    for i in range(size):
        if text[i] != 46:
            text[kept] = text[i]
            kept += 1
    return kept


cdef inline Py_ssize_t plain_address(
    const Letters* letters, const uint8_t* text, Py_ssize_t size, uint8_t* made, Py_ssize_t* split
) noexcept nogil:
    """Writes the canonical form of a plain address: letters, digits and ``._+-`` around one ``@``.

    Returns its size, with the place of its ``@`` in ``split``; 0 for what is no plain address. ``made`` has room for as
    many bytes as come.
    """
    cdef const uint8_t* hit
    cdef Py_ssize_t at, user, start, stop = size
    cdef uint8_t kinds
    hit = <const uint8_t*> memchr(text, 64, <size_t> size) if 0 < size <= LONGEST_ADDRESS else NULL
    if hit == NULL:
        return 0
    at = hit - text
    user = at
    start = at + 1
    kinds = lowered(letters, text, 0, at, made)
    if kinds & OTHER or lowered(letters, text, start, stop, made):
        return 0
    made[at] = 64
    while start < stop and made[start] == 46:
        start += 1
    while start < stop and made[stop - 1] == 46:
        stop -= 1
    if kinds & PLUS and made[0] != 43:  # a mark at the start belongs to the user
        user = <const uint8_t*> memchr(made, 43, <size_t> at) - made
    if not 0 < user <= LONGEST_USER or not 2 < stop - start <= LONGEST_DOMAIN:
        return 0
    if stop - start == 14 and memcmp(made + start, b"googlemail.com", 14) == 0:
        start += 5
        made[start] = 103
    if stop - start == 9 and memcmp(made + start, b"gmail.com", 9) == 0:
        user = without_dots(made, user)
        if user == 0:
            return 0
    if user + 1 != start:
        made[user] = 64
        memmove(made + user + 1, made + start, <size_t> (stop - start))
    split[0] = user
    return user + 1 + stop - start
