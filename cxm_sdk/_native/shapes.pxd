"""Amounts, for other native modules."""

cdef object written_amount(str value)
