"""What records say, packed.

``contents.pyi`` says what each class and function takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AsStringAndSize, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libcpp.string cimport string
from libcpp.vector cimport vector

from hashlib import sha256

# Roles of digests, and the roles of what was hashed.
CLEAR = {"email_sha256": "email", "phone_sha256": "phone"}
# Known roles by number.
cdef tuple KNOWN = tuple([decoded(CXM_ROLES[i]) for i in range(CXM_KNOWN_ROLES)])


cdef str role_name(const CxmSaid& held, CxmName name):
    """The name of a role as a text, which is made anew only where it is no known one."""
    if name.number < CXM_KNOWN_ROLES:
        return KNOWN[name.number]
    return decoded(held.at(name))


cdef str known_name(const CxmSought& role):
    """The same of a role that is looked for."""
    if role.number < CXM_KNOWN_ROLES:
        return KNOWN[role.number]
    return decoded(role.name)


cdef string _trimmed_and_lower(string_view written) except *:
    """What is written, without spaces around it and in lower case."""
    cdef const char* data = written.data()
    cdef size_t start = 0, stop = written.size(), i
    cdef string found
    cdef str text
    for i in range(stop):
        if <uint8_t>data[i] >= 0x80:
            text = decoded(written).strip().lower()
            written = view(text)
            return string(written.data(), written.size())
    while start < stop and is_space(data[start]):
        start += 1
    while stop > start and is_space(data[stop - 1]):
        stop -= 1
    found.assign(data + start, stop - start)
    for i in range(found.size()):
        if b"A" <= found[i] <= b"Z":
            found[i] = found[i] + 32
    return found


cdef bint _leads_abroad(string_view written) except -1:
    """Whether a number is written with a plus sign first."""
    cdef const char* data = written.data()
    cdef size_t i
    for i in range(written.size()):
        if <uint8_t>data[i] >= 0x80:
            return decoded(written).lstrip().startswith("+")
        if not is_space(data[i]):
            return data[i] == b"+"
    return False


cdef int _add_digests(bint address, string_view form, string_view written, vector[string]& found) except -1:
    """Adds the digests under which others may know a contact, each once."""
    cdef vector[string] texts
    cdef string text
    cdef size_t i
    cdef bint abroad
    if address:
        texts.push_back(string(form.data(), form.size()))
        text = _trimmed_and_lower(written)
        if text != texts[0]:
            texts.push_back(text)
    else:
        for i in range(written.size()):
            if b"0" <= written.data()[i] <= b"9":
                text.push_back(written.data()[i])
        abroad = text.size() >= 2 and text[0] == b"0" and text[1] == b"0"
        if not abroad and not _leads_abroad(written):
            if text.empty():
                text.assign(form.data(), form.size())
            texts.push_back(text)
        else:
            if abroad:
                text.erase(0, 2)
            texts.push_back(text)
            texts.push_back(string(b"+") + text)
    for text in texts:
        text = sha256(<bytes>text).hexdigest().encode()
        for i in range(found.size()):
            if found[i] == text:
                break
        else:
            found.push_back(text)
    return 0


def digests_of(str role not None, str form not None, str written not None):
    """SHA-256 digests under which others may know a contact."""
    cdef vector[string] found
    cdef string digest
    _add_digests(role == "email", view(form), view(written), found)
    return [decoded(string_view(digest.data(), digest.size())) for digest in found]


@cython.auto_pickle(False)
cdef class Packed:
    """What a record says."""

    def __init__(self, int64_t number, str source not None, str record_id not None, dict content not None,
                 written not None, int64_t first, int64_t last, roles=()):
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
    def restored(cls, int64_t number, bytes packed not None, int64_t first, int64_t last, roles, bint keyed=True):
        """The record that was packed."""
        return _restored(cls, number, packed, first, last, roles, keyed)

    def at(self, int64_t first, int64_t last):
        """The same, said at other times."""
        cdef Packed made = type(self).__new__(type(self))
        made.held, made.number, made.roles, made.joint = self.held, self.number, self.roles, self.joint
        made.first, made.last = first, last
        made.named_source, made.named_id, made.place = self.named_source, self.named_id, self.place
        return made

    def become(self, int64_t number):
        """Takes a number."""
        if self.number:
            raise ValueError(f"expected a record without a number, got that of number {self.number}.")
        self.number = number

    def packed(self):
        """All of it but its number and its times."""
        cdef string found
        self.identify()
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
        cdef uint32_t r, i
        if self.known is None:
            made = {}
            for r in range(self.held.roles.size()):
                role = self.held.roles[r]
                made[role_name(self.held, role.name)] = [
                    decoded(self.held.at(self.held.values[i])) for i in range(role.first, role.last)
                ]
            self.known = made
        return self.known

    @property
    def written(self):
        """How values are written."""
        cdef dict made
        cdef CxmRole role
        cdef uint32_t r, i
        if self.writing is None:
            made = {}
            for r in range(self.held.roles.size()):
                role = self.held.roles[r]
                if role.other:
                    made[role_name(self.held, role.name)] = [
                        decoded(self.held.at(self.held.written[i])) for i in range(role.first, role.last)
                    ]
            self.writing = made
        return self.writing

    def knows(self, str role not None):
        """Whether it says anything of a role."""
        return self.held.find(view(role)) != NULL

    cdef vector[string] _derived(self, str clear) except *:
        """Digests of what it knows in clear."""
        cdef const CxmRole* held = self.held.find(view(clear))
        cdef vector[string] found
        cdef uint32_t i
        if held != NULL:
            for i in range(held.first, held.last):
                _add_digests(
                    clear == "email", self.held.at(self.held.values[i]), self.held.at(self.held.written[i]), found
                )
        return found

    def derived(self, str role not None):
        """Digests of what it knows in clear."""
        cdef string digest
        return [decoded(string_view(digest.data(), digest.size())) for digest in self._derived(CLEAR[role])]

    cdef int identify(self) except -1:
        """Works out the keys of its identifiers, unless they are known."""
        cdef const CxmRole* own
        cdef str name, source
        cdef string digest
        cdef string_view value
        cdef size_t i
        cdef uint32_t j
        cdef bint there
        if self.held.keyed:
            return 0
        for i in range(self.held.roles.size()):
            self.held.roles[i].identifier = role_name(self.held, self.held.roles[i].name) in self.roles
        self.held.begin_keys()
        for name, source in CLEAR.items():
            if name not in self.roles or self.held.find(view(source)) == NULL:
                continue
            own = self.held.find(view(name))
            for digest in self._derived(source):
                value = string_view(digest.data(), digest.size())
                there = False
                for j in range(own.first if own != NULL else 0, own.last if own != NULL else 0):
                    there = there or self.held.at(self.held.values[j]) == value
                if not there:
                    self.held.add_key(view(name), value)
        return 0

    @property
    def keys(self):
        """Keys of its identifiers."""
        cdef size_t i
        if self.listed is None:
            self.identify()
            self.listed = [self.held.keys[i] for i in range(self.held.keys.size())]
        return self.listed

    @property
    def key_roles(self):
        """The role of each key."""
        cdef list found = []
        cdef CxmRole role
        cdef uint32_t r, i
        if self.listed_roles is None:
            self.identify()
            for r in range(self.held.roles.size()):
                role = self.held.roles[r]
                if role.identifier:
                    name = role_name(self.held, role.name)
                    for i in range(role.first, role.last):
                        found.append(name)
            for i in range(self.held.others.size()):
                found.append(role_name(self.held, self.held.others[i]))
            self.listed_roles = found
        return self.listed_roles

    @property
    def named(self):
        """Role and canonical value of its identifiers in clear."""
        cdef CxmRole role
        cdef uint32_t r, i
        if self.identifiers_in_clear is None:
            self.identify()
            self.identifiers_in_clear = []
            for r in range(self.held.roles.size()):
                role = self.held.roles[r]
                if role.identifier:
                    name = role_name(self.held, role.name)
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


cdef Packed _restored(cls, int64_t number, bytes packed, int64_t first, int64_t last, roles, bint keyed):
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


def restore(cls not None, rows not None, roles, bint keyed, dict records not None, dict held not None):
    """Restores the records of those rows that are not there yet."""
    cdef tuple whole
    for row in rows:
        if not isinstance(row, tuple) or len(<tuple>row) < 4:
            raise TypeError("expected rows of four values or more")
        whole = <tuple>row  # of a class of its own its values are found much slower
        number = whole[0]
        if number not in records:
            records[number] = _restored(cls, number, <bytes?>whole[1], whole[2], whole[3], roles, keyed)
            held[number] = row


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
    cdef vector[CxmSought] names
    for role in roles:
        if role != but:
            names.push_back(CxmSought(view(role)))
    return cxm_fewest_first(pointers(records), names)
