"""Links of a batch, what hangs together by them, and what people show otherwise than before.

``settling.pyi`` says what each class and function takes and gives.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cython.operator cimport dereference, preincrement
from libc.stdint cimport INT64_MIN, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp
from libcpp cimport bool as cbool
from libcpp.algorithm cimport binary_search, sort
from libcpp.map cimport map
from libcpp.pair cimport pair
from libcpp.string cimport string
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport CXM_KNOWN_ROLES, CxmName, CxmRole, CxmSaid, CxmSought, Packed, decoded, known_name, string_view, view
from cxm_sdk._native.disjoint cimport join_sets, root_of
from cxm_sdk._native.feed cimport Feed
from cxm_sdk._native.indexed cimport CxmIndexed
from cxm_sdk._native.links cimport HEAD, append_link, read_real, size_of
from cxm_sdk._native.packing cimport ROW, read_number

ctypedef pair[int64_t, int64_t] Two


cdef enum:
    # Places of what becomes of links among its names; others come behind.
    NONE = -1
    KEPT = 0
    TOO_LARGE = 1
    OUTWEIGHED = 2


cdef struct Link:
    double weight, household
    double weight_before, household_before
    int32_t fate, fate_before
    cbool now       # it is a link after the batch
    cbool before    # it is in the store
    cbool strong, decided


cdef struct Written:
    Two ends  # the larger number first
    const Link* link


cdef cbool by_larger(const Written& one, const Written& other) noexcept nogil:
    if one.ends.first != other.ends.first:
        return one.ends.first < other.ends.first
    return one.ends.second < other.ends.second


cdef Link new_link() noexcept:
    cdef Link link
    link.weight = link.household = link.weight_before = link.household_before = 0.0
    link.fate = link.fate_before = NONE
    link.now = link.before = link.strong = link.decided = False
    return link


cdef inline Two pair_of(object a, object b) except *:
    cdef int64_t x = a, y = b
    return Two(min(x, y), max(x, y))


@cython.final
@cython.auto_pickle(False)
cdef class Links:
    """Links of a batch."""

    cdef map[Two, Link] links
    cdef double cut, floor
    cdef list fates
    cdef vector[string_view] fate_names
    cdef vector[Two] asked  # pairs that were weighed, ascending: what the store says of them does not count
    cdef vector[Two] told   # links of which something is to be told, those that are gone first
    cdef CxmIndexed placed_at     # records that are placed
    cdef vector[Two] places       # group and person of each
    cdef map[Two, int32_t] reasons  # why those that do not hold do not, where it is said
    cdef int64_t placed

    def __init__(self, double cut, double floor, str kept not None, str too_large not None, str outweighed not None):
        self.cut, self.floor, self.fates = cut, floor, []
        for name in (kept, too_large, outweighed):
            self._fate(name)

    cdef int32_t _fate(self, str name) except -1:
        return self._fate_of(view(name))

    cdef int32_t _fate_of(self, string_view name) except -1:
        cdef size_t i
        for i in range(self.fate_names.size()):
            if self.fate_names[i] == name:
                return <int32_t>i
        self.fates.append(decoded(name))
        self.fate_names.push_back(view(self.fates[len(self.fates) - 1]))
        return <int32_t>(self.fate_names.size() - 1)

    cdef Link* _link(self, Two ends) except NULL:
        return &dereference(self.links.insert(pair[Two, Link](ends, new_link())).first).second

    def weighed(self, bytes pairs not None, bytes edges not None, decided not None):
        """Takes in what pairs say now."""
        cdef const uint8_t* at = <const uint8_t*>PyBytes_AS_STRING(pairs)
        cdef const double* bits = <const double*>PyBytes_AS_STRING(edges)
        cdef Py_ssize_t i, count = len(pairs) // ROW
        cdef cbool sure = False, any_sure = bool(decided)
        cdef Link* link
        cdef Two ends
        if len(edges) != 16 * count:
            raise ValueError(f"expected {count} edges, got {len(edges) // 16}")
        self.asked.reserve(self.asked.size() + count)
        for i in range(count):
            ends = Two(read_number(at + i * ROW), read_number(at + i * ROW + 8))
            if not self.asked.empty() and ends <= self.asked.back():
                raise ValueError("expected pairs in their order, each once")
            self.asked.push_back(ends)
            if any_sure:
                sure = (ends.first, ends.second) in decided
            if sure or bits[2 * i] >= self.floor or bits[2 * i + 1] >= 0.0:
                link = self._link(ends)
                link.weight, link.household, link.now = bits[2 * i], bits[2 * i + 1], True
                link.decided = sure
                link.strong = sure or link.weight >= self.cut

    def stored(self, list rows not None, changed not None):
        """Takes in links as they are in the store."""
        cdef Link* link
        cdef bytes row
        cdef const uint8_t* at
        cdef Py_ssize_t rest, size
        cdef Two ends
        cdef cbool moved
        for b, row in rows:
            at, rest = <const uint8_t*>PyBytes_AS_STRING(row), len(row)
            moved = b in changed
            while rest:
                size = size_of(at, rest)
                ends = Two(read_number(at), b)
                link = self._link(ends)
                link.weight_before, link.household_before = read_real(at + 8), read_real(at + 16)
                link.before, link.fate_before = True, NONE
                if at[24]:
                    link.fate_before = self._fate_of(string_view(<const char*>at + HEAD, at[24]))
                if (
                    not moved and not link.now and not binary_search(self.asked.begin(), self.asked.end(), ends)
                    and ends.first not in changed
                ):
                    link.weight, link.household, link.now = link.weight_before, link.household_before, True
                    link.strong = link.weight >= self.cut
                at += size
                rest -= size

    def decide(self, pairs not None):
        """Says which links a steward decided on."""
        cdef map[Two, Link].iterator at
        for a, b in pairs:
            at = self.links.find(pair_of(a, b))
            if at != self.links.end() and dereference(at).second.now:
                dereference(at).second.strong = dereference(at).second.decided = True

    def strong_ends(self):
        """Records that have a strong link now."""
        cdef set found = set()
        cdef map[Two, Link].iterator at = self.links.begin()
        while at != self.links.end():
            if dereference(at).second.now and dereference(at).second.strong:
                found.add(dereference(at).first.first)
                found.add(dereference(at).first.second)
            preincrement(at)
        return found

    def alone(self, numbers not None):
        """Records that have no link now."""
        cdef CxmIndexed ends
        cdef map[Two, Link].iterator at = self.links.begin()
        while at != self.links.end():
            if dereference(at).second.now:
                ends.place(dereference(at).first.first)
                ends.place(dereference(at).first.second)
            preincrement(at)
        return [number for number in numbers if ends.find(number) < 0]

    def groups(self, list members not None, list tied not None):
        """Records that hang together by strong links."""
        cdef CxmIndexed at
        cdef map[Two, Link].iterator link = self.links.begin()
        cdef vector[int32_t] parent
        cdef int32_t place, one, other
        cdef list found = [], group
        cdef list by_root = [None] * len(members)
        for place in range(<int32_t>len(members)):
            at.place(members[place])
            parent.push_back(place)
        for group in tied:
            one = at.find(group[0])
            for number in group:
                other = at.find(number)
                if one < 0 or other < 0:
                    raise KeyError("expected records among the members")
                join_sets(parent.data(), one, other)
        while link != self.links.end():
            if dereference(link).second.now and dereference(link).second.strong:
                one, other = at.find(dereference(link).first.first), at.find(dereference(link).first.second)
                if one >= 0 and other >= 0:
                    join_sets(parent.data(), one, other)
            preincrement(link)
        for place in range(<int32_t>len(members)):
            one = root_of(parent.data(), place)
            if by_root[one] is None:
                group = by_root[one] = []
                found.append(group)
            (<list>by_root[one]).append(members[place])
        return found

    def among(self, list numbers not None):
        """Links among some records, by place."""
        cdef unordered_map[int64_t, int32_t] at
        cdef unordered_map[int64_t, int32_t].iterator other
        cdef map[Two, Link].iterator link
        cdef int32_t i, j
        cdef int64_t a
        cdef list found = []
        for i in range(<int32_t>len(numbers)):
            at[<int64_t>numbers[i]] = i
        for i in range(<int32_t>len(numbers)):
            a = numbers[i]
            link = self.links.lower_bound(Two(a, INT64_MIN))
            while link != self.links.end() and dereference(link).first.first == a:
                other = at.find(dereference(link).first.second)
                if other != at.end() and dereference(link).second.now:
                    j = dereference(other).second
                    found.append((
                        (min(i, j), max(i, j)), dereference(link).second.weight, dereference(link).second.household,
                        bool(dereference(link).second.decided),
                    ))
                preincrement(link)
        return found

    def place(self, list numbers not None, list labels not None, dict reasons not None):
        """Says which people the records of a group are."""
        cdef dict people = {}
        cdef Py_ssize_t i
        cdef int32_t at
        if len(numbers) != len(labels):
            raise ValueError(f"expected {len(numbers)} labels, got {len(labels)}")
        for i in range(len(numbers)):
            number, label = numbers[i], labels[i]
            at = self.placed_at.place(number)
            if <size_t>at == self.places.size():
                self.places.push_back(Two(self.placed, label))
            else:
                self.places[at] = Two(self.placed, label)
            if label in people:
                (<list>people[label]).append(number)
            else:
                people[label] = [number]
        self.placed += 1
        for (one, other), reason in reasons.items():
            self.reasons[pair_of(numbers[one], numbers[other])] = self._fate(reason)
        return list(people.values())

    def parted(self, list groups not None):
        """Records of which others of their group are another person, or nobody yet."""
        cdef int32_t first, other
        cdef set found = set()
        for group in groups:
            first = self.placed_at.find((<list>group)[0])
            for number in <list>group:
                other = self.placed_at.find(number)
                if first < 0 or other < 0 or self.places[first] != self.places[other]:
                    found.add((<list>group)[0])
                    break
        return found

    cdef int32_t _settled(self, Two ends, const Link* link) noexcept:
        cdef int32_t one, other
        if not link.strong:
            return NONE
        one, other = self.placed_at.find(ends.first), self.placed_at.find(ends.second)
        if one < 0 or other < 0:
            return NONE
        if self.places[one].first != self.places[other].first:
            return TOO_LARGE
        if self.places[one].second == self.places[other].second:
            return KEPT
        return self.reasons[ends] if self.reasons.count(ends) else OUTWEIGHED

    def changes(self):
        """What is to be written about links."""
        cdef list gone = []
        cdef vector[Two] told
        cdef vector[Written] written
        cdef Written one
        cdef map[Two, Link].iterator at = self.links.begin()
        cdef Link* link
        self.told.clear()
        while at != self.links.end():
            link = &dereference(at).second
            one.ends, one.link = Two(dereference(at).first.second, dereference(at).first.first), link
            preincrement(at)
            if not link.now:
                if link.before:
                    gone.append((one.ends.second, one.ends.first))
                if link.fate_before == KEPT:
                    self.told.push_back(Two(one.ends.second, one.ends.first))
                continue
            link.fate = self._settled(Two(one.ends.second, one.ends.first), link)
            if (
                link.before and link.fate == link.fate_before
                and link.weight == link.weight_before and link.household == link.household_before
            ):
                continue
            written.push_back(one)
            if (link.fate == KEPT) != (link.fate_before == KEPT):
                told.push_back(Two(one.ends.second, one.ends.first))
        self.told.insert(self.told.end(), told.begin(), told.end())
        sort(written.begin(), written.end(), &by_larger)
        return gone, self._rows(written)

    cdef list _rows(self, const vector[Written]& written):
        """Links as a row for each larger number."""
        cdef list rows = []
        cdef string row
        cdef string_view fate
        cdef const Link* link
        cdef size_t i
        for i in range(written.size()):
            link = written[i].link
            fate = string_view()
            if link.fate != NONE:
                fate = self.fate_names[link.fate]
            append_link(row, written[i].ends.second, link.weight, link.household, fate)
            if i + 1 == written.size() or written[i + 1].ends.first != written[i].ends.first:
                rows.append((written[i].ends.first, PyBytes_FromStringAndSize(row.data(), row.size())))
                row.clear()
        return rows

    def tell(self, Feed feed not None, dict now not None, was not None, why not None):
        """Tells of links that came to be kept, and of those that are no longer."""
        cdef const Link* link
        cdef size_t i
        cdef bytes profile
        cdef str reason
        for i in range(self.told.size()):
            link = &self.links.at(self.told[i])
            one = self.told[i].first
            profile = now.get(one)
            if profile is None:
                other = self.told[i].second
                profile = now.get(other)
                if profile is None:
                    profile = was((one, other))
            if link.now and link.fate == KEPT:
                feed.link_added(profile, self.told[i].first, self.told[i].second, link.weight)
            elif link.now and link.fate != NONE:
                feed.link_dropped(profile, self.told[i].first, self.told[i].second, self.fate_names[link.fate])
            else:
                reason = why((one, self.told[i].second))
                feed.link_dropped(profile, self.told[i].first, self.told[i].second, view(reason))


cdef inline cbool same_text(string_view one, string_view other) noexcept nogil:
    return one.size() == other.size() and memcmp(one.data(), other.data(), one.size()) == 0


cdef inline cbool later(const CxmSaid& one, const CxmSaid& other) noexcept nogil:
    """Whether a record of the same time comes behind another: by source, then id."""
    cdef string_view ours = one.at(one.source), theirs = other.at(other.source)
    if ours == theirs:
        ours, theirs = one.at(one.id), other.at(other.id)
    return theirs < ours


cdef struct Shown:
    const CxmSaid* held
    int64_t last


cdef int show(vector[Shown]& shown, Packed record) except -1:
    cdef Shown one
    one.held, one.last = &record.held, record.last
    shown.push_back(one)
    return 0


cdef const CxmSaid* holder(const vector[Shown]& records, const CxmSought& role) noexcept nogil:
    """The latest record that says anything of a role; NULL for none."""
    cdef const CxmRole* held
    cdef const Shown* best = NULL
    cdef const Shown* one
    cdef size_t i
    for i in range(records.size()):
        one = &records[i]
        if best != NULL and one.last < best.last:
            continue
        held = one.held.find(role)
        if held == NULL or held.first == held.last:
            continue
        if best == NULL or one.last > best.last or later(one.held[0], best.held[0]):
            best = one
    if best == NULL:
        return NULL
    return best.held


cdef bint shows_same(const CxmSaid* one, const CxmSaid* other, const CxmSought& role, bint canonical) noexcept nogil:
    cdef uint32_t ours = one.find(role).first, theirs = other.find(role).first
    if canonical:
        return same_text(one.at(one.values[ours]), other.at(other.values[theirs]))
    return same_text(one.at(one.written[ours]), other.at(other.written[theirs]))


cdef list shown_otherwise(const vector[Shown]& before, const vector[Shown]& after, const vector[Shown]& moved,
                          canonical):
    """Roles of which the latest record shows something else than it did."""
    cdef uint64_t seen = 0
    cdef CxmName role
    cdef size_t i, j
    cdef list found = []
    for i in range(moved.size()):
        for j in range(moved[i].held.roles.size()):
            role = moved[i].held.roles[j].name
            if role.number < CXM_KNOWN_ROLES and role.number < 64:
                if seen >> role.number & 1:
                    continue
                seen |= <uint64_t>1 << role.number
            add_otherwise(before, after, CxmSought(moved[i].held.at(role)), canonical, found)
    found.sort()
    return found


cdef int add_otherwise(const vector[Shown]& before, const vector[Shown]& after, const CxmSought& role, canonical,
                       list found) except -1:
    """Adds the name of a role where it shows something else, unless it is there."""
    cdef const CxmSaid* old = holder(before, role)
    cdef const CxmSaid* new = holder(after, role)
    if old == new:
        return 0
    name = known_name(role)
    if (old == NULL or new == NULL or not shows_same(old, new, role, name in canonical)) and name not in found:
        found.append(name)
    return 0


cdef vector[int64_t] ordered(list numbers) except *:
    cdef vector[int64_t] found
    found.reserve(len(numbers))
    for number in numbers:
        found.push_back(number)
    sort(found.begin(), found.end())
    return found


def fields_shown_otherwise(list grown not None, dict records not None, dict former not None, canonical not None):
    """Roles of which people show something else than they did."""
    cdef vector[Shown] before, after, moved
    cdef vector[int64_t] earlier, now
    cdef list found = [], was, held, fields
    for profile, was, held in grown:
        before.clear()
        after.clear()
        moved.clear()
        earlier, now = ordered(was), ordered(held)
        # Only what a record says that came, went or changed can make a difference.
        for number in was:
            changed = former.get(number)
            show(before, <Packed?>(records[number] if changed is None else changed))
            if changed is not None or not binary_search(now.begin(), now.end(), <int64_t>number):
                moved.push_back(before.back())
        for number in held:
            show(after, <Packed?>records[number])
            if number in former or not binary_search(earlier.begin(), earlier.end(), <int64_t>number):
                moved.push_back(after.back())
        fields = shown_otherwise(before, after, moved, canonical)
        if fields:
            found.append((profile, fields))
    return found
