"""Values in objects of JSON, by path, for other native modules."""

cdef object gone()
cdef object value_at(object data, str path)
