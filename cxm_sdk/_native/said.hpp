// What a record says, in one piece: roles, and under each its values, as places in one text.
//
// Packed, as a store keeps it, it is in this order:
// - source and record id;
// - how many roles there are, and for each its name; four times the number of its values, and 2 more where their keys are
//   kept, as of identifiers, and 1 more where any is written in another way; the values, each behind its key if that is
//   kept; and if any is written in another way, for each of them 0, or the length of what is written and one, and that;
// - 0 where keys are not kept, else the number of all other keys and one, and for each the name of its role and the key.
// A name is 0 and a text, or the number of a known role and one. A text is UTF-8 behind its length. Numbers are in base
// 128, the lowest digit first, each but the last with the highest bit set. A key is eight bytes, the lowest first.
#ifndef CXM_SAID_HPP
#define CXM_SAID_HPP

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "blake.hpp"

// Roles that are kept as numbers: more may be added at the end, none may move.
static constexpr std::string_view CXM_ROLES[] = {
    "first_name", "middle_name", "last_name",   "suffix",     "birth_date",   "sex",          "company",
    "street",     "house_number", "unit",       "city",       "postcode",     "state",        "country",
    "email",      "phone",       "user_id",     "crm_id",     "loyalty_id",   "national_id",  "email_sha256",
    "phone_sha256", "source_id", "account_id",  "household_id"};
static constexpr uint32_t CXM_KNOWN_ROLES = sizeof(CXM_ROLES) / sizeof(CXM_ROLES[0]);

static inline uint32_t cxm_role_number(std::string_view name) {
    uint32_t number = 0;
    if (name.empty()) return CXM_KNOWN_ROLES;
    for (; number < CXM_KNOWN_ROLES; ++number) {
        std::string_view known = CXM_ROLES[number];
        if (known.size() == name.size() && known.back() == name.back() && known == name) break;
    }
    return number;
}

// The key of an identifier: the digest of its namespace and its value with a zero between them.
static inline int64_t cxm_key(std::string_view name, std::string_view value) {
    uint8_t small[256];
    std::string large;
    uint8_t *whole = small;
    size_t size = name.size() + 1 + value.size();
    if (size > sizeof(small)) {
        large.resize(size);
        whole = reinterpret_cast<uint8_t *>(&large[0]);
    }
    std::memcpy(whole, name.data(), name.size());
    whole[name.size()] = 0;
    std::memcpy(whole + name.size() + 1, value.data(), value.size());
    return static_cast<int64_t>(cxm_blake(whole, size, 8));
}

struct CxmSpan {
    uint32_t start, stop;
};

// The name of a role: the number of a known one, or a place.
struct CxmName {
    uint32_t number;
    CxmSpan span;
};

struct CxmRole {
    CxmName name;
    uint32_t first, last;  // its values
    bool identifier;       // whether its values have keys
    bool other;            // whether any value is written in another way
};

// A list of plain things, of which a few have room in the list itself.
template <class Thing, uint32_t ROOM = 2>
class CxmFew {
    Thing own[ROOM];
    Thing *held = own;
    uint32_t count = 0, room = ROOM;

    void take(const CxmFew &other) {
        if (other.count > room) grow(other.count);
        std::copy(other.begin(), other.end(), held);
        count = other.count;
    }

    void grow(uint32_t wanted) {
        Thing *larger = new Thing[wanted];
        std::copy(begin(), end(), larger);
        if (held != own) delete[] held;
        held = larger;
        room = wanted;
    }

public:
    CxmFew() {}
    CxmFew(const CxmFew &other) { take(other); }
    CxmFew(CxmFew &&other) noexcept {
        if (other.held == other.own) {
            std::copy(other.begin(), other.end(), own);
        } else {
            std::swap(room, other.room);
            held = other.held;
            other.held = other.own;
        }
        std::swap(count, other.count);
    }
    CxmFew &operator=(const CxmFew &other) {
        if (this != &other) take(other);
        return *this;
    }
    ~CxmFew() {
        if (held != own) delete[] held;
    }

    uint32_t size() const { return count; }
    Thing &operator[](size_t i) { return held[i]; }
    const Thing &operator[](size_t i) const { return held[i]; }
    Thing &back() { return held[count - 1]; }
    const Thing *begin() const { return held; }
    const Thing *end() const { return held + count; }
    Thing *begin() { return held; }
    Thing *end() { return held + count; }
    void clear() { count = 0; }
    void erase(size_t at) {
        std::copy(held + at + 1, held + count, held + at);
        --count;
    }
    void push_back(const Thing &thing) {
        Thing kept = thing;  // which may lie in what is left
        if (count == room) grow(2 * room);
        held[count++] = kept;
    }
};

