"""Keys under which a store files records: 64-bit numbers, equal on all machines and in all releases.

``keys.pyi`` says what each function takes and gives.
"""

from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy
from libcpp.string cimport string
from libcpp.vector cimport vector

from hashlib import sha256

from cxm_sdk._native.contents cimport CxmRole, Packed, string_view


cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef extern from "blake.hpp":
    uint64_t cxm_blake(const uint8_t* data, uint64_t size, unsigned wanted) noexcept nogil


cdef enum:
    SHORT = 256      # bytes of most names of a key
    WANTED = 8       # bytes of a key
    REMEMBERED = 1 << 16

cdef object _UNKNOWN = object()


cdef int64_t _number(const char* one, Py_ssize_t size, uint8_t between, const char* other, Py_ssize_t rest):
    cdef uint8_t[SHORT] small
    cdef vector[uint8_t] large
    cdef uint8_t* name = small
    if size + rest + 1 > SHORT:
        large.resize(size + rest + 1)
        name = large.data()
    memcpy(name, one, size)
    if other != NULL:
        name[size] = between
        memcpy(name + size + 1, other, rest)
        size += rest + 1
    return <int64_t>cxm_blake(name, size, WANTED)


def key_of(str name not None):
    """The key of a name."""
    cdef Py_ssize_t size
    cdef const char* text = PyUnicode_AsUTF8AndSize(name, &size)
    return _number(text, size, 0, NULL, 0)


cdef inline string_view _view(object text) except *:
    cdef Py_ssize_t size = 0
    cdef const char* data = PyUnicode_AsUTF8AndSize(text, &size)
    return string_view(data, size)


cdef inline str _decoded(string_view text):
    return PyUnicode_DecodeUTF8(text.data(), text.size(), NULL)


cdef inline int64_t _key(string_view namespace, string_view value):
    return _number(namespace.data(), namespace.size(), 0, value.data(), value.size())


cdef list _hashed_texts(str role, str form, str written):
    """What others may have hashed of a contact."""
    cdef str digits, text
    if role == "email":
        text = written.strip().lower()
        return [form] if text == form else [form, text]
    digits = "".join([c for c in written if "0" <= c <= "9"])
    if not digits.startswith("00") and not written.lstrip().startswith("+"):
        return [digits or form]
    digits = digits.removeprefix("00")
    return [digits, "+" + digits]


def digests_of(str role not None, str form not None, str written not None):
    """SHA-256 digests under which others may know a contact."""
    return [sha256(text.encode()).hexdigest() for text in _hashed_texts(role, form, written)]


cdef bint _holds(Packed record, const CxmRole* role, str value) except -1:
    cdef string_view wanted = _view(value), held
    cdef size_t i
    if role != NULL:
        for i in range(role.first, role.last):
            held = record.held.at(record.held.values[i])
            if held == wanted:
                return True
    return False


def identify(Packed record not None, roles not None, dict clear not None, written not None):
    """The keys of a record's identifiers, and their roles."""
    cdef list keys = [], named = [], writings
    cdef set seen
    cdef const CxmRole* role
    cdef const CxmRole* own
    cdef size_t i, j
    cdef str name, source, form, raw, digest
    for i in range(record.held.roles.size()):
        role = &record.held.roles[i]
        name = _decoded(record.held.at(role.name))
        if name in roles:
            for j in range(role.first, role.last):
                keys.append(_key(record.held.at(role.name), record.held.at(record.held.values[j])))
                named.append(name)
    for name, source in clear.items():
        role = record.held.find(_view(source))
        if role == NULL or name not in roles:
            continue
        own, seen, writings = record.held.find(_view(name)), set(), written.get(source)
        for j in range(role.first, role.last):
            form = _decoded(record.held.at(record.held.values[j]))
            raw = form if writings is None else writings[j - role.first]
            for digest in digests_of(source, form, raw):
                if digest not in seen and not _holds(record, own, digest):
                    seen.add(digest)
                    keys.append(_key(_view(name), _view(digest)))
                    named.append(name)
    return keys, named


cdef object _part(tuple key, str value):
    """What one value gives to a key, None for nothing; remembered, as most names and places come again."""
    cdef dict known = key[1]
    cdef object part = known.get(value, _UNKNOWN)
    if part is _UNKNOWN:
        part = (key[2])(key[0], value)
        if len(known) >= REMEMBERED:
            known.clear()
        known[value] = part
    return part


cdef list _parts(tuple key, list values, object muted):
    cdef list found = []
    for value in values:
        found.append(None if muted and (key[0], value) in muted else _part(key, value))
    return found


cdef object _combined(str name, list held, Py_ssize_t most, dict found):
    """Every combination of the parts of a key, the last part turning fastest, at most so many."""
    cdef Py_ssize_t width = len(held), i, count = 0
    cdef vector[Py_ssize_t] at
    cdef string_view text
    cdef string whole
    at.assign(width, 0)
    for i in range(width):
        if not len(<list>held[i]):
            return
    while count < most:
        count += 1
        text = _view(name)
        whole.assign(text.data(), text.size())
        for i in range(width):
            part = (<list>held[i])[at[i]]
            if part is None:
                break
            text = _view(part)
            whole.push_back(1)
            whole.append(text.data(), text.size())
        else:
            found[<int64_t>cxm_blake(<const uint8_t*>whole.data(), whole.size(), WANTED)] = None
        i = width - 1
        while i >= 0:
            at[i] += 1
            if at[i] < len(<list>held[i]):
                break
            at[i] = 0
            i -= 1
        if i < 0:
            return


def block_keys(dict content not None, tuple rules not None, object muted, Py_ssize_t most):
    """The keys of a record."""
    cdef dict found = {}
    cdef list held
    cdef object values
    for name, keys in rules:
        held = []
        for key in <tuple>keys:
            values = content.get((<tuple>key)[0])
            if values is None:
                break
            held.append(_parts(<tuple>key, <list>values, muted))
        else:
            _combined(name, held, most, found)
    return list(found)
