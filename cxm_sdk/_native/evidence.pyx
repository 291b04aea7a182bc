"""What a live graph does once for every item, every record and every key.

``evidence.pyi`` says what each function takes and gives.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_Next
from cpython.object cimport PyObject
from libc.stdint cimport SIZE_MAX, uint8_t, uint64_t
from libcpp.string cimport string, to_string

from cxm_sdk._native.jsonbytes cimport _Writer, writer_of


cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    int PyUnicode_Compare(object, object) except? -1
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef extern from "blake.hpp":
    void cxm_blake_words(const uint8_t* data, uint64_t size, unsigned wanted, uint64_t* words) noexcept nogil


cdef enum:
    NAMED = 16  # bytes that name an item
    SMALL = 32  # names of a mapping that is put in order here
    DEEPEST = 32  # containers within containers; what lies deeper is left to others


cdef int in_order(dict value, PyObject** names, PyObject** held) except -1:
    """Puts the names of a small mapping, and what is under them, in order; whether all are texts."""
    cdef Py_ssize_t at = 0
    cdef PyObject* name
    cdef PyObject* under
    cdef int count = 0, i
    while PyDict_Next(value, &at, &name, &under):
        if type(<object>name) is not str:
            return False
        i = count
        while i and PyUnicode_Compare(<object>names[i - 1], <object>name) > 0:
            names[i], held[i] = names[i - 1], held[i - 1]
            i -= 1
        names[i], held[i] = name, under
        count += 1
    return True


cdef int _entry(_Writer out, bint first, object name, object under, int depth) except -1:
    """Writes one name and what is under it."""
    if not first:
        out.out.byte(b",")
    if not out.exact(name, depth):
        return False
    out.out.byte(b":")
    return _value(out, under, depth + 1)


cdef int _mapping(_Writer out, dict value, int depth) except -1:
    """The same of a mapping."""
    cdef PyObject* known[SMALL]
    cdef PyObject* held[SMALL]
    cdef list names
    cdef Py_ssize_t i
    out.out.byte(b"{")
    if len(value) <= SMALL:
        if not in_order(value, known, held):
            return False
        for i in range(len(value)):
            if not _entry(out, i == 0, <object>known[i], <object>held[i], depth):
                return False
    else:
        names = list(value)
        for name in names:
            if type(name) is not str:
                return False
        names.sort()
        for i in range(len(names)):
            if not _entry(out, i == 0, names[i], value[names[i]], depth):
                return False
    out.out.byte(b"}")
    return True


cdef int _value(_Writer out, object value, int depth) except -1:
    """Whether a value is plain in all its depth, and is written; nothing of the host's runs here."""
    cdef object kind = type(value)
    cdef bint first = True
    if kind is str:
        return out.exact(value, depth)
    if kind is dict:
        return depth < DEEPEST and _mapping(out, <dict>value, depth)
    if kind is list or kind is tuple:
        if depth >= DEEPEST:
            return False
        out.out.byte(b"[")
        for part in value:
            if not first:
                out.out.byte(b",")
            first = False
            if not _value(out, part, depth + 1):
                return False
        out.out.byte(b"]")
        return True
    return out.exact(value, depth)


cdef str json_of(object value):
    cdef _Writer out = writer_of(SIZE_MAX, None)
    if not _value(out, value, 0):
        return None
    return PyUnicode_DecodeUTF8(out.out.data(), out.out.size(), NULL)


def canonical_json(object value):
    """A value as JSON with sorted keys."""
    return json_of(value)


cdef bytes name_of(str source, str record_id):
    cdef string whole = to_string(<long long>len(source))
    cdef Py_ssize_t size = 0, i
    cdef const char* text = PyUnicode_AsUTF8AndSize(source, &size)
    cdef uint64_t[8] words
    cdef uint8_t[NAMED] named
    whole.push_back(b":")
    whole.append(text, size)
    text = PyUnicode_AsUTF8AndSize(record_id, &size)
    whole.append(text, size)
    cxm_blake_words(<const uint8_t*>whole.data(), whole.size(), NAMED, words)
    for i in range(NAMED):
        named[i] = <uint8_t>(words[i // 8] >> (8 * (i % 8)))
    return PyBytes_FromStringAndSize(<const char*>named, NAMED)


def name_of_item(str source not None, str record_id not None):
    """Names an item by 16 bytes."""
    return name_of(source, record_id)


def forms_and_writing(dict said not None):
    """Canonical values of what a record says, and how they are written where that is something else."""
    cdef dict forms = {}, writing = {}
    cdef list values, canonical, written
    cdef tuple value
    cdef bint other
    for role, values in said.items():
        canonical, written, other = [], [], False
        for value in values:
            canonical.append(value[0])
            written.append(value[1])
            if not other and value[0] != value[1]:
                other = True
        forms[role] = canonical
        if other:
            writing[role] = written
    return forms, writing


cdef bint says(object text) except -1:
    """Whether a text has more than spaces in it."""
    cdef Py_UCS4 first
    if len(<str>text) == 0:
        return False
    first = (<str>text)[0]
    return not first.isspace() or not (<str>text).isspace()


cdef list texts_of(object value):
    if type(value) is str:
        return [value] if says(value) else []
    if type(value) is not list:
        return None
    for entry in <list>value:
        if type(entry) is not str or not says(entry):
            return None
    return (<list>value).copy()


def listed_texts(object value):
    """The texts in a list, or one text as a list."""
    return texts_of(value)


cdef object add_value(dict found, str role, str form, str raw, Py_ssize_t most):
    cdef list held = found.get(role)
    if held is None:
        found[role] = [(form, raw.strip())]
    elif len(held) < most:
        for other in held:
            if (<tuple>other)[0] == form:
                return
        held.append((form, raw.strip()))


def said_of(dict values not None, dict known not None, tuple derived not None, Py_ssize_t most):
    """What a record says, put together of what its values become."""
    cdef dict found = {}, made, own
    cdef list raws
    cdef object form
    cdef str role
    for role, raws in values.items():
        if role == "full_name":
            continue
        own = known[role]
        for raw in raws:
            form = (<dict>own[raw]).get(role)
            if form is not None:
                add_value(found, role, form, raw, most)
    for role, parts in derived:
        raws = values.get(role)
        if not raws:
            continue
        made = (<dict>known[role])[raws[0]]
        for part in <tuple>parts:
            if part in made and part not in found:
                form = made.get("written " + <str>part)
                add_value(found, part, made[part], (<str>made[part]).title() if form is None else form, most)
    raws = values.get("street")
    if raws:
        made = (<dict>known["street"])[raws[0]]
        form = made.get("house_number")
        if form is not None:
            if "house_number" not in found:
                add_value(found, "house_number", form, form, most)
            elif found["house_number"][0][0] != form and "street_line" in made:
                raws = found.get("street", [])
                found["street"] = [(made["street_line"], values["street"][0]), *raws[1:]]
    return found
