// Levels of dates whose eight digits lie in four bits each: without a branch, so that compilers take several at a time.
#ifndef CXM_DATES_HPP
#define CXM_DATES_HPP

#include <cstddef>
#include <cstdint>

// Four decimal digits of four bits each as one number.
static inline int32_t cxm_number_of(uint32_t digits) {
    const uint32_t pairs = digits - 6 * ((digits >> 4) & 0x0F0F);
    return static_cast<int32_t>(pairs - 156 * (pairs >> 8));
}

// Writes for each pair of dates: 4 one digit, two neighbours swapped, or day and month swapped; 3 all the same but the
// day, the month or the year; 2 the same year or the one before or after; else 1.
static inline void cxm_date_levels(const int32_t *ones, const int32_t *others, ptrdiff_t n, uint8_t *out) {
    for (ptrdiff_t i = 0; i < n; ++i) {
        const uint32_t x = static_cast<uint32_t>(ones[i]), y = static_cast<uint32_t>(others[i]), differs = x ^ y;
        // A bit for each digit that differs, and the first of them.
        const uint32_t marks = (differs | differs >> 1 | differs >> 2 | differs >> 3) & 0x11111111;
        const uint32_t lowest = marks & (0 - marks), digit = lowest * 15;
        const uint32_t one_digit = (marks != 0) & ((marks & (marks - 1)) == 0);
        const uint32_t swapped = (marks != 0) & (marks == (lowest | lowest << 4)) &
                                 ((((x >> 4 ^ y) | (x ^ y >> 4)) & digit) == 0);
        const uint32_t same_year = differs >> 16 == 0, same_month = (differs & 0xFF00) == 0, same_day = (differs & 0xFF) == 0;
        const uint32_t turned = (((x ^ y >> 8) | (x >> 8 ^ y)) & 0xFF) == 0;
        const int32_t gap = cxm_number_of(x >> 16) - cxm_number_of(y >> 16);
        const uint32_t near = (gap >= -1) & (gap <= 1);
        const uint32_t all_but_one = same_year ? (same_month | same_day) : (same_month & same_day);
        const uint32_t nearly = one_digit | swapped | (same_year & turned);
        uint32_t level = 1 + (same_year | near);
        level = all_but_one ? 3 : level;
        out[i] = static_cast<uint8_t>(nearly ? 4 : level);
    }
}

#endif