// A role that is looked for in many records: its number is found out once.
struct CxmSought {
    uint32_t number;
    std::string_view name;

    CxmSought() : number(CXM_KNOWN_ROLES) {}
    explicit CxmSought(std::string_view role) : number(cxm_role_number(role)), name(role) {}
};

// Reads what is packed; after anything that cannot be, `sound` is false and all else is nothing.
struct CxmPackedText {
    const std::string &text;
    uint32_t place;
    bool sound;

    uint32_t number() {
        uint64_t found = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (place >= text.size()) break;
            uint8_t byte = static_cast<uint8_t>(text[place++]);
            found |= static_cast<uint64_t>(byte & 127) << shift;
            if (byte < 128) {
                sound = sound && found <= UINT32_MAX;
                return sound ? static_cast<uint32_t>(found) : 0;
            }
        }
        sound = false;
        return 0;
    }

    CxmSpan bytes(uint32_t size) {
        if (!sound || size > text.size() - place) {
            sound = false;
            return {0, 0};
        }
        place += size;
        return {place - size, place};
    }

    CxmSpan piece() { return bytes(number()); }

    CxmName name() {
        uint32_t coded = number();
        if (coded) {
            sound = sound && coded <= CXM_KNOWN_ROLES;
            return {coded - 1, {0, 0}};
        }
        CxmSpan span = piece();
        // What was not known yet when it was written may be by now.
        uint32_t known = cxm_role_number({text.data() + span.start, span.stop - span.start});
        return {known, known < CXM_KNOWN_ROLES ? CxmSpan{0, 0} : span};
    }

    int64_t key() {
        CxmSpan span = bytes(8);
        uint64_t found = 0;
        for (uint32_t i = 0; sound && i < 8; ++i)
            found |= static_cast<uint64_t>(static_cast<uint8_t>(text[span.start + i])) << (8 * i);
        return static_cast<int64_t>(found);
    }
};

struct CxmSaid {
    std::string text;
    CxmSpan source, id;
    CxmFew<CxmRole, 12> roles;
    CxmFew<CxmSpan, 16> values;
    CxmFew<CxmSpan, 16> written;  // how each value is written
    bool keyed;                   // whether the keys of its identifiers are known
    CxmFew<int64_t, 8> keys;      // of the values of identifiers in their order, then others
    CxmFew<CxmName, 4> others;    // roles of the others

    CxmSaid() : source{0, 0}, id{0, 0}, keyed(false) {}

    std::string_view at(CxmSpan span) const { return {text.data() + span.start, span.stop - span.start}; }

    std::string_view at(CxmName name) const {
        return name.number < CXM_KNOWN_ROLES ? CXM_ROLES[name.number] : at(name.span);
    }

    CxmSpan append(std::string_view more) {
        uint32_t start = static_cast<uint32_t>(text.size());
        text.append(more.data(), more.size());
        return {start, static_cast<uint32_t>(text.size())};
    }

    CxmName name_of(std::string_view role) {
        uint32_t number = cxm_role_number(role);
        return {number, number < CXM_KNOWN_ROLES ? CxmSpan{0, 0} : append(role)};
    }

    void name(std::string_view from, std::string_view record_id) {
        text.reserve(256);
        source = append(from);
        id = append(record_id);
    }

    void begin_role(std::string_view role) {
        uint32_t at = static_cast<uint32_t>(values.size());
        roles.push_back({name_of(role), at, at, false, false});
    }

    void add_value(std::string_view value, std::string_view writing) {
        values.push_back(append(value));
        if (value != writing) roles.back().other = true;
        written.push_back(value == writing ? values.back() : append(writing));
        ++roles.back().last;
    }

    const CxmRole *find(std::string_view name) const {
        for (const CxmRole &role : roles)
            if (at(role.name) == name) return &role;
        return nullptr;
    }

    const CxmRole *find(const CxmSought &sought) const {
        if (sought.number == CXM_KNOWN_ROLES) return find(sought.name);
        for (const CxmRole &role : roles)
            if (role.name.number == sought.number) return &role;
        return nullptr;
    }

    void forget_keys() {
        keys.clear();
        others.clear();
        for (CxmRole &role : roles) role.identifier = false;
        keyed = false;
    }

    // The keys of values; the other keys are added behind them.
    void begin_keys() {
        for (const CxmRole &role : roles)
            for (uint32_t i = role.first; role.identifier && i < role.last; ++i)
                keys.push_back(cxm_key(at(role.name), at(values[i])));
        keyed = true;
    }

