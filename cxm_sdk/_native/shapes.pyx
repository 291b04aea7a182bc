"""Objects from plain dicts that are beyond doubt; see ``shapes.pyi`` for what the class takes and gives.

Only exact built-in types are taken, so nothing of the host's runs here. Whatever is not beyond doubt gives None for the
whole, and is left to the validators that the shape was made from.
"""

cimport cython
from cpython.datetime cimport PyDateTime_CheckExact, datetime_new, datetime_tzinfo, import_datetime
from cpython.dict cimport PyDict_Clear, PyDict_Copy, PyDict_Next, PyDict_SetItem, PyDict_Size
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.object cimport PyObject, PyTypeObject
from cpython.set cimport PySet_Add, PySet_Contains, PySet_New
from libc.math cimport isfinite

from datetime import timezone
from decimal import Context, Decimal

cdef extern from "Python.h":
    PyObject* PyDict_GetItemWithError(object, object) except? NULL
    int PyObject_GenericSetDict(object, object, void*) except -1
    bint PyUnicode_IS_ASCII(object)
    const unsigned char* PyUnicode_1BYTE_DATA(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)
    PyObject* PyTuple_GET_ITEM(object, Py_ssize_t)

cdef extern from "slots.hpp":
    Py_ssize_t cxm_slot_place(object slot)
    void cxm_slot_put(object made, Py_ssize_t place, object value)

cdef enum:
    ANY, TEXT, SHORT, AMOUNT, NUMBER, WHOLE, BOOL, ONE_OF, MAPPING, SHAPE, SHAPES, TIME, CALL

KINDS = {
    "any": ANY, "text": TEXT, "short": SHORT, "amount": AMOUNT, "number": NUMBER, "whole": WHOLE, "bool": BOOL,
    "one_of": ONE_OF, "mapping": MAPPING, "shape": SHAPE, "shapes": SHAPES, "time": TIME, "call": CALL,
}

cdef enum:
    LONGEST_AMOUNT = 40  # letters of an amount
    SHORT_AMOUNT = 6     # of one that is likely to come again: a price
    AMOUNTS = 2048       # that are remembered
    DIGITS = 64          # more than an amount has, so that nothing is ever rounded
    ORDERS = 16          # orders of keys that a shape remembers, one of each size
    MISSES = 8           # in a row, until another order takes the place of one that is remembered
    LONGEST_KEY = 40     # letters of a key in an order that is remembered

cdef object _whole = Decimal
# A method of a context takes text in half the time of the constructor, which looks for keywords first.
cdef object _decimal = Context(
    prec=DIGITS, rounding="ROUND_HALF_EVEN", Emin=-999999, Emax=999999, capitals=1, clamp=0, flags=[], traps=[]
).create_decimal
cdef dict _amounts = {}  # short amounts by their text
cdef object _nothing = ()
cdef object _UTC = timezone.utc
cdef long long _EXACT = 1 << 53  # below it, a float keeps every whole number

import_datetime()


@cython.auto_pickle(False)
cdef class _Field:
    cdef str name
    cdef int kind
    cdef bint nullable
    cdef object detail
    cdef object zone  # of times that end in Z
    cdef double low
    cdef Py_ssize_t longest


@cython.auto_pickle(False)
cdef class _Order:
    """Keys that came in one order, and what is the same for all that come so: systems repeat themselves."""

    cdef tuple keys
    cdef tuple fields  # of each key; None of one that no field has
    cdef set given     # names that are given then; never changed
    cdef tuple fresh   # names that get a new dict
    cdef int misses    # others of its size since it was met last


