"""Canonical forms of values, one at a time.

``plain.pyi`` says what the class takes and gives.
"""

cimport cython
from libc.stdint cimport UINT64_MAX, uint64_t
from libcpp cimport bool as cbool
from libcpp.string cimport string
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport decoded, string_view, view


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object)
    str PyUnicode_InternFromString(const char* text)


cdef extern from "plain.hpp" nogil:
    const size_t CXM_WIDE

    cdef enum CxmRule:
        CXM_IDENTIFIER, CXM_GIVEN_NAME, CXM_LAST_NAME, CXM_FULL_NAME, CXM_SUFFIX, CXM_COMPANY, CXM_SEX, CXM_STREET
        CXM_HOUSE_NUMBER, CXM_UNIT, CXM_CITY, CXM_POSTCODE, CXM_STATE, CXM_COUNTRY, CXM_NATIONAL_ID, CXM_DIGEST
        CXM_BIRTH_DATE

    cdef cppclass CxmWordList:
        void add(string_view, string_view)
        void add_ending(string_view, string_view)

    cdef cppclass CxmForm:
        const char* role
        string form

    cdef cppclass CxmPlain:
        int earliest_year
        uint64_t* wide
        CxmWordList* list(string_view)
        string folded(string_view, string_view, string_view, cbool)
        cbool forms(CxmRule, string_view, string_view, vector[CxmForm]&) except +


cdef dict RULES = {
    "first_name": CXM_GIVEN_NAME, "middle_name": CXM_GIVEN_NAME, "last_name": CXM_LAST_NAME,
    "full_name": CXM_FULL_NAME, "suffix": CXM_SUFFIX, "company": CXM_COMPANY, "sex": CXM_SEX, "street": CXM_STREET,
    "house_number": CXM_HOUSE_NUMBER, "unit": CXM_UNIT, "city": CXM_CITY, "birth_place": CXM_CITY,
    "postcode": CXM_POSTCODE, "state": CXM_STATE, "country": CXM_COUNTRY, "national_id": CXM_NATIONAL_ID,
    "email_sha256": CXM_DIGEST, "phone_sha256": CXM_DIGEST, "birth_date": CXM_BIRTH_DATE,
}
# What is read in ASCII alone.
cdef frozenset NARROW = frozenset((
    CXM_IDENTIFIER, CXM_DIGEST, CXM_NATIONAL_ID, CXM_BIRTH_DATE, CXM_POSTCODE,
))
cdef frozenset NAMES = frozenset(("first_name", "middle_name", "last_name"))
# Roles that are left to others.
cdef frozenset DOUBTFUL = frozenset(("birth_day", "birth_month", "birth_year"))


@cython.final
@cython.auto_pickle(False)
cdef class PlainForms:
    """Canonical forms by lists of words."""

    cdef CxmPlain rules
    cdef dict contacts
    cdef object fold, romanize, date_order

    def __init__(self, dict words not None, dict endings not None, dict contacts not None, fold, romanize,
                 int earliest_year, str date_order not None):
        cdef CxmWordList* held
        cdef size_t i
        self.contacts, self.fold, self.romanize, self.date_order = contacts, fold, romanize, date_order
        self.rules.earliest_year = earliest_year
        for i in range(CXM_WIDE):
            self.rules.wide[i] = UINT64_MAX
        for name, listed in words.items():
            held = self.rules.list(view(name))
            if held == NULL:
                raise KeyError(name)
            for word, partner in (<dict>listed).items():
                held.add(view(word), view(partner))
            for word, partner in (<dict>endings.get(name, {})).items():
                held.add_ending(view(word), view(partner))

    cdef bint known(self, str raw) except -1:
        """Whether the characters of a text are folded here, each by itself; they are known from then on."""
        cdef Py_UCS4 character
        cdef uint64_t packed
        cdef bytes folded
        cdef str text
        cdef Py_ssize_t i
        for character in raw:
            # Some only mean the usual letter together with what stands beside them.
            if character >= CXM_WIDE or 0x1100 <= character <= 0x11FF or 0x3099 <= character <= 0x309A:
                return False
            if 0xD800 <= character <= 0xDFFF:
                return False
            if character >= 0x80 and self.rules.wide[<size_t>character] == UINT64_MAX:
                text = self.fold(character)
                folded = text.encode()
                packed = len(folded)
                for i in range(len(folded)):
                    packed |= <uint64_t><unsigned char>folded[i] << (8 * (i + 1))
                self.rules.wide[<size_t>character] = packed
                if not self.known(text):  # parts of a text are folded more than once
                    self.rules.wide[<size_t>character] = UINT64_MAX
                    return False
        return True

    cdef str latin(self, str form):
        """A name in Latin letters."""
        cdef str written = self.romanize(form)
        cdef string folded
        if not self.known(written):
            return form
        folded = self.rules.folded(view(written), view(""), view("'`"), True)
        return decoded(<string_view>folded) if folded.size() else form

    def forms(self, str role not None, str raw not None):
        """What a value becomes."""
        cdef vector[CxmForm] found
        cdef dict made = {}
        cdef CxmRule rule
        cdef size_t i
        cdef str form, part
        if role in self.contacts:
            form = self.contacts[role](raw)
            if form is not None:
                made[role] = form
            return made
        if role in DOUBTFUL:
            return None
        rule = <CxmRule>(<int>RULES.get(role, <int>CXM_IDENTIFIER))
        if not PyUnicode_IS_ASCII(raw):
            if rule in NARROW or not self.known(raw):
                return None
        if not self.rules.forms(rule, view(raw), view(self.date_order), found):
            return None
        for i in range(found.size()):
            if found[i].form.size():
                form = decoded(<string_view>found[i].form)
                part = role if found[i].role == NULL else PyUnicode_InternFromString(found[i].role)
                made[part] = form
                if not PyUnicode_IS_ASCII(form) and part in NAMES:
                    made[part] = self.latin(form)
                    if role == "full_name":
                        made["written " + part] = form
        return made

    def learn(self, values not None, dict known not None, dict before not None):
        """Adds the forms of values that are not known yet."""
        cdef dict doubtful = {}, own, former
        cdef list raws
        cdef str role
        cdef Py_ssize_t added = 0
        for held in values:
            for role, raws in (<dict?>held).items():
                own, former = known.get(role), before.get(role)
                if own is None:
                    own = known[role] = {}
                for raw in raws:
                    if raw in own:
                        continue
                    added += 1
                    made = None if former is None else former.get(raw)
                    if made is None:
                        made = self.forms(role, raw)
                    if made is None:
                        doubtful.setdefault(role, {})[raw] = None
                    else:
                        own[raw] = made
        return added, doubtful
