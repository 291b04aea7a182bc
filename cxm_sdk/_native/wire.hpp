// Events in the text of a request: where each begins and ends, what it says, and whether it is beyond doubt.
//
// Only JSON of the plainest kind is taken: UTF-8 without errors, numbers without exponent that a double keeps, no half of
// a surrogate pair, few containers within each other. Everything else is in doubt, and is left to whoever reads leniently.

#ifndef CXM_WIRE_HPP
#define CXM_WIRE_HPP

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

// ---------------------------------------------------------------------------------------------- events

enum Known : int {
    TYPE_, ID_, USER_, ANONYMOUS_, GROUP_, PREVIOUS_, KEY_, CONTEXT_, INTEGRATIONS_, TIME_, ORIGINAL_, SENT_, RECEIVED_,
    SOURCE_, EVENT_, NAME_, CATEGORY_, PROPERTIES_, TRAITS_, KNOWN
};
constexpr int STRANGE = KNOWN;  // the name of an attribute that is no key of the wire

enum Call : int { TRACK, IDENTIFY, PAGE, SCREEN, GROUP, ALIAS, CALLS };

inline const Words& event_keys() {
    static const Words words = [] {
        const char* keys[KNOWN] = {"type", "messageId", "userId", "anonymousId", "groupId", "previousId", "writeKey",
                                   "context", "integrations", "timestamp", "originalTimestamp", "sentAt", "receivedAt",
                                   "source", "event", "name", "category", "properties", "traits"};
        Words made;
        for (int i = 0; i < KNOWN; i++) made.put(keys[i], i);
        for (const char* name : {"message_id", "original_timestamp", "sent_at", "received_at", "user_id",
                                 "anonymous_id", "group_id", "previous_id"})
            made.put(name, STRANGE);
        return made;
    }();
    return words;
}

inline const Words& calls() {
    static const Words words = [] {
        const char* names[CALLS] = {"track", "identify", "page", "screen", "group", "alias"};
        Words made;
        for (int i = 0; i < CALLS; i++) made.put(names[i], i);
        return made;
    }();
    return words;
}

struct Member {
    Span whole;  // from the quote before its key to the end of its value
    int known;
};

// An event as it came.
struct Arrival {
    Span whole;
    bool doubt = false;
    uint32_t given = 0;  // which of the known keys
    Value held[KNOWN];
    Value schema, traits;  // of its context
    size_t first = 0, behind = 0;  // its members among those of the request
    bool has(int known) const { return given >> known & 1; }
};

// What is the same for all events of a request.
struct Terms {
    int call = -1;  // what the path says; -1 for a batch
    std::string source, stamp, sent_text;  // the first and the last as JSON
    int64_t received = 0, sent = NO_TIME;
    size_t limit = 0;
};

class Request {
  public:
    std::vector<Arrival> arrivals;
    Value write_key, sent_at;

    // Whether the text of a request is beyond doubt as a whole.
    bool read_batch(const char* from, size_t size, size_t most) {
        Reader r(from, from + size);
        bool batch = false, key_given = false, sent_given = false, closed;
        if (!r.letter('{')) return false;
        Value key, held;
        for (bool first = true; r.member(key, first, closed); first = false) {
            const Span& name = key.span;
            if (!key.plain) return false;
            if (name.is("batch", 5)) {
                if (batch || !events(r, most)) return false;
                batch = true;
                continue;
            }
            if (!r.value(held, 1)) return false;
            if (name.is("writeKey", 8)) {
                if (key_given) return false;
                key_given = true;
                write_key = held;
            } else if (name.is("sentAt", 6)) {
                if (sent_given) return false;
                sent_given = true;
                sent_at = held;
            } else if (name.is("context", 7) || name.is("integrations", 12)) {
                if (held.sort != Sort::NOTHING) return false;
            }
        }
        if (!closed || !batch || !r.over() || !(sent_at.sort == Sort::NOTHING || is_short(sent_at, 64))) return false;
        return keyed();
    }

    bool read_single(const char* from, size_t size) {
        Reader r(from, from + size);
        r.space();
        if (r.p == r.end || *r.p != '{' || !event(r, 0) || !r.over()) return false;
        return keyed();
    }

