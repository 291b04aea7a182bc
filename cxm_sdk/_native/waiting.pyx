"""The usual way of an event to where it waits: a frame, one write, and counts; see ``waiting.pyi``.

Every call of a client comes by here. What is unusual is left to the classes that are built on these.
"""

cimport cython
from libc.errno cimport EINTR
from libc.math cimport INFINITY
from libc.string cimport memcpy

from cxm_sdk._native.jsonbytes cimport JsonText, borrow, give_back

from os import ftruncate, strerror
from zlib import crc32


cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1


cdef extern from "stamp.hpp" namespace "cxm" nogil:
    long process_id()
    long long write_once(int file, const char* data, size_t size)


cdef enum:
    HEADER = 12  # bytes of a frame before its event

cdef const char* MARK = b"\xffcx\xfe"  # stands in no UTF-8 text


cdef inline void _put_number(char* out, unsigned int number) noexcept:
    """Writes a number of 32 bits, its least byte first."""
    cdef int i
    for i in range(4):
        out[i] = <char>(number >> (8 * i))


cdef int _head(char* out, bytes event) except -1:
    cdef Py_ssize_t size = len(event)
    if size > 0xFFFFFFFF:
        raise OverflowError
    memcpy(out, MARK, 4)
    _put_number(out + 4, <unsigned int>size)
    _put_number(out + 8, <unsigned int>crc32(event, size))
    return 0


def frame(bytes event not None):
    cdef char head[HEADER]
    _head(head, event)
    return head[:HEADER] + event


@cython.auto_pickle(False)
cdef class Appending:
    cdef public Py_ssize_t size
    cdef public Py_ssize_t open
    cdef public Py_ssize_t unread
    cdef public Py_ssize_t unread_bytes
    cdef public Py_ssize_t read_from
    cdef public int _file

    cpdef Py_ssize_t append(self, bytes event) except -1:
        cdef JsonText* text
        cdef char head[HEADER]
        _head(head, event)
        text = borrow()
        try:
            text.raw(head, HEADER)
            text.raw(event, len(event))
            self.write(text.data(), text.size())
        finally:
            give_back(text)
        cdef Py_ssize_t offset = self.size
        self.size += HEADER + len(event)
        self.open += 1
        return offset

    cdef int write(self, const char* data, size_t size) except -1:
        """Appends bytes, all or none."""
        cdef int file = self._file
        cdef long long written
        while True:
            with nogil:
                written = write_once(file, data, size)
            if written == <long long>size:
                return 0
            if written >= 0:
                try:
                    ftruncate(file, self.size)
                except OSError:
                    pass
                raise OSError(f"{written} of {size} bytes could be written")
            if written != -EINTR:
                raise OSError(-written, strerror(-written))
            PyErr_CheckSignals()


@cython.auto_pickle(False)
cdef class Waiting:
    cdef public Py_ssize_t queued
    cdef public Py_ssize_t spooled
    cdef public Py_ssize_t size
    cdef public Py_ssize_t loose
    cdef public Py_ssize_t _window_bytes
    cdef public Py_ssize_t _written
    cdef public object power
    cdef public list troubles
    cdef public object _window
    cdef public object _own
    cdef public Appending _active
    cdef readonly Py_ssize_t _most_kept
    cdef readonly Py_ssize_t _most_appended

    def __init__(self, window_bytes, segment_bytes):
        self._most_kept = window_bytes
        self._most_appended = segment_bytes

    def append(self, bytes event not None):
        cdef Appending segment = self._active
        cdef Py_ssize_t offset
        if segment is None or segment.size >= self._most_appended:
            return False
        offset = segment.append(event)
        self.appended(event, segment, offset)
        return True

    cpdef int appended(self, bytes event, Appending segment, Py_ssize_t offset) except -1:
        cdef Py_ssize_t size = len(event)
        self.size += size
        self.spooled += 1
        self._written += 1
        if self._own or self._window_bytes + size > self._most_kept:
            if not segment.unread:
                segment.read_from = offset
                self._own.append(segment)
            segment.unread += 1
            segment.unread_bytes += size
        else:
            self._window.append((event, segment, offset))
            self._window_bytes += size
        return 0


@cython.auto_pickle(False)
cdef class Entrance:
    cdef public object _lock
    cdef public object _backlog
    cdef public list _late  # put while a put was under way on the same thread: by a signal, or a finaliser
    cdef public bint _busy
    cdef public long _pid
    # how many more events and bytes there surely is room for, without a reason to wake the thread
    cdef public Py_ssize_t _calm_events
    cdef public Py_ssize_t _calm_bytes
    cdef public Py_ssize_t _came  # through the backlog, in order
    cdef public double _exit_by

    def put(self, bytes event not None):
        cdef Py_ssize_t size = len(event)
        cdef bint taken = False
        backlog = self._backlog
        if self._pid == process_id() and self._exit_by == INFINITY:
            with self._lock:
                if not self._busy and self._calm_events > 0 and self._calm_bytes >= size:
                    self._busy = True
                    try:
                        backlog = self._backlog
                        backlog.put(event)
                        self._calm_events -= 1
                        self._calm_bytes -= size
                        self._came += 1
                    finally:
                        self._busy = False
                    taken = True
        if not taken:
            self._admit([event])
        elif self._late or backlog.power or backlog.troubles:
            self._admit([])
