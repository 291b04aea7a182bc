"""Links of one record as one row of bytes; see ``links.pyi`` for what each function takes and gives."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy
from libcpp.string cimport string

from cxm_sdk._native.packing cimport read_number, write_number


cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef enum:
    HEAD = 25  # record, weight, household, and how many bytes of what became of it follow


cdef inline void write_real(uint8_t* at, double value) noexcept nogil:
    cdef int64_t bits
    memcpy(&bits, &value, 8)
    write_number(at, bits)


cdef inline double read_real(const uint8_t* at) noexcept nogil:
    cdef int64_t bits = read_number(at)
    cdef double value
    memcpy(&value, &bits, 8)
    return value


cdef void append(string& out, link) except *:
    cdef uint8_t[HEAD] head
    cdef Py_ssize_t size = 0
    cdef const char* text = NULL
    fate = link[4]
    if fate is not None:
        text = PyUnicode_AsUTF8AndSize(fate, &size)
        if not 0 < size < 256:
            raise ValueError(f"expected what became of a link in 1 to 255 bytes, got {size}.")
    write_number(head, link[0])
    write_real(head + 8, link[2])
    write_real(head + 16, link[3])
    head[24] = <uint8_t>size
    out.append(<const char*>head, HEAD)
    if size:
        out.append(text, size)


cdef inline Py_ssize_t size_of(const uint8_t* at, Py_ssize_t rest) except -1:
    """Bytes of the link at a place."""
    if rest < HEAD or rest < HEAD + at[24]:
        raise ValueError(f"expected whole links, got {rest} bytes of one.")
    return HEAD + at[24]


cdef inline bytes as_bytes(string& text):
    return PyBytes_FromStringAndSize(text.data(), text.size())


def rows_of_links(list links not None):
    """Links as a row for each larger number."""
    cdef list rows = []
    cdef string row
    cdef int64_t last = 0, b
    for link in links:
        b = link[1]
        if not row.empty() and b != last:
            rows.append((last, as_bytes(row)))
            row.clear()
        append(row, link)
        last = b
    if not row.empty():
        rows.append((last, as_bytes(row)))
    return rows


def links_of_rows(rows not None):
    """Links of rows."""
    cdef list found = []
    cdef bytes row
    cdef const uint8_t* at
    cdef Py_ssize_t rest, size
    for b, row in rows:
        at, rest = <const uint8_t*>PyBytes_AS_STRING(row), PyBytes_GET_SIZE(row)
        while rest:
            size = size_of(at, rest)
            fate = PyUnicode_DecodeUTF8(<const char*>at + HEAD, at[24], NULL) if at[24] else None
            found.append((read_number(at), b, read_real(at + 8), read_real(at + 16), fate))
            at += size
            rest -= size
    return found


def merged(bytes held not None, bytes others not None):
    """A row with the links of another one in place of those of the same records."""
    cdef string out
    cdef const uint8_t* one = <const uint8_t*>PyBytes_AS_STRING(held)
    cdef const uint8_t* other = <const uint8_t*>PyBytes_AS_STRING(others)
    cdef Py_ssize_t rest = PyBytes_GET_SIZE(held), more = PyBytes_GET_SIZE(others), size
    while rest or more:
        if rest and (not more or read_number(one) <= read_number(other)):
            size = size_of(one, rest)
            if not more or read_number(one) != read_number(other):
                out.append(<const char*>one, size)
            one += size
            rest -= size
        else:
            size = size_of(other, more)
            out.append(<const char*>other, size)
            other += size
            more -= size
    return as_bytes(out)


def without(bytes held not None, int64_t a):
    """A row without the link to a record."""
    cdef string out
    cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(held)
    cdef Py_ssize_t rest = PyBytes_GET_SIZE(held), size
    while rest:
        size = size_of(at, rest)
        if read_number(at) != a:
            out.append(<const char*>at, size)
        at += size
        rest -= size
    return as_bytes(out)
