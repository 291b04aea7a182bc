"""Calls of events and objects that hold what was read; see ``calls.pyi`` for what is taken and given."""

cimport cython
from cpython.dict cimport PyDict_Contains, PyDict_Copy, PyDict_Next, PyDict_SetItem
from cpython.object cimport PyObject, PyTypeObject
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport uint8_t, uint64_t

from cxm_sdk._native.moments cimport iso_of

from dataclasses import fields as fields_of
from datetime import datetime
from types import MemberDescriptorType

cdef extern from "blake.hpp":
    void cxm_blake_digest(const uint8_t* data, uint64_t size, unsigned wanted, uint8_t* digest) noexcept nogil

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object)
    str PyUnicode_FromStringAndSize(const char*, Py_ssize_t)

cdef enum:
    WANTED = 20  # bytes of the digest that names an event

cdef object _nothing = ()
cdef dict _external = {"id": None, "type": None, "collection": "users", "encoding": "none"}
cdef type _MEMBER = MemberDescriptorType

@cython.auto_pickle(False)
cdef class Maker:
    cdef type cls
    cdef tuple slots

    def __init__(self, cls):
        self.cls = cls
        self.slots = tuple([cls.__dict__[one.name] for one in fields_of(cls)])
        if any(type(one) is not _MEMBER for one in self.slots):
            raise TypeError(f"{cls.__name__}: expected a dataclass with slots, got one without")

    def __call__(self, *values):
        cdef object made
        cdef Py_ssize_t i
        if len(values) != len(self.slots):
            raise TypeError(f"{self.cls.__name__}: expected {len(self.slots)} values, got {len(values)}")
        made = (<PyTypeObject*> self.cls).tp_new(self.cls, <PyObject*> _nothing, NULL)
        for i in range(len(values)):
            (<PyTypeObject*> _MEMBER).tp_descr_set(self.slots[i], made, values[i])
        return made


def message_id(*parts):
    return _message_id(list(parts))


cdef str _message_id(list parts):
    cdef Py_ssize_t i, size = 0
    cdef const char* letters
    cdef bytes encoded
    cdef uint8_t[WANTED] digest
    cdef char[2 * WANTED] text
    cdef const char* hexadecimal = b"0123456789abcdef"
    for i in range(len(parts)):
        part = parts[i]
        if type(part) is not str:
            parts[i] = iso_of(part) if isinstance(part, datetime) else str(part)
    whole = "\x1f".join(parts)
    if PyUnicode_IS_ASCII(whole):
        letters = PyUnicode_AsUTF8AndSize(whole, &size)
    else:
        encoded = whole.encode("utf-8", "surrogatepass")
        letters, size = encoded, len(encoded)
    cxm_blake_digest(<const uint8_t*> letters, size, WANTED, digest)
    for i in range(WANTED):
        text[2 * i] = hexadecimal[digest[i] >> 4]
        text[2 * i + 1] = hexadecimal[digest[i] & 15]
    return PyUnicode_FromStringAndSize(text, 2 * WANTED)


def identity_context(identifiers):
    return _identity(identifiers, None)


cdef dict _identity(object identifiers, dict envelope):
    """The context that identifiers make; those with a place in the envelope are put there, where it is given."""
    cdef dict traits = {}, context = {}
    cdef list external = []
    cdef dict other
    cdef bint user = False, anonymous = False
    for one in identifiers:
        namespace, raw = one.namespace, one.raw
        if namespace == "email" or namespace == "phone":
            if not PyDict_Contains(traits, namespace):
                PyDict_SetItem(traits, namespace, raw)
        elif namespace == "user_id" and not user:
            user = True
            if envelope is not None:
                PyDict_SetItem(envelope, "userId", raw)
            continue
        elif namespace == "anonymous_id" and not anonymous:
            anonymous = True
            if envelope is not None:
                PyDict_SetItem(envelope, "anonymousId", raw)
            continue
        other = PyDict_Copy(_external)
        PyDict_SetItem(other, "id", raw)
        PyDict_SetItem(other, "type", namespace)
        external.append(other)
    if traits:
        PyDict_SetItem(context, "traits", traits)
    if external:
        PyDict_SetItem(context, "externalIds", external)
    return context


cdef dict _given(dict properties):
    """The properties but for those that are None; themselves where none is."""
    cdef PyObject* key
    cdef PyObject* value
    cdef Py_ssize_t at = 0
    cdef dict told
    while PyDict_Next(properties, &at, &key, &value):
        if value == <PyObject*> None:
            break
    else:
        return properties
    told = {}
    at = 0
    while PyDict_Next(properties, &at, &key, &value):
        if value != <PyObject*> None:
            PyDict_SetItem(told, <object> key, <object> value)
    return told


def call(tuple what not None, str source not None, key, at, identifiers, properties, context):
    cdef dict told, wire
    kind, slot, name = what
    told = _given(properties if type(properties) is dict else dict(properties))
    wire = {
        "type": kind,
        "event" if kind == "track" else "name": name,
        "messageId": _message_id([source, *key]),
        "timestamp": at,
        "source": source,
        slot: told,
    }
    made = _identity(identifiers, wire)
    made.update(context)
    PyDict_SetItem(wire, "context", made)
    return wire