    void add_key(std::string_view role, std::string_view value) {
        others.push_back(name_of(role));
        keys.push_back(cxm_key(role, value));
    }

    bool same(const CxmSaid &other) const {
        if (roles.size() != other.roles.size() || values.size() != other.values.size()) return false;
        for (const CxmRole &role : roles) {
            const CxmRole *twin = other.find(at(role.name));
            if (twin == nullptr || twin->last - twin->first != role.last - role.first) return false;
            for (uint32_t i = role.first, j = twin->first; i < role.last; ++i, ++j)
                if (at(values[i]) != other.at(other.values[j]) || at(written[i]) != other.at(other.written[j]))
                    return false;
        }
        return true;
    }

    static void put(std::string &out, uint32_t number) {
        for (; number > 127; number >>= 7) out.push_back(static_cast<char>(number | 128));
        out.push_back(static_cast<char>(number));
    }

    void put(std::string &out, CxmSpan span) const {
        put(out, span.stop - span.start);
        out.append(text, span.start, span.stop - span.start);
    }

    void put(std::string &out, CxmName name) const {
        if (name.number < CXM_KNOWN_ROLES) return put(out, name.number + 1);
        put(out, 0u);
        put(out, name.span);
    }

    static void put_key(std::string &out, int64_t key) {
        for (int i = 0; i < 64; i += 8) out.push_back(static_cast<char>(static_cast<uint64_t>(key) >> i));
    }

    std::string packed() const {
        std::string out;
        size_t at_key = 0;
        out.reserve(text.size() + 8 * keys.size() + 3 * values.size() + 3 * roles.size() + 16);
        put(out, source);
        put(out, id);
        put(out, static_cast<uint32_t>(roles.size()));
        for (const CxmRole &role : roles) {
            bool known = keyed && role.identifier;
            put(out, role.name);
            put(out, (role.last - role.first) << 2 | (known ? 2u : 0u) | (role.other ? 1u : 0u));
            for (uint32_t i = role.first; i < role.last; ++i) {
                if (known) put_key(out, keys[at_key++]);
                put(out, values[i]);
            }
            for (uint32_t i = role.first; role.other && i < role.last; ++i) {
                bool same = at(values[i]) == at(written[i]);
                put(out, same ? 0u : written[i].stop - written[i].start + 1);
                if (!same) out.append(text, written[i].start, written[i].stop - written[i].start);
            }
        }
        put(out, keyed ? static_cast<uint32_t>(others.size()) + 1 : 0u);
        for (CxmName name : others) {
            put(out, name);
            put_key(out, keys[at_key++]);
        }
        return out;
    }

    // Whether what is packed could be read; what a store keeps always can.
    bool read(const char *from, size_t size) {
        if (size > UINT32_MAX) return false;
        text.assign(from, size);
        CxmPackedText in{text, 0, true};
        source = in.piece();
        id = in.piece();
        uint32_t left = in.number();
        for (; left && in.sound; --left) {
            CxmName name = in.name();
            uint32_t told = in.number(), first = static_cast<uint32_t>(values.size());
            for (uint32_t i = 0; i < told >> 2 && in.sound; ++i) {
                if (told & 2) keys.push_back(in.key());
                values.push_back(in.piece());
            }
            for (uint32_t i = first; i < values.size() && in.sound; ++i) {
                uint32_t length = told & 1 ? in.number() : 0;
                written.push_back(length ? in.bytes(length - 1) : values[i]);
            }
            roles.push_back({name, first, static_cast<uint32_t>(values.size()), (told & 2) != 0, (told & 1) != 0});
        }
        left = in.number();
        keyed = left != 0;
        for (; left > 1 && in.sound; --left) {
            others.push_back(in.name());
            keys.push_back(in.key());
        }
        return in.sound && in.place == text.size();
    }
};

// The fewest different first values of a role, among those of which half of the records know one; 0 for none.
static inline size_t cxm_fewest_first(const std::vector<const CxmSaid *> &records,
                                      const std::vector<CxmSought> &roles) {
    size_t fewest = 0;
    std::vector<std::string_view> firsts;
    for (const CxmSought &name : roles) {
        firsts.clear();
        for (const CxmSaid *record : records) {
            const CxmRole *role = record->find(name);
            if (role != nullptr && role->first < role->last) firsts.push_back(record->at(record->values[role->first]));
        }
        if (firsts.empty() || 2 * firsts.size() < records.size()) continue;
        std::sort(firsts.begin(), firsts.end());
        size_t distinct = std::unique(firsts.begin(), firsts.end()) - firsts.begin();
        if (fewest == 0 || distinct < fewest) fewest = distinct;
    }
    return fewest;
}

#endif
