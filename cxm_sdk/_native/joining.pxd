"""Records of a group joined while two clusters look like one person; shared by inclusion, not at run time."""

from libc.math cimport exp2, log1p
from libc.stdint cimport int32_t, int64_t, uint8_t

from cxm_sdk._native.cluster cimport Barriers, forbidden
from cxm_sdk._native.profiles cimport ALIKE, BEST, BEST_ALONE, HOUSEHOLD, LANES, MATCH, Evidence


cdef inline double log2_of_sum(double x) noexcept nogil:
    # log2(1 + 2 ** x), which sums two likelihoods given in bits.
    return x if x > 60.0 else log1p(exp2(x)) * 1.4426950408889634


cdef inline bint clusters_apart(int64_t size, const int32_t* rows, const int32_t* owner, int32_t a, int32_t b,
                                const Barriers* barriers) noexcept nogil:
    cdef int64_t i, j
    for i in range(size):
        for j in range(size):
            if owner[i] == a and owner[j] == b and forbidden(rows[i], rows[j], barriers):
                return True
    return False


cdef struct Group:
    # The clusters of one group of records. What is known of two clusters is kept for each comparison and, last, for the
    # prior: bits summed over the pairs that can tell, by lane, and the number of those pairs. Clusters are named after
    # their smallest place; a table is filled where the first name is the smaller one.
    # A pair that cannot tell is expected to be worth what those that can are, and with the chance ``astray`` nothing.
    # Where people have several values the bits are those of the best pair, and its number is 1; those of the best pair
    # beside the sum, where it only counts alone, are in ``top``, which is NULL where there are none.
    # Weights up to ``cut`` join nothing, so of those nobody asks by how much they are below it.
    int64_t size
    double cut
    Py_ssize_t terms
    const uint8_t* several
    Py_ssize_t kinds
    double astray
    double* bits
    double* top
    int32_t* known
    double* weight
    int32_t* owner
    int32_t* count


cdef inline bint only_contacts(const Group* group, int64_t at) noexcept nogil:
    # Whether all that is known of two clusters is what people have several of, such as a phone.
    cdef Py_ssize_t term
    for term in range(group.terms - 1):
        if group.known[at + term] and group.several[term] != BEST_ALONE:
            return False
    return True


cdef inline double weight_of(const Group* group, const double* total) noexcept nogil:
    # A home can only take weight.
    cdef double household = total[HOUSEHOLD]
    cdef Py_ssize_t lane
    if total[MATCH] <= group.cut:
        return total[MATCH]
    for lane in range(ALIKE, ALIKE + group.kinds):
        household += log2_of_sum(total[lane] - household)
    return total[MATCH] - log2_of_sum(household)


cdef inline double weigh_clusters(const Group* group, int64_t a, int64_t b) noexcept nogil:
    cdef double[LANES] total
    cdef Py_ssize_t term, lane
    cdef int64_t at = (a * group.size + b) * group.terms
    cdef int32_t pairs = group.known[at + group.terms - 1]  # every pair has a prior
    cdef double heard
    cdef const double* told
    cdef bint alone = group.top != NULL and only_contacts(group, at)
    for lane in range(LANES):
        total[lane] = 0.0
    for term in range(group.terms):
        if group.known[at + term]:
            heard = 1.0
            told = group.bits + (at + term) * LANES
            if alone and group.several[term] == BEST_ALONE:
                told = group.top + (at + term) * LANES
            elif group.several[term] != BEST:
                heard = group.known[at + term] / (1.0 - group.astray * (pairs - group.known[at + term]) / pairs)
            for lane in range(LANES):
                total[lane] += told[lane] / heard
    return weight_of(group, total)


cdef inline void copy_bits(double* into, const double* bits) noexcept nogil:
    cdef Py_ssize_t lane
    for lane in range(LANES):
        into[lane] = bits[lane]


