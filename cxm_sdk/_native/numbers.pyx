"""House numbers and phone numbers in spans of text; see ``numbers.pyi`` for what each function takes and gives."""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memcmp

import numpy as np

from cxm_sdk._native.spans cimport Spans, fill_spans, finished, is_letter
from cxm_sdk._native.words cimport Words, index_of, open_words

cdef enum:
    SPACE = 32


# ---------------------------------------------------------------------------------------------- house numbers


cdef inline bint _digit(uint8_t byte) noexcept nogil:
    return 48 <= byte <= 57


cdef bint _numberlike(const uint8_t* p, int32_t size) noexcept nogil:
    """``12``, ``12a``, ``12-14``, ``10/a``, ``12bis``; not the ordinals ``1st``, ``22nd``, ``3rd``, ``47th``."""
    cdef int32_t i = 0, letters = 0
    if size == 0 or size > 12 or not _digit(p[0]):
        return False
    while i < size:
        if is_letter(p[i]):
            letters += 1
        elif not _digit(p[i]) and p[i] != 45 and p[i] != 47:  # hyphen, slash
            return False
        i += 1
    if letters == 0:
        return True
    if letters == 2:
        p += size - 2
        return not (
            (p[0] == 115 and p[1] == 116)      # st
            or (p[0] == 110 and p[1] == 100)   # nd
            or (p[0] == 114 and p[1] == 100)   # rd
            or (p[0] == 116 and p[1] == 104)   # th
        )
    if letters == 3 and size > 3:
        p += size - 3
        return (p[0] == 98 and p[1] == 105 and p[2] == 115) or (p[0] == 116 and p[1] == 101 and p[2] == 114)
    return letters == 1


cdef void _number_at_end(Spans* s, Words* roads, Py_ssize_t i, int32_t* start, int32_t* stop) noexcept nogil:
    cdef const uint8_t* data = s.data
    cdef int32_t begin = s.starts[i], end = s.stops[i], at = s.stops[i], number, before
    while at > begin and data[at - 1] != SPACE:
        at -= 1
    number = at
    if end - at == 1 and is_letter(data[at]) and at - 1 > begin:  # "12 a"
        number = at - 1
        while number > begin and data[number - 1] != SPACE:
            number -= 1
        if not (_digit(data[number]) and _digit(data[at - 2])):
            return
    if number == begin or not _numberlike(data + number, (at - 1 if number < at else end) - number):
        return
    before = number - 1
    while before > begin and data[before - 1] != SPACE:
        before -= 1
    if index_of(roads, data + before, number - 1 - before) < 0:
        start[0] = number
        stop[0] = end


cdef void _house_numbers(Spans* s, Words* roads, int32_t* starts, int32_t* stops) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t at, stop
    cdef const uint8_t* data = s.data
    for i in range(s.n):
        starts[i] = -1
        stops[i] = -1
        at = s.starts[i]
        stop = s.stops[i]
        if at == stop:
            continue
        while at < stop and data[at] != SPACE:
            at += 1
        if _numberlike(data + s.starts[i], at - s.starts[i]):
            starts[i] = s.starts[i]
            stops[i] = at
            if stop - at > 4 and data[at + 4] == SPACE and (  # "12 bis rue"
                memcmp(data + at + 1, b"bis", 3) == 0 or memcmp(data + at + 1, b"ter", 3) == 0
            ):
                stops[i] = at + 4
        elif at < stop:
            _number_at_end(s, roads, i, &starts[i], &stops[i])


def house_numbers(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] word_data,
    const int32_t[::1] word_offsets,
):
    cdef Spans s
    cdef Words roads
    cdef int32_t[::1] out_starts
    cdef int32_t[::1] out_stops
    fill_spans(&s, data, starts, stops)
    open_words(&roads, word_data, word_offsets)
    try:
        new_starts = np.empty(s.n, dtype=np.int32)
        new_stops = np.empty(s.n, dtype=np.int32)
        out_starts = new_starts
        out_stops = new_stops
        if s.n:
            with nogil:
                _house_numbers(&s, &roads, &out_starts[0], &out_stops[0])
    finally:
        free(roads.slots)
    return new_starts, new_stops


# ---------------------------------------------------------------------------------------------- phone numbers


cdef struct Phone:
    uint64_t number   # significant digits
    int32_t digits    # digits read, with leading zeros
    int32_t zeros     # leading zeros
    bint marked       # a plus sign stands in front


cdef inline bint _any_letter(uint8_t byte) noexcept nogil:
    return is_letter(byte | 32) or byte >= 0x80


cdef bint _lost_digits(const uint8_t* p, int32_t size, int32_t i) noexcept nogil:
    """Whether the ``e`` at ``i`` makes ``4.47701E+11`` of the text, the rest of whose digits is gone."""
    cdef int32_t j, others = 0
    if i == 0 or i + 1 >= size or (p[i + 1] != 43 and not _digit(p[i + 1])):
        return False
    for j in range(i):
        if not _digit(p[j]):
            others += 1
            if others > 1 or j != 1 or (p[j] != 46 and p[j] != 44):
                return False
    return True


cdef bint _only_zeros(const uint8_t* p, int32_t size, int32_t i) noexcept nogil:
    """Whether only digits stand before ``i`` and only zeros after it: a number read as a float."""
    cdef int32_t j
    for j in range(i):
        if not _digit(p[j]):
            return False
    for j in range(i + 1, size):
        if p[j] != 48:
            return False
    return i + 1 < size


