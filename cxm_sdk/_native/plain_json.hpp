// JSON that is beyond doubt, what a class would take of it without further checks, and times in their usual spelling.
//
// Only JSON of the plainest kind is taken: UTF-8 without errors, numbers without exponent that a double keeps, no half of
// a surrogate pair, few containers within each other. Everything else is in doubt, and is left to whoever reads leniently.

#ifndef CXM_PLAIN_JSON_HPP
#define CXM_PLAIN_JSON_HPP

#include <bitset>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <unordered_set>
#include <vector>

namespace cxm {

constexpr int DEEPEST = 32;       // containers within each other
constexpr int DIGITS = 17;        // of a number
constexpr int MOST_FIELDS = 128;  // of a class
constexpr int LONGEST_AMOUNT = 40;

struct Span {
    const char* at = nullptr;
    size_t size = 0;
    bool is(const char* text, size_t length) const { return size == length && std::memcmp(at, text, length) == 0; }
};

// What a value in the text is.
enum class Sort : uint8_t { NOTHING, NO, YES, WHOLE, REAL, TEXT, OBJECT, LIST };

struct Value {
    Sort sort = Sort::NOTHING;
    bool plain = false;  // of text: ASCII without escapes
    Span span;           // of text: without its quotes
};

// ---------------------------------------------------------------------------------------------- words by their letters

// Few words, each with a number; most look-ups find nothing.
class Words {
  public:
    void put(std::string word, int number) {
        words.push_back({std::move(word), number});
        size_t wanted = 4;
        while (wanted < 4 * words.size()) wanted *= 2;
        table.assign(wanted, -1);
        for (size_t i = 0; i < words.size(); i++) {
            size_t at = place(words[i].text.data(), words[i].text.size());
            while (table[at] >= 0) at = (at + 1) & (table.size() - 1);
            table[at] = static_cast<int>(i);
        }
    }

    int find(Span word) const {
        if (table.empty()) return -1;
        for (size_t at = place(word.at, word.size); table[at] >= 0; at = (at + 1) & (table.size() - 1)) {
            const Word& known = words[static_cast<size_t>(table[at])];
            if (word.is(known.text.data(), known.text.size())) return known.number;
        }
        return -1;
    }

  private:
    struct Word {
        std::string text;
        int number;
    };
    std::vector<Word> words;
    std::vector<int> table;

    size_t place(const char* text, size_t size) const {
        uint32_t mixed = static_cast<uint32_t>(size) * 0x9E3779B1u;
        for (size_t i = 0; i < size; i += 1 + size / 8)
            mixed = (mixed ^ static_cast<unsigned char>(text[i])) * 0x01000193u;
        return (mixed ^ mixed >> 15) & (table.size() - 1);
    }
};

// ---------------------------------------------------------------------------------------------- classes of events

enum Kind : uint8_t { ANY, TEXT, SHORT, AMOUNT, NUMBER, WHOLE, BOOL, ONE_OF, MAPPING, SHAPE, SHAPES, TIME, DOUBT };

struct Outline;

struct Field {
    int number = 0;
    uint8_t kind = DOUBT;
    bool nullable = false;
    double low = 0.0;
    int64_t longest = 0;
    const Outline* inner = nullptr;
    std::unordered_set<std::string> choices;
};

struct Outline {
    std::vector<Field> fields;
    Words keys;
    std::bitset<MOST_FIELDS> required;
};

// ---------------------------------------------------------------------------------------------- text

inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// For every byte: whether it stands in text as any letter does.
struct Ordinary {
    bool table[256];
    constexpr Ordinary() : table() {
        for (int c = 0; c < 256; c++) table[c] = c >= 32 && c < 128 && c != '"' && c != '\\';
    }
};
inline constexpr Ordinary ORDINARY{};

class Reader {
  public:
    Reader(const char* from, const char* to) : p(from), end(to) {}

    void space() {
        while (p < end && is_space(*p)) p++;
    }

    bool over() {
        space();
        return p == end;
    }

    bool letter(char wanted) {
        space();
        if (p == end || *p != wanted) return false;
        p++;
        return true;
    }

