// Sorts rows of text bytewise, eight bytes at a time.
#ifndef CXM_SORT_ROWS_HPP
#define CXM_SORT_ROWS_HPP
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

// One row while sorting: the eight bytes looked at, as a number that orders like they do.
struct CxmSortKey { uint64_t prefix; int32_t row; };

struct CxmRows { const uint8_t* data; const int32_t* starts; const int32_t* stops; };

static inline bool cxm_by_prefix(const CxmSortKey& a, const CxmSortKey& b) {
    return a.prefix != b.prefix ? a.prefix < b.prefix : a.row < b.row;
}

static void cxm_load_prefixes(CxmSortKey* keys, int64_t n, const CxmRows& rows, int32_t depth) {
    for (int64_t i = 0; i < n; ++i) {
        const int32_t row = keys[i].row, size = rows.stops[row] - rows.starts[row] - depth;
        const uint8_t* p = rows.data + rows.starts[row] + depth;
        uint64_t prefix = 0;
        for (int32_t b = 0; b < 8; ++b) prefix = prefix << 8 | (b < size ? p[b] : 0);
        keys[i].prefix = prefix;
    }
}

// Makes prefixes small numbers in the same order: each of their eight places has as many digits as bytes occur
// there, and in ids those are few. Returns how many such numbers there are, or 0 where they would be no smaller.
static uint64_t cxm_pack_prefixes(CxmSortKey* keys, int64_t n) {
    uint8_t seen[8][256] = {};
    for (int64_t i = 0; i < n; ++i)
        for (int b = 0; b < 8; ++b) seen[b][(keys[i].prefix >> (8 * b)) & 0xFF] = 1;
    uint64_t worth[8][256], count = 1;
    for (int b = 0; b < 8; ++b) {
        uint64_t digits = 0;
        for (int byte = 0; byte < 256; ++byte) {
            worth[b][byte] = digits * count;
            digits += seen[b][byte];
        }
        count *= digits;
        if (count >> 44) return 0;
    }
    for (int64_t i = 0; i < n; ++i) {
        uint64_t packed = 0;
        for (int b = 0; b < 8; ++b) packed += worth[b][(keys[i].prefix >> (8 * b)) & 0xFF];
        keys[i].prefix = packed;
    }
    return count;
}

// Stable counting sort of numbers below 2^bits, eleven bits at a time from the last.
static void cxm_radix_sort(CxmSortKey* keys, int64_t n, CxmSortKey* spare, int bits) {
    CxmSortKey *from = keys, *to = spare;
    for (int shift = 0; shift < bits; shift += 11) {
        int64_t counts[2048] = {0};
        for (int64_t i = 0; i < n; ++i) ++counts[(from[i].prefix >> shift) & 2047];
        if (counts[(from[0].prefix >> shift) & 2047] == n) continue;
        int64_t at = 0;
        for (int b = 0; b < 2048; ++b) { const int64_t c = counts[b]; counts[b] = at; at += c; }
        for (int64_t i = 0; i < n; ++i) to[counts[(from[i].prefix >> shift) & 2047]++] = from[i];
        std::swap(from, to);
    }
    if (from != keys) std::memcpy(keys, from, n * sizeof(CxmSortKey));
}

// Sorts by prefix keys that come by row; many files are in the order of their ids already.
static void cxm_sort_prefixes(CxmSortKey* keys, int64_t n, CxmSortKey* spare) {
    if (std::is_sorted(keys, keys + n, cxm_by_prefix)) return;
    if (n <= 512) { std::sort(keys, keys + n, cxm_by_prefix); return; }
    uint64_t most = cxm_pack_prefixes(keys, n);
    int bits = most ? 0 : 64;
    for (; most > 1; most = (most + 1) / 2) ++bits;
    cxm_radix_sort(keys, n, spare, bits);
}

// Sorts rows that agree in their first `depth` bytes; keys come by row. Rows that agree in the next eight bytes
// too are sorted by what follows, after some rounds by whole comparisons, so that long equal texts do not nest.
static void cxm_sort_rows(CxmSortKey* keys, int64_t n, CxmSortKey* spare, const CxmRows& rows, int32_t depth) {
    cxm_load_prefixes(keys, n, rows, depth);
    cxm_sort_prefixes(keys, n, spare);
    for (int64_t i = 0, j; i < n; i = j) {
        int32_t longest = 0;
        for (j = i; j < n && keys[j].prefix == keys[i].prefix; ++j)
            longest = std::max(longest, rows.stops[keys[j].row] - rows.starts[keys[j].row]);
        if (j - i == 1) continue;
        if (longest > depth + 8 && depth < 64) {
            cxm_sort_rows(keys + i, j - i, spare, rows, depth + 8);
            continue;
        }
        std::sort(keys + i, keys + j, [&rows](const CxmSortKey& a, const CxmSortKey& b) {
            const int32_t la = rows.stops[a.row] - rows.starts[a.row];
            const int32_t lb = rows.stops[b.row] - rows.starts[b.row];
            const int c = std::memcmp(rows.data + rows.starts[a.row], rows.data + rows.starts[b.row],
                                      std::min(la, lb));
            return c != 0 ? c < 0 : la != lb ? la < lb : a.row < b.row;
        });
    }
}
#endif
