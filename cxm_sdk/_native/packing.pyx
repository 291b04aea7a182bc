"""Rows of two numbers as bytes; see ``packing.pyi`` for what each function takes and gives."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t
from libcpp.algorithm cimport sort, unique
from libcpp.vector cimport vector


def packed(list rows not None):
    """Rows as bytes."""
    cdef bytes made = PyBytes_FromStringAndSize(NULL, len(rows) * ROW)
    cdef uint8_t* at = <uint8_t*>PyBytes_AS_STRING(made)
    for row in rows:
        write_number(at, row[0])
        write_number(at + 8, row[1])
        at += ROW
    return made


def unpacked(bytes rows not None):
    """Rows that are bytes."""
    cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(rows)
    cdef Py_ssize_t i
    cdef list made = []
    for i in range(len(rows) // ROW):
        made.append((read_number(at + i * ROW), read_number(at + i * ROW + 8)))
    return made


def by_key(bytes rows not None):
    """Records by key."""
    cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(rows)
    cdef Py_ssize_t i
    cdef dict made = {}
    cdef list held = None
    cdef int64_t key, last = 0
    for i in range(len(rows) // ROW):
        key = read_number(at + i * ROW)
        if held is None or key != last:
            held = made[key] = []
            last = key
        held.append(read_number(at + i * ROW + 8))
    return made


def complements(bytes rows not None):
    """Rows, with what stands for their being taken out."""
    cdef bytes made = PyBytes_FromStringAndSize(NULL, len(rows))
    cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(rows)
    cdef uint8_t* to = <uint8_t*>PyBytes_AS_STRING(made)
    cdef Py_ssize_t i
    for i in range(0, len(rows), ROW):
        write_number(to + i, read_number(at + i))
        write_number(to + i + 8, ~read_number(at + i + 8))
    return made


def numbers(bytes rows not None):
    """Numbers of rows."""
    cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(rows)
    cdef Py_ssize_t i
    cdef vector[int64_t] found
    found.reserve(len(rows) // 8)
    for i in range(len(rows) // 8):
        found.push_back(read_number(at + i * 8))
    sort(found.begin(), found.end())
    found.erase(unique(found.begin(), found.end()), found.end())
    return list(found)
