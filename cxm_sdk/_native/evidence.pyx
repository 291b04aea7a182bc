"""What a live graph does once for every item, every record and every key.

``evidence.pyi`` says what each function takes and gives.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport SIZE_MAX, uint8_t, uint64_t
from libcpp.string cimport string

from cxm_sdk._native.jsonbytes cimport _Writer, writer_of


cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef extern from "blake.hpp":
    void cxm_blake_words(const uint8_t* data, uint64_t size, unsigned wanted, uint64_t* words) noexcept nogil


cdef enum:
    NAMED = 16  # bytes that name an item
    DEEPEST = 32  # containers within containers; what lies deeper is left to others


cdef bint _value(_Writer out, object value, int depth) except -1:
    """Whether a value is plain in all its depth, and is written."""
    cdef bint first = True
    cdef list names
    if type(value) is dict and depth < DEEPEST:
        names = list(<dict>value)
        for name in names:
            if type(name) is not str:
                return False
        names.sort()
        out.out.byte(b"{")
        for name in names:
            if not first:
                out.out.byte(b",")
            first = False
            if not out.exact(name, depth):
                return False
            out.out.byte(b":")
            if not _value(out, (<dict>value)[name], depth + 1):
                return False
        out.out.byte(b"}")
        return True
    if (type(value) is list or type(value) is tuple) and depth < DEEPEST:
        out.out.byte(b"[")
        for part in value:
            if not first:
                out.out.byte(b",")
            first = False
            if not _value(out, part, depth + 1):
                return False
        out.out.byte(b"]")
        return True
    return type(value) not in (dict, list, tuple) and out.exact(value, depth)


def canonical_json(object value):
    """A value as JSON with sorted keys."""
    cdef _Writer out = writer_of(SIZE_MAX, None)
    if not _value(out, value, 0):
        return None
    return PyUnicode_DecodeUTF8(out.out.data(), out.out.size(), NULL)


def name_of_item(str source not None, str record_id not None):
    """Names an item by 16 bytes."""
    cdef string whole = str(len(source)).encode()
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


def listed_texts(object value):
    """The texts in a list, or one text as a list."""
    if type(value) is str:
        return [value] if says(value) else []
    if type(value) is not list:
        return None
    for entry in <list>value:
        if type(entry) is not str or not says(entry):
            return None
    return (<list>value).copy()


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
                add_value(found, part, made[part], made.get("written " + <str>part, made[part]).title(), most)
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
