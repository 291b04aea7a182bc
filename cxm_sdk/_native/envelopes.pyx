"""Whole events as JSON, from what a call was given; see ``envelopes.pyi`` for what each class takes and gives.

Only what is beyond doubt is written here. Whatever is not gives None for the whole, and is left to the caller, which
makes the event as a dict first.
"""

cimport cython
from cpython.dict cimport PyDict_Next, PyDict_Size
from cpython.object cimport PyObject
from libc.stdint cimport int64_t
from libc.string cimport memcpy
from libcpp cimport bool as cbool

from cxm_sdk._native.jsonbytes cimport Layout, _Writer, writer_of

from os import urandom

from cxm_sdk._native.jsonbytes import encode


cdef extern from "Python.h":
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    str PyUnicode_FromStringAndSize(const char* text, Py_ssize_t size)


cdef extern from "stamp.hpp" namespace "cxm" nogil:
    enum:
        MOMENT
        UUID
    long process_id()
    int64_t unix_microseconds()
    void write_moment(char* out, int64_t microseconds)
    void write_number(char* out, int digits, int64_t number)
    void write_uuid(char* out, const unsigned char* drawn)


cdef enum:
    SECOND = 1_000_000  # microseconds
    DRAWN = 2048  # random bytes drawn at once; 16 make an id
    LONGEST_ID = 100  # letters of an id that is given


@cython.auto_pickle(False)
cdef class Stamps:
    cdef unsigned char drawn[DRAWN]
    cdef int left  # random bytes that are not used
    cdef long process
    cdef int64_t last  # moment given out last, microseconds since 1970
    cdef int64_t second  # the one that is written in the text below
    cdef char moment[MOMENT]

    def __cinit__(self):
        self.left = 0
        self.last = 0
        self.second = -1

    cdef int draw(self, char* out) except -1:
        """Writes an id. What is drawn serves one process alone: a forked child must not give out the same ids."""
        cdef bytes fresh
        while True:
            with cython.critical_section(self):
                if self.left >= 16 and self.process == process_id():
                    self.left -= 16
                    write_uuid(out, self.drawn + self.left)
                    return 0
            fresh = urandom(DRAWN)
            with cython.critical_section(self):
                memcpy(self.drawn, <const char*>fresh, DRAWN)
                self.left = DRAWN
                self.process = process_id()

    cdef void clock(self, char* out) noexcept:
        """Writes the moment: after all before it, as what is said later must count as said later."""
        cdef int64_t now = unix_microseconds()
        cdef int64_t rest
        with cython.critical_section(self):
            if self.last - SECOND < now <= self.last:  # a clock that was set back for longer is followed
                now = self.last + 1
            self.last = now
            rest = now % SECOND
            if now - rest != self.second:
                self.second = now - rest
                write_moment(self.moment, now)
            memcpy(out, self.moment, MOMENT)
        write_number(out + 20, 6, rest)

    def message_id(self):
        cdef char text[UUID]
        self.draw(text)
        return PyUnicode_FromStringAndSize(text, UUID)

    def now(self):
        cdef char text[MOMENT]
        self.clock(text)
        return PyUnicode_FromStringAndSize(text, MOMENT)


@cython.auto_pickle(False)
cdef class Kind:
    cdef bytes type  # '","type":…,"timestamp":'
    cdef dict before  # the part of the context that is known before what a call says
    cdef dict behind  # that which is known better than a call
    cdef bytes context  # '","context":…', where nothing else is known
    cdef bytes name  # ',"event":…'; empty where it has none
    cdef bytes slot  # ',"properties":'; empty where it is not typed
    cdef Layout layout
    cdef cbool incomplete  # typed events of this kind lack a name, or whom it is about

    def __init__(self, event_type, before, behind, plain, *, name_key="", name="", slot="", layout=None):
        self.type = b',"type":%b,"timestamp":' % encode(event_type, 100, plain)
        self.before = before
        self.behind = behind
        self.context = b',"context":' + encode({**before, **behind}, 1 << 20, plain)
        self.name = b',%b:%b' % (encode(name_key, 100, plain), encode(name, 1 << 20, plain)) if name else b""
        self.slot = b',%b:' % encode(slot, 100, plain) if slot else b""
        self.layout = layout
        self.incomplete = (name_key == "event" and not name) or event_type in ("group", "alias")


@cython.no_gc  # it lives as long as a call
@cython.freelist(4)
@cython.auto_pickle(False)
cdef class _Given:
    """What a call said about who it was and what surrounds it."""

    cdef object user_id
    cdef object anonymous_id
    cdef object message_id
    cdef object timestamp
    cdef object context

    cdef bint read(self, dict given) except -1:
        """Whether nothing else was said."""
        cdef Py_ssize_t at = 0
        cdef PyObject* key_ref
        cdef PyObject* value_ref
        cdef str name
        while PyDict_Next(given, &at, &key_ref, &value_ref):
            name = <str?>key_ref
            if name == "user_id":
                self.user_id = <object>value_ref
            elif name == "anonymous_id":
                self.anonymous_id = <object>value_ref
            elif name == "message_id":
                self.message_id = <object>value_ref
            elif name == "timestamp":
                self.timestamp = <object>value_ref
            elif name == "context":
                self.context = <object>value_ref
            elif name != "integrations" or <object>value_ref is not None:
                return False
        return True


