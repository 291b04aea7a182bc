// Codes of a batch of pairs, column by column, and what can be said of many of them at once.
//
// A column holds CXM_BATCH codes, -1 for null. Answers come as bits, one for each of 64 pairs.
#ifndef CXM_COLUMNS_HPP
#define CXM_COLUMNS_HPP

#include <cstddef>
#include <cstdint>

// The checked build takes the plain loops, so that both ways are tested.
#if defined(NDEBUG) && (defined(__SSE2__) || defined(_M_X64))
#include <emmintrin.h>
#define CXM_SSE2
#if defined(__SSSE3__)
#include <tmmintrin.h>
#define CXM_SSSE3
#endif
#endif
#if defined(_MSC_VER)
#include <intrin.h>
#endif

enum { CXM_BATCH = 256 };

static inline int cxm_lowest(uint64_t bits) {
#if defined(_MSC_VER)
    unsigned long at;
    _BitScanForward64(&at, bits);
    return static_cast<int>(at);
#else
    return __builtin_ctzll(bits);
#endif
}

// Copies the rows of a table into columns, and fills up with null what is left of them.
static inline void cxm_gather(const int32_t *table, ptrdiff_t columns, const int32_t *rows, ptrdiff_t n, int32_t *out) {
    ptrdiff_t i = 0;
#if defined(CXM_SSE2)
    for (; i + 4 <= n; i += 4) {
        const int32_t *a = table + rows[i] * columns, *b = table + rows[i + 1] * columns;
        const int32_t *c = table + rows[i + 2] * columns, *d = table + rows[i + 3] * columns;
        int32_t *to = out + i;
        ptrdiff_t k = 0;
        for (; k + 4 <= columns; k += 4, to += 4 * CXM_BATCH) {
            __m128i p = _mm_loadu_si128(reinterpret_cast<const __m128i *>(a + k));
            __m128i q = _mm_loadu_si128(reinterpret_cast<const __m128i *>(b + k));
            __m128i r = _mm_loadu_si128(reinterpret_cast<const __m128i *>(c + k));
            __m128i s = _mm_loadu_si128(reinterpret_cast<const __m128i *>(d + k));
            __m128i t = _mm_unpacklo_epi32(p, q), u = _mm_unpacklo_epi32(r, s);
            __m128i v = _mm_unpackhi_epi32(p, q), w = _mm_unpackhi_epi32(r, s);
            _mm_storeu_si128(reinterpret_cast<__m128i *>(to), _mm_unpacklo_epi64(t, u));
            _mm_storeu_si128(reinterpret_cast<__m128i *>(to + CXM_BATCH), _mm_unpackhi_epi64(t, u));
            _mm_storeu_si128(reinterpret_cast<__m128i *>(to + 2 * CXM_BATCH), _mm_unpacklo_epi64(v, w));
            _mm_storeu_si128(reinterpret_cast<__m128i *>(to + 3 * CXM_BATCH), _mm_unpackhi_epi64(v, w));
        }
        for (; k < columns; ++k, to += CXM_BATCH) {
            to[0] = a[k];
            to[1] = b[k];
            to[2] = c[k];
            to[3] = d[k];
        }
    }
#endif
    for (; i < n; ++i)
        for (ptrdiff_t k = 0; k < columns; ++k) out[k * CXM_BATCH + i] = table[rows[i] * columns + k];
    for (; i < CXM_BATCH; ++i)
        for (ptrdiff_t k = 0; k < columns; ++k) out[k * CXM_BATCH + i] = -1;
}

#if defined(CXM_SSE2)
// 16 codes on both sides: a byte of ones where they are equal, and where one of them is null.
static inline void cxm_sixteen(const int32_t *a, const int32_t *b, __m128i *equal, __m128i *missing) {
    __m128i same[4], either[4];
    for (int j = 0; j < 4; ++j) {
        __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i *>(a + 4 * j));
        __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i *>(b + 4 * j));
        same[j] = _mm_cmpeq_epi32(x, y);
        either[j] = _mm_or_si128(x, y);
    }
    // Packing keeps the sign.
    *equal = _mm_packs_epi16(_mm_packs_epi32(same[0], same[1]), _mm_packs_epi32(same[2], same[3]));
    *missing = _mm_cmpgt_epi8(
        _mm_setzero_si128(),
        _mm_packs_epi16(_mm_packs_epi32(either[0], either[1]), _mm_packs_epi32(either[2], either[3]))
    );
}
#endif

