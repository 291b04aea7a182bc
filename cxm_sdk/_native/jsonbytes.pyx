"""JSON text of plain Python values, written once and straight to bytes.

``jsonbytes.pyi`` says what each function takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_Next
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.mem cimport PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.math cimport isfinite
from libc.string cimport memcpy, strlen
from libcpp cimport bool as cbool

from decimal import Decimal
from sys import intern


cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    char* PyOS_double_to_string(double value, char code, int precision, int flags, int* kind) except NULL
    int Py_DTSF_ADD_DOT_0
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    bint PyUnicode_IS_ASCII(object text)
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    object PyObject_GenericGetAttr(object, object)
    PyObject* PyDict_GetItemWithError(object, object) except? NULL


cdef enum:
    LONGEST = 16  # letters of a decimal number, point included, that a double is sure to keep
    AMOUNTS = 1024  # whose text is remembered
    PLAIN, AMOUNT, PART, PARTS, DOUBT  # how a field is written

KINDS = {"plain": PLAIN, "amount": AMOUNT, "part": PART, "parts": PARTS, "doubt": DOUBT}

cdef object _decimal = Decimal
cdef str _DICT = "__dict__"
cdef str _EXTRA = "__pydantic_extra__"


class TooLargeError(Exception):
    """The text would be longer than the limit; writing stopped there."""


@cython.auto_pickle(False)
cdef class _Field:
    pass


@cython.auto_pickle(False)
cdef class Layout:
    def __init__(self, cls, fields, whole):
        cdef _Field field
        self.cls = cls
        self.whole = whole
        self.fields = None
        if fields is None:
            return
        self.fields = {}
        for name, key, kind, part in fields:
            field = _Field.__new__(_Field)
            field.name = intern(name)
            field.key = encode(key, 1 << 20, None) + b":"
            field.kind = KINDS[kind]
            field.part = part
            self.fields[field.name] = field
        self.order = tuple(self.fields.values())


@cython.no_gc  # it lives as long as a call
@cython.freelist(4)
@cython.auto_pickle(False)
cdef class _Writer:
    """One text being written, and the containers that are open."""

    def __cinit__(self):
        self.out = borrow()

    def __dealloc__(self):
        give_back(self.out)

    cdef bytes written(self):
        return PyBytes_FromStringAndSize(self.out.data(), self.out.size())

    cdef int text(self, str value) except -1:
        cdef Py_ssize_t size = 0
        cdef const char* s
        if <size_t>PyUnicode_GET_LENGTH(value) > self.limit:
            raise TooLargeError
        if PyUnicode_IS_COMPACT_ASCII(value):
            self.out.text(<const char*>PyUnicode_1BYTE_DATA(value), PyUnicode_GET_LENGTH(value))
            if self.out.size() > self.limit:
                raise TooLargeError
            return 0
        try:
            s = PyUnicode_AsUTF8AndSize(value, &size)
        except UnicodeEncodeError:  # half of a surrogate pair
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            s = PyUnicode_AsUTF8AndSize(value, &size)
        self.out.text(s, size)
        if self.out.size() > self.limit:
            raise TooLargeError
        return 0

    cdef int integer(self, object value) except -1:
        cdef int overflow = 0
        cdef long long number = PyLong_AsLongLongAndOverflow(value, &overflow)
        if not overflow:
            self.out.integer(number)
            return 0
        try:
            written = str(value).encode()
        except ValueError:  # more digits than the interpreter writes
            written = b"null"
        self.out.raw(<const char*>written, len(written))
        return 0

    cdef int real(self, double value) except -1:
        cdef char* written
        if not isfinite(value):
            self.out.raw(b"null", 4)
            return 0
        written = PyOS_double_to_string(value, b"r", 0, Py_DTSF_ADD_DOT_0, NULL)
        self.out.raw(written, strlen(written))
        PyMem_Free(written)
        return 0

    cdef int mapping(self, dict value, int depth) except -1:
        cdef Py_ssize_t at = 0
        cdef PyObject* key_ref
        cdef PyObject* value_ref
        cdef cbool first = True
        self.out.byte(b"{")
        while PyDict_Next(value, &at, &key_ref, &value_ref):
            key = <object>key_ref
            item = <object>value_ref  # held, as what follows may run code that changes the mapping
            if type(key) is not str:
                key = self.plain(key, True)
                if type(key) is not str:
                    continue
            if not first:
                self.out.byte(b",")
            first = False
            self.text(<str>key)
            self.out.byte(b":")
            self.value(item, depth + 1)
        self.out.byte(b"}")
        return 0

    cdef int sequence(self, object value, int depth) except -1:
        cdef Py_ssize_t at = 0
        self.out.byte(b"[")
        while at < len(value):
            if at:
                self.out.byte(b",")
            self.value(value[at], depth + 1)
            at += 1
        self.out.byte(b"]")
        return 0

    cdef int value(self, object value, int depth) except -1:
        cdef object kind = type(value)
        cdef int i
        if kind is str:
            self.text(<str>value)
        elif value is None:
            self.out.raw(b"null", 4)
        elif value is True:
            self.out.raw(b"true", 4)
        elif value is False:
            self.out.raw(b"false", 5)
        elif kind is int:
            self.integer(value)
        elif kind is float:
            self.real(value)
        elif depth >= DEEPEST:
            self.out.raw(b"null", 4)
        elif kind is dict or kind is list or kind is tuple:
            for i in range(depth):
                if self.path[i] == <PyObject*>value:  # it holds itself
                    self.out.raw(b"null", 4)
                    return 0
            self.path[depth] = <PyObject*>value
            if kind is dict:
                self.mapping(<dict>value, depth)
            else:
                self.sequence(value, depth)
            self.path[depth] = NULL
        else:
            self.path[depth] = <PyObject*>value
            plain = self.plain(value, False)
            if type(plain) is bytes:
                self.out.raw(<const char*>plain, len(plain))
            else:
                self.value(plain, depth + 1)
            self.path[depth] = NULL
        if self.out.size() > self.limit:
            raise TooLargeError
        return 0

    cdef int typed(self, object value, Layout layout) except -1:
        """Writes an object by its layout; where anything is in doubt, as the layout's function writes it."""
        cdef size_t start = self.out.size()
        if not self.part(value, layout, 1):
            self.out.cut(start)
            whole = <bytes?>layout.whole(value)
            self.out.raw(<const char*>whole, len(whole))
        if self.out.size() > self.limit:
            raise TooLargeError
        return 0

    cdef int part(self, object value, Layout layout, int depth) except -1:
        """Whether all of an object was beyond doubt, and is written."""
        cdef Py_ssize_t at = 0
        cdef PyObject* name
        cdef PyObject* item
        cdef PyObject* found
        cdef _Field field
        cdef dict values
        cdef Py_ssize_t turn = 0
        cdef cbool first = True
        if type(value) is not layout.cls or layout.fields is None or depth >= DEEPEST:
            return 0
        values = <dict?>PyObject_GenericGetAttr(value, _DICT)
        self.out.byte(b"{")
        while PyDict_Next(values, &at, &name, &item):
            turn += 1
            if item == <PyObject*>None:  # most fields are; whatever their name is, nothing is written
                continue
            field = <_Field>layout.order[turn - 1] if turn <= len(layout.order) else None
            if field is None or <PyObject*>field.name != name:  # they mostly come in their order
                found = PyDict_GetItemWithError(layout.fields, <object>name)
                if found == NULL:
                    return 0
                field = <_Field>found
            if not first:
                self.out.byte(b",")
            first = False
            self.out.raw(<const char*>field.key, len(field.key))
            if not self.field(<object>item, field, depth):
                return 0
        extra = PyObject_GenericGetAttr(value, _EXTRA)
        if extra is not None and not self.entries(<dict?>extra, depth, True, first):
            return 0
        self.out.byte(b"}")
        return 1

    cdef int field(self, object value, _Field field, int depth) except -1:
        cdef Py_ssize_t at
        cdef int kind = field.kind
        if kind == PLAIN:
            return self.exact(value, depth)
        if kind == AMOUNT:
            return self.amount(value)
        if kind == PART:
            return self.part(value, field.part, depth + 1)
        if kind == PARTS and type(value) is tuple:
            self.out.byte(b"[")
            for at in range(len(<tuple>value)):
                if at:
                    self.out.byte(b",")
                if not self.part((<tuple>value)[at], field.part, depth + 2):
                    return 0
            self.out.byte(b"]")
            return 1
        return 0

    cdef int entries(self, dict value, int depth, cbool skips, cbool first) except -1:
        """Writes what stands between the braces of an object; None is skipped or not."""
        cdef Py_ssize_t at = 0
        cdef PyObject* key
        cdef PyObject* item
        while PyDict_Next(value, &at, &key, &item):
            if type(<object>key) is not str:
                return 0
            if skips and <object>item is None:
                if not PyUnicode_IS_ASCII(<object>key):
                    return 0
                continue
            if not first:
                self.out.byte(b",")
            first = False
            if not self.exact(<object>key, depth):
                return 0
            self.out.byte(b":")
            if not self.exact(<object>item, depth + 1):
                return 0
        return 1

    cdef int exact(self, object value, int depth) except -1:
        """Whether a value is plain, in all its depth, and is written; nothing of the host's runs here."""
        cdef object kind = type(value)
        cdef Py_ssize_t at, size
        cdef int overflow = 0
        if kind is str:
            if not PyUnicode_IS_ASCII(value):
                try:
                    PyUnicode_AsUTF8AndSize(value, &size)
                except UnicodeEncodeError:
                    return 0
            self.text(<str>value)
        elif kind is float:
            if not isfinite(<double>value):
                return 0
            self.real(value)
        elif kind is int:
            PyLong_AsLongLongAndOverflow(value, &overflow)
            if overflow:
                return 0
            self.integer(value)
        elif value is None:
            self.out.raw(b"null", 4)
        elif value is True:
            self.out.raw(b"true", 4)
        elif value is False:
            self.out.raw(b"false", 5)
        elif depth >= DEEPEST:
            return 0
        elif kind is dict:
            self.out.byte(b"{")
            if not self.entries(<dict>value, depth, False, True):
                return 0
            self.out.byte(b"}")
        elif kind is list or kind is tuple:
            self.out.byte(b"[")
            at = 0
            while at < len(value):
                if at:
                    self.out.byte(b",")
                if not self.exact(value[at], depth + 1):
                    return 0
                at += 1
            self.out.byte(b"]")
        else:
            return 0
        if self.out.size() > self.limit:
            raise TooLargeError
        return 1

    cdef int amount(self, object value) except -1:
        """Writes a short decimal number as it stands, without the zeros at its end that a double does not keep."""
        cdef _Written* known
        cdef char written[LONGEST]
        cdef int size = 0
        if type(value) is not _decimal:
            return 0
        known = &_amounts[(<size_t><PyObject*>value >> 4) % AMOUNTS]
        with cython.critical_section(_decimal):
            if known.number == <PyObject*>value:
                size = known.size
                memcpy(written, known.text, LONGEST)
        if not size:
            size = _written(value, written)
            if not size:
                return 0
            with cython.critical_section(_decimal):
                Py_INCREF(value)
                Py_XDECREF(known.number)
                known.number = <PyObject*>value
                known.size = size
                memcpy(known.text, written, LONGEST)
        self.out.raw(written, size)
        return 1


