// Jaro-Winkler similarity of two short byte strings, to the last digit as RapidFuzz computes it.
//
// W. E. Winkler, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of Record Linkage"
// (1990). What two texts have in common is counted in one word of bits, one for each place of the shorter loop.
#ifndef CXM_JARO_HPP
#define CXM_JARO_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "columns.hpp"

enum { CXM_JARO_LONGEST = 64 };

// Which places of a text hold a character: bits for CXM_JARO_LONGEST places, a few places at a time.
struct cxm_places {
#if defined(CXM_SSE2)
    __m128i parts[4];
    int count;

    cxm_places(const uint8_t *text, ptrdiff_t n) : count(static_cast<int>((n + 15) / 16)) {
        // What lies behind the text must not be read; what is compared with it is never at those places.
        if (n >= 8 && n <= 16) {
            uint64_t low, high;
            std::memcpy(&low, text, 8);
            std::memcpy(&high, text + n - 8, 8);
            parts[0] = _mm_set_epi64x(static_cast<int64_t>(n == 8 ? 0 : high >> (8 * (16 - n))), static_cast<int64_t>(low));
        } else if (n < 8) {
            uint64_t low = 0;
            if (n >= 4) {
                uint32_t first, last;
                std::memcpy(&first, text, 4);
                std::memcpy(&last, text + n - 4, 4);
                low = first | static_cast<uint64_t>(last) << (8 * (n - 4));
            } else {
                for (ptrdiff_t i = 0; i < n; ++i) low |= static_cast<uint64_t>(text[i]) << (8 * i);
            }
            parts[0] = _mm_set_epi64x(0, static_cast<int64_t>(low));
        } else {
            alignas(16) uint8_t copy[CXM_JARO_LONGEST];
            std::memcpy(copy, text, static_cast<size_t>(n));
            std::memset(copy + n, 0, static_cast<size_t>(16 * count - n));
            for (int k = 0; k < count; ++k) parts[k] = _mm_load_si128(reinterpret_cast<const __m128i *>(copy + 16 * k));
        }
    }

    uint64_t of(uint8_t c) const {
        const __m128i wanted = _mm_set1_epi8(static_cast<char>(c));
        uint64_t found = static_cast<uint64_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(parts[0], wanted)));
        for (int k = 1; k < count; ++k)
            found |= static_cast<uint64_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(parts[k], wanted))) << (16 * k);
        return found;
    }
#else
    const uint8_t *text;
    ptrdiff_t n;

    cxm_places(const uint8_t *text, ptrdiff_t n) : text(text), n(n) {}

    uint64_t of(uint8_t c) const {
        uint64_t found = 0;
        for (ptrdiff_t i = 0; i < n; ++i) found |= static_cast<uint64_t>(text[i] == c) << i;
        return found;
    }
#endif
};

// Similarity of two texts of at most CXM_JARO_LONGEST bytes each.
static inline double cxm_jaro_winkler(const uint8_t *a, ptrdiff_t na, const uint8_t *b, ptrdiff_t nb) {
    if (na == 0 || nb == 0) return na == nb ? 1.0 : 0.0;
    const ptrdiff_t longer = na > nb ? na : nb;
    // Characters match that stand at most so many places apart.
    const ptrdiff_t reach = longer / 2 > 0 ? longer / 2 - 1 : 0;
    const cxm_places places(a, na);
    // A byte of zeros behind the text stands at none of its places.
    const uint64_t inside = na == 64 ? ~static_cast<uint64_t>(0) : (static_cast<uint64_t>(1) << na) - 1;
    uint64_t window = (static_cast<uint64_t>(1) << (reach + 1)) - 1, free = inside, theirs = 0;
    for (ptrdiff_t j = 0; j < nb; ++j) {
        const uint64_t found = places.of(b[j]) & window & free;
        free ^= found & (0 - found);
        theirs |= static_cast<uint64_t>(found != 0) << j;
        window = window << 1 | static_cast<uint64_t>(j < reach);
    }
    uint64_t ours = inside & ~free;
    if (ours == 0) return 0.0;
    ptrdiff_t matches = 0, moved = 0;
    for (; ours != 0; ours &= ours - 1, theirs &= theirs - 1, ++matches) moved += a[cxm_lowest(ours)] != b[cxm_lowest(theirs)];
    const double m = static_cast<double>(matches);
    double similarity = 0.0;
    similarity += m / static_cast<double>(na);
    similarity += m / static_cast<double>(nb);
    similarity += (m - static_cast<double>(moved / 2)) / m;
    similarity /= 3.0;
    if (similarity > 0.7) {
        ptrdiff_t prefix = 0;
        while (prefix < 4 && prefix < na && prefix < nb && a[prefix] == b[prefix]) ++prefix;
        similarity += static_cast<double>(prefix) * 0.1 * (1.0 - similarity);
    }
    return similarity;
}

#endif