// Which of 64 pairs have equal codes; null equals nothing.
static inline uint64_t cxm_same(const int32_t *a, const int32_t *b) {
    uint64_t found = 0;
#if defined(CXM_SSE2)
    for (int i = 0; i < 64; i += 16) {
        __m128i equal, missing;
        cxm_sixteen(a + i, b + i, &equal, &missing);
        found |= static_cast<uint64_t>(_mm_movemask_epi8(_mm_andnot_si128(missing, equal))) << i;
    }
#else
    for (int i = 0; i < 64; ++i) found |= static_cast<uint64_t>((a[i] >= 0) & (a[i] == b[i])) << i;
#endif
    return found;
}

// Which of 64 pairs have a code on both sides.
static inline uint64_t cxm_told(const int32_t *a, const int32_t *b) {
    uint64_t found = 0;
#if defined(CXM_SSE2)
    for (int i = 0; i < 64; i += 16) {
        __m128i equal, missing;
        cxm_sixteen(a + i, b + i, &equal, &missing);
        found |= static_cast<uint64_t>(_mm_movemask_epi8(missing) ^ 0xFFFF) << i;
    }
#else
    for (int i = 0; i < 64; ++i) found |= static_cast<uint64_t>((a[i] | b[i]) >= 0) << i;
#endif
    return found;
}

// Raises the levels of 64 pairs, to `exact` where codes are equal and to 1 where they differ. Tells which differ and
// are not exact already.
static inline uint64_t cxm_raise(const int32_t *a, const int32_t *b, uint8_t exact, uint8_t *levels) {
    uint64_t found = 0;
#if defined(CXM_SSE2)
    const __m128i most = _mm_set1_epi8(static_cast<char>(exact)), one = _mm_set1_epi8(1);
    for (int i = 0; i < 64; i += 16) {
        __m128i equal, missing, level, done;
        __m128i *at = reinterpret_cast<__m128i *>(levels + i);
        cxm_sixteen(a + i, b + i, &equal, &missing);
        level = _mm_and_si128(equal, most);
        level = _mm_andnot_si128(missing, _mm_max_epu8(level, one));
        level = _mm_max_epu8(level, _mm_loadu_si128(at));
        _mm_storeu_si128(at, level);
        done = _mm_or_si128(missing, _mm_cmpeq_epi8(_mm_max_epu8(level, most), level));
        found |= static_cast<uint64_t>(_mm_movemask_epi8(done) ^ 0xFFFF) << i;
    }
#else
    for (int i = 0; i < 64; ++i) {
        if ((a[i] | b[i]) < 0) continue;
        uint8_t level = a[i] == b[i] ? exact : 1;
        if (level > levels[i]) levels[i] = level;
        if (levels[i] < exact) found |= static_cast<uint64_t>(1) << i;
    }
#endif
    return found;
}

// Writes columns of bytes, CXM_BATCH places each, as rows that lie one behind the other.
static inline void cxm_rows(const uint8_t *columns, ptrdiff_t width, ptrdiff_t n, uint8_t *out) {
    ptrdiff_t i = 0;
#if defined(CXM_SSE2)
    // Eight columns of sixteen rows at a time, the last columns first. What is written behind the end of a row belongs
    // to the first columns of the next, which come later; the last rows are left to the plain loop.
    for (; i + 24 <= n; i += 16) {
        for (ptrdiff_t c = (width - 1) / 8 * 8; c >= 0; c -= 8) {
            __m128i r[8], s[8];
            for (int k = 0; k < 8; ++k)
                r[k] = c + k < width
                           ? _mm_loadu_si128(reinterpret_cast<const __m128i *>(columns + (c + k) * CXM_BATCH + i))
                           : _mm_setzero_si128();
            for (int k = 0; k < 4; ++k) {
                s[k] = _mm_unpacklo_epi8(r[k], r[k + 4]);
                s[k + 4] = _mm_unpackhi_epi8(r[k], r[k + 4]);
            }
            for (int half = 0; half < 8; half += 4) {
                const __m128i p = _mm_unpacklo_epi8(s[half], s[half + 2]), q = _mm_unpackhi_epi8(s[half], s[half + 2]);
                const __m128i t = _mm_unpacklo_epi8(s[half + 1], s[half + 3]);
                const __m128i u = _mm_unpackhi_epi8(s[half + 1], s[half + 3]);
                r[half] = _mm_unpacklo_epi8(p, t);
                r[half + 1] = _mm_unpackhi_epi8(p, t);
                r[half + 2] = _mm_unpacklo_epi8(q, u);
                r[half + 3] = _mm_unpackhi_epi8(q, u);
            }
            uint8_t *to = out + i * width + c;
            for (int k = 0; k < 8; ++k, to += 2 * width) {
                _mm_storel_epi64(reinterpret_cast<__m128i *>(to), r[k]);
                _mm_storel_epi64(reinterpret_cast<__m128i *>(to + width), _mm_unpackhi_epi64(r[k], r[k]));
            }
        }
    }
#endif
    for (; i < n; ++i)
        for (ptrdiff_t c = 0; c < width; ++c) out[i * width + c] = columns[c * CXM_BATCH + i];
}

