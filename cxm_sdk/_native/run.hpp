// Runs of rows: numbers that lie anywhere and what is filed under them, in order and densely packed.
#ifndef CXM_RUN_HPP
#define CXM_RUN_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "prefetch.hpp"

using CxmRow = std::pair<int64_t, int64_t>;

static inline uint64_t cxm_leading(const CxmRow &row) { return static_cast<uint64_t>(row.first) ^ 1ULL << 63; }

// Sorts rows, put into parts by their size first, so that each part is sorted in the cache; `spare` has as much room. What
// is few, or has one number in front, is sorted as it is.
static inline void cxm_sort_spread(CxmRow *rows, CxmRow *spare, size_t count) {
    constexpr size_t FEW = 512, OF_A_PART = 128, MOST_PARTS = 4096;
    uint64_t least = UINT64_MAX, most = 0;
    for (size_t i = 0; count > FEW && i < count; ++i) {
        least = std::min(least, cxm_leading(rows[i]));
        most = std::max(most, cxm_leading(rows[i]));
    }
    if (least >= most) return std::sort(rows, rows + count);
    size_t parts = std::min(count / OF_A_PART, MOST_PARTS);
    int shift = 0;
    while ((most - least) >> shift >= parts) ++shift;
    std::vector<size_t> ends(parts + 1, 0);
    for (size_t i = 0; i < count; ++i) ++ends[((cxm_leading(rows[i]) - least) >> shift) + 1];
    for (size_t part = 0; part < parts; ++part) ends[part + 1] += ends[part];
    for (size_t i = 0; i < count; ++i) spare[ends[(cxm_leading(rows[i]) - least) >> shift]++] = rows[i];
    std::copy(spare, spare + count, rows);
    for (size_t part = 0, from = 0; part < parts; from = ends[part++])
        if (ends[part] - from > 1) cxm_sort_spread(rows + from, spare, ends[part] - from);
}

static inline void cxm_sort_rows(std::vector<CxmRow> &rows) {
    std::vector<CxmRow> spare(rows.size() > 1 ? rows.size() : 0);
    if (rows.size() > 1) cxm_sort_spread(rows.data(), spare.data(), rows.size());
}

struct CxmRun {
    static constexpr int BITS = 16;  // of numbers that are looked up in the table, at most
    std::vector<CxmRow> rows;        // ascending
    std::vector<uint32_t> starts;    // where those of the same first bits of numbers start, and one more
    int shift = 0;                   // of the other bits

    size_t first_bits(int64_t key) const { return static_cast<size_t>(cxm_leading({key, 0}) >> shift); }

    // Makes the table anew.
    void look_up_fast() {
        int bits = 1;
        while (bits < BITS && rows.size() >> (bits + 3) > 1) ++bits;
        shift = 64 - bits;
        starts.assign((size_t{1} << bits) + 1, static_cast<uint32_t>(rows.size()));
        for (size_t i = 0, at = 0; i < rows.size(); ++i)
            while (at <= first_bits(rows[i].first)) starts[at++] = static_cast<uint32_t>(i);
    }

    // Where the first row lies that is no smaller, among those of the same first bits.
    size_t place_of(const CxmRow &row) const {
        if (rows.empty()) return 0;
        size_t bits = first_bits(row.first);
        return std::lower_bound(rows.begin() + starts[bits], rows.begin() + starts[bits + 1], row) - rows.begin();
    }

    bool holds(size_t since, const CxmRow &row) const {
        size_t at = place_of(row);
        return at >= since && at < rows.size() && rows[at] == row;
    }

    // Asks for what a search reads first, and for the middle of the rows that it is about, where it begins.
    void fetch_starts(int64_t key) const {
        if (!rows.empty()) cxm_prefetch(&starts[first_bits(key)]);
    }
    void fetch_rows(int64_t key) const {
        if (rows.empty()) return;
        size_t bits = first_bits(key);
        cxm_prefetch(rows.data() + (size_t{starts[bits]} + starts[bits + 1]) / 2);
    }

    // Empties it, and gives its memory back.
    void free() {
        std::vector<CxmRow>().swap(rows);
        std::vector<uint32_t>().swap(starts);
    }
};

#endif