    // Text, from its first quote to its last.
    bool text(Value& value) {
        value.sort = Sort::TEXT;
        value.plain = true;
        const char* start = ++p;
        for (;;) {
            while (p < end && ORDINARY.table[static_cast<unsigned char>(*p)]) p++;
            if (p == end) return false;
            if (*p == '"') break;
            if (*p == '\\') {
                if (!escape()) return false;
            } else if (static_cast<unsigned char>(*p) < 32 || !wide()) {
                return false;
            }
            value.plain = false;
        }
        value.span = {start, static_cast<size_t>(p - start)};
        p++;
        return true;
    }

    bool number(Value& value) {
        const char* start = p;
        if (*p == '-') p++;
        const char* first = p;
        while (p < end && is_digit(*p)) p++;
        auto whole = p - first;
        if (whole == 0 || (whole > 1 && *first == '0')) return false;
        value.sort = Sort::WHOLE;
        auto digits = whole;
        if (p < end && *p == '.') {
            const char* point = ++p;
            while (p < end && is_digit(*p)) p++;
            if (p == point) return false;
            digits += p - point;
            value.sort = Sort::REAL;
        }
        if (p < end && (*p == 'e' || *p == 'E')) return false;
        if (digits > DIGITS || (value.sort == Sort::WHOLE && first != start && *first == '0')) return false;
        value.span = {start, static_cast<size_t>(p - start)};
        return true;
    }

    // Any value, in all its depth.
    bool value(Value& found, int depth) {
        space();
        if (p == end) return false;
        const char* start = p;
        switch (*p) {
            case '"': return text(found);
            case '{':
                found.sort = Sort::OBJECT;
                if (!object(depth + 1)) return false;
                break;
            case '[':
                found.sort = Sort::LIST;
                if (!list(depth + 1)) return false;
                break;
            case 't':
                found.sort = Sort::YES;
                if (!word("true", 4)) return false;
                break;
            case 'f':
                found.sort = Sort::NO;
                if (!word("false", 5)) return false;
                break;
            case 'n':
                found.sort = Sort::NOTHING;
                if (!word("null", 4)) return false;
                break;
            default: return number(found);
        }
        found.span = {start, static_cast<size_t>(p - start)};
        return true;
    }

    // The key of the next member, and what stands between it and its value; `first` is whether none came before.
    // False with `closed` set where the object ends instead.
    bool member(Value& key, bool first, bool& closed) {
        closed = false;
        space();
        if (p == end) return false;
        if (*p == '}') {
            p++;
            closed = true;
            return false;
        }
        if (!first) {
            if (*p != ',') return false;
            p++;
            space();
        }
        return p < end && *p == '"' && text(key) && letter(':');
    }

    // The place of the next item of a list; likewise.
    bool item(bool first, bool& closed) {
        closed = false;
        space();
        if (p == end) return false;
        if (*p == ']') {
            p++;
            closed = true;
            return false;
        }
        return first || (*p++ == ',');
    }

    // Whether a value is one that a field takes without further checks.
    bool checked(const Field& field, int depth) {
        Value found;
        space();
        if (p == end || depth > DEEPEST) return false;
        if (*p == 'n') return field.nullable && word("null", 4);
        if (field.kind == SHAPE) return *p == '{' && shape(*field.inner, depth + 1);
        if (field.kind == SHAPES) {
            if (*p != '[') return false;
            p++;
            bool closed;
            for (bool first = true; item(first, closed); first = false) {
                space();
                if (p == end || *p != '{' || !shape(*field.inner, depth + 2)) return false;
            }
            return closed;
        }
        return value(found, depth) && fits(field, found);
    }

    const char* p;
    const char* end;

  private:
    bool word(const char* wanted, size_t size) {
        if (static_cast<size_t>(end - p) < size || std::memcmp(p, wanted, size) != 0) return false;
        p += size;
        return true;
    }

    bool object(int depth) {
        if (depth > DEEPEST) return false;
        p++;
        Value key, held;
        bool closed;
        for (bool first = true; member(key, first, closed); first = false)
            if (!value(held, depth)) return false;
        return closed;
    }

    bool list(int depth) {
        if (depth > DEEPEST) return false;
        p++;
        Value held;
        bool closed;
        for (bool first = true; item(first, closed); first = false)
            if (!value(held, depth)) return false;
        return closed;
    }

    int hexadecimal() {
        if (end - p < 4) return -1;
        int code = 0;
        for (int i = 0; i < 4; i++) {
            char c = *p++;
            int digit = is_digit(c)            ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
            if (digit < 0) return -1;
            code = code * 16 + digit;
        }
        return code;
    }

