"""Fields of objects of JSON, read by path; see ``fields.pyi`` for what the functions and the class take and give."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.dict cimport PyDict_Contains, PyDict_SetItem
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.object cimport PyObject, PyTypeObject
from cpython.set cimport PySet_Add
from libc.math cimport isfinite
from libc.string cimport memchr

from cxm_sdk._native.moments cimport moment_counted, moment_of
from cxm_sdk._native.paths cimport gone, value_at
from cxm_sdk._native.shapes cimport written_amount

from datetime import datetime
from decimal import Decimal, InvalidOperation

cdef extern from "Python.h":
    PyObject* PyDict_GetItemWithError(object, object) except? NULL
    bint PyUnicode_IS_ASCII(object)
    const unsigned char* PyUnicode_1BYTE_DATA(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)

cdef enum:
    LONGEST = 512        # characters of an id
    FLOAT_LETTERS = 15   # of a number with a fraction that a float surely keeps
    DEEPEST = 64         # containers in each other
    DIGITS = 300         # of the largest number, before or behind the point

cdef object _HUGE = 10**300
cdef frozenset _TRUE = frozenset(("true", "1", "yes", "y", "x"))
cdef frozenset _FALSE = frozenset(("false", "0", "no", "n"))
cdef object _gone = gone()
cdef object _nothing = ()
cdef object _decimal = Decimal


def exact_in_floats(bytes text):
    cdef Py_ssize_t size = len(text)
    cdef const unsigned char* letter = <const unsigned char*> PyBytes_AS_STRING(text)
    cdef const unsigned char* end = letter + size
    cdef const unsigned char* start
    cdef bint point
    cdef unsigned char c
    while letter < end:
        c = letter[0]
        if c == 34:  # text, in which numbers are none
            letter = _behind_text(letter + 1, end)
        elif 48 <= c <= 57:
            start, point = letter, False
            while letter < end and (48 <= letter[0] <= 57 or letter[0] == 46):
                point = point or letter[0] == 46
                letter += 1
            if point and letter - start > FLOAT_LETTERS:
                return False
            if letter < end and (letter[0] == 101 or letter[0] == 69):
                return False
        else:
            letter += 1
    return True


cdef const unsigned char* _behind_text(const unsigned char* start, const unsigned char* end) noexcept:
    """What stands behind the quotation mark that ends a text; the end where there is none."""
    cdef const unsigned char* mark = start
    cdef const unsigned char* before
    while mark < end:
        mark = <const unsigned char*> memchr(mark, 34, end - mark)
        if mark == NULL:
            return end
        before = mark
        while before > start and (before - 1)[0] == 92:
            before -= 1
        mark += 1
        if (mark - 1 - before) % 2 == 0:
            return mark
    return end


def writable(value):
    return _sound(value, 0)


cdef bint _sound(object value, int depth) except -1:
    """Whether JSON can hold a value."""
    cdef type kind = type(value)
    if kind is str:
        return _writable(<str> value)
    if value is None or kind is bool or kind is _decimal or kind is datetime:
        return True
    if kind is int:
        return _reasonable(value)
    if kind is float:
        return isfinite(<double> value)
    if depth >= DEEPEST:
        return False
    if kind is dict:
        for key, one in (<dict> value).items():
            if type(key) is not str or not _writable(<str> key) or not _sound(one, depth + 1):
                return False
        return True
    if kind is list:
        for one in <list> value:
            if not _sound(one, depth + 1):
                return False
        return True
    return False


cdef bint _writable(str text) except -1:
    if PyUnicode_IS_ASCII(text):
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


cdef object _stripped(str text):
    """The text without white space around it; None where nothing is left."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    cdef const unsigned char* letters
    if size and PyUnicode_IS_ASCII(text):
        letters = PyUnicode_1BYTE_DATA(text)
        if letters[0] > 32 and letters[size - 1] > 32:
            return text
    return text.strip() or None


cdef bint _reasonable(object number) except -1:
    """Whether a whole number is one that a system gives."""
    cdef int overflow = 0
    PyLong_AsLongLongAndOverflow(number, &overflow)
    return not overflow or -_HUGE < number < _HUGE


