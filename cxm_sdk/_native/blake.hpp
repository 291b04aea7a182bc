// BLAKE2b (RFC 7693) without a key, for texts of a key: most fit one block.

#ifndef CXM_BLAKE_HPP
#define CXM_BLAKE_HPP

#include <cstdint>
#include <cstring>

static const uint64_t CXM_BLAKE_START[8] = {
    0x6A09E667F3BCC908ULL, 0xBB67AE8584CAA73BULL, 0x3C6EF372FE94F82BULL, 0xA54FF53A5F1D36F1ULL,
    0x510E527FADE682D1ULL, 0x9B05688C2B3E6C1FULL, 0x1F83D9ABFB41BD6BULL, 0x5BE0CD19137E2179ULL};

static const uint8_t CXM_BLAKE_ORDER[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};

static inline uint64_t cxm_turned(uint64_t x, int by) { return x >> by | x << (64 - by); }

static inline uint64_t cxm_word(const uint8_t* p) {
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) word |= static_cast<uint64_t>(p[i]) << (8 * i);
    return word;
}

static inline void cxm_mix(uint64_t* v, int a, int b, int c, int d, uint64_t x, uint64_t y) {
    v[a] += v[b] + x;
    v[d] = cxm_turned(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = cxm_turned(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = cxm_turned(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = cxm_turned(v[b] ^ v[c], 63);
}

static inline void cxm_compress(uint64_t* h, const uint8_t* block, uint64_t seen, bool last) {
    uint64_t m[16], v[16];
    for (int i = 0; i < 16; i++) m[i] = cxm_word(block + 8 * i);
    for (int i = 0; i < 8; i++) {
        v[i] = h[i];
        v[i + 8] = CXM_BLAKE_START[i];
    }
    v[12] ^= seen;
    if (last) v[14] = ~v[14];
#if defined(__GNUC__)
#pragma GCC unroll 12
#endif
    for (int round = 0; round < 12; round++) {
        const uint8_t* s = CXM_BLAKE_ORDER[round];
        cxm_mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
        cxm_mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
        cxm_mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
        cxm_mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
        cxm_mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
        cxm_mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
        cxm_mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
        cxm_mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
    }
    for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
}

// The digest of `size` bytes (1 to 64 wanted) as numbers of eight bytes each, the first byte lowest; `person` says in 16
// bytes what it is for, nothing where there is none.
static inline void cxm_blake_words(const uint8_t* data, uint64_t size, unsigned wanted, uint64_t h[8],
                                   const uint64_t* person = nullptr) {
    uint8_t block[128];
    uint64_t done = 0;
    for (int i = 0; i < 8; i++) h[i] = CXM_BLAKE_START[i];
    h[0] ^= 0x01010000ULL ^ wanted;
    if (person != nullptr) {
        h[6] ^= person[0];
        h[7] ^= person[1];
    }
    while (size - done > 128) {
        cxm_compress(h, data + done, done + 128, false);
        done += 128;
    }
    std::memset(block, 0, sizeof(block));
    std::memcpy(block, data + done, size - done);
    cxm_compress(h, block, size, true);
}

// The first eight bytes of such a digest as a number.
static inline uint64_t cxm_blake(const uint8_t* data, uint64_t size, unsigned wanted) {
    uint64_t h[8];
    cxm_blake_words(data, size, wanted, h);
    return h[0];
}

// All bytes of the digest.
static inline void cxm_blake_digest(const uint8_t* data, uint64_t size, unsigned wanted, uint8_t* digest) {
    uint64_t h[8];
    cxm_blake_words(data, size, wanted, h);
    for (unsigned i = 0; i < wanted; i++) digest[i] = static_cast<uint8_t>(h[i / 8] >> (8 * (i % 8)));
}

#endif