    bool escape() {
        if (++p == end) return false;
        char c = *p++;
        if (c != 'u') return c != '\0' && std::strchr("\"\\/bfnrt", c) != nullptr;
        int code = hexadecimal();
        if (code < 0 || (code >= 0xDC00 && code < 0xE000)) return false;
        if (code < 0xD800 || code >= 0xE000) return true;
        if (end - p < 2 || p[0] != '\\' || p[1] != 'u') return false;
        p += 2;
        code = hexadecimal();
        return code >= 0xDC00 && code < 0xE000;
    }

    // One character of several bytes (RFC 3629).
    bool wide() {
        const auto* s = reinterpret_cast<const unsigned char*>(p);
        auto left = end - p;
        auto rest = [s](int i) { return (s[i] & 0xC0) == 0x80; };
        if (s[0] >= 0xC2 && s[0] <= 0xDF && left > 1 && rest(1)) {
            p += 2;
        } else if ((s[0] & 0xF0) == 0xE0 && left > 2 && rest(1) && rest(2) && !(s[0] == 0xE0 && s[1] < 0xA0) &&
                   !(s[0] == 0xED && s[1] > 0x9F)) {
            p += 3;
        } else if (s[0] >= 0xF0 && s[0] <= 0xF4 && left > 3 && rest(1) && rest(2) && rest(3) &&
                   !(s[0] == 0xF0 && s[1] < 0x90) && !(s[0] == 0xF4 && s[1] > 0x8F)) {
            p += 4;
        } else if (s[0] == 127) {
            p += 1;
        } else {
            return false;
        }
        return true;
    }

    bool shape(const Outline& outline, int depth) {
        std::bitset<MOST_FIELDS> given;
        if (depth > DEEPEST) return false;
        p++;
        Value key, held;
        bool closed;
        for (bool first = true; member(key, first, closed); first = false) {
            if (std::memchr(key.span.at, '\\', key.span.size) != nullptr) return false;
            int number = outline.keys.find(key.span);
            if (number < 0) {
                if (!value(held, depth)) return false;
                continue;
            }
            const Field& field = outline.fields[static_cast<size_t>(number)];
            if (given.test(static_cast<size_t>(number)) || !checked(field, depth)) return false;
            given.set(static_cast<size_t>(number));
        }
        return closed && (outline.required & ~given).none();
    }

    static bool fits(const Field& field, const Value& found);
};

// Whether text is ASCII without escapes, not empty, not too long, and starts and ends with no white space.
inline bool is_short(const Value& found, int64_t longest) {
    const Span& span = found.span;
    return found.sort == Sort::TEXT && found.plain && span.size > 0 &&
           static_cast<uint64_t>(span.size) <= static_cast<uint64_t>(longest) && span.at[0] > 32 &&
           span.at[span.size - 1] > 32;
}

inline bool is_amount(const Span& span) {
    bool digit = false, point = false;
    if (span.size > LONGEST_AMOUNT) return false;
    for (size_t i = 0; i < span.size; i++) {
        char c = span.at[i];
        if (is_digit(c)) digit = true;
        else if (c == '.' && !point) point = true;
        else if (c != '-' || i) return false;
    }
    return digit;
}

inline bool reaches(const Span& span, double low) {
    if (low == -std::numeric_limits<double>::infinity()) return true;
    char copy[DIGITS + 4];
    std::memcpy(copy, span.at, span.size);
    copy[span.size] = '\0';
    return std::strtod(copy, nullptr) >= low;
}

// ---------------------------------------------------------------------------------------------- time

constexpr int64_t NO_TIME = std::numeric_limits<int64_t>::min();
constexpr int64_t SECOND = 1'000'000;
constexpr int64_t DAY = 86'400 * SECOND;

// Days from 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
inline int64_t days_of(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

inline int digits_of(const char* s, int count) {
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(s[i])) return -1;
        number = number * 10 + s[i] - '0';
    }
    return number;
}

