"""Canonical forms of plain e-mail addresses and phone numbers; see ``contacts.pyi`` for what is taken and given."""

cimport cython
from libc.stdint cimport uint8_t, uint64_t

from cxm_sdk._native.addresses cimport LONGEST_ADDRESS, Letters, fill_letters, plain_address

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object)
    const unsigned char* PyUnicode_1BYTE_DATA(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)
    str PyUnicode_FromStringAndSize(const char*, Py_ssize_t)

cdef enum:
    LONGEST_NUMBER = 40  # digits that are looked at
    SIGNIFICANT = 18     # digits behind zeros; more are no number
    AMERICAN = 11        # digits from which on a country code is looked for without a mark
    CODES = 1000

DOUBT = ""

cdef object _doubt = DOUBT
cdef Letters _letters
fill_letters(&_letters)


@cython.auto_pickle(False)
cdef class Addresses:
    cdef frozenset nobody
    cdef frozenset nowhere

    def __init__(self, nobody, nowhere):
        self.nobody = frozenset(nobody)
        self.nowhere = frozenset(nowhere)

    def plain(self, str text not None):
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at = 0
        cdef uint8_t[LONGEST_ADDRESS] made
        if not 0 < size <= LONGEST_ADDRESS or not PyUnicode_IS_ASCII(text):
            return _doubt
        size = plain_address(&_letters, PyUnicode_1BYTE_DATA(text), size, made, &at)
        if size == 0:
            return _doubt
        user = PyUnicode_FromStringAndSize(<const char*>made, at)
        domain = PyUnicode_FromStringAndSize(<const char*>made + at + 1, size - at - 1)
        if user in self.nobody or domain in self.nowhere:
            return None
        return PyUnicode_FromStringAndSize(<const char*>made, size)


@cython.auto_pickle(False)
cdef class Numbers:
    cdef uint8_t[CODES] fewest  # digits behind a country code; 0 where there is no such code
    cdef uint8_t[CODES] most

    def __init__(self, codes):
        cdef Py_ssize_t i
        for i in range(CODES):
            self.fewest[i] = self.most[i] = 0
        for code, (few, many) in codes.items():
            if not 0 < code < CODES:
                raise ValueError(f"expected codes of one to three digits, got one of {len(str(code))}")
            self.fewest[code], self.most[code] = few, many

    def plain(self, str text not None):
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), i, count = 0
        cdef const unsigned char* letters
        cdef uint8_t[LONGEST_NUMBER] digits
        cdef unsigned char c
        cdef bint marked
        if size == 0 or not PyUnicode_IS_ASCII(text):
            return _doubt
        letters = PyUnicode_1BYTE_DATA(text)
        marked = False
        for i in range(size):
            c = letters[i]
            if 48 <= c <= 57:
                if count == LONGEST_NUMBER:
                    return _doubt
                digits[count] = c - 48
                count += 1
            elif c == 43 and count == 0:
                marked = True
            elif c == 46:
                if count == i and _zeros(letters + i + 1, size - i - 1):  # a number that was read as a float
                    return _doubt
            elif c != 32 and c != 40 and c != 41 and c != 45:
                return _doubt
        return self.national(digits, count, marked)

    cdef object national(self, const uint8_t* digits, Py_ssize_t count, bint marked):
        """What is left of a number without exit, country and trunk codes; None where it is none."""
        cdef Py_ssize_t zeros = 0, rest, i
        cdef uint64_t number = 0
        cdef char[SIGNIFICANT] text
        cdef bint exits
        while zeros < count and digits[zeros] == 0:
            zeros += 1
        digits, count = digits + zeros, count - zeros
        if count > SIGNIFICANT:
            return None
        exits = 0 < zeros < 3 and not marked and count >= 12 and digits[0] == 1 and digits[1] == 1
        marked = marked or zeros > 1 or exits
        if exits:
            digits, count = digits + 2, count - 2
            while count and digits[0] == 0:
                digits, count = digits + 1, count - 1
        for i in range(4):
            if not marked and count < AMERICAN:
                break
            rest = self.code(digits, count)
            if rest == 0 and count == AMERICAN and digits[0] == 8 and digits[1] == 9:  # Russian trunk 8
                rest = 1
            if rest == 0:
                break
            digits, count, marked = digits + rest, count - rest, False
            while count and digits[0] == 0:
                digits, count = digits + 1, count - 1
        if not 6 <= count <= 15:
            return None
        for i in range(count):
            number = 10 * number + digits[i]
            text[i] = 48 + digits[i]
        if number % 10_000_000 == 0 or _pattern(digits, count):
            return None
        return PyUnicode_FromStringAndSize(text, count)

    cdef Py_ssize_t code(self, const uint8_t* digits, Py_ssize_t count) noexcept:
        """Digits of the country code that a number starts with; 0 where it starts with none."""
        cdef Py_ssize_t size, rest
        cdef int code = 0
        for size in range(1, 4):
            rest = count - size
            if rest < 6:
                return 0
            code = 10 * code + digits[size - 1]
            # a trunk zero may stand behind the country code; no American area starts with 0 or 1
            if self.fewest[code] and self.fewest[code] <= rest <= self.most[code] + (digits[size] == 0):
                if code != 1 or digits[count - 10] > 1:  # of the last ten, which all of theirs have
                    return size
        return 0


cdef bint _zeros(const unsigned char* letters, Py_ssize_t size) noexcept:
    """Whether text is zeros and nothing else."""
    cdef Py_ssize_t i
    for i in range(size):
        if letters[i] != 48:
            return False
    return size > 0


cdef bint _pattern(const uint8_t* digits, Py_ssize_t count) noexcept:
    """Whether each digit follows from the one before in one way: 5555555, 1234567890, 987654321."""
    cdef Py_ssize_t i
    cdef int step = (digits[1] + 10 - digits[0]) % 10
    if step != 0 and step != 1 and step != 9:
        return False
    for i in range(2, count):
        if (digits[i] + 10 - digits[i - 1]) % 10 != step:
            return False
    return True
