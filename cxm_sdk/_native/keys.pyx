"""Keys under which a store files records: 64-bit numbers, equal on all machines and in all releases.

``keys.pyi`` says what each function takes and gives.
"""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.string cimport string, to_string
from libcpp.unordered_map cimport unordered_map
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport CxmRole, CxmSought, Packed, decoded, string_view, view
from cxm_sdk._native.sound cimport sound_of


cdef extern from "blake.hpp":
    uint64_t cxm_blake(const uint8_t* data, uint64_t size, unsigned wanted) noexcept nogil


cdef enum:
    WANTED = 8  # bytes of a key
    ALL, SOUND, ROOT, START, TAIL_OF, LOCAL, BUT, LAST, FIRST_WORD  # kinds of parts

# For each part what kind it is, how many characters it takes, and how many a value must have; -1 for a tail.
cdef dict PARTS = {
    "": (ALL, 0, 0), "sound": (SOUND, 0, 0), "root": (ROOT, 0, 0), "initial": (START, 1, 1), "start": (START, 4, 4),
    "area": (START, 3, 4), "tail": (TAIL_OF, -1, -1), "local": (LOCAL, 0, 0), "year": (BUT, 4, 0),
    "year_month": (BUT, 2, 0), "month_day": (LAST, 4, 0), "first_word": (FIRST_WORD, 0, 0),
}


cdef inline string _text(object text) except *:
    cdef string_view whole = view(text)
    return string(whole.data(), whole.size())


def key_of(str name not None):
    """The key of a name."""
    cdef string_view text = view(name)
    return <int64_t>cxm_blake(<const uint8_t*>text.data(), text.size(), WANTED)


cdef struct Part:
    string role
    int kind
    size_t taken
    size_t least
    CxmSought sought
    const unordered_set[string]* ignored


cdef struct Rule:
    string name
    vector[size_t] parts  # by number


cdef struct Piece:
    cbool known
    string text


cdef inline size_t _from_start(string_view text, size_t characters) noexcept nogil:
    """Bytes of the first characters of a text, of all of it where there are fewer."""
    cdef size_t at = 0
    while at < text.size() and characters:
        at += 1
        while at < text.size() and (<uint8_t>text.data()[at] & 0xC0) == 0x80:
            at += 1
        characters -= 1
    return at


cdef inline size_t _from_end(string_view text, size_t characters) noexcept nogil:
    """Where the last characters of a text begin; its start where there are fewer."""
    cdef size_t at = text.size()
    while at and characters:
        at -= 1
        while at and (<uint8_t>text.data()[at] & 0xC0) == 0x80:
            at -= 1
        characters -= 1
    return at


cdef inline size_t _length(string_view text) noexcept nogil:
    cdef size_t i, found = 0
    for i in range(text.size()):
        found += (<uint8_t>text.data()[i] & 0xC0) != 0x80
    return found


cdef inline size_t _find(string_view text, char wanted) noexcept nogil:
    cdef size_t at = 0
    while at < text.size() and text.data()[at] != wanted:
        at += 1
    return at


