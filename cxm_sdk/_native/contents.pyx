"""What records say, packed.

``contents.pyi`` says what each class and function takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AsStringAndSize, PyBytes_FromStringAndSize
from libc.stdint cimport uint32_t
from libcpp.string cimport string
from libcpp.vector cimport vector

from hashlib import sha256


# Roles of digests, and the roles of what was hashed.
CLEAR = {"email_sha256": "email", "phone_sha256": "phone"}


cdef list _hashed_texts(str role, str form, str written):
    """What others may have hashed of a contact."""
    cdef str digits, text
    if role == "email":
        text = written.strip().lower()
        return [form] if text == form else [form, text]
    digits = "".join([c for c in written if "0" <= c <= "9"])
    if not digits.startswith("00") and not written.lstrip().startswith("+"):
        return [digits or form]
    digits = digits.removeprefix("00")
    return [digits, "+" + digits]


def digests_of(str role not None, str form not None, str written not None):
    """SHA-256 digests under which others may know a contact."""
    return [sha256(text.encode()).hexdigest() for text in _hashed_texts(role, form, written)]


@cython.auto_pickle(False)
cdef class Packed:
    """What a record says."""

    def __init__(self, number, str source not None, str record_id not None, dict content not None,
                 written not None, first, last, roles=()):
        self.held = CxmSaid()
        self.held.name(view(source), view(record_id))
        self._pack(content, written)
        self.named_source, self.named_id = source, record_id
        self.number, self.first, self.last, self.roles = number, first, last, roles
        self.known, self.writing = content, None

    cdef int _pack(self, dict content, object written) except -1:
        cdef list values
        cdef object writings
        cdef Py_ssize_t i
        for role, values in content.items():
            self.held.begin_role(view(role))
            writings = written.get(role)
            if writings is not None and len(writings) != len(values):
                raise ValueError(f"expected {len(values)} written values, got {len(writings)}")
            for i in range(len(values)):
                self.held.add_value(view(values[i]), view(values[i] if writings is None else writings[i]))
        return 0

    @classmethod
    def restored(cls, number, bytes packed not None, first, last, roles, bint keyed=True):
        """The record that was packed."""
        cdef Packed made = cls.__new__(cls)
        cdef char* data
        cdef Py_ssize_t size
        PyBytes_AsStringAndSize(packed, &data, &size)
        if not made.held.read(data, size):
            raise ValueError(f"expected a packed record, got {size} bytes of something else")
        if not keyed:
            made.held.forget_keys()
        made.number, made.first, made.last, made.roles = number, first, last, roles
        return made

    def at(self, first, last):
        """The same, said at other times."""
        cdef Packed made = type(self).__new__(type(self))
        made.held, made.number, made.roles, made.joint = self.held, self.number, self.roles, self.joint
        made.first, made.last = first, last
        made.named_source, made.named_id, made.place = self.named_source, self.named_id, self.place
        return made

    def numbered(self, number):
        """The same under another number."""
        cdef Packed made = self.at(self.first, self.last)
        made.number = number
        return made

    def packed(self):
        """All of it but its number and its times."""
        cdef string found
        if not self.held.keyed:
            self._identify()
        found = self.held.packed()
        return PyBytes_FromStringAndSize(found.data(), found.size())

    def says_as(self, Packed other not None):
        """Whether both say the same, written in the same way."""
        return self.held.same(other.held)

    @property
    def source(self):
        """Its source."""
        if self.named_source is None:
            self.named_source = decoded(self.held.at(self.held.source))
        return self.named_source

    @property
    def record_id(self):
        """Its id there."""
        if self.named_id is None:
            self.named_id = decoded(self.held.at(self.held.id))
        return self.named_id

    @property
    def order(self):
        """Its place in canonical order."""
        cdef string_view source, record_id
        if self.place is None:
            source, record_id = self.held.at(self.held.source), self.held.at(self.held.id)
            self.place = (
                PyBytes_FromStringAndSize(source.data(), source.size()),
                PyBytes_FromStringAndSize(record_id.data(), record_id.size()),
            )
        return self.place

    @property
    def age(self):
        """What makes it earlier than another."""
        cdef tuple place = self.order
        return self.first, place[0], place[1]

    @property
    def content(self):
        """Values by role."""
        cdef dict made
        cdef CxmRole role
        cdef uint32_t i
        if self.known is None:
            made = {}
            for role in self.held.roles:
                made[decoded(self.held.at(role.name))] = [
                    decoded(self.held.at(self.held.values[i])) for i in range(role.first, role.last)
                ]
            self.known = made
        return self.known

    @property
    def written(self):
        """How values are written."""
        cdef dict made
        cdef CxmRole role
        cdef uint32_t i
        if self.writing is None:
            made = {}
            for role in self.held.roles:
                if role.other:
                    made[decoded(self.held.at(role.name))] = [
                        decoded(self.held.at(self.held.written[i])) for i in range(role.first, role.last)
                    ]
            self.writing = made
        return self.writing

    def knows(self, str role not None):
        """Whether it says anything of a role."""
        return self.held.find(view(role)) != NULL

    def derived(self, str role not None):
        """Digests of what it knows in clear."""
        cdef str clear = CLEAR[role]
        cdef const CxmRole* held = self.held.find(view(clear))
        cdef dict found = {}
        cdef uint32_t i
        if held != NULL:
            for i in range(held.first, held.last):
                form = decoded(self.held.at(self.held.values[i]))
                for digest in digests_of(clear, form, decoded(self.held.at(self.held.written[i]))):
                    found[digest] = None
        return list(found)

    cdef int _identify(self) except -1:
        """Works out the keys of its identifiers."""
        cdef const CxmRole* own
        cdef str name, source
        cdef size_t i
        cdef uint32_t j
        cdef bint there
        for i in range(self.held.roles.size()):
            self.held.roles[i].identifier = decoded(self.held.at(self.held.roles[i].name)) in self.roles
        self.held.begin_keys()
        for name, source in CLEAR.items():
            if name not in self.roles or self.held.find(view(source)) == NULL:
                continue
            own = self.held.find(view(name))
            for digest in self.derived(name):
                there = False
                for j in range(own.first if own != NULL else 0, own.last if own != NULL else 0):
                    there = there or self.held.at(self.held.values[j]) == view(digest)
                if not there:
                    self.held.add_key(view(name), view(digest))
        return 0

    @property
    def keys(self):
        """Keys of its identifiers."""
        cdef size_t i
        if self.listed is None:
            if not self.held.keyed:
                self._identify()
            self.listed = [self.held.keys[i] for i in range(self.held.keys.size())]
        return self.listed

    @property
    def key_roles(self):
        """The role of each key."""
        cdef list found = []
        cdef CxmRole role
        cdef CxmName other
        cdef uint32_t i
        if self.listed_roles is None:
            if not self.held.keyed:
                self._identify()
            for role in self.held.roles:
                if role.identifier:
                    name = decoded(self.held.at(role.name))
                    for i in range(role.first, role.last):
                        found.append(name)
            for other in self.held.others:
                found.append(decoded(self.held.at(other)))
            self.listed_roles = found
        return self.listed_roles

    @property
    def named(self):
        """Role and canonical value of its identifiers in clear."""
        cdef CxmRole role
        cdef uint32_t i
        if self.identifiers_in_clear is None:
            if not self.held.keyed:
                self._identify()
            self.identifiers_in_clear = []
            for role in self.held.roles:
                if role.identifier:
                    name = decoded(self.held.at(role.name))
                    for i in range(role.first, role.last):
                        self.identifiers_in_clear.append((name, decoded(self.held.at(self.held.values[i]))))
        return self.identifiers_in_clear

    @property
    def identifiers(self):
        """Role, canonical value and key of each of its identifiers."""
        cdef list named
        if self.identified is None:
            named = list(self.named)
            for role, clear in CLEAR.items():
                if role in self.roles and self.knows(clear):
                    held = self.content.get(role, ())
                    named += [(role, digest) for digest in self.derived(role) if digest not in held]
            self.identified = [(*one, key) for one, key in zip(named, self.keys, strict=True)]
        return self.identified


def names_of(bytes packed not None):
    """Source and id of a packed record."""
    cdef Packed made = Packed.restored(0, packed, 0, 0, ())
    return made.source, made.record_id


cdef vector[const CxmSaid*] pointers(list records) except *:
    cdef vector[const CxmSaid*] found
    found.reserve(len(records))
    for record in records:
        found.push_back(&(<Packed?>record).held)
    return found


def fewest_first(list records not None, tuple roles not None, str but not None):
    """The fewest different first values among some roles of which half of the records know one."""
    cdef vector[string_view] names
    for role in roles:
        if role != but:
            names.push_back(view(role))
    return cxm_fewest_first(pointers(records), names)
