"""What records say, packed, and columns of few records laid out of it.

``contents.pyi`` says what each class and function takes and gives.
"""

cimport cython
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport INT32_MAX, int32_t, uint8_t, uint32_t
from libc.string cimport memcpy
from libcpp.vector cimport vector

import json

import numpy as np


cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef extern from "said.hpp" nogil:
    cdef cppclass CxmNumbers:
        vector[string_view] texts

    cdef cppclass CxmColumn:
        string_view name
        size_t slots
        vector[string_view] muted
        CxmNumbers numbers
        vector[int32_t] codes

    cdef cppclass CxmColumns:
        vector[CxmColumn] columns
        void measure(vector[const CxmSaid*])
        void fill(vector[const CxmSaid*])


cdef inline string_view view(object text) except *:
    cdef Py_ssize_t size
    cdef const char* data = PyUnicode_AsUTF8AndSize(text, &size)
    return string_view(data, size)


cdef inline str decoded(string_view text):
    return PyUnicode_DecodeUTF8(text.data(), text.size(), NULL)


@cython.auto_pickle(False)
cdef class Packed:
    """What a record says."""

    def __init__(self, content not None):
        cdef Py_ssize_t size
        cdef const char* data
        self.known = None
        if isinstance(content, Packed):
            self.held, self.known = (<Packed>content).held, (<Packed>content).known
            return
        if type(content) is str:
            data = PyUnicode_AsUTF8AndSize(content, &size)
            if self.held.read(data, size):
                return
            content = json.loads(content)
        self._pack(content)

    cdef void _pack(self, dict content) except *:
        cdef string_view text
        cdef list values
        self.held = CxmSaid()
        for role, values in content.items():
            text = view(role)
            self.held.begin_role(self.held.append(text.data(), text.size()))
            for value in values:
                text = view(value)
                self.held.add_value(self.held.append(text.data(), text.size()))
        self.known = content

    @property
    def content(self):
        """Values by role."""
        cdef dict made
        cdef list values
        cdef CxmRole role
        cdef uint32_t i
        if self.known is None:
            made = {}
            for role in self.held.roles:
                values = []
                for i in range(role.first, role.last):
                    values.append(decoded(self.held.at(self.held.values[i])))
                made[decoded(self.held.at(role.name))] = values
            self.known = made
        return self.known

    def knows(self, str role not None):
        """Whether it says anything of a role."""
        return self.held.find(view(role)) != NULL


@cython.final
@cython.auto_pickle(False)
cdef class Laid:
    """Values of one role among some records."""

    cdef readonly object codes, offsets, data
    cdef list texts

    @property
    def values(self):
        """Distinct values."""
        cdef const int32_t[::1] offsets = self.offsets
        cdef const uint8_t[::1] data
        cdef const char* base
        cdef Py_ssize_t i
        if self.texts is None:
            self.texts = []
            data = self.data
            base = NULL
            if len(data):
                base = <const char*>&data[0]
            for i in range(len(offsets) - 1):
                self.texts.append(PyUnicode_DecodeUTF8(base + offsets[i], offsets[i + 1] - offsets[i], NULL))
        return self.texts


cdef vector[const CxmSaid*] pointers(list records) except *:
    cdef vector[const CxmSaid*] found
    found.reserve(len(records))
    for record in records:
        found.push_back(&(<Packed?>record).held)
    return found


def lay_out(list records not None, dict muted not None):
    """Lays values out by role."""
    cdef CxmColumns columns
    cdef CxmColumn* column
    cdef vector[const CxmSaid*] held = pointers(records)
    cdef dict found = {}
    cdef str name
    cdef size_t i
    columns.measure(held)
    for i in range(columns.columns.size()):
        column = &columns.columns[i]
        for value in muted.get(decoded(column.name), ()):
            column.muted.push_back(view(value))
    columns.fill(held)
    for i in range(columns.columns.size()):
        found[decoded(columns.columns[i].name)] = laid(columns.columns[i], len(records))
    return found


cdef Laid laid(CxmColumn& column, Py_ssize_t count):
    cdef Laid made = Laid.__new__(Laid)
    cdef int32_t[:, ::1] codes
    made.codes = np.empty((column.slots, count), np.int32)
    if column.codes.size():
        codes = made.codes
        memcpy(&codes[0, 0], column.codes.data(), column.codes.size() * sizeof(int32_t))
    made.offsets, made.data = laid_texts(column.numbers.texts, column.muted.size())
    return made


def lay_out_texts(list values not None):
    """Lays texts out in UTF-8, one behind the other."""
    cdef vector[string_view] texts
    for value in values:
        texts.push_back(view(value))
    return laid_texts(texts, 0)


cdef tuple laid_texts(vector[string_view]& texts, size_t first):
    cdef size_t i, total = 0
    cdef int32_t[::1] places
    cdef uint8_t[::1] data
    offsets = np.empty(texts.size() - first + 1, np.int32)
    places = offsets
    places[0] = 0
    for i in range(first, texts.size()):
        total += texts[i].size()
        if total > INT32_MAX:
            raise MemoryError("expected text of at most 2 GiB in a column, got more: int32 offsets do not reach")
        places[i - first + 1] = <int32_t>total
    joined = np.empty(total, np.uint8)
    data = joined
    for i in range(first, texts.size()):
        if texts[i].size():
            memcpy(&data[places[i - first]], texts[i].data(), texts[i].size())
    return offsets, joined


def fewest_first(list records not None, tuple roles not None, str but not None):
    """The fewest different first values among some roles of which half of the records know one."""
    cdef vector[string_view] names
    for role in roles:
        if role != but:
            names.push_back(view(role))
    return cxm_fewest_first(pointers(records), names)
