"""Times as text, for other native modules."""

cdef object moment_of(str text, object zone)
cdef str iso_of(object at)