@cython.auto_pickle(False)
cdef class Shape:
    cdef object cls
    cdef dict keys       # field by key
    cdef dict template   # default by name, in order
    cdef tuple required  # names that must be given
    cdef tuple fresh     # names that get a new dict where they are not given
    cdef bint renames    # whether a key is not the name of its field
    cdef list orders     # by size
    # Where an object keeps what it holds besides its fields.
    cdef Py_ssize_t extra
    cdef Py_ssize_t given
    cdef Py_ssize_t private

    def __init__(self, cls, fields, required, fresh, template):
        self.cls = cls
        self.keys = {}
        self.template = template
        self.required = tuple(required)
        self.fresh = tuple(fresh)
        self.orders = [None] * ORDERS
        self.extra = cxm_slot_place(cls.__pydantic_extra__)
        self.given = cxm_slot_place(cls.__pydantic_fields_set__)
        self.private = cxm_slot_place(cls.__pydantic_private__)
        if self.extra < 0 or self.given < 0 or self.private < 0:
            raise TypeError(f"{cls.__name__}: expected a class of pydantic's, got another")
        cdef _Field field
        for keys, name, kind, nullable, detail, low, longest in fields:
            field = _Field.__new__(_Field)
            field.name = name
            field.kind = KINDS[kind]
            field.nullable = nullable
            field.detail = detail
            field.zone = detail("1970-01-01T00:00:00Z").tzinfo if kind == "time" else None
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
        cdef Py_ssize_t size = PyDict_Size(source)
        cdef _Order order = <_Order> self.orders[size % ORDERS]
        cdef dict values = PyDict_Copy(self.template)
        cdef dict extra = {}
        cdef set given
        cdef int known = 0
        if order is not None:
            known = _in_order(order, source, values, extra)
            if known < 0:
                return None
        if known:
            order.misses = 0
            given = PySet_New(order.given)
            for name in order.fresh:
                PyDict_SetItem(values, name, {})
        else:
            if order is not None:  # some may have been put there already
                values, extra = PyDict_Copy(self.template), {}
            given = self.assorted(source, values, extra)
            if given is None:
                return None
            if order is None or order.misses >= MISSES:
                self.remember(source, given)
            else:
                order.misses += 1
        PyObject_GenericSetDict(made, values, NULL)
        cxm_slot_put(made, self.extra, extra)
        cxm_slot_put(made, self.given, given)
        cxm_slot_put(made, self.private, None)
        return made

    cdef set assorted(self, dict source, dict values, dict extra):
        """Puts each value where it belongs; the names that are given, None where anything is in doubt."""
        cdef set given = set() if self.renames else None
        cdef _Field field
        cdef PyObject* found
        cdef PyObject* key_ref
        cdef PyObject* value_ref
        cdef Py_ssize_t at = 0
        cdef object key, value
        while PyDict_Next(source, &at, &key_ref, &value_ref):
            key = <object> key_ref  # held, as a field's function may run code that changes the source
            value = <object> value_ref
            if type(key) is not str:
                return None
            found = PyDict_GetItemWithError(self.keys, key)
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
            if not PySet_Contains(given, name):
                return None
        for name in self.fresh:
            if not PySet_Contains(given, name):
                PyDict_SetItem(values, name, {})
        return given

    cdef int remember(self, dict source, set given) except -1:
        """Remembers an order of keys that left no doubt."""
        cdef _Order order = _Order.__new__(_Order)
        cdef list fields = []
        cdef _Field known
        order.keys = tuple(source)
        for key in order.keys:
            if type(key) is not str or PyUnicode_GET_LENGTH(key) > LONGEST_KEY:
                return 0
            known = self.keys.get(key)
            if (key if known is None else known.name) not in given:  # a field's function changed the source
                return 0
            fields.append(known)
        if len(fields) != len(given):
            return 0
        order.fields = tuple(fields)
        order.given = set(given)
        order.fresh = tuple([name for name in self.fresh if name not in given])
        self.orders[len(fields) % ORDERS] = order
        return 0


cdef int _in_order(_Order order, dict source, dict values, dict extra) except -2:
    """Puts each value where it belongs, as long as keys come in an order.

    1 where they did, 0 where others came, -1 where a value is in doubt.
    """
    cdef PyObject* key
    cdef PyObject* value_ref
    cdef PyObject* found
    cdef Py_ssize_t at = 0, i = 0, size = len(order.keys)
    cdef object value
    cdef _Field field
    if PyDict_Size(source) != size:
        return 0
    while PyDict_Next(source, &at, &key, &value_ref):
        if i == size or key != PyTuple_GET_ITEM(order.keys, i):
            return 0
        value = <object> value_ref  # held, as a field's function may run code that changes the source
        found = PyTuple_GET_ITEM(order.fields, i)
        if found == <PyObject*> None:
            PyDict_SetItem(extra, <object> PyTuple_GET_ITEM(order.keys, i), value)
        else:
            field = <_Field> found
            if not (value is None and field.nullable):
                value = _checked(field, value)
                if value is None:
                    return -1
            PyDict_SetItem(values, field.name, value)
        i += 1
    return i == size


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
        if given is Decimal:
            if not value.is_finite():
                return None
        elif given is not float and (given is not int or not _kept(value)):
            return None
        number = value
        return number if isfinite(number) and number >= field.low else None
    if kind == WHOLE:
        return value if given is int and _reaches(value, field.low) else None
    if kind == BOOL:
        return value if given is bool else None
    if kind == SHAPES:
        return _shapes(<Shape> field.detail, value)
    if kind == SHAPE:
        return (<Shape> field.detail).take(<dict> value) if given is dict else None
    if kind == MAPPING:
        return _mapping(<dict> value) if given is dict else None
    if kind == TIME:
        if given is str:
            moment = _moment(<str> value, field.zone)
            if moment is not None:
                return moment
        elif PyDateTime_CheckExact(value) and datetime_tzinfo(value) is _UTC:
            return value
    if kind == TIME or kind == CALL:
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


