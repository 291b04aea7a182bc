"""Canonical forms of values, one at a time.

``plain.pyi`` says what the class takes and gives.
"""

cimport cython
from libc.stdint cimport UINT64_MAX, uint64_t
from libc.string cimport strlen
from libcpp.string cimport string
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport decoded, string_view, view


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object)


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

cdef enum:
    CONTACT = -1   # instead of a rule: a function of its own
    DOUBTFUL = -2  # left to others


cdef string text_of(str text) except *:
    cdef string_view whole = view(text)
    return string(whole.data(), whole.size())


cdef bint is_ascii(const string& text) noexcept nogil:
    cdef size_t i
    for i in range(text.size()):
        if <unsigned char>text[i] >= 0x80:
            return False
    return True


cdef void leave(vector[CxmForm]& made, string_view role) noexcept:
    """Leaves forms that say something, each of its role once, the last where it comes again."""
    cdef size_t i, j, count = 0
    for i in range(made.size()):
        if made[i].form.empty():
            continue
        if made[i].role.size() == 0:
            made[i].role = role
        for j in range(count):
            if made[j].role == made[i].role:
                break
        else:
            j = count
            count += 1
        if j != i:
            made[j].role = made[i].role
            made[j].form.swap(made[i].form)
            made[j].shown.swap(made[i].shown)
    made.resize(count)


@cython.final
@cython.auto_pickle(False)
cdef class PlainForms:
    """Canonical forms by lists of words."""

    def __init__(self, dict words not None, dict endings not None, dict contacts not None, fold, romanize, part,
                 dict people not None, int earliest_year, str date_order not None):
        cdef CxmWordList* held
        cdef size_t i
        self.contacts, self.fold, self.romanize, self.part = contacts, fold, romanize, part
        self.people = people
        self.date_order = date_order
        self.kinds = {
            **RULES, **dict.fromkeys(("birth_day", "birth_month", "birth_year"), DOUBTFUL),
            **dict.fromkeys(contacts, CONTACT),
        }
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

    cdef int make(self, str role, str raw, vector[CxmForm]& made) except -1:
        """Finds what a value becomes; whether that can be told here."""
        cdef object known = self.kinds.get(role)
        cdef int kind = CXM_IDENTIFIER
        cdef size_t i
        if known is not None:
            kind = known
        made.clear()
        if kind == CONTACT:
            form = (<object>self.contacts[role])(raw)
            if form is not None:
                made.resize(1)
                made[0].form = text_of(form)
                leave(made, view(role))
            return True
        if kind == DOUBTFUL:
            return False
        if not PyUnicode_IS_ASCII(raw):
            if kind == CXM_FULL_NAME:
                raw = self.part(raw)
            if kind in NARROW or not self.known(raw):
                return False
        if kind == CXM_FULL_NAME or kind == CXM_GIVEN_NAME:
            if self.rules.may_be_several(view(raw), view(",-" if kind == CXM_FULL_NAME else "")):
                raw = self.people[role](raw)
        if not self.rules.forms(<CxmRule>kind, view(raw), view(self.date_order), made):
            return False
        leave(made, view(role))
        for i in range(made.size()):
            if not is_ascii(made[i].form) and decoded(made[i].role) in NAMES:
                if role == "full_name" and made[i].shown.empty():
                    made[i].shown = titled(made[i].form)
                made[i].form = text_of(self.latin(decoded(<string_view>made[i].form)))
            if made[i].shown.size() and made[i].shown == titled(made[i].form):  # as most are
                made[i].shown.clear()
        return True

    def forms(self, str role not None, str raw not None):
        """What a value becomes."""
        cdef vector[CxmForm] found
        cdef dict made = {}
        cdef size_t i
        if not self.make(role, raw, found):
            return None
        for i in range(found.size()):
            part = decoded(found[i].role)
            made[part] = decoded(<string_view>found[i].form)
            if found[i].shown.size():
                made["written " + part] = decoded(<string_view>found[i].shown)
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