// Microseconds from 1970 of a time such as 2026-03-01T12:00:00.123Z or …+01:00, from 1900 to 2199.
inline int64_t moment_of(const Value& found) {
    const char* s = found.span.at;
    size_t size = found.span.size;
    if (found.sort != Sort::TEXT || !found.plain || size < 20 || size > 32) return NO_TIME;
    if (s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':') return NO_TIME;
    int year = digits_of(s, 4), month = digits_of(s + 5, 2), day = digits_of(s + 8, 2);
    int hour = digits_of(s + 11, 2), minute = digits_of(s + 14, 2), second = digits_of(s + 17, 2);
    if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1) return NO_TIME;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NO_TIME;
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int length = month == 2 ? 28 + leap : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    if (day > length) return NO_TIME;
    size_t at = 19;
    int64_t fine = 0;
    if (s[at] == '.') {
        size_t first = ++at;
        while (at < size && is_digit(s[at])) fine = fine * 10 + s[at++] - '0';
        if (at == first || at > first + 6) return NO_TIME;
        for (size_t i = at; i < first + 6; i++) fine *= 10;
    }
    int64_t shift = 0;
    if (at + 1 == size && s[at] == 'Z') {
    } else if (at + 6 == size && (s[at] == '+' || s[at] == '-') && s[at + 3] == ':') {
        int hours = digits_of(s + at + 1, 2), minutes = digits_of(s + at + 4, 2);
        if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return NO_TIME;
        shift = (s[at] == '-' ? -1 : 1) * (hours * 60 + minutes) * 60 * SECOND;
    } else {
        return NO_TIME;
    }
    int64_t of_day = (hour * 60 + minute) * 60 + second;
    return days_of(year, month, day) * DAY + of_day * SECOND + fine - shift;
}

inline void put_digits(std::string& out, int64_t number, int count) {
    char digits[8];
    for (int i = count - 1; i >= 0; i--, number /= 10) digits[i] = static_cast<char>('0' + number % 10);
    out.append(digits, static_cast<size_t>(count));
}

// RFC 3339 in UTC, to the millisecond, or to the microsecond if it has any.
inline void put_moment(std::string& out, int64_t moment) {
    int64_t day = moment / DAY - (moment % DAY < 0), rest = moment - day * DAY;
    int64_t shifted = day + 719'468, era = shifted / 146'097, of_era = shifted - era * 146'097;
    int64_t year = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), part = (5 * of_year + 2) / 153;
    int64_t month = part < 10 ? part + 3 : part - 9;
    put_digits(out, year + era * 400 + (month <= 2), 4);
    out.push_back('-');
    put_digits(out, month, 2);
    out.push_back('-');
    put_digits(out, of_year - (153 * part + 2) / 5 + 1, 2);
    out.push_back('T');
    put_digits(out, rest / (3'600 * SECOND), 2);
    out.push_back(':');
    put_digits(out, rest / (60 * SECOND) % 60, 2);
    out.push_back(':');
    put_digits(out, rest / SECOND % 60, 2);
    out.push_back('.');
    int64_t fine = rest % SECOND;
    if (fine % 1'000 == 0) put_digits(out, fine / 1'000, 3);
    else put_digits(out, fine, 6);
    out.push_back('Z');
}

// When it happened by the collector's clock; `times.corrected` says why.
inline int64_t corrected(int64_t occurred, int64_t sent, int64_t received) {
    constexpr int64_t TOLERANCE = 10 * SECOND, LONGEST_WAIT = 366 * DAY;
    if (sent != NO_TIME && (received - sent > TOLERANCE || sent - received > TOLERANCE)) {
        int64_t wait = sent - occurred;
        if (wait >= 0 && wait <= LONGEST_WAIT) return received - wait;
    }
    return occurred > received + TOLERANCE ? received : occurred;
}

inline bool Reader::fits(const Field& field, const Value& found) {
    switch (field.kind) {
        case ANY: return true;
        case TEXT: return found.sort == Sort::TEXT;
        case SHORT: return is_short(found, field.longest);
        case AMOUNT:
            if (found.sort == Sort::TEXT) return found.plain && is_amount(found.span);
            return found.sort == Sort::WHOLE || found.sort == Sort::REAL;
        case NUMBER:
            if (found.sort == Sort::WHOLE && found.span.size > 15) return false;
            return (found.sort == Sort::WHOLE || found.sort == Sort::REAL) && reaches(found.span, field.low);
        case WHOLE: return found.sort == Sort::WHOLE && reaches(found.span, field.low);
        case BOOL: return found.sort == Sort::YES || found.sort == Sort::NO;
        case ONE_OF:
            return found.sort == Sort::TEXT && found.plain &&
                   field.choices.count(std::string(found.span.at, found.span.size)) > 0;
        case MAPPING: return found.sort == Sort::OBJECT;
        case TIME: return moment_of(found) != NO_TIME;
        default: return false;
    }
}

}  // namespace cxm

#endif
