"""Records as most are sent become packed records in one go.

``items.pyi`` says what the class takes and gives.
"""

cimport cython
from libc.stdint cimport int64_t

from cxm_sdk._native.contents cimport Packed, view

from cxm_sdk._native.evidence import canonical_json, listed_texts, name_of_item


cdef enum:
    LONGEST_NAME = 512
    SECOND = 1000000  # microseconds

cdef object LATEST = 1 << 40  # seconds that may be counted in microseconds
cdef frozenset CONTACTS = frozenset(("email", "phone"))


cdef inline str name_in(dict item, str field):
    """A name of usual length; None for anything else."""
    cdef object value = item.get(field)
    return value if type(value) is str and 0 < len(<str>value) <= LONGEST_NAME else None


cdef inline dict part_in(dict item, str field):
    """A part of an item; None where it is no plain mapping."""
    cdef object value = item.get(field)
    if value is None:
        return {}
    return value if type(value) is dict else None


cdef int put(dict found, str role, str form, str raw, Py_ssize_t most) except -1:
    """Adds a form and how it is written, behind those that are there, each once."""
    cdef list held = found.get(role)
    cdef Py_ssize_t i
    if held is None:
        found[role] = [form, raw.strip()]
    elif len(held) < 2 * most:
        for i in range(0, len(held), 2):
            if held[i] == form:
                return 0
        held.append(form)
        held.append(raw.strip())
    return 0


cdef int put_parts(dict found, tuple parts, dict made, Py_ssize_t most) except -1:
    """Fills gaps by what a value yields besides itself."""
    cdef str part
    for part in parts:
        if part in made and part not in found:
            put(found, part, made[part], (<str>made.get("written " + part, made[part])).title(), most)
    return 0


cdef int put_number(dict found, dict made, str raw, Py_ssize_t most) except -1:
    """The number in a street line is the house number; with another one it stays in the street."""
    cdef str form = made.get("house_number")
    cdef list held
    if form is None:
        return 0
    held = found.get("house_number")
    if held is None:
        put(found, "house_number", form, form, most)
    elif held[0] != form and "street_line" in made:
        held = found.get("street", [])
        found["street"] = [made["street_line"], raw, *held[2:]]
    return 0


@cython.final
@cython.auto_pickle(False)
cdef class PlainRecords:
    """Takes records in."""

    cdef object forms, evidence, record
    cdef set roles
    cdef frozenset describing
    cdef tuple derived
    cdef dict limits
    cdef Py_ssize_t most, most_identifiers
    cdef str reserved
    cdef int64_t ahead
    cdef readonly Py_ssize_t added

    def __init__(self, forms, evidence not None, record not None, set roles not None, frozenset describing not None,
                 tuple derived not None, dict limits not None, Py_ssize_t most, Py_ssize_t most_identifiers,
                 str reserved not None, int64_t ahead):
        self.forms, self.evidence, self.record, self.roles = forms, evidence, record, roles
        self.describing, self.derived, self.limits = describing, derived, limits
        self.most, self.most_identifiers, self.reserved, self.ahead = most, most_identifiers, reserved, ahead
        self.added = 0

    cdef int gather(self, dict values, str role, object texts) except -1:
        """Takes in the texts of a role; whether that is all there is."""
        cdef list held, more = listed_texts(texts)
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
        for role, texts in identifiers.items():
            if role not in self.roles or not self.gather(values, role, texts):
                return None
        for role, texts in attributes.items():
            if role in CONTACTS and role in self.roles:
                if not self.gather(values, role, texts):
                    return None
        for held in values.values():
            total += len(held)
        if total > self.most_identifiers:
            return None
        for role, texts in attributes.items():
            if role in self.describing:
                if role in self.roles or not self.gather(values, role, texts):
                    return None
            elif role in CONTACTS and role not in self.roles:
                return None
        return values

    cdef dict made_of(self, str role, str raw, dict known, dict before):
        """What a value becomes, remembered; None where it takes more to tell."""
        cdef dict own = known.get(role), former, made = None
        if own is None:
            own = known[role] = {}
        made = own.get(raw)
        if made is not None:
            return made
        former = before.get(role)
        if former is not None:
            made = former.get(raw)
        if made is None:
            made = self.forms.forms(role, raw)
        if made is not None:
            own[raw] = made
            self.added += 1
        return made

    cdef int identifiers(self, dict found, str role, list raws) except -1:
        """Takes in the identifiers of a role, few of which come again; whether that is all there is."""
        cdef dict made
        cdef set distinct = None if len(raws) == 1 else set()
        cdef str raw
        cdef object form
        for raw in raws:
            made = self.forms.forms(role, raw)
            if made is None:
                return False
            form = made.get(role)
            if form is not None:
                put(found, role, form, raw, self.most)
                if distinct is not None:
                    distinct.add(form)
        # A person may not have all these values.
        return distinct is None or len(distinct) <= min(<Py_ssize_t>self.limits.get(role, self.most), self.most)

    cdef dict said(self, dict values, dict known, dict before):
        """Forms and how they are written, by role; None where it takes more to tell."""
        cdef dict found = {}, made
        cdef list raws
        cdef str role, raw
        cdef object form
        for role, raws in values.items():
            if role in self.roles:
                if not self.identifiers(found, role, raws):
                    return None
                continue
            for raw in raws:
                made = self.made_of(role, raw, known, before)
                if made is None:
                    return None
                form = made.get(role)
                if form is not None and role != "full_name":
                    put(found, role, form, raw, self.most)
        for role, parts in self.derived:
            raws = values.get(role)
            if raws:
                put_parts(found, parts, (<dict>known[role])[raws[0]], self.most)
        raws = values.get("street")
        if raws:
            put_number(found, (<dict>known["street"])[raws[0]], raws[0], self.most)
        return found

    cdef Packed packed(self, str source, str record_id, int64_t at, dict found):
        cdef Packed made = self.record.__new__(self.record)
        cdef list held, roles = sorted(found)
        cdef str role
        cdef Py_ssize_t i
        made.held.name(view(source), view(record_id))
        for role in roles:
            held = found[role]
            made.held.begin_role(view(role))
            for i in range(0, len(held), 2):
                made.held.add_value(view(held[i]), view(held[i + 1]))
        made.named_source, made.named_id = source, record_id
        made.number, made.first, made.last, made.roles = 0, at, at, self.roles
        return made

    def read(self, object item, int64_t now, dict known not None, dict before not None):
        """A record as evidence."""
        cdef str source, record_id, body
        cdef dict values, found
        cdef object seconds
        cdef int64_t at
        if type(item) is not dict or "type" in <dict>item:
            return None
        source, record_id, seconds = name_in(item, "source"), name_in(item, "record_id"), item.get("observed_at")
        if source is None or record_id is None or source == self.reserved or type(seconds) is not int:
            return None
        if not 0 <= seconds <= LATEST:
            return None
        at = <int64_t>seconds * SECOND
        if at > now + self.ahead:
            return None
        body = canonical_json(item)
        values = None if body is None else self.values_of(item)
        found = None if values is None else self.said(values, known, before)
        if found is None:
            return None
        return self.evidence(
            name_of_item(source, record_id), source, record_id, at, "record", body,
            self.packed(source, record_id, at, found) if found else None,
        )
