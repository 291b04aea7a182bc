"""Groups of records: connected components, agglomeration under constraints, and the values a group keeps.

``cluster.pyi`` says what each function takes and gives.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memcmp
from libcpp.algorithm cimport sort
from libcpp.queue cimport priority_queue
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector
from cython.operator cimport dereference, preincrement

import numpy as np

from cxm_sdk._native.cluster cimport Barriers, barriers_of, forbidden
from cxm_sdk._native.disjoint cimport join_sets, root_of

cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


cdef enum:
    AHEAD = 24  # records whose value is asked for before it is needed


def components(const int32_t[::1] left, const int32_t[::1] right, int32_t[::1] labels):
    """Connected components."""
    cdef Py_ssize_t i, n = labels.shape[0]
    cdef int32_t* parent
    if n == 0:
        return
    parent = &labels[0]
    with nogil:
        for i in range(n):
            parent[i] = <int32_t>i
        for i in range(left.shape[0]):
            join_sets(parent, left[i], right[i])
        for i in range(n):
            parent[i] = root_of(parent, <int32_t>i)


cdef struct Bond:
    double total      # summed weights between two clusters
    int64_t count     # how many pairs they were summed over
    bint forbidden


cdef extern from *:
    """
    #include <cstdint>
    struct Merge {
        double mean;
        int32_t a, b;      // cluster names, a < b
        int64_t stamp;     // sum of both versions when this was computed
        bool operator<(const Merge &o) const {  // the greatest is taken first: heaviest, then smallest names
            if (mean != o.mean) return mean < o.mean;
            if (a != o.a) return a > o.a;
            return b > o.b;
        }
    };
    """
    cdef cppclass Merge:
        double mean
        int32_t a
        int32_t b
        int64_t stamp


ctypedef unordered_map[int32_t, Bond] Bonds


cdef double mean_weight(const Bond& bond, int64_t size, double missing) noexcept nogil:
    return (bond.total + missing * (size - bond.count)) / size


cdef bint contradict(const vector[int32_t]& a, const vector[int32_t]& b, const Barriers* barriers) noexcept nogil:
    cdef Py_ssize_t i, j
    for i in range(<Py_ssize_t>a.size()):
        for j in range(<Py_ssize_t>b.size()):
            if forbidden(a[i], b[j], barriers):
                return True
    return False


def agglomerate(const int32_t[::1] left, const int32_t[::1] right, const double[::1] weights,
                const int32_t[:, ::1] single, const int32_t[:, ::1] unique, double missing, int32_t[::1] labels,
                uint8_t[::1] contradicted):
    """Joins records while the mean weight between two clusters is above 0 and no constraint forbids it."""
    cdef Py_ssize_t i, n = labels.shape[0]
    cdef int32_t a, b, c
    cdef int64_t sizes
    cdef vector[vector[int32_t]] members
    cdef vector[Bonds] bonds
    cdef vector[int64_t] version
    cdef priority_queue[Merge] heap
    cdef Merge best
    cdef Bond bond, other
    cdef Bonds.iterator it, found
    cdef Barriers barriers = barriers_of(single, unique)
    with nogil:
        members.resize(n)
        bonds.resize(n)
        version.resize(n)
        for i in range(n):
            labels[i] = <int32_t>i
            members[i].push_back(<int32_t>i)
        for i in range(left.shape[0]):
            bond.total = weights[i]
            bond.count = 1
            bond.forbidden = False
            bonds[left[i]][right[i]] = bond
            bonds[right[i]][left[i]] = bond
            if weights[i] > 0:
                best.mean = weights[i]
                best.a = left[i]
                best.b = right[i]
                best.stamp = 0
                heap.push(best)
        while not heap.empty():
            best = heap.top()
            heap.pop()
            a = best.a
            b = best.b
            if members[a].empty() or members[b].empty() or version[a] + version[b] != best.stamp:
                continue
            if contradict(members[a], members[b], &barriers):
                bonds[a][b].forbidden = True
                bonds[b][a].forbidden = True
                continue
            # a < b: the merged cluster keeps the name a, which stays its smallest record.
            bonds[a].erase(b)
            bonds[b].erase(a)
            it = bonds[b].begin()
            while it != bonds[b].end():
                c = dereference(it).first
                bond = dereference(it).second
                found = bonds[a].find(c)
                if found != bonds[a].end():
                    other = dereference(found).second
                    bond.total += other.total
                    bond.count += other.count
                    bond.forbidden = bond.forbidden or other.forbidden
                bonds[a][c] = bond
                bonds[c].erase(b)
                bonds[c][a] = bond
                preincrement(it)
            members[a].insert(members[a].end(), members[b].begin(), members[b].end())
            members[b].clear()
            bonds[b].clear()
            version[a] += version[b] + 1
            it = bonds[a].begin()
            while it != bonds[a].end():
                c = dereference(it).first
                bond = dereference(it).second
                sizes = <int64_t>(members[a].size() * members[c].size())
                best.mean = mean_weight(bond, sizes, missing)
                if best.mean > 0 and not bond.forbidden:
                    best.a = a if a < c else c
                    best.b = c if a < c else a
                    best.stamp = version[a] + version[c]
                    heap.push(best)
                preincrement(it)
        for i in range(n):
            for c in members[i]:
                labels[c] = <int32_t>i
        for i in range(left.shape[0]):
            a = labels[left[i]]
            b = labels[right[i]]
            contradicted[i] = a != b and weights[i] > 0 and contradict(members[a], members[b], &barriers)


cdef inline int32_t letters_of(const uint8_t* text, int32_t size) noexcept nogil:
    # Every byte of UTF-8 but those that go on with a character.
    cdef int32_t i, found = 0
    for i in range(size):
        found += (text[i] & 0xC0) != 0x80
    return found


cdef inline bint rather(const uint8_t* texts, const int32_t* offsets, int32_t a, int32_t b, bint plain) noexcept nogil:
    """Whether one value is longer than another, or as long and before it in the alphabet.

    Where all is plain ASCII, letters are bytes, and only texts of one length are read.
    """
    cdef int32_t size_a = offsets[a + 1] - offsets[a], size_b = offsets[b + 1] - offsets[b]
    cdef int32_t letters_a = size_a, letters_b = size_b
    cdef int order
    if not plain:
        letters_a, letters_b = letters_of(texts + offsets[a], size_a), letters_of(texts + offsets[b], size_b)
    if letters_a != letters_b:
        return letters_a > letters_b
    order = memcmp(texts + offsets[a], texts + offsets[b], <size_t> min(size_a, size_b))
    return order < 0 or (order == 0 and size_a < size_b)


cdef struct Extremes:
    int32_t greatest
    uint32_t least  # as an unsigned number, so that null is the greatest


def survivors(const int64_t[::1] starts, const int32_t[::1] members, const int32_t[::1] of, list slots,
              const int32_t[::1] offsets, const uint8_t[::1] data, int32_t[::1] out):
    """The value each group keeps: the most frequent, then the earliest, the longest, the first in the alphabet."""
    cdef int64_t g, i, k, last
    cdef Py_ssize_t s, slot, at, count = len(slots), earliest, groups = starts.shape[0] - 1
    cdef int32_t code, best, times, most
    cdef uint8_t seen = 0
    cdef vector[int64_t] values  # code and slot in one number
    cdef vector[const int32_t*] columns
    cdef vector[Extremes] found
    cdef vector[int32_t] several
    cdef Extremes* extremes
    cdef const int32_t[::1] codes
    cdef const uint8_t* texts = &data[0] if data.shape[0] else NULL
    if count > 256:
        raise ValueError(f"expected at most 256 slots, got {count}")
    for codes in slots:
        if codes.shape[0] != of.shape[0]:
            raise ValueError(f"expected codes of {of.shape[0]} records, got {codes.shape[0]}")
        columns.push_back(&codes[0] if codes.shape[0] else NULL)
    with nogil:
        for i in range(data.shape[0]):
            seen |= texts[i]
        # Most groups hold one value or none. So records are read in their order, and those of a group only where its
        # greatest value is not its least.
        found.resize(groups)
        for g in range(groups):
            found[g].greatest = -1
            found[g].least = 0xFFFFFFFF
        for i in range(of.shape[0]):
            if i + AHEAD < of.shape[0]:
                cxm_prefetch(&found[of[i + AHEAD]])
            extremes = &found[of[i]]
            for s in range(count):
                code = columns[s][i]
                extremes.greatest = max(extremes.greatest, code)
                extremes.least = min(extremes.least, <uint32_t>code)
        for g in range(groups):
            out[g] = found[g].greatest
            if <uint32_t>found[g].greatest != found[g].least:
                several.push_back(<int32_t>g)
        for at in range(<Py_ssize_t>several.size()):
            if at + AHEAD < <Py_ssize_t>several.size():
                g = several[at + AHEAD]
                for i in range(starts[g], starts[g + 1]):
                    for s in range(count):
                        cxm_prefetch(columns[s] + members[i])
            g = several[at]
            values.clear()
            for i in range(starts[g], starts[g + 1]):
                for s in range(count):
                    code = columns[s][members[i]]
                    if code >= 0:
                        values.push_back((<int64_t>code << 8) | s)
            sort(values.begin(), values.end())
            best = -1
            most = 0
            earliest = 0
            last = <int64_t>values.size()
            i = 0
            while i < last:
                k = i
                code = <int32_t>(values[i] >> 8)
                slot = values[i] & 255
                while k < last and values[k] >> 8 == code:
                    k += 1
                times = <int32_t>(k - i)
                if best < 0 or times > most or (times == most and (slot < earliest or (
                        slot == earliest and rather(texts, &offsets[0], code, best, seen < 0x80)))):
                    best = code
                    most = times
                    earliest = slot
                i = k
            out[g] = best


def group_by_code(const int32_t[::1] codes, int64_t[::1] starts, int32_t[::1] members):
    """Lists the records of each value, ascending."""
    cdef Py_ssize_t i, n = codes.shape[0], values = starts.shape[0] - 1
    cdef int64_t total = 0
    cdef vector[int64_t] cursor
    with nogil:
        cursor.resize(values)
        for i in range(n):
            if i + AHEAD < n and codes[i + AHEAD] >= 0:
                cxm_prefetch(&cursor[codes[i + AHEAD]])
            if codes[i] >= 0:
                cursor[codes[i]] += 1
        for i in range(values):
            starts[i] = total
            total += cursor[i]
            cursor[i] = starts[i]
        starts[values] = total
        for i in range(n):
            if i + AHEAD < n and codes[i + AHEAD] >= 0:
                cxm_prefetch(&cursor[codes[i + AHEAD]])
            if codes[i] >= 0:
                members[cursor[codes[i]]] = <int32_t>i
                cursor[codes[i]] += 1


def groups_of(const int32_t[::1] labels):
    """Records by group, and the group of each record."""
    cdef Py_ssize_t i, n = labels.shape[0]
    cdef int32_t count = 0, group
    cdef int64_t total = 0
    cdef vector[int32_t] cursor
    owners, listed = np.empty(n, np.int32), np.empty(n, np.int32)
    cdef int32_t[::1] of = owners, members = listed
    with nogil:
        for i in range(n):
            if i + AHEAD < n:
                cxm_prefetch(&of[labels[i + AHEAD]])
            if labels[i] == i:
                of[i] = count
                count += 1
                cursor.push_back(1)
            else:
                # Whose number it takes stands before it.
                of[i] = of[labels[i]]
                cursor[of[i]] += 1
    begins = np.empty(count + 1, np.int64)
    cdef int64_t[::1] starts = begins
    with nogil:
        for group in range(count):
            starts[group] = total
            total += cursor[group]
            cursor[group] = <int32_t>starts[group]
        starts[count] = total
        for i in range(n):
            members[cursor[of[i]]] = <int32_t>i
            cursor[of[i]] += 1
    return begins, listed, owners


def incomplete_groups(const int32_t[::1] labels, const int32_t[::1] left, bint every):
    """Groups in which some pair is not linked."""
    cdef Py_ssize_t i, n = labels.shape[0]
    cdef int64_t size, total = 0
    cdef int32_t label
    cdef vector[int32_t] place, links
    cdef vector[int64_t] begins
    with nogil:
        place.resize(n)
        links.resize(n)
        for i in range(n):
            place[labels[i]] += 1
        for i in range(left.shape[0]):
            if i + AHEAD < left.shape[0]:
                cxm_prefetch(&labels[left[i + AHEAD]])
            links[labels[left[i]]] += 1
        # Of each group that is looked for where its next record goes; -1 for the others.
        for i in range(n):
            size = place[i]
            place[i] = -1
            if size > 1 and (every or (size > 2 and links[i] < size * (size - 1) // 2)):
                begins.push_back(total)
                place[i] = <int32_t>total
                total += size
        begins.push_back(total)
    starts, listed = np.empty(begins.size(), np.int64), np.empty(total, np.int32)
    cdef int64_t[::1] start = starts
    cdef int32_t[::1] members = listed
    with nogil:
        for i in range(<Py_ssize_t>begins.size()):
            start[i] = begins[i]
        for i in range(n):
            label = labels[i]
            if place[label] >= 0:
                members[place[label]] = <int32_t>i
                place[label] += 1
    return starts, listed


def best_weights(const int32_t[::1] left, const int32_t[::1] right, const double[::1] weight,
                 const uint8_t[::1] kept, double[::1] inside, double[::1] outside):
    """Raises, for both records of each link, the best weight of the kept links or of the others."""
    cdef Py_ssize_t i
    cdef double bits
    cdef double* at
    if not left.shape[0] == right.shape[0] == weight.shape[0] == kept.shape[0]:
        raise ValueError(f"expected {left.shape[0]} links everywhere")
    with nogil:
        for i in range(left.shape[0]):
            bits = weight[i]
            at = &inside[left[i]] if kept[i] else &outside[left[i]]
            at[0] = bits if bits > at[0] else at[0]
            at = &inside[right[i]] if kept[i] else &outside[right[i]]
            at[0] = bits if bits > at[0] else at[0]


def distinct_within(const int64_t[::1] starts, const int32_t[::1] members, const int32_t[::1] codes,
                    int32_t[::1] out, int32_t[::1] known):
    """Counts the different values of another column inside each group, and how many of the group have one."""
    cdef int64_t g, i
    cdef int32_t code, last, count
    cdef vector[int32_t] values
    with nogil:
        for g in range(starts.shape[0] - 1):
            values.clear()
            for i in range(starts[g], starts[g + 1]):
                if i + AHEAD < members.shape[0]:
                    cxm_prefetch(&codes[members[i + AHEAD]])
                if codes[members[i]] >= 0:
                    values.push_back(codes[members[i]])
            known[g] = <int32_t>values.size()
            if values.size() > 1:
                sort(values.begin(), values.end())
            count = 0
            last = -1
            for code in values:
                if code != last:
                    count += 1
                    last = code
            out[g] = count


def codes_in_turn(const int64_t[::1] starts, const int32_t[::1] members, const int32_t[::1] codes,
                  int32_t[::1] firsts, int32_t[::1] out):
    """Lists the codes of another column inside each group, leaving out what was listed just before."""
    cdef int64_t g, i
    cdef int32_t code, last, total = 0
    if firsts.shape[0] != starts.shape[0] or out.shape[0] < members.shape[0]:
        raise ValueError(f"expected room for {starts.shape[0] - 1} groups and {members.shape[0]} codes")
    with nogil:
        for g in range(starts.shape[0] - 1):
            firsts[g] = total
            last = -1
            for i in range(starts[g], starts[g + 1]):
                if i + AHEAD < members.shape[0]:
                    cxm_prefetch(&codes[members[i + AHEAD]])
                code = codes[members[i]]
                out[total] = code
                total += code != last
                last = code
        firsts[starts.shape[0] - 1] = total
    return total