cdef Phone _read_phone(const uint8_t* p, int32_t size) noexcept nogil:
    """Reads the first number of a text, without extension; no digits when there is none."""
    cdef Phone phone = Phone(0, 0, 0, False)
    cdef Phone first = Phone(0, 0, 0, False)
    cdef int32_t i
    for i in range(size):
        if _digit(p[i]):
            if phone.digits == phone.zeros and p[i] == 48:
                phone.zeros += 1
            phone.digits += 1
            if phone.digits - phone.zeros <= 18:
                phone.number = phone.number * 10 + (p[i] - 48)
        elif p[i] == 43 and phone.digits == 0:
            phone.marked = True
        elif p[i] == 46 and _only_zeros(p, size, i):
            break
        elif (p[i] | 32) == 101 and _lost_digits(p, size, i):
            return Phone(0, 0, 0, False)
        elif phone.digits >= 6 and (_any_letter(p[i]) or p[i] == 35):  # extension
            break
        elif phone.digits > 6 and first.digits == 0 and (
            p[i] == 47 or p[i] == 59 or p[i] == 44 or p[i] == 124 or p[i] == 38 or p[i] == 10  # / ; , | & newline
        ):
            first = phone
    return first if phone.digits > 15 and first.digits else phone


cdef inline int32_t _places(uint64_t number, const uint64_t* powers) noexcept nogil:
    cdef int32_t digits = 0
    while digits < 19 and number >= powers[digits]:
        digits += 1
    return digits


cdef uint64_t _national(Phone* phone, const uint64_t* powers, const uint8_t* least, const uint8_t* most) noexcept nogil:
    """Takes exit, country and trunk codes off, again and again, so that the result stays what it is."""
    cdef uint64_t number = phone.number, rest
    cdef int32_t digits = _places(number, powers), code_digits, left, code
    cdef bint marked = phone.marked or phone.zeros > 1, cut
    cdef int turn
    if phone.digits - phone.zeros > 18:
        return 0
    # 011 in America, 0011 in Australia
    if 0 < phone.zeros < 3 and not phone.marked and digits >= 12 and number // powers[digits - 2] == 11:
        digits -= 2
        number %= powers[digits]
        marked = True
    for turn in range(4):
        digits = _places(number, powers)
        if not marked and digits < 11:
            break
        cut = False
        for code_digits in range(1, 4):
            left = digits - code_digits
            if left < 6:
                break
            code = <int32_t> (number // powers[left])
            rest = number % powers[left]
            # a trunk zero may stand behind the country code; no American area starts with 0 or 1
            if left < least[code] or left > most[code] + (1 if rest < powers[left - 1] else 0):
                continue
            if code == 1 and rest < 2 * powers[9]:
                continue
            number = rest
            cut = True
            break
        if not cut and digits == 11 and number // powers[9] == 89:  # Russian trunk 8
            number %= powers[10]
            cut = True
        if not cut:
            break
        marked = False
    return number


cdef bint _pattern(uint64_t number) noexcept nogil:
    """Whether each digit follows from the one before in one way: 5555555, 1234567890, 987654321."""
    cdef int32_t step = -1, difference, last = <int32_t> (number % 10), digit
    number //= 10
    while number:
        digit = <int32_t> (number % 10)
        difference = (last - digit + 10) % 10
        if step < 0:
            step = difference
        if difference != step or (step > 1 and step != 9):
            return False
        last = digit
        number //= 10
    return True


def phone_numbers(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint8_t[::1] least,
    const uint8_t[::1] most,
):
    cdef Spans s
    cdef Phone phone
    cdef Py_ssize_t i
    cdef uint64_t number
    cdef uint64_t[20] powers
    if least.shape[0] != 1000 or most.shape[0] != 1000:
        raise ValueError("expected 1000 entries for country codes")
    fill_spans(&s, data, starts, stops)
    out = np.empty(s.n, dtype=np.uint64)
    cdef uint64_t[::1] view = out
    with nogil:
        powers[0] = 1
        for i in range(1, 20):
            powers[i] = powers[i - 1] * 10
        for i in range(s.n):
            phone = _read_phone(s.data + s.starts[i], s.stops[i] - s.starts[i])
            number = _national(&phone, powers, &least[0], &most[0])
            if number < powers[5] or number >= powers[15] or number % powers[7] == 0 or _pattern(number):
                number = 0
            view[i] = number
    return out


cdef inline int _digits(uint64_t number) noexcept nogil:
    """How many digits a number has; none for 0."""
    cdef int count = 0
    while number >= 10000:
        number //= 10000
        count += 4
    while number:
        number //= 10
        count += 1
    return count


def decimals(const uint64_t[::1] numbers):
    cdef Py_ssize_t i, n = numbers.shape[0], at
    cdef int64_t total = 0
    cdef uint64_t number
    offsets = np.zeros(n + 1, dtype=np.int32)
    cdef int32_t[::1] ends = offsets
    with nogil:
        for i in range(n):
            total += _digits(numbers[i])
            ends[i + 1] = <int32_t> min(total, <int64_t> INT32_MAX)
    out = np.empty(min(total, <int64_t> INT32_MAX), dtype=np.uint8)
    cdef uint8_t[::1] text = out
    if total <= INT32_MAX:
        with nogil:
            for i in range(n):
                at = ends[i + 1]
                number = numbers[i]
                while number:
                    at -= 1
                    text[at] = <uint8_t> (48 + number % 10)
                    number //= 10
    return finished(out, offsets, total)
