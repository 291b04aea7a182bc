// SHA-256 (FIPS 180-4), for texts as short as an address or a number.
#ifndef CXM_SHA256_HPP
#define CXM_SHA256_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

static const uint32_t CXM_SHA_START[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                          0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

static const uint32_t CXM_SHA_ROUND[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

static inline uint32_t cxm_rolled(uint32_t x, int by) { return x >> by | x << (32 - by); }

static inline void cxm_sha_step(uint32_t a, uint32_t b, uint32_t c, uint32_t& d, uint32_t e, uint32_t f, uint32_t g,
                                uint32_t& h, uint32_t more) {
    h += (cxm_rolled(e, 6) ^ cxm_rolled(e, 11) ^ cxm_rolled(e, 25)) + (g ^ (e & (f ^ g))) + more;
    d += h;
    h += (cxm_rolled(a, 2) ^ cxm_rolled(a, 13) ^ cxm_rolled(a, 22)) + ((a & b) | (c & (a | b)));
}

static inline void cxm_sha_block(uint32_t *hash, const uint8_t *block) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++)
        w[i] = static_cast<uint32_t>(block[4 * i]) << 24 | static_cast<uint32_t>(block[4 * i + 1]) << 16 |
               static_cast<uint32_t>(block[4 * i + 2]) << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (cxm_rolled(x, 7) ^ cxm_rolled(x, 18) ^ x >> 3) + w[i - 7] +
               (cxm_rolled(y, 17) ^ cxm_rolled(y, 19) ^ y >> 10);
    }
    uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
    uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
    for (int i = 0; i < 64; i += 8) {
        const uint32_t *r = CXM_SHA_ROUND + i, *m = w + i;
        cxm_sha_step(a, b, c, d, e, f, g, h, r[0] + m[0]);
        cxm_sha_step(h, a, b, c, d, e, f, g, r[1] + m[1]);
        cxm_sha_step(g, h, a, b, c, d, e, f, r[2] + m[2]);
        cxm_sha_step(f, g, h, a, b, c, d, e, r[3] + m[3]);
        cxm_sha_step(e, f, g, h, a, b, c, d, r[4] + m[4]);
        cxm_sha_step(d, e, f, g, h, a, b, c, r[5] + m[5]);
        cxm_sha_step(c, d, e, f, g, h, a, b, r[6] + m[6]);
        cxm_sha_step(b, c, d, e, f, g, h, a, r[7] + m[7]);
    }
    const uint32_t found[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; i++) hash[i] += found[i];
}

// The digest of a text in hexadecimal digits.
static inline std::string cxm_sha256(std::string_view text) {
    static const char digits[] = "0123456789abcdef";
    uint32_t h[8];
    uint8_t block[64];
    size_t done = 0, rest;
    uint64_t bits = static_cast<uint64_t>(text.size()) * 8;
    std::memcpy(h, CXM_SHA_START, sizeof(h));
    for (; text.size() - done >= 64; done += 64) cxm_sha_block(h, reinterpret_cast<const uint8_t *>(text.data()) + done);
    rest = text.size() - done;
    std::memset(block, 0, sizeof(block));
    if (rest) std::memcpy(block, text.data() + done, rest);
    block[rest] = 0x80;
    if (rest >= 56) {
        cxm_sha_block(h, block);
        std::memset(block, 0, sizeof(block));
    }
    for (int i = 0; i < 8; i++) block[63 - i] = static_cast<uint8_t>(bits >> (8 * i));
    cxm_sha_block(h, block);
    std::string found(64, '0');
    for (int i = 0; i < 64; i++) found[i] = digits[h[i / 8] >> (28 - 4 * (i % 8)) & 15];
    return found;
}

#endif
