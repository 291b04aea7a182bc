"""Times as text, for other native modules."""

cdef object moment_of(str text, object zone)
cdef object moment_counted(object value, str form)
cdef str iso_of(object at)
