"""What is done once for every item, for other compiled modules."""


# A value as JSON with sorted keys; None where there is more in it than plain values.
cdef str json_of(object value)
# The name of an item.
cdef bytes name_of(str source, str record_id)
# The texts in a list, or one text as a list; None for anything else.
cdef list texts_of(object value)
