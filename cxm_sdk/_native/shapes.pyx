"""Objects from plain dicts that are beyond doubt; see ``shapes.pyi`` for what the class takes and gives.

Only exact built-in types are taken, so nothing of the host's runs here. Whatever is not beyond doubt gives None for the
whole, and is left to the validators that the shape was made from.
"""

cimport cython
from cpython.dict cimport PyDict_Copy, PyDict_GetItem, PyDict_SetItem
from cpython.object cimport PyObject, PyTypeObject
from cpython.set cimport PySet_Add, PySet_New
from libc.math cimport isfinite

from decimal import Decimal

cdef extern from "Python.h":
    int PyObject_GenericSetAttr(object, object, object) except -1
    bint PyUnicode_IS_ASCII(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)
    Py_UCS4 PyUnicode_READ_CHAR(object, Py_ssize_t)

cdef enum:
    ANY, TEXT, SHORT, AMOUNT, NUMBER, WHOLE, BOOL, ONE_OF, MAPPING, SHAPE, SHAPES, CALL

KINDS = {
    "any": ANY, "text": TEXT, "short": SHORT, "amount": AMOUNT, "number": NUMBER, "whole": WHOLE, "bool": BOOL,
    "one_of": ONE_OF, "mapping": MAPPING, "shape": SHAPE, "shapes": SHAPES, "call": CALL,
}

cdef object _decimal = Decimal
cdef object _nothing = ()
cdef str _DICT = "__dict__"
cdef str _EXTRA = "__pydantic_extra__"
cdef str _GIVEN = "__pydantic_fields_set__"
cdef str _PRIVATE = "__pydantic_private__"


@cython.auto_pickle(False)
cdef class _Field:
    cdef str name
    cdef int kind
    cdef bint nullable
    cdef object detail
    cdef double low
    cdef Py_ssize_t longest


@cython.auto_pickle(False)
cdef class Shape:
    cdef object cls
    cdef dict keys       # field by key
    cdef dict template   # default by name, in order
    cdef tuple required  # names that must be given
    cdef tuple fresh     # names that get a new dict where they are not given
    cdef bint renames    # whether a key is not the name of its field

    def __init__(self, cls, fields, required, fresh, template):
        self.cls = cls
        self.keys = {}
        self.template = template
        self.required = tuple(required)
        self.fresh = tuple(fresh)
        cdef _Field field
        for keys, name, kind, nullable, detail, low, longest in fields:
            field = _Field.__new__(_Field)
            field.name = name
            field.kind = KINDS[kind]
            field.nullable = nullable
            field.detail = detail
            field.low = low
            field.longest = longest
            for key in keys:
                self.keys[key] = field
        self.renames = any(key != (<_Field> known).name for key, known in self.keys.items())

    def read(self, source):
        return self.take(<dict> source) if type(source) is dict else None

    def fill(self, made, source):
        return type(made) is self.cls and self.filled(made, <dict?> source) is not None

    cdef object take(self, dict source):
        return self.filled((<PyTypeObject*> self.cls).tp_new(<type> self.cls, <PyObject*> _nothing, NULL), source)

    cdef object filled(self, object made, dict source):
        """The object with all that it holds; None, and nothing changed, where anything is in doubt."""
        cdef dict values = PyDict_Copy(self.template)
        cdef dict extra = {}
        cdef set given = set()
        cdef _Field field
        cdef PyObject* found
        cdef object value
        for key, value in source.items():
            if type(key) is not str:
                return None
            found = PyDict_GetItem(self.keys, key)
            if found == NULL:
                PyDict_SetItem(extra, key, value)
                if self.renames:
                    PySet_Add(given, key)
                continue
            field = <_Field> found
            if not (value is None and field.nullable):
                value = _checked(field, value)
                if value is None:
                    return None
            PyDict_SetItem(values, field.name, value)
            if self.renames:
                PySet_Add(given, field.name)
        if not self.renames:
            given = PySet_New(source)
        if len(given) != len(source):  # one field by two keys, or its name among what is not known
            return None
        for name in self.required:
            if name not in given:
                return None
        for name in self.fresh:
            if name not in given:
                PyDict_SetItem(values, name, {})
        PyObject_GenericSetAttr(made, _DICT, values)
        PyObject_GenericSetAttr(made, _EXTRA, extra)
        PyObject_GenericSetAttr(made, _GIVEN, given)
        PyObject_GenericSetAttr(made, _PRIVATE, None)
        return made


cdef object _checked(_Field field, object value):
    """The value as the field holds it; None where it is in doubt."""
    cdef int kind = field.kind
    cdef type given = type(value)
    cdef double number
    if kind == TEXT:
        return value if given is str else None
    if kind == AMOUNT:
        return _amount(value)
    if kind == SHORT:
        return value if given is str and _short(value, field.longest) else None
    if kind == ONE_OF:
        return value if given is str and value in <frozenset> field.detail else None
    if kind == NUMBER:
        if given is not float and (given is not int or not -(1 << 53) < value < (1 << 53)):
            return None
        number = value
        return number if isfinite(number) and number >= field.low else None
    if kind == WHOLE:
        return value if given is int and value >= field.low else None
    if kind == BOOL:
        return value if given is bool else None
    if kind == SHAPES:
        return _shapes(<Shape> field.detail, value)
    if kind == SHAPE:
        return (<Shape> field.detail).take(<dict> value) if given is dict else None
    if kind == MAPPING:
        return _mapping(<dict> value) if given is dict else None
    if kind == CALL:
        try:
            return field.detail(value)
        except Exception:  # whoever checks the whole will say what is wrong
            return None
    return value


cdef object _shapes(Shape shape, object value):
    cdef list made = []
    if type(value) is not list and type(value) is not tuple:
        return None
    for item in value:
        if type(item) is dict:
            item = shape.take(<dict> item)
            if item is None:
                return None
        elif type(item) is not shape.cls:
            return None
        made.append(item)
    return tuple(made)


cdef object _mapping(dict value):
    for key in value:
        if type(key) is not str:
            return None
    return PyDict_Copy(value)


cdef bint _short(str value, Py_ssize_t longest):
    """Whether text is ASCII, not empty, not too long, and starts and ends with no white space."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(value)
    return (
        0 < size <= longest
        and PyUnicode_IS_ASCII(value)
        and PyUnicode_READ_CHAR(value, 0) > 32
        and PyUnicode_READ_CHAR(value, size - 1) > 32
    )


cdef object _amount(object value):
    """A decimal number of plain digits, of a whole number, or of a finite float as it is written."""
    cdef Py_ssize_t i, size
    cdef bint digit = False, point = False
    cdef Py_UCS4 c
    if type(value) is str:
        size = PyUnicode_GET_LENGTH(value)
        if size > 40:
            return None
        for i in range(size):
            c = PyUnicode_READ_CHAR(value, i)
            if 48 <= c <= 57:
                digit = True
            elif c == 46 and not point:
                point = True
            elif c != 45 or i:
                return None
        return _decimal(value) if digit else None
    if type(value) is float:
        return _decimal(repr(value)) if isfinite(<double> value) else None
    return _decimal(value) if type(value) is int else None
