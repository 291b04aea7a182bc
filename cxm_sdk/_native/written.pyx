"""Parts of full names as they were written; see ``written.pyi`` for what is taken and given."""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libcpp cimport bool as cbool

import numpy as np

from cxm_sdk._native.contents cimport string_view
from cxm_sdk._native.spans cimport Spans, fill_spans


cdef extern from "written.hpp" nogil:
    cdef cppclass CxmWritten:
        void read(string_view, const uint64_t*) except +
        cbool find(string_view, cbool, size_t&, size_t&)


cdef enum:
    WIDE_ROWS = 65536


cdef int _find_all(
    Spans* texts, Spans* parts, const uint64_t* wide, bint last, int32_t* starts, int32_t* stops
) except -1 nogil:
    cdef CxmWritten text
    cdef Py_ssize_t i
    cdef size_t start, stop
    for i in range(texts.n):
        starts[i] = stops[i] = texts.starts[i]
        if parts.starts[i] == parts.stops[i]:
            continue
        text.read(string_view(<const char*>texts.data + texts.starts[i], texts.stops[i] - texts.starts[i]), wide)
        start = stop = 0
        if text.find(
            string_view(<const char*>parts.data + parts.starts[i], parts.stops[i] - parts.starts[i]), last, start, stop
        ):
            starts[i] = texts.starts[i] + <int32_t>start
            stops[i] = texts.starts[i] + <int32_t>stop
    return 0


def find_written(
    const uint8_t[::1] data,
    const int32_t[::1] starts,
    const int32_t[::1] stops,
    const uint64_t[::1] wide,
    const uint8_t[::1] part_data,
    const int32_t[::1] part_starts,
    const int32_t[::1] part_stops,
    bint last=False,
):
    cdef Spans texts, parts
    cdef const uint64_t* table
    fill_spans(&texts, data, starts, stops)
    fill_spans(&parts, part_data, part_starts, part_stops)
    if texts.n != parts.n:
        raise ValueError(f"expected a part for each of {texts.n} texts, got {parts.n}")
    if wide.shape[0] and wide.shape[0] != WIDE_ROWS:
        raise ValueError(f"expected 0 or {WIDE_ROWS} entries for other characters, got {wide.shape[0]}")
    table = &wide[0] if wide.shape[0] else NULL
    found_starts, found_stops = np.empty(texts.n, dtype=np.int32), np.empty(texts.n, dtype=np.int32)
    cdef int32_t[::1] first_view = found_starts, last_view = found_stops
    if texts.n:
        with nogil:
            _find_all(&texts, &parts, table, last, &first_view[0], &last_view[0])
    return found_starts, found_stops
