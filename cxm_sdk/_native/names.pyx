"""Names with their tenant and the identifiers under them; see ``names.pyi`` for what is taken and given."""

cimport cython
from cpython.dict cimport PyDict_SetItem
from cpython.object cimport PyObject

cdef extern from "Python.h":
    PyObject* PyDict_GetItemWithError(object, object) except? NULL

cdef enum:
    LONGEST = 512  # characters of an identifier


@cython.auto_pickle(False)
cdef class Names:
    cdef str tenant
    cdef frozenset own
    cdef dict forms
    cdef object make
    cdef dict known  # names by template

    def __init__(self, tenant, own, forms, make):
        self.tenant = tenant or ""
        self.own = own
        self.forms = dict(forms)
        self.make = make
        self.known = {}

    def named(self, str template not None):
        return self.name(template)

    cdef object name(self, str template):
        cdef PyObject* found = PyDict_GetItemWithError(self.known, template)
        if found != NULL:
            return <object> found
        made = template.replace("{tenant}", self.tenant)
        if "{" in template:  # of a declaration; others may come from payloads, without end
            PyDict_SetItem(self.known, template, made)
        return made

    def identify(self, item, list known not None, str namespace not None, str raw not None, str path not None):
        return self.add(item, known, namespace, raw, path)

    def identify_all(self, item, list known not None, tuple fields not None):
        for value, path, many in item.ids(fields):
            if value not in many.none:
                self.add(item, known, many.namespace, value, path)

    cdef object add(self, object item, list known, str namespace, str raw, object path):
        cdef PyObject* form
        for one in known:  # systems say the same address in several fields
            if one.raw == raw and one.namespace == namespace:
                return one
        form = PyDict_GetItemWithError(self.forms, namespace)
        value = raw if form == NULL else (<object> form)(raw)
        if value is not None and self.own and namespace == "email":
            if value in self.own or "@" + value.partition("@")[2] in self.own:
                return None
        if value is None or len(raw) > LONGEST:
            item.note(path, "names_nobody", f"expected {namespace} of a customer, got text that is none")
            return None
        namespace = self.name(namespace)
        for one in known:
            if one.value == value and one.namespace == namespace:
                return one
        made = self.make(namespace, value, raw)
        known.append(made)
        return made
