"""Records as most are sent become packed records in one go.

``items.pyi`` says what the class takes and gives.
"""

cimport cython
from libc.stdint cimport int64_t
from libcpp.string cimport string
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport Packed, decoded, is_space, string_view, view
from cxm_sdk._native.evidence cimport json_of, name_of, texts_of
from cxm_sdk._native.plain cimport CxmForm, PlainForms, titled



cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object)


cdef enum:
    LONGEST_NAME = 512
    MOST_SEEN = 4096  # names of attributes that are remembered
    LONGEST_MARKER = 4  # characters of what stands for no id
    SECOND = 1000000  # microseconds

cdef object LATEST = 1 << 40  # seconds that may be counted in microseconds
cdef frozenset CONTACTS = frozenset(("email", "phone"))
cdef frozenset DATE_PARTS = frozenset(("birth_day", "birth_month", "birth_year"))


cdef inline str name_in(dict item, str field):
    """A name of usual length; None for anything else."""
    cdef object value = item.get(field)
    return value if type(value) is str and 0 < len(<str>value) <= LONGEST_NAME else None


cdef bint doubtful(str record_id) except -1:
    """Whether an id may be none, such as one of spaces or ``null``."""
    cdef Py_UCS4 character
    if record_id[0].isspace() or record_id[len(record_id) - 1].isspace():
        return True
    if len(record_id) > LONGEST_MARKER:
        return False
    for character in record_id:
        if 48 <= character <= 57:  # a digit
            return False
    return True


cdef inline dict part_in(dict item, str field):
    """A part of an item; None where it is no plain mapping."""
    cdef object value = item.get(field)
    if value is None:
        return {}
    return value if type(value) is dict else None


cdef struct Value:
    string_view role  # which somebody else holds
    size_t start      # where its form starts in the text of all values,
    size_t between    # where that ends and how it is written starts,
    size_t stop       # and where that ends


cdef cppclass Found:
    """Values by role, all in one text."""
    string text
    vector[Value] values

    string_view form(const Value& value) noexcept:
        return string_view(this.text.data() + value.start, value.between - value.start)

    string_view written(const Value& value) noexcept:
        return string_view(this.text.data() + value.between, value.stop - value.between)


cdef string_view trimmed(str raw, list kept) except *:
    """A text without spaces around it, as long as it and what is kept are there."""
    cdef string_view text
    cdef size_t start = 0, stop
    if not PyUnicode_IS_ASCII(raw):
        raw = raw.strip()
        kept.append(raw)
        return view(raw)
    text = view(raw)
    stop = text.size()
    while start < stop and is_space(text.data()[start]):
        start += 1
    while stop > start and is_space(text.data()[stop - 1]):
        stop -= 1
    return string_view(text.data() + start, stop - start)


cdef const Value* found_of(Found& found, string_view role) noexcept:
    """The first value that is found of a role; NULL for none."""
    cdef size_t i
    for i in range(found.values.size()):
        if found.values[i].role == role:
            return &found.values[i]
    return NULL


cdef const CxmForm* form_of(const vector[CxmForm]& made, string_view part) noexcept:
    """What a value yields of a role; NULL for nothing."""
    cdef size_t i
    for i in range(made.size()):
        if made[i].role == part:
            return &made[i]
    return NULL


cdef Value told(Found& found, string_view role, string_view form, string_view written) except *:
    """A value, whose texts stand behind those of the others."""
    cdef Value made
    made.role, made.start = role, found.text.size()
    found.text.append(form.data(), form.size())
    made.between = found.text.size()
    found.text.append(written.data(), written.size())
    made.stop = found.text.size()
    return made


cdef int put(Found& found, string_view role, string_view form, string_view written, size_t most) except -1:
    """Adds a form and how it is written, behind those that are there, each once."""
    cdef size_t i, count = 0
    for i in range(found.values.size()):
        if found.values[i].role == role:
            count += 1
            if count >= most or found.form(found.values[i]) == form:
                return 0
    found.values.push_back(told(found, role, form, written))
    return 0


