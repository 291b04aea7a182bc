"""Links of one record as one row of bytes; see ``links.pyi`` for what each function takes and gives."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t
from libcpp.string cimport string

from cxm_sdk._native.contents cimport string_view, view
from cxm_sdk._native.packing cimport ROW, read_number, write_number


cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef int append(string& out, link) except -1:
    cdef string_view fate
    if link[4] is not None:
        fate = view(link[4])
    return append_link(out, link[0], link[2], link[3], fate)


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


def ends_of_rows(list rows not None):
    """The two records of each link of rows."""
    cdef string out
    cdef uint8_t[ROW] ends
    cdef bytes row
    cdef const uint8_t* at
    cdef Py_ssize_t rest, size
    for b, row in rows:
        write_number(ends + 8, b)
        at, rest = <const uint8_t*>PyBytes_AS_STRING(row), PyBytes_GET_SIZE(row)
        while rest:
            size = size_of(at, rest)
            write_number(ends, read_number(at))
            out.append(<const char*>ends, ROW)
            at += size
            rest -= size
    return as_bytes(out)


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
