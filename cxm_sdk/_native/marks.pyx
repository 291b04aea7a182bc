"""Marks of ids in tables that are mapped into memory; see ``marks.pyi`` for what each function takes and gives."""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

cdef enum:
    PLACES = 64  # marks of a bucket
    BUCKET = 512  # bytes of it
    MOST_TABLES = 16


@cython.auto_pickle(False)
cdef class _Tables:
    """Tables of one span of time, held while they are looked at."""

    cdef Py_buffer views[MOST_TABLES]
    cdef int count

    def __cinit__(self, list tables not None, int flags):
        self.count = 0
        for table in tables[:MOST_TABLES]:
            PyObject_GetBuffer(table, &self.views[self.count], flags)
            self.count += 1

    def __dealloc__(self):
        cdef int i
        for i in range(self.count):
            PyBuffer_Release(&self.views[i])

    cdef uint64_t* bucket(self, int number, uint64_t place) noexcept:
        cdef uint64_t buckets = <uint64_t>self.views[number].len // BUCKET
        return <uint64_t*>(<char*>self.views[number].buf + (place % buckets) * BUCKET)


cdef int _halves(object key, uint64_t* mark, uint64_t* place) except -1:
    """The two numbers of a digest, as this machine reads them; the second with its first byte lowest."""
    cdef const unsigned char* text
    cdef int i
    if type(key) is not bytes or PyBytes_GET_SIZE(key) != 16:
        raise ValueError("expected digests of 16 bytes.")
    text = <const unsigned char*>PyBytes_AS_STRING(key)
    memcpy(mark, text, 8)
    place[0] = 0
    for i in range(8):
        place[0] |= <uint64_t>text[8 + i] << (8 * i)
    return 0


def known(list tables not None, list keys not None, list found not None):
    cdef _Tables held = _Tables(tables, PyBUF_SIMPLE)
    cdef uint64_t mark, place
    cdef uint64_t* bucket
    cdef Py_ssize_t at
    cdef int i, j
    cdef bint full = False
    if len(found) != len(keys):
        raise ValueError("expected an answer for each digest.")
    for at in range(len(keys)):
        if found[at]:
            continue
        _halves(keys[at], &mark, &place)
        for i in range(held.count):
            bucket = held.bucket(i, place)
            for j in range(PLACES):
                if bucket[j] == mark:
                    found[at] = True
                    break
            if found[at] or bucket[PLACES - 1] == 0:
                break  # where it is not full, nothing went on to the next
            full = full or i == held.count - 1
    return full


def note(list tables not None, list keys not None, Py_ssize_t start):
    cdef _Tables held = _Tables(tables, PyBUF_WRITABLE)
    cdef uint64_t mark, place
    cdef uint64_t* bucket
    cdef Py_ssize_t at
    cdef int i, j
    cdef bint noted
    for at in range(max(start, 0), len(keys)):
        _halves(keys[at], &mark, &place)
        noted = False
        for i in range(held.count):
            bucket = held.bucket(i, place)
            if bucket[PLACES - 1] != 0:
                continue
            for j in range(PLACES):
                if bucket[j] == 0:
                    bucket[j] = mark
                    break
            noted = True
            break
        if not noted:
            return at
    return len(keys)