    // Gives an event its last form; false where it is in doubt. `body` is null where it is not typed.
    bool finish(const Arrival& a, int call, const Outline* body, Span schema, const Terms& terms,
                std::string& out) const {
        if (a.schema.sort != Sort::NOTHING &&
            !(a.schema.sort == Sort::TEXT && a.schema.plain && schema.size > 0 && a.schema.span.is(schema.at, schema.size)))
            return false;
        uint32_t dropped = 1u << ID_ | 1u << KEY_ | 1u << RECEIVED_ | 1u << SOURCE_ | 1u << TIME_ | 1u << ORIGINAL_;
        if (terms.call >= 0) dropped |= 1u << TYPE_;
        bool below = call == IDENTIFY && a.traits.sort == Sort::OBJECT && !is_empty(a.traits.span);
        if (!plain(a, call, dropped) || !bodies(a, call, body, below)) return false;
        if (below) dropped |= 1u << TRAITS_;
        out.assign("{\"messageId\":\"");
        out.append(a.held[ID_].span.at, a.held[ID_].span.size);
        out.push_back('"');
        if (terms.call >= 0) put(out, "type", '"', name_of(terms.call));
        for (size_t i = a.first; i < a.behind; i++) {
            const Member& member = members[i];
            if (member.known < KNOWN && dropped >> member.known & 1) continue;
            out.push_back(',');
            out.append(member.whole.at, member.whole.size);
        }
        if (below) put(out, "traits", 0, a.traits.span);
        put(out, "receivedAt", '"', {terms.stamp.data(), terms.stamp.size()});
        put(out, "source", 0, {terms.source.data(), terms.source.size()});
        if (!times(a, terms, out)) return false;
        out.push_back('}');
        return out.size() <= terms.limit;
    }

    static Span name_of(int call) {
        static const char* names[CALLS] = {"track", "identify", "page", "screen", "group", "alias"};
        return {names[call], std::strlen(names[call])};
    }

  private:
    std::vector<Member> members;

    bool events(Reader& r, size_t most) {
        if (!r.letter('[')) return false;
        bool closed;
        for (bool first = true; r.item(first, closed); first = false)
            if (arrivals.size() == most || !event(r, 2)) return false;
        return closed;
    }

    bool event(Reader& r, int depth) {
        r.space();
        arrivals.emplace_back();
        Arrival& a = arrivals.back();
        const char* start = r.p;
        a.first = a.behind = members.size();
        if (r.p == r.end) return false;
        if (*r.p != '{') {
            Value other;
            a.doubt = true;
            if (!r.value(other, depth)) return false;
            a.whole = {start, static_cast<size_t>(r.p - start)};
            return true;
        }
        r.p++;
        Value key, held;
        bool closed;
        for (bool first = true; r.member(key, first, closed); first = false) {
            const char* quote = key.span.at - 1;
            int known = event_keys().find(key.span);
            a.doubt = a.doubt || known == STRANGE || std::memchr(key.span.at, '\\', key.span.size) != nullptr;
            if (!(known == CONTEXT_ ? context(r, a, held, depth + 1) : r.value(held, depth + 1))) return false;
            if (known >= 0 && known < KNOWN) {
                a.doubt = a.doubt || a.has(known);
                a.given |= 1u << known;
                a.held[known] = held;
            }
            members.push_back({{quote, static_cast<size_t>(r.p - quote)}, known < 0 ? KNOWN : known});
        }
        a.behind = members.size();
        a.whole = {start, static_cast<size_t>(r.p - start)};
        return closed;
    }

    bool context(Reader& r, Arrival& a, Value& held, int depth) {
        r.space();
        if (r.p == r.end || *r.p != '{') return r.value(held, depth);
        held.sort = Sort::OBJECT;
        const char* start = r.p++;
        Value key, inner;
        bool closed, schema = false, traits = false;
        for (bool first = true; r.member(key, first, closed); first = false) {
            if (!r.value(inner, depth + 1)) return false;
            a.doubt = a.doubt || std::memchr(key.span.at, '\\', key.span.size) != nullptr;
            if (key.span.is("schema", 6)) {
                a.doubt = a.doubt || schema;
                schema = true;
                a.schema = inner;
            } else if (key.span.is("traits", 6)) {
                a.doubt = a.doubt || traits;
                traits = true;
                a.traits = inner;
            }
        }
        held.span = {start, static_cast<size_t>(r.p - start)};
        return closed;
    }

    // Whether the key of the request is beyond doubt: it stands beside the events, or in the first that has one.
    bool keyed() {
        if (write_key.sort == Sort::NOTHING || (write_key.sort == Sort::TEXT && write_key.span.size == 0)) {
            write_key = Value();
            for (const Arrival& a : arrivals) {
                if (a.doubt) return false;  // it may be what has the key
                if (!a.has(KEY_)) continue;
                write_key = a.held[KEY_];
                break;
            }
        }
        return write_key.sort == Sort::NOTHING || (write_key.sort == Sort::TEXT && write_key.plain);
    }

