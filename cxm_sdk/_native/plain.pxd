"""Canonical forms of values, for other compiled modules."""

from libc.stdint cimport uint64_t
from libcpp cimport bool as cbool
from libcpp.string cimport string
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport decoded, string_view, view


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
        string_view role
        string form
        string shown

    cdef cppclass CxmPlain:
        int earliest_year
        uint64_t* wide
        CxmWordList* list(string_view)
        string folded(string_view, string_view, string_view, cbool)
        cbool may_be_several(string_view, string_view)
        cbool forms(CxmRule, string_view, string_view, vector[CxmForm]&) except +


cdef inline string titled(const string& form) except *:
    """A text with a capital letter at the start of each word."""
    cdef string made = form
    cdef string_view text
    cdef bint inside = False
    cdef char letter
    cdef size_t i
    for i in range(made.size()):
        letter = made[i]
        if letter < 0:
            title = decoded(<string_view>form).title()
            text = view(title)
            return string(text.data(), text.size())
        if b"a" <= letter <= b"z":
            if not inside:
                made[i] = letter - 32
            inside = True
        elif b"A" <= letter <= b"Z":
            if inside:
                made[i] = letter + 32
            inside = True
        else:
            inside = False
    return made


cdef class PlainForms:
    cdef CxmPlain rules
    cdef dict contacts, kinds
    cdef object fold, romanize, part, date_order
    cdef dict people
    cdef bint known(self, str raw) except -1
    cdef str latin(self, str form)
    cdef int make(self, str role, str raw, vector[CxmForm]& made) except -1
