"""Times in their usual spelling; see ``moments.pyi`` for what the functions take and give."""

from cpython.datetime cimport (
    PyDateTime_CheckExact,
    datetime_day,
    datetime_hour,
    datetime_microsecond,
    datetime_minute,
    datetime_month,
    datetime_new,
    datetime_second,
    datetime_tzinfo,
    datetime_year,
    import_datetime,
    timedelta_new,
)
from cpython.long cimport PyLong_AsLongLongAndOverflow
from libc.string cimport memcpy

from datetime import timezone

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object)
    const unsigned char* PyUnicode_1BYTE_DATA(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)
    str PyUnicode_FromStringAndSize(const char*, Py_ssize_t)

cdef enum:
    SHORTEST = 19        # letters to the seconds
    LONGEST = 35         # with nine digits of a fraction and an offset
    DIGITS = 9           # of a fraction
    NONE = -1000000      # what is no two digits counts as
    COUNTED = 17         # digits of a number of seconds, or of parts of them

cdef long long EARLIEST = -62135596800  # the first second that there is, since 1970
cdef long long LATEST = 253402300799
cdef long long BEFORE = 62162035200  # seconds between the first of March of the year 0 and 1970

cdef object _UTC = timezone.utc

import_datetime()


cdef inline int _pair(const unsigned char* s) noexcept:
    """The number that two digits write; far below zero where they are none."""
    if 48 <= s[0] <= 57 and 48 <= s[1] <= 57:
        return (s[0] - 48) * 10 + s[1] - 48
    return NONE


cdef object moment_of(str text, object zone):
    """The time in UTC that text says; None where it is in another spelling, no time, or of no known zone."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), i = SHORTEST
    cdef const unsigned char* s
    cdef int year, month, day, hour, minute, second, fine = 0, digits = 0, hours, minutes = 0
    cdef object at
    if not SHORTEST <= size <= LONGEST or not PyUnicode_IS_ASCII(text):
        return None
    s = PyUnicode_1BYTE_DATA(text)
    if s[4] != 45 or s[7] != 45 or (s[10] != 84 and s[10] != 32) or s[13] != 58 or s[16] != 58:
        return None
    year, month, day = _pair(s) * 100 + _pair(s + 2), _pair(s + 5), _pair(s + 8)
    hour, minute, second = _pair(s + 11), _pair(s + 14), _pair(s + 17)
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    if not 0 <= hour < 24 or not 0 <= minute < 60 or not 0 <= second < 60:
        return None
    if i < size and s[i] == 46:
        i += 1
        while i < size and 48 <= s[i] <= 57:
            digits += 1
            if digits <= 6:
                fine = fine * 10 + s[i] - 48
            i += 1
        if not 1 <= digits <= DIGITS:
            return None
        while digits < 6:
            fine *= 10
            digits += 1
    try:
        if i == size:
            if zone is None:
                return None
            at = datetime_new(year, month, day, hour, minute, second, fine, zone)
            return at if zone is _UTC else at.astimezone(_UTC)
        at = datetime_new(year, month, day, hour, minute, second, fine, _UTC)
        if s[i] == 90:
            return at if i + 1 == size else None
        if (s[i] != 43 and s[i] != 45) or i + 3 > size:
            return None
        hours = _pair(s + i + 1)
        if i + 6 == size and s[i + 3] == 58:
            minutes = _pair(s + i + 4)
        elif i + 5 == size:
            minutes = _pair(s + i + 3)
        elif i + 3 != size:
            return None
        if hours < 0 or minutes < 0:
            return None
        if hours == 0 and minutes == 0:
            return at
        minutes += 60 * hours
        return at - timedelta_new(0, 60 * minutes if s[i] == 43 else -60 * minutes, 0)
    except (ValueError, OverflowError):  # a day that its month has not, or a time before or after all
        return None


cdef object moment_since(long long count, long long unit):
    """The time in UTC so many microseconds, each ``unit`` of them, after 1970; None where no year has it."""
    cdef long long second = count // (1000000 // unit) if unit < 1000000 else count
    cdef long long fine = (count - second * (1000000 // unit)) * unit
    cdef long long day, era, left, year
    cdef int month
    if fine < 0:  # division is that of C
        second, fine = second - 1, fine + 1000000
    if not EARLIEST <= second <= LATEST:
        return None
    second += BEFORE
    day = second // 86400
    second -= day * 86400
    era = day // 146097  # four hundred years, which are all of one length
    day -= era * 146097
    left = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * left + left // 4 - left // 100
    month = <int> ((5 * day + 2) // 153)
    day -= (153 * month + 2) // 5 - 1
    month += 3 if month < 10 else -9
    year = left + 400 * era + (month <= 2)
    return datetime_new(
        <int> year, month, <int> day, <int> (second // 3600), <int> (second // 60 % 60), <int> (second % 60),
        <int> fine, _UTC,
    )


cdef object moment_counted(object value, str form):
    """The time that a whole number, or its text, counts since 1970; None for anything else."""
    cdef Py_ssize_t size, i = 0
    cdef const unsigned char* s
    cdef long long count = 0, unit
    cdef int overflow = 0
    if form == "ms":
        unit = 1000
    elif form == "s":
        unit = 1000000
    elif form == "us":
        unit = 1
    else:
        return None
    if type(value) is int:
        count = PyLong_AsLongLongAndOverflow(value, &overflow)
        return None if overflow else moment_since(count, unit)
    if type(value) is not str:
        return None
    size = PyUnicode_GET_LENGTH(value)
    if not 0 < size <= COUNTED or not PyUnicode_IS_ASCII(value):
        return None
    s = PyUnicode_1BYTE_DATA(value)
    for i in range(size):
        if not 48 <= s[i] <= 57:
            return None
        count = 10 * count + s[i] - 48
    return moment_since(count, unit)


cdef inline void _put(char* s, int number, int digits) noexcept:
    """Writes a number with leading zeros."""
    while digits:
        digits -= 1
        s[digits] = 48 + number % 10
        number //= 10


cdef str iso_of(object at):
    """The time as its ``isoformat`` writes it."""
    cdef char[LONGEST] s
    cdef Py_ssize_t size = SHORTEST
    cdef int fine
    if not PyDateTime_CheckExact(at) or datetime_tzinfo(at) is not _UTC:
        return at.isoformat()
    memcpy(s, b"0000-00-00T00:00:00.000000+00:00", 32)
    _put(s, datetime_year(at), 4)
    _put(s + 5, datetime_month(at), 2)
    _put(s + 8, datetime_day(at), 2)
    _put(s + 11, datetime_hour(at), 2)
    _put(s + 14, datetime_minute(at), 2)
    _put(s + 17, datetime_second(at), 2)
    fine = datetime_microsecond(at)
    if fine:
        _put(s + 20, fine, 6)
        size = 26
    memcpy(s + size, b"+00:00", 6)
    return PyUnicode_FromStringAndSize(s, size + 6)


def moment(str text not None, zone):
    return moment_of(text, zone)


def counted(value, str form not None):
    return moment_counted(value, form)


def iso(at):
    return iso_of(at)