cdef struct _Written:
    PyObject* number  # held, so that no other has its address
    int size
    char text[LONGEST]

cdef _Written[AMOUNTS] _amounts  # numbers that were written, by address: prices are few, and objects of theirs are shared


cdef int _written(object value, char* out) except -1:
    """Writes a decimal number; gives its length, 0 for one that is not short and plain."""
    cdef Py_ssize_t size = 0, i, point = -1
    text = str(value)
    cdef const char* s = PyUnicode_AsUTF8AndSize(text, &size)
    if size > LONGEST:
        return 0
    for i in range(size):
        if s[i] == b".":
            point = i
        elif not (48 <= s[i] <= 57 or (i == 0 and s[i] == b"-")):
            return 0
    if point < 0:
        if s[0] == b"-" and s[1] == b"0":  # a whole number has no sign at zero
            return 0
    else:
        while size > point + 2 and s[size - 1] == b"0":
            size -= 1
    memcpy(out, s, size)
    return size


cdef _Writer writer_of(size_t limit, object plain):
    cdef _Writer writer = _Writer.__new__(_Writer)
    writer.limit = limit
    writer.plain = plain
    return writer


def encode(object value, size_t limit, object plain):
    cdef _Writer writer = writer_of(limit, plain)
    writer.value(value, 0)
    return writer.written()


def encode_with(dict value, str key, object body, Layout layout, size_t limit, object plain):
    cdef _Writer writer = writer_of(limit, plain)
    writer.value(value, 0)
    writer.out.cut(writer.out.size() - 1)  # the brace that closes it
    if writer.out.size() > 1:
        writer.out.byte(b",")
    writer.text(key)
    writer.out.byte(b":")
    writer.typed(body, layout)
    writer.out.byte(b"}")
    if writer.out.size() > limit:
        raise TooLargeError
    return writer.written()
