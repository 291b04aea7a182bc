// Slots of objects, as `__slots__` and dataclasses with slots make them, written without a search for their descriptor.
#pragma once
#include <Python.h>
#include <structmember.h>

// Where a slot lies in its objects; -1 for what is no slot that can be written.
static inline Py_ssize_t cxm_slot_place(PyObject* slot) {
    if (Py_TYPE(slot) != &PyMemberDescr_Type) return -1;
    const PyMemberDef* member = reinterpret_cast<PyMemberDescrObject*>(slot)->d_member;
    return member->type == T_OBJECT_EX && !(member->flags & READONLY) ? member->offset : -1;
}

// Puts a value into the slot at a place; the object must be of the class that the slot is of.
static inline void cxm_slot_put(PyObject* object, Py_ssize_t place, PyObject* value) {
    PyObject** slot = reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + place);
    PyObject* before = *slot;
    Py_INCREF(value);
    *slot = value;
    Py_XDECREF(before);
}