    static bool is_empty(const Span& object) {
        size_t at = 1;
        while (is_space(object.at[at])) at++;
        return object.at[at] == '}';
    }

    static void put(std::string& out, const char* key, char quote, const Span& value) {
        out.append(",\"").append(key).append("\":");
        if (quote) out.push_back(quote);
        out.append(value.at, value.size);
        if (quote) out.push_back(quote);
    }

    // Whether ids and names are what the call needs; ids that are none are dropped.
    static bool plain(const Arrival& a, int call, uint32_t& dropped) {
        if (!a.has(ID_) || !is_short(a.held[ID_], 100)) return false;
        uint32_t ids = 0;
        for (int id : {USER_, ANONYMOUS_, GROUP_, PREVIOUS_}) {
            const Value& held = a.held[id];
            if (!a.has(id)) continue;
            if (held.sort == Sort::NOTHING || (held.sort == Sort::TEXT && held.span.size == 0)) dropped |= 1u << id;
            else if (is_short(held, std::numeric_limits<int64_t>::max())) ids |= 1u << id;
            else return false;
        }
        if (!(ids & (1u << USER_ | 1u << ANONYMOUS_))) return false;
        if (call == GROUP && !(ids & 1u << GROUP_)) return false;
        if (call == ALIAS && (!(ids & 1u << PREVIOUS_) || !(ids & 1u << USER_))) return false;
        if ((call == TRACK) != a.has(EVENT_) || (call == TRACK && a.has(NAME_))) return false;
        for (int name : {EVENT_, NAME_}) {
            bool none = name == NAME_ && a.held[name].sort == Sort::NOTHING;
            if (a.has(name) && !none && !is_short(a.held[name], std::numeric_limits<int64_t>::max())) return false;
        }
        for (int slot : {CATEGORY_, INTEGRATIONS_, CONTEXT_}) {
            if (!a.has(slot) || (slot != CONTEXT_ && a.held[slot].sort == Sort::NOTHING)) continue;
            if (a.held[slot].sort != (slot == CATEGORY_ ? Sort::TEXT : Sort::OBJECT)) return false;
        }
        return true;
    }

    static bool bodies(const Arrival& a, int call, const Outline* body, bool below) {
        int typed = call == IDENTIFY || call == GROUP ? TRAITS_ : PROPERTIES_;
        for (int slot : {PROPERTIES_, TRAITS_}) {
            bool taken = below && slot == TRAITS_;
            const Value& held = taken ? a.traits : a.held[slot];
            if (taken && a.held[slot].sort == Sort::OBJECT && !is_empty(a.held[slot].span)) return false;
            if (!taken && !a.has(slot)) {
                if (body != nullptr && slot == typed) return false;
                continue;
            }
            if (held.sort != Sort::OBJECT) return false;
            if (body == nullptr || slot != typed) continue;
            Field field;
            field.kind = SHAPE;
            field.inner = body;
            Reader r(held.span.at, held.span.at + held.span.size);
            if (!r.checked(field, 0)) return false;
        }
        return true;
    }

    static bool times(const Arrival& a, const Terms& terms, std::string& out) {
        int64_t moments[KNOWN];
        for (int time : {TIME_, ORIGINAL_, SENT_}) {
            moments[time] = a.has(time) ? moment_of(a.held[time]) : NO_TIME;
            if (a.has(time) && moments[time] == NO_TIME) return false;
        }
        if (!a.has(SENT_) && terms.sent != NO_TIME) {
            moments[SENT_] = terms.sent;
            put(out, "sentAt", 0, {terms.sent_text.data(), terms.sent_text.size()});
        }
        int64_t time = moments[TIME_], original = moments[ORIGINAL_], happened = terms.received;
        if (time == NO_TIME && original == NO_TIME) {
            out.append(",\"timestamp\":\"");
            put_moment(out, happened);
            out.push_back('"');
            return true;
        }
        const Span& said = a.held[original == NO_TIME ? TIME_ : ORIGINAL_].span;
        // who gives both says when it happened, and when its own clock took note of it
        bool both = time != NO_TIME && original != NO_TIME && time != original;
        int64_t occurred = both || original == NO_TIME ? time : original;
        happened = corrected(occurred, both ? NO_TIME : moments[SENT_], terms.received);
        if (happened == occurred) {
            put(out, "timestamp", '"', time == NO_TIME ? said : a.held[TIME_].span);
        } else {
            out.append(",\"timestamp\":\"");
            put_moment(out, happened);
            out.push_back('"');
        }
        put(out, "originalTimestamp", '"', said);
        return true;
    }
};

}  // namespace cxm

#endif
