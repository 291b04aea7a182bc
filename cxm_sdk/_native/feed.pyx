"""What a batch tells its change feed, as JSON.

``feed.pyi`` says what the class takes and gives.
"""

cimport cython
from libc.math cimport fabs, floor
from libc.stdint cimport int64_t, uint8_t

from cxm_sdk._native.contents cimport string_view, view


cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)


cdef enum:
    DIGITS = 6  # of a weight, behind its point

cdef double SCALE = 1e6
cdef char* HEX = b"0123456789abcdef"


@cython.final
@cython.auto_pickle(False)
cdef class Feed:
    """Entries of a change feed."""

    def __len__(self):
        return self.ends.size()

    cdef int begin(self, string_view kind, bytes profile) except -1:
        """Begins an entry; what follows is its detail."""
        cdef const uint8_t* digits = <const uint8_t*><const char*>profile
        cdef Py_ssize_t i
        self.out.raw(b",[", 2)
        self.out.text(kind.data(), kind.size())
        self.out.raw(b",\"", 2)
        for i in range(len(profile)):
            self.out.byte(HEX[digits[i] >> 4])
            self.out.byte(HEX[digits[i] & 15])
        self.out.raw(b"\",{", 3)
        return 0

    cdef int end(self) except -1:
        self.out.raw(b"}]", 2)
        self.ends.push_back(self.out.size())
        return 0

    cdef int pair(self, int64_t a, int64_t b) except -1:
        self.out.raw(b"\"nodes\":[", 9)
        self.out.integer(a)
        self.out.byte(b",")
        self.out.integer(b)
        self.out.raw(b"],", 2)
        return 0

    cdef int link_added(self, bytes profile, int64_t a, int64_t b, double weight) except -1:
        self.begin(string_view(b"link_added", 10), profile)
        self.pair(a, b)
        self.out.raw(b"\"weight\":", 9)
        write_rounded(self, weight)
        return self.end()

    cdef int link_dropped(self, bytes profile, int64_t a, int64_t b, string_view reason) except -1:
        self.begin(string_view(b"link_dropped", 12), profile)
        self.pair(a, b)
        self.out.raw(b"\"reason\":", 9)
        self.out.text(reason.data(), reason.size())
        return self.end()

    def tell(self, str kind not None, bytes profile not None, str name=None, what=None):
        """Adds an entry."""
        cdef string_view text
        cdef bint first = True
        self.begin(view(kind), profile)
        if name is not None:
            text = view(name)
            self.out.text(text.data(), text.size())
            self.out.byte(b":")
            if isinstance(what, str):
                text = view(what)
                self.out.text(text.data(), text.size())
            else:
                self.out.byte(b"[")
                for one in what:
                    if not first:
                        self.out.byte(b",")
                    first = False
                    text = view(one)
                    self.out.text(text.data(), text.size())
                self.out.byte(b"]")
        self.end()

    def link(self, bytes profile not None, int64_t a, int64_t b, double weight):
        """Adds an entry about a link that came to be kept."""
        self.link_added(profile, a, b, weight)

    def rows(self, size_t most):
        """The entries, some together."""
        cdef list found = []
        cdef size_t first = 0, last, start, stop
        cdef bytes text
        while first < self.ends.size():
            last = min(first + most, self.ends.size())
            start = self.ends[first - 1] if first else 0
            stop = self.ends[last - 1]
            text = b"[" + self.out.data()[start + 1:stop] + b"]"
            found.append((last - first, PyUnicode_DecodeUTF8(text, len(text), NULL)))
            first = last
        return found


cdef int write_rounded(Feed feed, double value) except -1:
    """Writes a number as Python writes it, rounded to six digits behind its point."""
    cdef double scaled = fabs(value) * SCALE, whole = floor(scaled), rest = scaled - whole
    cdef int64_t number
    cdef char[DIGITS] digits
    cdef bytes text
    cdef int i, used = DIGITS
    # Elsewhere its digits are not those of the product, or it is written with an exponent.
    if not (1e3 <= scaled < 1e12) or fabs(rest - 0.5) < 1e-3:
        text = repr(round(value, DIGITS)).encode()
        feed.out.raw(text, len(text))
        return 0
    number = <int64_t>whole + (rest > 0.5)
    if value < 0.0:
        feed.out.byte(b"-")
    feed.out.integer(number // 1000000)
    number = number % 1000000
    for i in range(DIGITS - 1, -1, -1):
        digits[i] = <char>(48 + number % 10)
        number = number // 10
    while used > 1 and digits[used - 1] == 48:
        used -= 1
    feed.out.byte(b".")
    feed.out.raw(digits, used)
    return 0
