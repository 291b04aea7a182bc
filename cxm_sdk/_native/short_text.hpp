// Short texts in whole words: a number for one, and whether two are the same. No word is read outside a text.
#ifndef CXM_SHORT_TEXT_HPP
#define CXM_SHORT_TEXT_HPP
#include <cstdint>
#include <cstring>

static inline uint64_t cxm_eight(const uint8_t *p) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    return word;
}

static inline uint64_t cxm_four(const uint8_t *p) {
    uint32_t word;
    std::memcpy(&word, p, 4);
    return word;
}

// Less than eight bytes as one number, different for different texts of one length.
static inline uint64_t cxm_few_bytes(const uint8_t *p, int64_t size) {
    if (size >= 4) return cxm_four(p) | cxm_four(p + size - 4) << 32;
    if (size == 0) return 0;
    return static_cast<uint64_t>(p[0]) | static_cast<uint64_t>(p[size >> 1]) << 8 |
           static_cast<uint64_t>(p[size - 1]) << 16;
}

static inline uint64_t cxm_mixed(uint64_t hash, uint64_t word) {
    const uint64_t m = 0xC6A4A7935BD1E995u;
    word *= m;
    word ^= word >> 47;
    return (hash ^ (word * m)) * m;
}

// A hash for tables in memory, after the public MurmurHash64A construction. The last word overlaps the one before, so
// it is not the hash that is written down (hash_text of spans.pxd), and depends on the order of bytes of the machine.
static inline uint64_t cxm_passing_hash(const uint8_t *p, int64_t size) {
    const uint64_t m = 0xC6A4A7935BD1E995u;
    uint64_t hash = static_cast<uint64_t>(size) * m;
    if (size >= 8) {
        const uint8_t *last = p + size - 8;
        for (; p < last; p += 8) hash = cxm_mixed(hash, cxm_eight(p));
        hash = cxm_mixed(hash, cxm_eight(last));
    } else {
        hash = cxm_mixed(hash, cxm_few_bytes(p, size));
    }
    hash ^= hash >> 47;
    hash *= m;
    return hash ^ (hash >> 47);
}

static inline bool cxm_same_bytes(const uint8_t *a, const uint8_t *b, int64_t size) {
    if (size < 8) return cxm_few_bytes(a, size) == cxm_few_bytes(b, size);
    const uint8_t *last = a + size - 8;
    for (; a < last; a += 8, b += 8)
        if (cxm_eight(a) != cxm_eight(b)) return false;
    return cxm_eight(last) == cxm_eight(b - (a - last));
}
#endif
