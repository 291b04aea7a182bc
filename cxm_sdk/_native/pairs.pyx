"""Candidate pairs from blocks, each pair once, and counts of the agreement patterns they show.

``pairs.pyi`` says what each function takes and gives.
"""

cimport cython
from cython.operator cimport dereference, preincrement
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector

import array

cdef extern from "prefetch.hpp":
    void cxm_prefetch(const void* p) noexcept nogil


cdef enum:
    AHEAD = 24  # what lies anywhere in memory is asked for so many steps before it is needed


cdef inline bint shares_single(const int32_t* a, const int32_t* b, Py_ssize_t columns) noexcept nogil:
    # Without a branch, so that compilers compare several columns at once.
    cdef Py_ssize_t i
    cdef int hit = 0
    for i in range(columns):
        hit |= (a[i] == b[i]) & (a[i] >= 0)
    return hit


cdef inline int32_t shared_block(const int32_t* a, const int32_t* b, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    # The smallest block that two records share in the slots of one rule, -1 for none.
    cdef Py_ssize_t i, j
    cdef int32_t found = -1
    for i in range(first, last):
        if a[i] < 0:
            continue
        for j in range(first, last):
            if a[i] == b[j] and (found < 0 or a[i] < found):
                found = a[i]
    return found


def generate(const int32_t[:, ::1] blocks, const int32_t[::1] slots, Py_ssize_t rule, const int32_t[::1] members,
             const int64_t[::1] starts, int64_t first_block, int64_t last_block, bint with_rules, int32_t[::1] left,
             int32_t[::1] right, uint32_t[::1] rules):
    """Writes the pairs of some blocks of one rule that belong to it: no earlier rule holds them."""
    cdef Py_ssize_t i, j, k, q, width = blocks.shape[1], total = slots.shape[0] - 1
    cdef int64_t b, n = 0
    cdef int32_t first = slots[rule], last = slots[rule + 1], one, other
    cdef const int32_t* table = &blocks[0, 0] if blocks.shape[0] and width else NULL
    cdef const int32_t* x
    cdef const int32_t* y
    cdef uint32_t mask
    cdef bint earlier
    cdef int64_t ahead, end = starts[last_block] if last_block > first_block else 0
    cdef bint several_slots = last - first > 1
    cdef Py_ssize_t read = width if with_rules else last if several_slots else first
    cdef vector[Py_ssize_t] several  # earlier rules of several slots
    for q in range(rule):
        if slots[q + 1] - slots[q] > 1:
            several.push_back(q)
    with nogil:
        for b in range(first_block, last_block):
            for i in range(starts[b], starts[b + 1]):
                one = members[i]
                x = table + one * width
                ahead = i + 12
                if read and ahead < end:
                    # Only blocks of earlier rules are looked at, and of this one where it has several slots.
                    y = table + members[ahead] * width
                    cxm_prefetch(y)
                    cxm_prefetch(y + read - 1)
                for j in range(i + 1, starts[b + 1]):
                    other = members[j]
                    y = table + other * width
                    # Where every slot of a rule is compared with itself first, most repeats end here.
                    earlier = shares_single(x, y, first)
                    for k in range(<Py_ssize_t>several.size()):
                        if earlier:
                            break
                        q = several[k]
                        earlier = shared_block(x, y, slots[q], slots[q + 1]) >= 0
                    if earlier or (several_slots and shared_block(x, y, first, last) != b):
                        continue
                    left[n] = one
                    right[n] = other
                    if with_rules:
                        mask = (<uint32_t>1) << rule
                        for q in range(rule + 1, total):
                            if shared_block(x, y, slots[q], slots[q + 1]) >= 0:
                                mask |= (<uint32_t>1) << q
                        rules[n] = mask
                    n += 1
    return n


def pairs_within(const int64_t[::1] starts, const int32_t[::1] members, int32_t[::1] left, int32_t[::1] right):
    """Writes every pair inside each group."""
    cdef int64_t g, i, j, n = 0
    with nogil:
        for g in range(starts.shape[0] - 1):
            for i in range(starts[g], starts[g + 1]):
                for j in range(i + 1, starts[g + 1]):
                    left[n] = members[i]
                    right[n] = members[j]
                    n += 1
    return n


cdef extern from *:
    """
    #include <cstddef>
    #include <cstdint>
    struct PatternKey {
        uint64_t levels;
        uint64_t origin;
        bool operator==(const PatternKey &o) const { return levels == o.levels && origin == o.origin; }
    };
    namespace std {
    template <> struct hash<PatternKey> {
        size_t operator()(const PatternKey &k) const {
            uint64_t x = k.levels * 0x9E3779B97F4A7C15ull + k.origin;
            x ^= x >> 32; x *= 0xD6E8FEB86659FD93ull; x ^= x >> 32;
            return static_cast<size_t>(x);
        }
    };
    }
    """
    cdef cppclass PatternKey:
        uint64_t levels
        uint64_t origin


@cython.final
cdef class PatternCounts:
    """How often each combination of levels, rules and group occurs among pairs."""

    cdef unordered_map[PatternKey, int64_t] counts
    cdef int64_t[::1] radices

    def __init__(self, const int64_t[::1] radices):
        self.radices = array.array("q", radices)

    def add(self, const uint8_t[:, ::1] levels, const uint32_t[::1] rules, const uint8_t[::1] group):
        """Counts a chunk of pairs."""
        cdef Py_ssize_t i, c, n = levels.shape[0], width = levels.shape[1]
        cdef PatternKey key
        with nogil:
            for i in range(n):
                key.levels = 0
                for c in range(width):
                    key.levels = key.levels * <uint64_t>self.radices[c] + levels[i, c]
                key.origin = ((<uint64_t>group[i]) << 32) | rules[i]
                self.counts[key] += 1

    def items(self):
        """Returns what was counted."""
        cdef unordered_map[PatternKey, int64_t].iterator it = self.counts.begin()
        levels, origin, count = array.array("Q"), array.array("Q"), array.array("q")
        while it != self.counts.end():
            levels.append(dereference(it).first.levels)
            origin.append(dereference(it).first.origin)
            count.append(dereference(it).second)
            preincrement(it)
        return levels, origin, count

    def __reduce__(self):
        raise TypeError("PatternCounts cannot be pickled; pass on what items() gives")


cdef extern from *:
    """
    #include <cstdint>
    #include <cstring>
    #include <vector>
    // Stable sort of positions by 64-bit key: four passes of 16 bits, passes where all keys agree are skipped.
    static void sort_positions(const uint64_t *keys, int32_t *order, int64_t n) {
        std::vector<int32_t> spare(static_cast<size_t>(n));
        std::vector<int64_t> counts(4 * 65536, 0);
        for (int64_t i = 0; i < n; ++i)
            for (int p = 0; p < 4; ++p) ++counts[p * 65536 + ((keys[i] >> (16 * p)) & 0xFFFF)];
        int32_t *from = order, *to = spare.data();
        for (int64_t i = 0; i < n; ++i) from[i] = static_cast<int32_t>(i);
        for (int p = 0; p < 4; ++p) {
            int64_t *count = counts.data() + p * 65536, sum = 0;
            bool single = false;
            for (int d = 0; d < 65536; ++d) {
                if (count[d] == n) { single = true; break; }
                int64_t c = count[d]; count[d] = sum; sum += c;
            }
            if (single) continue;
            for (int64_t i = 0; i < n; ++i) to[count[(keys[from[i]] >> (16 * p)) & 0xFFFF]++] = from[i];
            int32_t *t = from; from = to; to = t;
        }
        if (from != order) std::memcpy(order, from, static_cast<size_t>(n) * sizeof(int32_t));
    }
    """
    void sort_positions(const uint64_t* keys, int32_t* order, int64_t n) except + nogil


def key_order(const uint64_t[::1] keys, int32_t[::1] order):
    """Stable order of 64-bit keys."""
    if keys.shape[0]:
        with nogil:
            sort_positions(&keys[0], &order[0], keys.shape[0])


cdef inline uint64_t mixed(uint64_t key, uint64_t part) noexcept nogil:
    # The finaliser of SplitMix64 over the running key; wrap-around is meant.
    cdef uint64_t x = key + part * <uint64_t>0x9E3779B97F4A7C15
    x = (x ^ (x >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    x = (x ^ (x >> 27)) * <uint64_t>0x94D049BB133111EB
    x ^= x >> 31
    return x if x != 0 else 1


cdef inline uint64_t extended(uint64_t key, uint64_t part) noexcept nogil:
    # Without a branch, as no processor can guess which records have a part.
    return mixed(key, part) & -<uint64_t>((part != 0) & (key != 0))


cdef enum:
    TILE = 1024  # keys that stay in the fastest cache while all their parts are mixed in


cdef struct KeyPart:
    # Where a part of a key is read: the value of each record, and what the key takes of each value, NULL for all of it.
    const int32_t* codes
    const uint64_t* values


cdef void mix_part(const KeyPart* part, const int32_t* rows, Py_ssize_t first, Py_ssize_t last, Py_ssize_t n,
                   uint64_t* keys) noexcept nogil:
    cdef Py_ssize_t i
    cdef const int32_t* codes = part.codes
    cdef const uint64_t* values = part.values
    if rows == NULL and values == NULL:
        for i in range(first, last):
            keys[i] = extended(keys[i], <uint64_t>(codes[i] + 1))
    elif rows == NULL:
        for i in range(first, last):
            if keys[i] != 0:  # values lie anywhere, so those that come to nothing are not waited for
                keys[i] = extended(keys[i], values[codes[i]] if codes[i] >= 0 else 0)
    else:
        for i in range(first, last):
            if i + AHEAD < n:
                cxm_prefetch(&codes[rows[i + AHEAD]])
            if values == NULL:
                keys[i] = extended(keys[i], <uint64_t>(codes[rows[i]] + 1))
            elif keys[i] != 0:
                keys[i] = extended(keys[i], values[codes[rows[i]]] if codes[rows[i]] >= 0 else 0)


def make_keys(list codes, list parts, const int32_t[::1] rows, uint64_t[::1] keys):
    """Mixes the parts of every record, or of some, into keys."""
    cdef Py_ssize_t k, first = 0, last, n = keys.shape[0]
    cdef bint every = rows.shape[0] == 0
    cdef uint64_t nothing = 0
    cdef KeyPart part
    cdef vector[KeyPart] found
    cdef const int32_t* some = NULL
    cdef const int32_t[::1] own
    cdef const uint64_t[::1] values
    if len(codes) != len(parts):
        raise ValueError(f"expected as many columns of codes as of parts, got {len(codes)} and {len(parts)}")
    for own, values in zip(codes, parts):
        if (own if every else rows).shape[0] != n:
            raise ValueError(f"expected codes or rows for {n} keys")
        if n == 0:
            return
        # The lists keep the arrays.
        part.codes = &own[0]
        part.values = NULL
        if values is not None:
            part.values = &nothing
            if values.shape[0]:
                part.values = &values[0]
        found.push_back(part)
    if not every:
        some = &rows[0]
    with nogil:
        while first < n:
            last = min(first + TILE, n)
            for k in range(first, last):
                keys[k] = 1
            for k in range(<Py_ssize_t>found.size()):
                mix_part(&found[k], some, first, last, n, &keys[0])
            first = last


def draw_values(parts, uint32_t limit, uint8_t[::1] drawn):
    """Marks the values whose keys, made of one part, lie below a limit by their upper half."""
    cdef Py_ssize_t i
    cdef uint64_t key
    cdef const uint64_t[::1] values
    cdef const uint64_t* own = NULL
    if parts is not None:
        values = parts
        if values.shape[0] != drawn.shape[0]:
            raise ValueError(f"expected parts of {drawn.shape[0]} values, got {values.shape[0]}")
        own = &values[0] if values.shape[0] else NULL
    with nogil:
        for i in range(drawn.shape[0]):
            key = extended(1, <uint64_t>(i + 1) if own == NULL else own[i])
            drawn[i] = (key != 0) & (key >> 32 < limit)


def count_keys(const uint64_t[::1] keys, uint16_t[::1] counters):
    """Counts keys by their lowest bits: an upper bound of how often each key occurs."""
    cdef Py_ssize_t i, n = keys.shape[0]
    cdef uint64_t mask = counters.shape[0] - 1
    cdef uint16_t* counter
    with nogil:
        for i in range(n):
            if i + AHEAD < n:
                cxm_prefetch(&counters[keys[i + AHEAD] & mask])
            counter = &counters[keys[i] & mask]
            counter[0] += (keys[i] != 0) & (counter[0] != 0xFFFF)


def mark_rule(const uint64_t[::1] left_keys, const uint64_t[::1] right_keys, const uint16_t[::1] counters,
              uint32_t largest, uint32_t bit, uint32_t[::1] rules):
    """Sets a bit for the pairs that share a key of a rule in a block that is not too large."""
    cdef Py_ssize_t i, n = rules.shape[0]
    cdef uint64_t mask = counters.shape[0] - 1, key
    cdef bint every = counters.shape[0] == 0
    with nogil:
        for i in range(n):
            key = left_keys[i]
            if key != 0 and key == right_keys[i] and (every or counters[key & mask] <= largest):
                rules[i] |= bit


def fill_blocks(const int32_t[::1] members, const int64_t[::1] starts, const int8_t[::1] slots, Py_ssize_t first,
                int32_t[:, ::1] blocks):
    """Writes the block number of every member into its record's row."""
    cdef int64_t b, i
    with nogil:
        for b in range(starts.shape[0] - 1):
            for i in range(starts[b], starts[b + 1]):
                if i + AHEAD < members.shape[0]:
                    cxm_prefetch(&blocks[members[i + AHEAD], first])
                blocks[members[i], first + slots[i]] = <int32_t>b


def mix_codes(const int32_t[::1] codes, uint64_t[::1] keys):
    """Mixes one more code into the key of every record; null counts as a code."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(keys.shape[0]):
            keys[i] = mixed(keys[i], <uint64_t>(<int64_t>codes[i] + 2))