cdef inline bint _is_text(object value):
    """Whether it is text of the plainest kind, and not empty."""
    return type(value) is str and PyUnicode_GET_LENGTH(value) > 0


@cython.auto_pickle(False)
cdef class Envelopes:
    cdef Stamps stamps
    cdef size_t limit
    cdef object plain
    cdef long process

    def __init__(self, Stamps stamps not None, limit, plain):
        self.stamps = stamps
        self.limit = limit
        self.plain = plain
        self.process = process_id()

    def written(self, Kind kind not None, dict own not None, str body not None, dict given not None, around):
        cdef _Writer out
        cdef Py_ssize_t at = 0
        cdef PyObject* key_ref
        cdef PyObject* value_ref
        try:
            out = self.begun(kind, given, around)
            if out is None:
                return None
            while PyDict_Next(own, &at, &key_ref, &value_ref):
                key, value = <object>key_ref, <object>value_ref
                out.out.byte(b",")
                out.text(<str?>key)
                out.out.byte(b":")
                if <str>key != body:
                    if not _is_text(value):
                        return None
                    out.text(<str>value)
                elif value is None:
                    out.out.raw(b"{}", 2)
                elif type(value) is dict:
                    out.value(value, 1)
                else:
                    return None
            return self.ended(out)
        except Exception:
            return None  # the caller meets it again, and knows what to do about it

    def typed(self, Kind kind not None, object body, dict given not None, around):
        cdef _Writer out
        try:
            if kind.layout is None or kind.incomplete:
                return None
            out = self.begun(kind, given, around)
            if out is None:
                return None
            out.out.raw(kind.name, len(kind.name))
            out.out.raw(kind.slot, len(kind.slot))
            out.typed(body, kind.layout)
            return self.ended(out)
        except Exception:
            return None

    cdef bytes ended(self, _Writer out):
        out.out.byte(b"}")
        return out.written() if out.out.size() <= self.limit else None

    cdef _Writer begun(self, Kind kind, dict given, object around):
        """What stands before the body; None where it is in doubt, or there is nobody whom it is about."""
        cdef _Given said = _Given.__new__(_Given)
        cdef _Writer out
        cdef char stamp[UUID + 2]
        if self.process != process_id() or not said.read(given):
            return None
        known = None
        if around:
            if said.user_id is None:
                said.user_id = around.get("userId")
            if said.anonymous_id is None:
                said.anonymous_id = around.get("anonymousId")
            known = around.get("context")
        out = writer_of(self.limit, self.plain)
        if said.message_id is None:
            out.out.raw(b'{"messageId":"', 14)
            self.stamps.draw(stamp)
            stamp[UUID] = b'"'
            out.out.raw(stamp, UUID + 1)
        elif _is_text(said.message_id) and PyUnicode_GET_LENGTH(said.message_id) <= LONGEST_ID:
            out.out.raw(b'{"messageId":', 13)
            out.text(<str>said.message_id)
        else:
            return None
        out.out.raw(kind.type, len(kind.type))
        if said.timestamp is None:
            stamp[0] = b'"'
            self.stamps.clock(stamp + 1)
            stamp[MOMENT + 1] = b'"'
            out.out.raw(stamp, MOMENT + 2)
        elif type(said.timestamp) is str:
            out.text(<str>said.timestamp)
        else:
            return None
        if not known and not said.context:
            out.out.raw(kind.context, len(kind.context))
        elif not self.surroundings(out, kind, known, said.context):
            return None
        return out if self.people(out, said) else None

    cdef bint surroundings(self, _Writer out, Kind kind, object known, object context) except -1:
        cdef dict whole = kind.before.copy()
        for part in (known, context):
            if part:
                if type(part) is not dict:
                    return False
                whole.update(<dict>part)
        whole.update(kind.behind)
        out.out.raw(b',"context":', 11)
        out.value(whole, 1)
        return True

    cdef bint people(self, _Writer out, _Given said) except -1:
        """Whether it is known whom it is about, and written."""
        if said.user_id is None and said.anonymous_id is None:
            return False
        if said.user_id is not None:
            if not _is_text(said.user_id):
                return False
            out.out.raw(b',"userId":', 10)
            out.text(<str>said.user_id)
        if said.anonymous_id is not None:
            if not _is_text(said.anonymous_id):
                return False
            out.out.raw(b',"anonymousId":', 15)
            out.text(<str>said.anonymous_id)
        return True
