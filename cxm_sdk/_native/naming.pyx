"""Who the people of a batch are, and what becomes of those that were there before.

``naming.pyi`` says what each function takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cython.operator cimport dereference, preincrement
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.map cimport map
from libcpp.pair cimport pair
from libcpp.string cimport string, to_string
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport Packed, string_view, view
from cxm_sdk._native.feed cimport Feed
from cxm_sdk._native.indexed cimport CxmIndexed


cdef extern from "blake.hpp":
    void cxm_blake_words(const uint8_t* data, uint64_t size, unsigned wanted, uint64_t* words,
                         const uint64_t* person) noexcept nogil


cdef enum:
    NAMED = 16  # bytes that name a profile
    NOBODY = -1
    # Places of values in the row of a record.
    ROW_COMPONENT = 4
    ROW_PROFILE = 5

ctypedef pair[uint64_t, uint64_t] Name  # the bytes of a profile's name, the first ones highest


cdef struct Held:
    int64_t number
    int64_t component        # where it was
    int32_t before, now      # profiles; NOBODY for none
    cbool fresh


cdef struct Person:
    vector[int32_t] was      # records that were of a profile
    vector[int32_t] heirs    # profiles that hold any of them now
    vector[int32_t] origins  # profiles that records of it were of
    int32_t people           # place of the person among the people that are there now; NOBODY for none
    cbool moved              # whether others are of it than before


# What these names are for: "profile", as BLAKE2 takes it in.
cdef uint64_t[2] PROFILE
PROFILE[:] = [0x00656C69666F7270, 0]


def name_of_profile(str source not None, str record_id not None):
    """Names a profile after one of its records."""
    return name_of(view(source), view(record_id))


cdef bytes name_of(string_view source, string_view record_id):
    cdef string whole
    cdef uint64_t[8] words
    cdef uint8_t[NAMED] named
    cdef size_t characters = 0, i
    cdef int j
    for i in range(source.size()):
        characters += (<uint8_t>source.data()[i] & 0xC0) != 0x80
    whole = to_string(characters)
    whole.push_back(b":")
    whole.append(source.data(), source.size())
    whole.append(record_id.data(), record_id.size())
    cxm_blake_words(<const uint8_t*>whole.data(), whole.size(), NAMED, words, PROFILE)
    for j in range(NAMED):
        named[j] = <uint8_t>(words[j // 8] >> (8 * (j % 8)))
    return PyBytes_FromStringAndSize(<const char*>named, NAMED)


cdef bint older(Packed one, Packed other) noexcept:
    """Whether a record is earlier than another: by time, then source, then id."""
    cdef string_view ours = one.held.at(one.held.source), theirs = other.held.at(other.held.source)
    if one.first != other.first:
        return one.first < other.first
    if ours == theirs:
        ours, theirs = one.held.at(one.held.id), other.held.at(other.held.id)
    return ours < theirs


cdef Name name_in(bytes profile) except *:
    cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(profile)
    cdef Name name
    cdef int i
    if len(profile) != NAMED:
        raise ValueError(f"expected the id of a profile in {NAMED} bytes, got {len(profile)}")
    name.first = name.second = 0
    for i in range(8):
        name.first = name.first << 8 | at[i]
        name.second = name.second << 8 | at[i + 8]
    return name


cdef inline void put_once(vector[int32_t]& held, int32_t one) except *:
    cdef size_t i
    for i in range(held.size()):
        if held[i] == one:
            return
    held.push_back(one)


cdef tuple row_of(object row):
    """A row, of which the values are found much faster than in one of a class of its own."""
    if not isinstance(row, tuple) or len(<tuple>row) <= ROW_PROFILE:
        raise TypeError("expected rows of records")
    return <tuple>row


def named_after(list numbers not None, dict records not None):
    """Names of people of one record each."""
    cdef list found = []
    cdef Packed record
    for number in numbers:
        record = <Packed?>records[number]
        found.append((name_of(record.held.at(record.held.source), record.held.at(record.held.id)), number))
    return found


def unbroken(list members not None, dict rows not None, set loud not None):
    """Components of one person each."""
    cdef dict found = {}, profiles = {}
    cdef tuple row
    for number in members:
        held = rows.get(number)
        if held is None:
            continue
        row = row_of(held)
        component = row[ROW_COMPONENT]
        if component in loud:
            continue
        known = found.get(component)
        if known is None:
            found[component] = [number]
            profiles[component] = row[ROW_PROFILE]
        elif profiles[component] == row[ROW_PROFILE]:
            (<list>known).append(number)
        else:
            loud.add(component)
            del found[component]
    return list(found.values())


@cython.final
@cython.auto_pickle(False)
cdef class Census:
    """Who the people of a batch are, and were."""

    cdef dict records, rows, fresh
    cdef vector[Held] held          # by place
    cdef CxmIndexed places          # by number
    cdef map[Name, int32_t] names   # profiles, in the order of their ids
    cdef vector[Person] persons     # by profile
    cdef list ids                   # of profiles
    cdef list people, earliest      # those that are there now, and after whom they are named
    cdef vector[int32_t] profiles   # of those

    def __init__(self, dict records not None, dict rows not None, dict fresh not None):
        self.records, self.rows, self.fresh = records, rows, fresh
        self.ids, self.people, self.earliest = [], [], []

    cdef int32_t _profile(self, bytes profile) except -1:
        """The number of a profile."""
        cdef pair[map[Name, int32_t].iterator, cbool] found
        cdef Person nobody
        found = self.names.insert(pair[Name, int32_t](name_in(profile), <int32_t>self.persons.size()))
        if found.second:
            nobody.people, nobody.moved = NOBODY, False
            self.persons.push_back(nobody)
            self.ids.append(profile)
        return dereference(found.first).second

    cdef int32_t _take(self, object number) except -1:
        """The place of a record, which is looked up where it comes for the first time."""
        cdef int32_t place = self.places.place(number)
        cdef Held one
        cdef tuple row
        if <size_t>place < self.held.size():
            return place
        one.number, one.component, one.before, one.now = number, -1, NOBODY, NOBODY
        one.fresh = number in self.fresh
        if not one.fresh:
            row = row_of(self.rows[number])
            one.component = row[ROW_COMPONENT]
            if row[ROW_PROFILE] is not None:
                one.before = self._profile(row[ROW_PROFILE])
                self.persons[one.before].was.push_back(place)
        self.held.push_back(one)
        return place

    def settle(self, list groups not None, list people not None, removed not None):
        """Names people after their earliest records."""
        cdef dict now = {}
        cdef list cluster
        cdef Packed best, record
        cdef int32_t place, profile
        cdef Person* person
        for group in groups:
            for number in <list>group:
                self._take(number)
        for number in removed:
            if number in self.rows:
                self._take(number)
        for cluster in people:
            best = <Packed?>self.records[cluster[0]]
            for number in cluster[1:]:
                record = <Packed?>self.records[number]
                if older(record, best):
                    best = record
            profile = self._profile(name_of(best.held.at(best.held.source), best.held.at(best.held.id)))
            person = &self.persons[profile]
            person.people = <int32_t>self.profiles.size()
            self.profiles.push_back(profile)
            self.earliest.append(best.number)
            name = self.ids[profile]
            for number in cluster:
                place = self._take(number)
                self.held[place].now = profile
                now[number] = name
                person = &self.persons[profile]
                if self.held[place].before != NOBODY:
                    put_once(person.origins, self.held[place].before)
                    put_once(self.persons[self.held[place].before].heirs, profile)
                person.moved = person.moved or self.held[place].before != profile
            person.moved = person.moved or <size_t>len(cluster) != person.was.size()
        self.people = people
        return now

    def issued(self):
        """Ids of people that nobody had before."""
        cdef list found = []
        cdef size_t i
        for i in range(self.profiles.size()):
            if self.persons[self.profiles[i]].was.empty():
                found.append((self.ids[self.profiles[i]], self.earliest[i]))
        return found

    def before(self):
        """Who had which record."""
        cdef size_t i
        return {
            self.held[i].number: self.ids[self.held[i].before]
            for i in range(self.held.size()) if self.held[i].before != NOBODY
        }

    def moved(self, list groups not None):
        """Records that are new, and others that are elsewhere than before."""
        cdef list added = [], moved = [], group
        cdef const Held* one
        cdef int64_t component
        for group in groups:
            component = group[0]
            for number in group:
                one = &self.held[self._take(number)]
                if one.now == NOBODY:
                    raise KeyError("expected records that are somebody's")
                if one.fresh:
                    added.append((number, component, self.ids[one.now]))
                elif one.component != component or one.before != one.now:
                    moved.append((component, self.ids[one.now], number, one.component))
        return added, moved

    def tell(self, Feed feed not None, former not None, str removed not None):
        """Tells what becomes of people, and finds those whose fields may show something else."""
        cdef map[Name, int32_t].iterator at = self.names.begin()
        cdef const Person* person
        cdef list grown = [], cluster
        cdef bint changed
        while at != self.names.end():
            person = &self.persons[dereference(at).second]
            profile = self.ids[dereference(at).second]
            preincrement(at)
            if person.people == NOBODY:
                continue
            cluster = self.people[person.people]
            if person.moved:
                self._tell_of(feed, person, profile)
            if not person.was.empty():
                changed = person.moved
                if not changed and former:
                    for number in cluster:
                        changed = changed or number in former
                if changed:
                    grown.append((profile, self._numbers(person.was), cluster))
        self._tell_of_former(feed, removed)
        return grown

    cdef int _tell_of(self, Feed feed, const Person* person, bytes profile) except -1:
        """Tells of people that are there now."""
        if person.origins.empty():
            feed.tell("created", profile)
        elif person.origins.size() > 1:
            feed.tell("merged", profile, "from", [one.hex() for one in self._named(person.origins) if one != profile])
        elif person.was.empty() and self.persons[person.origins[0]].heirs.size() == 1:
            feed.tell("renamed", profile, "from", (<bytes>self.ids[person.origins[0]]).hex())
        return 0

    cdef int _tell_of_former(self, Feed feed, str removed) except -1:
        """Tells of people that were there before."""
        cdef map[Name, int32_t].iterator at = self.names.begin()
        cdef const Person* person
        while at != self.names.end():
            person = &self.persons[dereference(at).second]
            profile = self.ids[dereference(at).second]
            preincrement(at)
            if person.was.empty() or person.heirs.size() == 1:
                continue
            if person.heirs.empty():
                feed.tell(removed, profile)
            else:
                feed.tell("split", profile, "to", [one.hex() for one in self._named(person.heirs)])
        return 0

    cdef list _numbers(self, const vector[int32_t]& places):
        """Numbers of some records."""
        cdef size_t i
        return [self.held[places[i]].number for i in range(places.size())]

    cdef list _named(self, const vector[int32_t]& profiles):
        """Ids of some profiles, ascending."""
        cdef size_t i
        return sorted([self.ids[profiles[i]] for i in range(profiles.size())])


def rows_of_new(list added not None, dict records not None, dict fresh not None, str events not None, row not None):
    """Rows of new records, and by what they are found."""
    cdef list found = []
    cdef string_view source = view(events)
    cdef Packed record
    for number, component, profile in added:
        record = <Packed?>records[number]
        key = None
        if record.held.at(record.held.source) == source:
            key = fresh[number]
        whole = (number, record.packed(), record.first, record.last, component, profile)
        found.append((key, tuple.__new__(row, whole)))
    return found
