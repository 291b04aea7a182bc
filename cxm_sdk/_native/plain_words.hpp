// Words of a text, and lists of words: what canonical forms of single values are made with.
#ifndef CXM_PLAIN_WORDS_HPP
#define CXM_PLAIN_WORDS_HPP

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

using CxmView = std::string_view;

struct CxmWordList {
    std::deque<std::string> held;
    std::unordered_map<CxmView, CxmView> partners;
    std::vector<std::pair<CxmView, CxmView>> endings;
    uint32_t lengths[32] = {};  // of the words that begin alike, a bit for each: most texts are none of them

    static uint32_t bit_of(CxmView word) { return 1u << (word.size() & 31); }
    CxmView keep(CxmView text) { return held.emplace_back(text); }
    void add(CxmView word, CxmView partner) {
        partners.emplace(keep(word), keep(partner));
        if (!word.empty()) lengths[static_cast<uint8_t>(word[0]) & 31] |= bit_of(word);
    }
    void add_ending(CxmView word, CxmView partner) { endings.emplace_back(keep(word), keep(partner)); }
    // What a word becomes; NULL where it is not listed.
    const CxmView *find(CxmView word) const {
        if (word.empty() || !(lengths[static_cast<uint8_t>(word[0]) & 31] & bit_of(word))) return nullptr;
        auto found = partners.find(word);
        return found == partners.end() ? nullptr : &found->second;
    }
    bool has(CxmView word) const { return find(word) != nullptr; }
};

static inline bool cxm_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool cxm_small(char c) { return c >= 'a' && c <= 'z'; }

static inline CxmView cxm_trim(CxmView text) {
    while (!text.empty() && static_cast<uint8_t>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<uint8_t>(text.back()) <= ' ') text.remove_suffix(1);
    return text;
}

// What stands before a place, all where there is none; and what stands behind it, nothing where there is none.
static inline CxmView cxm_before(CxmView text, size_t at) { return cxm_trim(text.substr(0, at)); }
static inline CxmView cxm_after(CxmView text, size_t at) {
    return at == CxmView::npos ? CxmView() : cxm_trim(text.substr(at + 1));
}
static inline size_t cxm_digits(CxmView text) {
    size_t found = 0;
    for (char c : text) found += cxm_digit(c);
    return found;
}

// A number of so many digits; -1 where anything else stands there.
static inline int cxm_number(CxmView text, size_t first, size_t count) {
    int number = 0;
    for (size_t i = first; i < first + count; ++i) {
        if (!cxm_digit(text[i])) return -1;
        number = 10 * number + (text[i] - '0');
    }
    return number;
}

// The word that starts at a place, and the one that ends there.
static inline CxmView cxm_word_from(CxmView text, size_t at) {
    size_t end = text.find(' ', at);
    return text.substr(at, end == CxmView::npos ? end : end - at);
}
static inline size_t cxm_word_start(CxmView text, size_t end) {
    while (end > 0 && text[end - 1] != ' ') --end;
    return end;
}

// "12", "12a", "12-14", "10/a", "12bis"; not the ordinals "1st", "22nd", "3rd", "47th".
static inline bool cxm_numberlike(CxmView word) {
    size_t letters = 0;
    if (word.empty() || word.size() > 12 || !cxm_digit(word[0])) return false;
    for (char c : word) {
        if (cxm_small(c)) ++letters;
        else if (!cxm_digit(c) && c != '-' && c != '/') return false;
    }
    CxmView end = word.substr(word.size() - (letters < word.size() ? letters : 0));
    if (letters == 2) return end != "st" && end != "nd" && end != "rd" && end != "th";
    if (letters == 3) return end == "bis" || end == "ter";
    return letters < 2;
}

// Whether a city and a postcode may stand behind the street of an address line.
static inline bool cxm_may_be_whole(CxmView raw) {
    auto letter = [&](size_t at) { return at < raw.size() && (raw[at] | 32) >= 'a' && (raw[at] | 32) <= 'z'; };
    size_t digits = 0;
    for (size_t at = raw.find(','); at < raw.size(); ++at) {
        if (raw[at] < '0' || raw[at] > '9') continue;
        if (++digits > 2 || (letter(at + 1) && letter(at + 2))) return true;
    }
    return false;
}

#endif
