"""Who the people of a batch are, and what becomes of those that were there before.

``naming.pyi`` says what each function takes and gives.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint64_t
from libcpp.string cimport string, to_string

from cxm_sdk._native.contents cimport Packed, string_view, view
from cxm_sdk._native.feed cimport Feed


cdef extern from "blake.hpp":
    void cxm_blake_words(const uint8_t* data, uint64_t size, unsigned wanted, uint64_t* words,
                         const uint64_t* person) noexcept nogil


cdef enum:
    NAMED = 16  # bytes that name a profile

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


def names_of_people(list people not None, dict records not None):
    """Names people after their earliest records."""
    cdef dict now = {}
    cdef list issued = [], cluster
    cdef Packed best, record
    for cluster in people:
        best = <Packed?>records[cluster[0]]
        for number in cluster[1:]:
            record = <Packed?>records[number]
            if older(record, best):
                best = record
        profile = name_of(best.held.at(best.held.source), best.held.at(best.held.id))
        issued.append((profile, best.number))
        for number in cluster:
            now[number] = profile
    return now, issued


def moved_records(list groups not None, dict now not None, dict rows not None, fresh not None):
    """Tells apart records that are new, and others that are in another component or profile than before."""
    cdef list added = [], moved = [], group
    for group in groups:
        component = group[0]
        for number in group:
            profile = now[number]
            if number in fresh:
                added.append((number, component, profile))
                continue
            row = rows[number]
            if row.component != component or row.profile != profile:
                moved.append((component, profile, number, row.component))
    return added, moved


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


def tell_of_people(Feed feed not None, list people not None, dict now not None, dict before not None,
                   former not None, str removed not None):
    """Tells what becomes of people, and finds those whose fields may show something else."""
    cdef dict was = {}, heirs = {}, held_now = {}
    cdef list grown = [], held, cluster, origins, whose
    cdef bint same, changed
    for number, profile in before.items():
        held = was.get(profile)
        if held is None:
            was[profile] = [number]
            heirs[profile] = []
        else:
            held.append(number)
    for cluster in people:
        profile = now[cluster[0]]
        origins = []
        same, changed = True, False
        for number in cluster:
            origin = before.get(number)
            if origin is not None and origin not in origins:
                origins.append(origin)
            same = same and origin == profile
            changed = changed or number in former
        for origin in origins:
            whose = heirs[origin]
            if profile not in whose:
                whose.append(profile)
        held = was.get(profile)
        same = same and len(cluster) == len(held)
        if not same:
            held_now[profile] = origins
        if held is not None and (changed or not same):
            grown.append((profile, held, cluster))
    for profile in sorted(held_now):
        origins = held_now[profile]
        if not origins:
            feed.tell("created", profile)
        elif len(origins) > 1:
            others = [origin.hex() for origin in sorted(origins) if origin != profile]
            feed.tell("merged", profile, "from", others)
        elif profile not in was and len(<list>heirs[origins[0]]) == 1:
            feed.tell("renamed", profile, "from", origins[0].hex())
    for profile in sorted([one for one, whose in heirs.items() if len(whose) != 1]):
        whose = heirs[profile]
        if not whose:
            feed.tell(removed, profile)
        else:
            feed.tell("split", profile, "to", [heir.hex() for heir in sorted(whose)])
    grown.sort()
    return grown