// Which of 64 levels are among those asked for: `wanted` has a byte of ones for them, in so many pieces of 16.
static inline uint64_t cxm_among(const uint8_t *levels, const uint8_t *wanted, int pieces) {
    uint64_t found = 0;
#if defined(CXM_SSSE3)
    for (int i = 0; i < 64; i += 16) {
        const __m128i level = _mm_loadu_si128(reinterpret_cast<const __m128i *>(levels + i));
        __m128i chosen = _mm_setzero_si128();
        for (int k = 0; k < pieces; ++k) {
            const __m128i piece = _mm_loadu_si128(reinterpret_cast<const __m128i *>(wanted + 16 * k));
            // Levels of other pieces get bit 7, which means none.
            const __m128i inside = _mm_adds_epu8(
                _mm_xor_si128(level, _mm_set1_epi8(static_cast<char>(16 * k))), _mm_set1_epi8(0x70)
            );
            chosen = _mm_or_si128(chosen, _mm_shuffle_epi8(piece, inside));
        }
        found |= static_cast<uint64_t>(_mm_movemask_epi8(chosen)) << i;
    }
#else
    for (int i = 0; i < 64; ++i)
        if (levels[i] < 16 * pieces) found |= static_cast<uint64_t>(wanted[levels[i]] != 0) << i;
#endif
    return found;
}

// Sums four lanes for each of 64 pairs: of the first prior where its bit is set and else of the second, and for each
// column those of its level, `step` numbers further in `table` for the next.
static inline void cxm_sum_levels(
    const uint8_t *levels, ptrdiff_t width, const double *table, ptrdiff_t step, uint64_t bits, const double *priors,
    double *out
) {
#if defined(CXM_SSE2)
    for (int i = 0; i < 64; i += 4, bits >>= 4, out += 16) {
        __m128d low[4], high[4];
        for (int k = 0; k < 4; ++k) {
            const double *first = priors + ((bits >> k) & 1 ? 0 : 4);
            low[k] = _mm_loadu_pd(first);
            high[k] = _mm_loadu_pd(first + 2);
        }
        const uint8_t *level = levels + i;
        const double *row = table;
        for (ptrdiff_t c = 0; c < width; ++c, level += CXM_BATCH, row += step)
            for (int k = 0; k < 4; ++k) {
                const double *lanes = row + 4 * static_cast<size_t>(level[k]);
                low[k] = _mm_add_pd(low[k], _mm_loadu_pd(lanes));
                high[k] = _mm_add_pd(high[k], _mm_loadu_pd(lanes + 2));
            }
        for (int k = 0; k < 4; ++k) {
            _mm_storeu_pd(out + 4 * k, low[k]);
            _mm_storeu_pd(out + 4 * k + 2, high[k]);
        }
    }
#else
    for (int i = 0; i < 64; ++i)
        for (int lane = 0; lane < 4; ++lane) {
            double sum = priors[((bits >> i) & 1 ? 0 : 4) + lane];
            for (ptrdiff_t c = 0; c < width; ++c) sum += table[c * step + 4 * levels[c * CXM_BATCH + i] + lane];
            out[4 * i + lane] = sum;
        }
#endif
}

// Writes one value for those of 64 pairs whose bit is set.
static inline void cxm_put(uint64_t bits, uint8_t value, uint8_t *out) {
#if defined(CXM_SSE2)
    const __m128i each = _mm_set1_epi64x(static_cast<int64_t>(0x8040201008040201ull));
    const __m128i values = _mm_set1_epi8(static_cast<char>(value));
    for (int i = 0; i < 64; i += 16) {
        __m128i *at = reinterpret_cast<__m128i *>(out + i);
        __m128i spread = _mm_unpacklo_epi64(
            _mm_set1_epi8(static_cast<char>(bits >> i)), _mm_set1_epi8(static_cast<char>(bits >> (i + 8)))
        );
        __m128i chosen = _mm_cmpeq_epi8(_mm_and_si128(spread, each), each);
        __m128i rest = _mm_andnot_si128(chosen, _mm_loadu_si128(at));
        _mm_storeu_si128(at, _mm_or_si128(rest, _mm_and_si128(chosen, values)));
    }
#else
    for (int i = 0; i < 64; ++i)
        if ((bits >> i) & 1) out[i] = value;
#endif
}

#endif
