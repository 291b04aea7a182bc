"""Values in objects of JSON, by path, and the kinds of such objects; see ``paths.pyi`` for what is taken and given."""

cimport cython
from cpython.dict cimport PyDict_Clear, PyDict_SetItem, PyDict_Size
from cpython.object cimport PyObject

cdef extern from "Python.h":
    PyObject* PyDict_GetItemWithError(object, object) except? NULL

cdef enum:
    PATHS = 4096   # that are remembered
    LONGEST = 512  # letters of one that is remembered
    LEVELS = 8     # that are parted at a time

cdef dict _parts = {}  # of paths: head and rest, then head and rest of that, and so on
cdef object _gone = object()


cdef object gone():
    """What stands for a value that is not there, not even as null."""
    return _gone


cdef object value_at(object data, str path):
    """The value at a path; ``_gone`` where there is none."""
    cdef PyObject* found
    cdef tuple parts
    cdef Py_ssize_t i
    if type(data) is not dict:
        return _gone
    found = PyDict_GetItemWithError(data, path)
    if found != NULL:
        return <object> found
    while True:
        found = PyDict_GetItemWithError(_parts, path)
        parts = <tuple> found if found != NULL else _parted(path)
        for i in range(0, len(parts), 2):
            found = PyDict_GetItemWithError(data, parts[i])
            if found == NULL:
                return _gone
            data = <object> found
            if type(data) is not dict:
                return _gone
            path = <str> parts[i + 1]
            found = PyDict_GetItemWithError(data, path)
            if found != NULL:
                return <object> found
        if len(parts) < 2 * LEVELS:
            return _gone


cdef tuple _parted(str path):
    """Heads and rests of a path that was not met lately, as far as is usual; nothing where it has no dot."""
    cdef list parts = []
    rest = path
    while len(parts) < 2 * LEVELS:
        head, dot, rest = rest.partition(".")
        if not dot:
            break
        parts += [head, rest]
    made = tuple(parts)
    if PyDict_Size(_parts) >= PATHS:
        PyDict_Clear(_parts)
    if len(path) <= LONGEST:
        PyDict_SetItem(_parts, path, made)
    return made


def find(data, str path):
    value = value_at(data, path)
    return None if value is _gone else value


def there(data, str path):
    return value_at(data, path) is not _gone


@cython.auto_pickle(False)
cdef class Choice:
    cdef tuple kinds
    cdef tuple paths  # that kinds ask for; each is looked up once for an object

    def __init__(self, kinds):
        cdef dict numbers = {}
        made = []
        for equal, has, lacks, around, more in kinds:
            made.append((
                tuple([(numbers.setdefault(path, len(numbers)), frozenset(values)) for path, values in equal]),
                tuple([numbers.setdefault(path, len(numbers)) for path in has]),
                tuple([numbers.setdefault(path, len(numbers)) for path in lacks]),
                tuple(around),
                more,
            ))
        self.kinds = tuple(made)
        self.paths = tuple(numbers)

    def of(self, data, above):
        cdef Py_ssize_t number = 0
        cdef list known = [None] * len(self.paths)
        for kind in self.kinds:
            if self.fits(data, above, <tuple> kind, known):
                return number
            number += 1
        return -1

    cdef object at(self, object data, Py_ssize_t path, list known):
        """The value at a path of its number; ``_gone`` where there is none."""
        value = known[path]
        if value is None:
            value = known[path] = value_at(data, <str> self.paths[path])
        return value

    cdef bint fits(self, object data, object above, tuple kind, list known) except -1:
        """Whether an object meets the conditions of a kind."""
        for path, values in <tuple> kind[0]:
            value = self.at(data, path, known)
            if type(value) is not str and type(value) is not int and type(value) is not bool:
                return False
            if value not in <frozenset> values:
                return False
        for path in <tuple> kind[1]:
            if self.at(data, path, known) is _gone:
                return False
        for path in <tuple> kind[2]:
            if self.at(data, path, known) is not _gone:
                return False
        for path in <tuple> kind[3]:
            if value_at(above, <str> path) is _gone:
                return False
        return kind[4] is None or kind[4](data)
