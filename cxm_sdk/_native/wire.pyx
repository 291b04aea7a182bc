"""Requests of the Segment family, from their bytes to the texts of their events, without an object for each value.

``wire.pyi`` says what each class and function takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.string cimport string
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

from json.encoder import encode_basestring_ascii as _spelled



cdef extern from "blake.hpp":
    void cxm_blake_words(const uint8_t* data, uint64_t size, unsigned wanted, uint64_t* h) noexcept nogil

cdef extern from "Python.h":
    str PyUnicode_FromStringAndSize(const char* text, Py_ssize_t size)

cdef extern from "wire.hpp" namespace "cxm" nogil:
    int DOUBT, MOST_FIELDS
    int TRACK, PAGE, SCREEN
    int TYPE_, ID_, EVENT_, NAME_
    int64_t NO_TIME

    cppclass Span:
        Span()
        const char* at
        size_t size

    enum class Sort(unsigned char):
        NOTHING, NO, YES, WHOLE, REAL, TEXT, OBJECT, LIST

    cppclass Value:
        Value()
        Sort sort
        cbool plain
        Span span

    cppclass Words:
        void put(string word, int number) except +
        int find(Span word)

    cppclass Bits:
        void set(size_t at)

    cppclass _Outline "cxm::Outline"

    cppclass _Field "cxm::Field":
        _Field()
        int number
        uint8_t kind
        cbool nullable
        double low
        int64_t longest
        const _Outline* inner
        unordered_set[string] choices

    cppclass _Outline "cxm::Outline":
        _Outline()
        vector[_Field] fields
        Words keys
        Bits required

    cppclass Arrival:
        Span whole
        cbool doubt
        Value* held
        cbool has(int known)

    cppclass Terms:
        Terms()
        int call
        string source, stamp, sent_text
        int64_t received, sent
        size_t limit

    cppclass _Request "cxm::Request":
        _Request()
        vector[Arrival] arrivals
        Value write_key, sent_at
        cbool read_batch(const char* begin, size_t size, size_t most) except +
        cbool read_single(const char* begin, size_t size) except +
        cbool finish(const Arrival& a, int call, const _Outline* body, Span schema, const Terms& terms, string& out) \
            except +

    const Words& calls()
    int64_t moment_of(const Value& found)


cdef enum:
    LONGEST_ID = 512  # bytes of a source and an id

cdef dict _KINDS = {
    "any": 0, "text": 1, "short": 2, "amount": 3, "number": 4, "whole": 5, "bool": 6, "one_of": 7, "mapping": 8,
    "shape": 9, "shapes": 10, "time": 11,
}
"""Kinds of ``plain_json.hpp``; what is none of them is in doubt."""


@cython.auto_pickle(False)
cdef class Outline:
    cdef _Outline held
    cdef list inner  # outlines that it refers to

    def __init__(self, cls, fields, required, fresh, template):
        cdef _Field field
        cdef Outline inner
        cdef dict numbers = {}
        self.inner = []
        for keys, name, kind, nullable, detail, low, longest in fields:
            field = _Field()
            field.number = <int>self.held.fields.size()
            field.kind = _KINDS.get(kind, DOUBT)
            field.nullable = nullable
            field.low = low
            field.longest = longest
            if kind == "one_of":
                for choice in detail:
                    field.choices.insert((<str?>choice).encode())
            elif kind == "shape" or kind == "shapes":
                inner = <Outline?>detail
                self.inner.append(inner)
                field.inner = &inner.held
            if field.number >= MOST_FIELDS:
                raise ValueError(f"expected at most {MOST_FIELDS} fields.")
            self.held.fields.push_back(field)
            numbers[name] = field.number
            for key in keys:
                self.held.keys.put((<str?>key).encode(), field.number)
            if name not in keys:  # its name as a key is what the class itself would be confused by
                self.held.keys.put((<str?>name).encode(), self.doubtful())
        for name in required:
            self.held.required.set(numbers[name])

    cdef int doubtful(self):
        cdef _Field field = _Field()
        field.number = <int>self.held.fields.size()
        field.kind = DOUBT
        self.held.fields.push_back(field)
        return field.number


@cython.auto_pickle(False)
cdef class Request:
    cdef _Request held
    cdef bytes body  # the spans lie in it
    cdef int call

    def __len__(self):
        return self.held.arrivals.size()

    @property
    def write_key(self):
        return self.text(self.held.write_key)

    @property
    def sent_at(self):
        return self.text(self.held.sent_at)

    cdef object text(self, const Value& value):
        if value.sort != Sort.TEXT:
            return None
        return PyUnicode_FromStringAndSize(value.span.at, value.span.size)

    def item(self, size_t at):
        if at >= self.held.arrivals.size():
            raise IndexError("there are fewer events.")
        cdef const Span* whole = &self.held.arrivals[at].whole
        return PyBytes_FromStringAndSize(whole.at, whole.size)

    def finish(
        self, str source not None, int64_t received, str stamp not None, object sent_at,
        dict classes not None, object find not None, size_t limit,
    ):
        cdef Terms terms
        cdef string out, named
        cdef const Arrival* a
        cdef const _Outline* body
        cdef Span schema
        cdef Value sent
        cdef bytes prefix = source.encode("utf-8", "surrogatepass") + b"\0", told
        cdef list made = []
        cdef object known
        cdef size_t i, count = self.held.arrivals.size()
        cdef int call
        if len(prefix) > LONGEST_ID:
            return [None] * <Py_ssize_t>count
        terms.call = self.call
        terms.source = _spelled(source).encode()
        terms.stamp = stamp.encode()
        terms.received = received
        terms.sent = NO_TIME
        terms.limit = limit
        if sent_at is not None:
            told = (<str?>sent_at).encode("utf-8", "replace")
            sent.sort = Sort.TEXT
            sent.plain = True
            sent.span.at = told
            sent.span.size = len(told)
            terms.sent = moment_of(sent)
            if terms.sent == NO_TIME:  # of a spelling that is read elsewhere
                return [None] * <Py_ssize_t>count
            terms.sent_text = b'"' + told + b'"'
        for i in range(count):
            a = &self.held.arrivals[i]
            known = None
            call = self.call_of(a)
            if call >= 0 and not a.doubt:
                known = self.class_of(a, call, classes, find)
            if known is None:
                made.append(None)
                continue
            body = NULL
            schema = Span()
            if (<tuple>known)[0] is not None:
                body = &(<Outline?>(<tuple>known)[0]).held
                told = (<tuple>known)[1]
                schema.at = PyBytes_AS_STRING(told)
                schema.size = PyBytes_GET_SIZE(told)
            if not self.held.finish(a[0], call, body, schema, terms, out):
                made.append(None)
                continue
            named = prefix
            named.append(a.held[ID_].span.at, a.held[ID_].span.size)
            made.append((_digest(named), PyBytes_FromStringAndSize(out.data(), out.size())))
        return made

    cdef int call_of(self, const Arrival* a):
        if self.call >= 0:
            return self.call
        if not a.has(TYPE_) or a.held[TYPE_].sort != Sort.TEXT:
            return -1
        return calls().find(a.held[TYPE_].span)

    cdef object class_of(self, const Arrival* a, int call, dict classes, object find):
        """What the properties or traits of an event are held against; None where that is in doubt."""
        cdef const Value* value = NULL
        cdef str name = ""
        if call == TRACK:
            value = &a.held[EVENT_]
        elif (call == PAGE or call == SCREEN) and a.has(NAME_) and a.held[NAME_].sort != Sort.NOTHING:
            value = &a.held[NAME_]
        if value != NULL:
            if value.sort != Sort.TEXT or not value.plain:
                return None
            name = PyUnicode_FromStringAndSize(value.span.at, value.span.size)
        key = (call, name)
        if key in classes:
            return classes[key]
        return find(call, name)


cdef bytes _digest(const string& named):
    """The digest of 16 bytes that ``digest`` of the collector gives."""
    cdef uint64_t h[8]
    cdef uint8_t out[16]
    cdef int i
    cxm_blake_words(<const uint8_t*>named.data(), named.size(), 16, h)
    for i in range(16):
        out[i] = <uint8_t>(h[i // 8] >> (8 * (i % 8)))
    return PyBytes_FromStringAndSize(<const char*>out, 16)


def read(bytes body not None, int call, size_t most):
    cdef Request request = Request.__new__(Request)
    cdef cbool sure
    request.body = body
    request.call = call
    if call < 0:
        sure = request.held.read_batch(PyBytes_AS_STRING(body), PyBytes_GET_SIZE(body), most)
    else:
        sure = request.held.read_single(PyBytes_AS_STRING(body), PyBytes_GET_SIZE(body))
    return request if sure else None