cdef int put_parts(Found& found, tuple parts, const vector[CxmForm]& made, size_t most) except -1:
    """Fills gaps by what a value yields besides itself."""
    cdef const CxmForm* one
    cdef string_view role
    cdef string shown
    cdef str part
    for part in parts:
        role = view(part)
        one = form_of(made, role)
        if one != NULL and found_of(found, role) == NULL:
            shown = one.shown
            if shown.empty():
                shown = titled(one.form)
            put(found, role, <string_view>one.form, <string_view>shown, most)
    return 0


cdef int put_number(Found& found, const vector[CxmForm]& made, string_view raw, size_t most) except -1:
    """The number in a street line is the house number; with another one it stays in the street."""
    cdef string_view number = string_view(b"house_number", 12), street = string_view(b"street", 6)
    cdef const CxmForm* form = form_of(made, number)
    cdef const CxmForm* line = form_of(made, string_view(b"street_line", 11))
    cdef const Value* held = found_of(found, number)
    if form == NULL:
        return 0
    if held == NULL:
        return put(found, number, <string_view>form.form, <string_view>form.form, most)
    if found.form(held[0]) != <string_view>form.form and line != NULL:
        held = found_of(found, street)
        if held == NULL:
            return put(found, street, <string_view>line.form, raw, most)
        found.values[held - found.values.data()] = told(found, street, <string_view>line.form, raw)
    return 0


cdef void order(vector[Value]& values, vector[size_t]& places) except *:
    """Places of values by role, those of one role as they came."""
    cdef size_t i, j
    places.resize(values.size())
    for i in range(values.size()):
        j = i
        while j and values[i].role < values[places[j - 1]].role:
            places[j] = places[j - 1]
            j -= 1
        places[j] = i