cdef object _number(object value):
    """The number that a value is or writes; None where it is none, or not one that a system gives."""
    cdef type kind = type(value)
    if kind is str:
        made = written_amount(<str> value)
        if made is not None:
            return made
        try:
            made = _decimal((<str> value).strip())
        except (InvalidOperation, ValueError):  # no number
            return None
    elif kind is int:
        if not _reasonable(value):
            return None
        return _decimal(value)
    elif kind is float:
        text = repr(value)
        made = written_amount(<str> text)
        if made is not None:
            return made
        made = _decimal(text)
    elif kind is _decimal:
        made = value
    else:
        return None
    return made if made.is_finite() and -DIGITS < made.adjusted() < DIGITS else None


@cython.auto_pickle(False)
cdef class Fields:
    cdef public object data
    cdef public object zone
    cdef readonly str path
    cdef readonly Fields parent
    cdef readonly list noted
    cdef set _seen
    cdef dict _children
    cdef list _notes
    # Whether the class has methods of its own in place of these.
    cdef bint own_raw
    cdef bint own_text
    cdef bint own_init

    def __init__(self, data, str path="", zone=None, Fields parent=None):
        self.begin(data, path, zone, parent)

    cdef int begin(self, object data, str path, object zone, Fields parent) except -1:
        cdef type cls = type(self)
        self.data = data
        self.path = path
        self.zone = zone
        self.parent = parent
        self.noted = [] if parent is None else parent.noted
        if parent is not None and type(parent) is cls:
            self.own_raw, self.own_text, self.own_init = parent.own_raw, parent.own_text, parent.own_init
        else:
            self.own_raw = cls.raw is not _raw
            self.own_text = cls.text is not _text
            self.own_init = cls.__init__ is not _init
        return 0

    @property
    def seen(self):
        if self._seen is None:
            self._seen = set()
        return self._seen

    @property
    def children(self):
        if self._children is None:
            self._children = {}
        return self._children

    @property
    def notes(self):
        if self._notes is None:
            self._notes = []
        return self._notes

    @notes.setter
    def notes(self, list notes):
        self._notes = notes

    # What adapters may override is called by name where it is.

    cdef object value(self, str path):
        """The value at a path; None where there is none."""
        if self.own_raw:
            return self.raw(path)
        self.mark(path)
        value = value_at(self.data, path)
        return None if value is _gone else value

    cdef int mark(self, str path) except -1:
        if self._seen is None:
            self._seen = set()
        PySet_Add(self._seen, path)
        return 0

    cdef object written(self, str path):
        """The text at a path, without white space around it."""
        if self.own_text:
            return self.text(path)
        return self.as_text(path)

    cdef object as_text(self, str path):
        value = self.value(path)
        if value is None:
            return None
        if type(value) is str:
            if _writable(<str> value):
                return _stripped(<str> value)
        elif type(value) is int and _reasonable(value):
            return str(value)
        self.wrong(path, "text or a whole number", value)
        return None

    cdef object named(self, str path):
        """The id at a path."""
        text = self.written(path)
        if text is not None and len(text) > LONGEST:
            self.note(path, "too_long", f"expected at most {LONGEST} characters, got {len(text)}")
            return None
        return text

    cdef int wrong(self, str path, str expected, object value) except -1:
        """Notes a value of the wrong type, which counts as none."""
        self.note(path, "wrong_type", f"expected {expected}, got {type(value).__name__}")
        return 0

    def note(self, path, reason, detail):
        raise NotImplementedError

    def unusual(self, path, value, form):
        raise NotImplementedError

    def raw(self, str path):
        self.mark(path)
        value = value_at(self.data, path)
        return None if value is _gone else value

    def text(self, str path):
        return self.as_text(path)

    def id(self, str path):
        return self.named(path)

    def texts(self, str path):
        cdef list found = []
        value = self.value(path)
        if value is None:
            return found
        for one in value if isinstance(value, list) else (value,):
            if type(one) is str and _writable(<str> one):
                one = _stripped(<str> one)
                if one is not None:
                    found.append(one)
            elif type(one) is int and _reasonable(one):
                found.append(str(one))
            else:
                self.wrong(path, "a list of texts", one)
        return found

    def flag(self, str path):
        value = self.value(path)
        if value is None or type(value) is bool:
            return value
        if type(value) is int:
            if value == 1 or value == 0:
                return value == 1
        elif type(value) is str:
            if not value:
                return None
            word = (<str> value).strip().lower()
            if word in _TRUE:
                return True
            if word in _FALSE:
                return False
        self.wrong(path, "yes or no", value)
        return None

    def number(self, str path):
        return self.counted(path)

    cdef object counted(self, str path):
        """The number at a path."""
        value = self.value(path)
        if value is None or (type(value) is str and not value):
            return None
        made = _number(value)
        if made is None:
            self.wrong(path, "a number", value)
        return made

    def time(self, str path, str form="iso"):
        value = self.value(path)
        if value is None:
            return None
        if type(value) is str:
            if not value:
                return None
            if form == "iso":
                at = moment_of(<str> value, self.zone)
                if at is not None:
                    return at
        if form != "iso":
            at = moment_counted(value, form)
            if at is not None:
                return at
        return self.unusual(path, value, form)

    def ids(self, tuple fields):
        cdef list found = []
        for field in fields:
            path = (<tuple> field)[0]
            value = self.named(path)
            if value is not None:
                found.append((value, path, (<tuple> field)[1]))
        return found

    def tell(self, tuple fields, dict told):
        for field in fields:
            value = self.written((<tuple> field)[0])
            if value is not None and not PyDict_Contains(told, (<tuple> field)[1]):
                PyDict_SetItem(told, (<tuple> field)[1], value)

    def gather(self, tuple fields):
        cdef dict found = {}
        for field in fields:
            name, way, path = <tuple> field
            if way == "number":
                value = self.counted(path)
            elif way == "id":
                value = self.named(path)
            else:
                value = self.written(path)
            if value is not None:
                PyDict_SetItem(found, name, value)
        return found

    def each(self, str path):
        cdef PyObject* known
        cdef list made, listed
        cdef Py_ssize_t index
        if self._children is not None:
            known = PyDict_GetItemWithError(self._children, path)
            if known != NULL:
                return <object> known
        value = value_at(self.data, path) if path else self.data
        made = []
        if isinstance(value, dict):
            made.append(self.child(value, path))
        elif isinstance(value, list):
            listed = <list> value
            for index in range(len(listed)):
                where = f"{path}[{index}]"
                if isinstance(listed[index], dict):
                    made.append(self.child(listed[index], where))
                else:
                    self.note(where, "wrong_type", f"expected an object, got {type(listed[index]).__name__}")
        elif value is not None and value is not _gone:
            self.mark(path)
            self.wrong(path, "a list of objects", value)
            return made
        if made:
            if self._children is None:
                self._children = {}
            PyDict_SetItem(self._children, path, made)
        else:
            self.mark(path)
        return made

    cdef object child(self, object data, str path):
        cdef type cls = type(self)
        cdef Fields made
        if self.own_init:
            return cls(data, self.placed(path), self.zone, self)
        made = (<PyTypeObject*> cls).tp_new(cls, <PyObject*> _nothing, NULL)
        made.begin(data, self.placed(path), self.zone, self)
        return made

    def part(self, str path):
        if isinstance(value_at(self.data, path), dict):
            return self.each(path)[0]
        value = self.value(path)
        if value is not None:
            self.wrong(path, "an object", value)
        return None

    def up(self, str path):
        cdef Fields one = self
        while one is not None:
            value = value_at(one.data, path)
            if value is not None and value is not _gone:
                return one.named(path)
            one = one.parent
        return None

    def at(self, str path):
        return self.placed(path)

    cdef str placed(self, str path):
        if self.path and path and path[0] != "[":
            return f"{self.path}.{path}"
        return self.path + path

    def release(self):
        self.parent = None
        if self._children is not None:
            for listed in self._children.values():
                for one in listed:
                    (<Fields> one).release()


cdef object _raw = Fields.raw
cdef object _text = Fields.text
cdef object _init = Fields.__init__