@cython.final
@cython.auto_pickle(False)
cdef class BlockKeys:
    """Makes the keys of records."""

    cdef vector[Rule] rules
    cdef vector[Part] parts  # each once, as several rules have the same
    cdef unordered_map[string, string] heads
    cdef unordered_map[string, unordered_set[string]] ignored

    def __init__(self, rules not None, dict heads not None, ignored not None, Py_ssize_t tail):
        cdef Rule made
        cdef Part part
        cdef dict numbers = {}
        cdef size_t i
        for name, parts in rules:
            made.name = _text(name)
            made.parts.clear()
            for role, named in parts:
                kind = PARTS.get(named)
                if kind is None:
                    raise KeyError(named)
                part.role = _text(role)
                part.kind = (<tuple>kind)[0]
                part.taken, part.least = [tail if size < 0 else size for size in (<tuple>kind)[1:]]
                if (role, named) not in numbers:
                    numbers[role, named] = self.parts.size()
                    self.parts.push_back(part)
                made.parts.push_back(numbers[role, named])
            self.rules.push_back(made)
        for name, head in heads.items():
            self.heads[_text(name)] = _text(head)
        for role, values in ignored.items():
            for value in values:
                self.ignored[_text(role)].insert(_text(value))
        for i in range(self.parts.size()):
            self.parts[i].sought = CxmSought(string_view(self.parts[i].role.data(), self.parts[i].role.size()))
            found = self.ignored.find(self.parts[i].role)
            self.parts[i].ignored = NULL
            if found != self.ignored.end():
                self.parts[i].ignored = &cython.operator.dereference(found).second

    cdef Piece piece(self, const Part* part, string_view value):
        """What one value gives to a key."""
        cdef Piece made
        cdef size_t at
        cdef uint64_t code
        made.known = True
        if part.kind == ROOT and part.role == b"first_name":
            named = self.heads.find(string(value.data(), value.size()))
            if named != self.heads.end():
                made.text = string(b"=")
                made.text.append(cython.operator.dereference(named).second)
                return made
        if part.kind == SOUND or part.kind == ROOT:
            code = sound_of(<const uint8_t*>value.data(), value.size())
            made.known = code != 0
            made.text = to_string(code)
        elif part.least and _length(value) < part.least:
            made.known = False
        elif part.kind == ALL:
            made.text.assign(value.data(), value.size())
        elif part.kind == START:
            made.text.assign(value.data(), _from_start(value, part.taken))
        elif part.kind == TAIL_OF or part.kind == LAST:
            at = _from_end(value, part.taken)
            made.known = part.kind == LAST or part.role == b"phone"
            made.text.assign(value.data() + at, value.size() - at)
        elif part.kind == BUT:
            made.text.assign(value.data(), _from_end(value, part.taken))
        elif part.kind == LOCAL:
            at = value.size()
            while at and value.data()[at - 1] != b"@":
                at -= 1
            made.text.assign(value.data(), at - 1 if at else 0)
        else:
            made.text.assign(value.data(), _find(value, b" "))
        return made

    cdef int _pieces(self, Packed record, const Part* part, const CxmRole* held, object muted,
                     vector[Piece]& found) except -1:
        cdef string_view value
        cdef Piece nothing
        cdef uint32_t i
        nothing.known = False
        for i in range(held.first, held.last):
            value = record.held.at(record.held.values[i])
            if part.ignored != NULL and part.ignored.count(string(value.data(), value.size())):
                found.push_back(nothing)
            elif muted and (
                decoded(string_view(part.role.data(), part.role.size())), decoded(value),
            ) in muted:
                found.push_back(nothing)
            else:
                found.push_back(self.piece(part, value))
        return 0

    def keys(self, Packed record not None, muted, Py_ssize_t most):
        """The keys of a record."""
        cdef list found = []
        cdef unordered_set[int64_t] seen
        cdef vector[vector[Piece]] pieces
        cdef vector[const vector[Piece]*] chosen
        cdef const CxmRole* held
        cdef const Part* part
        cdef size_t r, i
        pieces.resize(self.parts.size())
        for i in range(self.parts.size()):
            part = &self.parts[i]
            held = record.held.find(part.sought)
            if held != NULL:
                self._pieces(record, part, held, muted, pieces[i])
        for r in range(self.rules.size()):
            chosen.clear()
            for i in self.rules[r].parts:
                if pieces[i].size() == 0:
                    break
                chosen.push_back(&pieces[i])
            else:
                _combine(&self.rules[r], chosen, most, seen, found)
        return found


cdef int _combine(const Rule* rule, const vector[const vector[Piece]*]& pieces, Py_ssize_t most,
                  unordered_set[int64_t]& seen, list found) except -1:
    """Every combination of the pieces of a key, the last turning fastest, at most so many."""
    cdef vector[size_t] at
    cdef string whole
    cdef const Piece* piece
    cdef size_t i
    cdef int64_t key
    cdef bint known
    at.assign(pieces.size(), 0)
    while most > 0:
        most -= 1
        whole = rule.name
        known = True
        for i in range(pieces.size()):
            piece = &pieces[i].at(at[i])
            known = known and piece.known
            whole.push_back(1)
            whole.append(piece.text)
        if known:
            key = <int64_t>cxm_blake(<const uint8_t*>whole.data(), whole.size(), WANTED)
            if seen.insert(key).second:
                found.append(key)
        i = pieces.size()
        while i:
            i -= 1
            at[i] += 1
            if at[i] < pieces[i].size():
                break
            at[i] = 0
            if i == 0:
                return 0
        if pieces.size() == 0:
            return 0
    return 0
