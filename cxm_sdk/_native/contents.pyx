"""Columns of few records, laid out of what each of them says.

``contents.pyi`` says what each function takes and gives.
"""

cimport cython
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport INT32_MAX, int32_t, uint8_t
from libc.string cimport memcpy

from collections import namedtuple

import numpy as np

Laid = namedtuple("Laid", ("values", "codes", "offsets", "data"))


@cython.auto_pickle(False)
cdef class _Held:
    """Records that have a role, and the distinct values of it."""

    cdef list rows
    cdef list values
    cdef dict numbers
    cdef Py_ssize_t slots

    def __cinit__(self):
        self.rows, self.values, self.numbers = [], [], {}
        self.slots = 0


def lay_out(list contents not None, dict muted not None):
    """Lays values out by role."""
    cdef dict content, held = {}
    cdef _Held role
    cdef list values
    cdef str value
    cdef object name
    cdef Py_ssize_t row
    for row in range(len(contents)):
        content = contents[row]
        for name, values in content.items():
            role = held.get(name)
            if role is None:
                role = _Held()
                held[name] = role
            role.rows.append(row)
            role.values.append(values)
            role.slots = max(role.slots, len(values))
            for value in values:
                role.numbers[value] = 0
    return {name: laid(held[name], len(contents), muted.get(name)) for name in sorted(held)}


cdef object laid(_Held held, Py_ssize_t count, object muted):
    cdef list distinct, values
    cdef Py_ssize_t i, slot, row
    cdef int32_t[:, ::1] codes
    held.numbers.pop("", None)
    for value in muted or ():
        held.numbers.pop(value, None)
    distinct = sorted(held.numbers)
    for i in range(len(distinct)):
        held.numbers[distinct[i]] = i
    table = np.empty((held.slots, count), np.int32)
    codes = table
    for slot in range(held.slots):
        for i in range(count):
            codes[slot, i] = -1
    for i in range(len(held.rows)):
        row = held.rows[i]
        values = held.values[i]
        for slot in range(len(values)):
            codes[slot, row] = held.numbers.get(values[slot], -1)
    return Laid(distinct, table, *lay_out_texts(distinct))


def lay_out_texts(list values not None):
    """Lays texts out in UTF-8, one behind the other."""
    cdef Py_ssize_t i, size, total = 0
    cdef const char* text
    cdef int32_t[::1] places
    cdef uint8_t[::1] data
    offsets = np.empty(len(values) + 1, np.int32)
    places = offsets
    places[0] = 0
    for i in range(len(values)):
        PyUnicode_AsUTF8AndSize(values[i], &size)
        total += size
        if total > INT32_MAX:
            raise MemoryError("expected text of at most 2 GiB in a column, got more: int32 offsets do not reach")
        places[i + 1] = <int32_t>total
    joined = np.empty(total, np.uint8)
    data = joined
    for i in range(len(values)):
        text = PyUnicode_AsUTF8AndSize(values[i], &size)
        if size:
            memcpy(&data[places[i]], text, size)
    return offsets, joined


def fewest_first(list contents not None, tuple roles not None, str but not None):
    """The fewest different first values among some roles of which half of the records know one."""
    cdef dict content
    cdef set distinct
    cdef list values
    cdef Py_ssize_t known, fewest = 0, size = len(contents)
    cdef object role, found
    for role in roles:
        if role == but:
            continue
        distinct, known = set(), 0
        for content in contents:
            found = content.get(role)
            if found is not None:
                values = found
                if len(values):
                    known += 1
                    distinct.add(values[0])
        if known and 2 * known >= size and (fewest == 0 or len(distinct) < fewest):
            fewest = len(distinct)
    return fewest
