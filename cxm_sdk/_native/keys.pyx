"""Keys under which a store files records: 64-bit numbers, equal on all machines and in all releases.

``keys.pyi`` says what each function takes and gives.
"""

from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy
from libcpp.vector cimport vector

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


def keys_of_pairs(list pairs not None):
    """The keys of pairs of names."""
    cdef Py_ssize_t size, rest
    cdef const char* one
    cdef const char* other
    cdef list found = []
    for pair in pairs:
        one = PyUnicode_AsUTF8AndSize((<tuple>pair)[0], &size)
        other = PyUnicode_AsUTF8AndSize((<tuple>pair)[1], &rest)
        found.append(_number(one, size, 0, other, rest))
    return found


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
    cdef list chosen
    cdef bint whole
    at.assign(width, 0)
    for i in range(width):
        if not len(<list>held[i]):
            return
    while count < most:
        count += 1
        chosen, whole = [name], True
        for i in range(width):
            part = (<list>held[i])[at[i]]
            if part is None:
                whole = False
                break
            chosen.append(part)
        if whole:
            found[key_of("\x01".join(chosen))] = None
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