cdef bint _kept(object value):
    """Whether a float surely keeps a whole number."""
    cdef int overflow = 0
    cdef long long number = PyLong_AsLongLongAndOverflow(value, &overflow)
    return not overflow and -_EXACT < number < _EXACT


cdef bint _reaches(object value, double low):
    """Whether a whole number is not less than another; one too large to tell is compared as Python does."""
    cdef int overflow = 0
    cdef long long number = PyLong_AsLongLongAndOverflow(value, &overflow)
    if overflow or number >= 1 << 53 or number <= -(1 << 53):
        return value >= low
    return <double> number >= low


cdef bint _short(str value, Py_ssize_t longest):
    """Whether text is ASCII, not empty, not too long, and starts and ends with no white space."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(value)
    cdef const unsigned char* letters
    if not (0 < size <= longest and PyUnicode_IS_ASCII(value)):
        return False
    letters = PyUnicode_1BYTE_DATA(value)
    return letters[0] > 32 and letters[size - 1] > 32


cdef object _amount(object value):
    """A decimal number of plain digits, of a whole number, or of a finite float as it is written."""
    if type(value) is str:
        return written_amount(<str> value)
    if type(value) is float:
        if not isfinite(<double> value):
            return None
        text = repr(value)
        made = written_amount(<str> text)
        return _decimal(text) if made is None else made  # with an exponent
    if type(value) is Decimal:
        return value if value.is_finite() else None
    return _whole(value) if type(value) is int else None


cdef object written_amount(str value):
    """The decimal number that plain digits write; None for other text."""
    cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(value)
    cdef bint digit = False, point = False
    cdef const unsigned char* letters
    cdef unsigned char c
    cdef PyObject* found
    if size > LONGEST_AMOUNT or not PyUnicode_IS_ASCII(value):
        return None
    letters = PyUnicode_1BYTE_DATA(value)
    for i in range(size):
        c = letters[i]
        if 48 <= c <= 57:
            digit = True
        elif c == 46 and not point:
            point = True
        elif c != 45 or i:
            return None
    if not digit:
        return None
    if size > SHORT_AMOUNT:
        return _decimal(value)
    found = PyDict_GetItemWithError(_amounts, value)
    if found != NULL:
        return <object> found
    made = _decimal(value)
    if PyDict_Size(_amounts) >= AMOUNTS:
        PyDict_Clear(_amounts)
    PyDict_SetItem(_amounts, value, made)
    return made


cdef object _moment(str value, object zone):
    """A time of the form ``2026-03-01T12:00:00.123Z``, with up to six digits behind the point or none; else None."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(value), i
    cdef const unsigned char* s
    cdef int fine = 0
    if not 20 <= size <= 27 or size == 21 or not PyUnicode_IS_ASCII(value):
        return None
    s = PyUnicode_1BYTE_DATA(value)
    if s[4] != 45 or s[7] != 45 or s[10] != 84 or s[13] != 58 or s[16] != 58 or s[size - 1] != 90:
        return None
    for i in range(20, size - 1):
        if not 48 <= s[i] <= 57:
            return None
        fine = fine * 10 + s[i] - 48
    if size > 20:
        if s[19] != 46:
            return None
        for i in range(27 - size):
            fine *= 10
    cdef int year = _pair(s) * 100 + _pair(s + 2)
    cdef int month = _pair(s + 5), day = _pair(s + 8)
    cdef int hour = _pair(s + 11), minute = _pair(s + 14), second = _pair(s + 17)
    # what is not a digit gives a number far below zero; the last days of months are left to the validator
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= 28 or not 0 <= hour < 24:
        return None
    if not 0 <= minute < 60 or not 0 <= second < 60:
        return None
    return datetime_new(year, month, day, hour, minute, second, fine, zone)


cdef inline int _pair(const unsigned char* s) noexcept:
    """The number that two digits write."""
    if not (48 <= s[0] <= 57 and 48 <= s[1] <= 57):
        return -1000000
    return (s[0] - 48) * 10 + s[1] - 48
