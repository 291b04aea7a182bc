"""Values of records where they lie, and what is asked of two of them; shared by inclusion, not at run time."""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libcpp.algorithm cimport sort, unique
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport string_view
from cxm_sdk._native.overlap cimport overlap_level
from cxm_sdk._native.rapidfuzz_capi cimport RF_UINT8, RF_String
from cxm_sdk._native.strings cimport char_at


cdef enum:
    SHORTEST_HELD = 3  # characters of a name that an address may hold


cdef struct Value:
    string_view bytes  # from NULL where there is none
    RF_String text
    const vector[int]* groups  # those of nicknames that a first name is in, once they are asked for; NULL for none
    bint grouped               # whether they were


cdef inline bint known(const Value* value) noexcept nogil:
    return value.bytes.data() != NULL


cdef inline bint equal(const Value* a, const Value* b) noexcept nogil:
    return a.bytes == b.bytes


cdef inline uint64_t head_of(string_view text) noexcept nogil:
    """The first eight bytes of a text as a number that is compared as they are."""
    cdef uint64_t found = 0
    cdef size_t i
    for i in range(min(text.size(), <size_t>8)):
        found |= <uint64_t><uint8_t>text.data()[i] << (56 - 8 * i)
    return found


cdef inline string_view local_of(const Value* email) noexcept nogil:
    """What stands before the last @ of an address, all where there is none."""
    cdef Py_ssize_t at = email.bytes.size()
    while at > 0 and email.bytes.data()[at - 1] != b"@":
        at -= 1
    return string_view(email.bytes.data(), at - 1 if at else email.bytes.size())


cdef inline Value local_value(const Value* email) noexcept nogil:
    cdef Value local = email[0]
    cdef const uint32_t* wide = <const uint32_t*>email.text.data
    local.bytes = local_of(email)
    if email.text.kind == RF_UINT8:
        local.text.length = local.bytes.size()
        return local
    if local.bytes.size() < email.bytes.size():
        while wide[local.text.length - 1] != b"@":
            local.text.length -= 1
        local.text.length -= 1
    return local


cdef inline uint32_t digits_of(const Value* date) noexcept nogil:
    cdef uint32_t found = 0
    cdef size_t i
    for i in range(date.bytes.size()):
        found = found << 4 | (<uint32_t>date.bytes.data()[i] & 15)
    return found


# What the local part of an address holds, and what it is made of.
cdef enum:
    HOLDS_FIRST = 1
    HOLDS_LAST = 2
    IS_FIRST = 4
    IS_LAST = 8


cdef inline size_t letters_in(string_view text, bint parted) noexcept nogil:
    """Characters of a text, with or without those that part others."""
    cdef size_t i, found = 0
    for i in range(text.size()):
        found += (<uint8_t>text.data()[i] & 0xC0) != 0x80 and (parted or text.data()[i] not in (b".", b"_", b"-"))
    return found


cdef inline uint8_t holding(string_view outer, string_view inner) noexcept nogil:
    """1 where a text holds another one of some length, 5 where there is at most one letter more in it, else 0."""
    cdef size_t i, letters = letters_in(inner, True)
    if letters < SHORTEST_HELD:
        return 0
    for i in range(outer.size() - inner.size() + 1 if outer.size() >= inner.size() else 0):
        if string_view(outer.data() + i, inner.size()) == inner:
            return 5 if letters_in(outer, False) <= letters + 1 else 1
    return 0


cdef inline vector[string_view] words_of(string_view text):
    """Distinct words in their order."""
    cdef vector[string_view] found
    cdef size_t start = 0, i
    for i in range(text.size() + 1):
        if i == text.size() or text.data()[i] == b" ":
            found.push_back(string_view(text.data() + start, i - start))
            start = i + 1
    sort(found.begin(), found.end())
    found.erase(unique(found.begin(), found.end()), found.end())
    return found


cdef inline uint8_t shared_words(string_view a, string_view b) noexcept:
    cdef vector[string_view] ours = words_of(a), theirs = words_of(b)
    cdef size_t x = 0, y = 0
    cdef double both = 0.0, mine, yours
    while x < ours.size() and y < theirs.size():
        if ours[x] == theirs[y]:
            both += 1.0
            x += 1
            y += 1
        elif ours[x] < theirs[y]:
            x += 1
        else:
            y += 1
    mine, yours = ours.size() - both, theirs.size() - both
    return overlap_level(both, mine, yours)


cdef inline bint same_area(const Value* a, const Value* b) noexcept nogil:
    """Whether two postcodes of four characters and more begin alike."""
    cdef int i
    if min(a.text.length, b.text.length) < 4:
        return False
    for i in range(3):
        if char_at(&a.text, i) != char_at(&b.text, i):
            return False
    return True