cdef inline void weigh_pair(const Group* group, int64_t a, int64_t b, Evidence evidence, const uint8_t* levels,
                            const double* adjustments, bint across) noexcept nogil:
    cdef Py_ssize_t c, k, lane
    cdef int64_t at = (a * group.size + b) * group.terms
    cdef double* bits = group.bits + at * LANES
    cdef double[LANES] total
    for c in range(evidence.width):
        group.known[at + c] = levels[c] != 0
        for lane in range(LANES):
            bits[c * LANES + lane] = evidence.levels[(c * evidence.most + levels[c]) * LANES + lane]
    for k in range(<Py_ssize_t>evidence.columns.size()):
        if adjustments[k] != 0.0:
            c = evidence.columns[k]
            for lane in range(LANES):
                bits[c * LANES + lane] += adjustments[k] * evidence.shares[k * LANES + lane]
    if group.top != NULL:
        for c in range(evidence.width):
            if group.several[c] == BEST_ALONE:
                copy_bits(group.top + (at + c) * LANES, bits + c * LANES)
    group.known[at + evidence.width] = 1
    for lane in range(LANES):
        total[lane] = 0.0
        bits[evidence.width * LANES + lane] = evidence.priors[across * LANES + lane]
    # One pair that knows a value says of it what it says; there is nobody to share its word with.
    for c in range(evidence.width + 1):
        if group.known[at + c]:
            for lane in range(LANES):
                total[lane] += bits[c * LANES + lane]
    group.weight[a * group.size + b] = weight_of(group, total)


cdef inline void join_clusters(const Group* group, int64_t a, int64_t b) noexcept nogil:
    # Cluster b goes into a, and what either knows of a third is put together.
    cdef int64_t c, into, at
    cdef Py_ssize_t term, lane
    cdef double* ours
    cdef const double* theirs
    cdef const double* best
    for c in range(group.size):
        if group.owner[c] == b:
            group.owner[c] = <int32_t>a
    group.count[a] += group.count[b]
    group.count[b] = 0
    for c in range(group.size):
        if c == a or group.count[c] == 0:
            continue
        into = (min(a, c) * group.size + max(a, c)) * group.terms
        at = (min(b, c) * group.size + max(b, c)) * group.terms
        for term in range(group.terms):
            ours = group.bits + (into + term) * LANES
            theirs = group.bits + (at + term) * LANES
            if group.top != NULL and group.several[term] == BEST_ALONE and group.known[at + term]:
                best = group.top + (at + term) * LANES
                if not group.known[into + term] or best[MATCH] > group.top[(into + term) * LANES + MATCH]:
                    copy_bits(group.top + (into + term) * LANES, best)
            if group.several[term] != BEST:
                group.known[into + term] += group.known[at + term]
                for lane in range(LANES):
                    ours[lane] += theirs[lane]
            elif group.known[at + term] and (not group.known[into + term] or theirs[MATCH] > ours[MATCH]):
                group.known[into + term] = 1
                copy_bits(ours, theirs)
        group.weight[min(a, c) * group.size + max(a, c)] = weigh_clusters(group, min(a, c), max(a, c))


cdef inline void join_group(const Group* group, const int32_t* rows, double cut,
                            const Barriers* barriers) noexcept nogil:
    cdef int64_t i, j, a, b
    cdef double best
    while True:
        best = cut
        a = -1
        b = -1
        for i in range(group.size):
            if group.count[i] == 0:
                continue
            for j in range(i + 1, group.size):
                if group.count[j] != 0 and group.weight[i * group.size + j] > best:
                    best = group.weight[i * group.size + j]
                    a = i
                    b = j
        if a < 0:
            return
        if clusters_apart(group.size, rows, group.owner, <int32_t>a, <int32_t>b, barriers):
            # Whatever joins either of them is kept apart from the other as well.
            group.weight[a * group.size + b] = -1e300
            continue
        join_clusters(group, a, b)
