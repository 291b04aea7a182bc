"""What records say, packed.

``contents.pyi`` says what each class and function takes and gives.
"""

cimport cython
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport uint32_t
from libcpp.vector cimport vector

import json


cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


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


cdef vector[const CxmSaid*] pointers(list records) except *:
    cdef vector[const CxmSaid*] found
    found.reserve(len(records))
    for record in records:
        found.push_back(&(<Packed?>record).held)
    return found


def fewest_first(list records not None, tuple roles not None, str but not None):
    """The fewest different first values among some roles of which half of the records know one."""
    cdef vector[string_view] names
    for role in roles:
        if role != but:
            names.push_back(view(role))
    return cxm_fewest_first(pointers(records), names)