@cython.final
@cython.auto_pickle(False)
cdef class PlainRecords:
    """Takes records in."""

    cdef PlainForms forms
    cdef object evidence, record, role_of
    cdef set roles
    cdef dict seen  # by name of an attribute its role, or None
    cdef frozenset describing
    cdef tuple derived
    cdef vector[string_view] deriving  # its roles
    cdef dict limits
    cdef Py_ssize_t most, most_identifiers
    cdef str reserved
    cdef int64_t ahead

    def __init__(self, PlainForms forms not None, evidence not None, record not None, role_of not None, set roles not None,
                 frozenset describing not None, tuple derived not None, dict limits not None, Py_ssize_t most, Py_ssize_t most_identifiers,
                 str reserved not None, int64_t ahead):
        self.forms, self.evidence, self.record, self.roles = forms, evidence, record, roles
        self.role_of, self.seen = role_of, {}
        self.describing, self.derived, self.limits = describing, derived, limits
        self.most, self.most_identifiers, self.reserved, self.ahead = most, most_identifiers, reserved, ahead
        if "street" not in [role for role, _ in derived]:
            self.derived += (("street", ()),)
        for role, _ in self.derived:
            self.deriving.push_back(view(role))

    cdef int gather(self, dict values, str role, object texts) except -1:
        """Takes in the texts of a role; whether that is all there is."""
        cdef list held, more = texts_of(texts)
        if more is None:
            return False
        held = values.get(role)
        if held is None:
            values[role] = more
        else:
            held.extend(more)
        return True

    cdef dict values_of(self, dict item):
        """Raw values by role; None where others have to look at them."""
        cdef dict identifiers = part_in(item, "identifiers"), attributes = part_in(item, "attributes"), values = {}
        cdef list held
        cdef Py_ssize_t total = 0
        if identifiers is None or attributes is None:
            return None
        if len(item) != 3 + ("identifiers" in item) + ("attributes" in item):  # there is something else
            return None
        for role, texts in identifiers.items():
            if role not in self.roles or not self.gather(values, role, texts):
                return None
        for role, texts in attributes.items():
            if role in self.roles:
                if role in self.describing or not self.gather(values, role, texts):
                    return None
        for held in values.values():
            total += len(held)
        if total > self.most_identifiers:
            return None
        for role, texts in attributes.items():
            if role in self.roles:
                continue
            if role in self.describing:
                if not self.gather(values, role, texts):
                    return None
            elif role in DATE_PARTS or role in CONTACTS or type(texts) is dict:
                return None
            else:
                role = self.role_named(role)
                if role is not None and not self.gather(values, role, texts):
                    return None
        return values

    cdef object role_named(self, name):
        """The role of an attribute that is not called as a role is; None for none."""
        if name in self.seen:
            return self.seen[name]
        if len(self.seen) >= MOST_SEEN:
            self.seen.clear()
        self.seen[name] = role = self.role_of(name)
        return role

    cdef int identifiers(self, Found& found, str role, list raws, vector[CxmForm]& made) except -1:
        """Takes in the identifiers of a role; whether that is all there is."""
        cdef vector[string] distinct
        cdef string_view place = view(role)
        cdef const CxmForm* form
        cdef list kept = []
        cdef size_t i
        cdef str raw
        for raw in raws:
            if not self.forms.make(role, raw, made):
                return False
            form = form_of(made, place)
            if form == NULL:
                continue
            put(found, place, <string_view>form.form, trimmed(raw, kept), self.most)
            if len(raws) == 1:
                return True
            for i in range(distinct.size()):
                if distinct[i] == form.form:
                    break
            else:
                distinct.push_back(form.form)
        # A person may not have all these values.
        return len(raws) == 1 or <Py_ssize_t>distinct.size() <= min(
            <Py_ssize_t>self.limits.get(role, self.most), self.most
        )

    cdef int said(self, dict values, Found& found) except -1:
        """Forms and how they are written, by role; whether that is all there is."""
        cdef vector[CxmForm] made
        cdef vector[vector[CxmForm]] firsts
        cdef const CxmForm* form
        cdef string_view place
        cdef list raws, kept = []
        cdef str role, raw
        cdef Py_ssize_t i
        cdef size_t j
        firsts.resize(self.deriving.size())
        for role, raws in values.items():
            if role in self.roles:
                if not self.identifiers(found, role, raws, made):
                    return False
                continue
            place = view(role)
            for i in range(len(raws)):
                raw = raws[i]
                if not self.forms.make(role, raw, made):
                    return False
                form = form_of(made, place)
                if form != NULL and role != "full_name":
                    put(found, place, <string_view>form.form, trimmed(raw, kept), self.most)
                if i:
                    continue
                for j in range(self.deriving.size()):
                    if self.deriving[j] == place:
                        firsts[j].swap(made)
                        break
        for j in range(self.deriving.size()):
            put_parts(found, self.derived[j][1], firsts[j], self.most)
            if self.deriving[j] == string_view(b"street", 6):
                made.swap(firsts[j])
        raws = values.get("street")
        if raws:
            put_number(found, made, view(raws[0]), self.most)
        return True

    cdef Packed packed(self, str source, str record_id, int64_t at, Found& found):
        cdef Packed made = self.record.__new__(self.record)
        cdef vector[size_t] places
        cdef const Value* value
        cdef size_t i
        order(found.values, places)
        made.held.name(view(source), view(record_id))
        for i in range(places.size()):
            value = &found.values[places[i]]
            if i == 0 or value.role != found.values[places[i - 1]].role:
                made.held.begin_role(value.role)
            made.held.add_value(found.form(value[0]), found.written(value[0]))
        made.named_source, made.named_id = source, record_id
        made.number, made.first, made.last, made.roles = 0, at, at, self.roles
        return made

    def read(self, object item, int64_t now):
        """A record as evidence."""
        cdef str source, record_id, body
        cdef Found found
        cdef dict values
        cdef object seconds
        cdef int64_t at
        if type(item) is not dict or "type" in <dict>item:
            return None
        source, record_id, seconds = name_in(item, "source"), name_in(item, "record_id"), item.get("observed_at")
        if source is None or record_id is None or source == self.reserved or type(seconds) is not int:
            return None
        if not 0 <= seconds <= LATEST or doubtful(record_id):
            return None
        at = <int64_t>seconds * SECOND
        if at > now + self.ahead:
            return None
        found.text.reserve(512)
        found.values.reserve(16)
        body = json_of(item)
        values = None if body is None else self.values_of(item)
        if values is None or not self.said(values, found):
            return None
        return self.evidence(
            name_of(source, record_id), source, record_id, at, "record", body,
            None if found.values.empty() else self.packed(source, record_id, at, found),
        )
