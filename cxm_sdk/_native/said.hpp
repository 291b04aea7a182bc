// What a record says, in one piece: roles, and under each its values, as places in one text.
#ifndef CXM_SAID_HPP
#define CXM_SAID_HPP

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

struct CxmSpan {
    uint32_t start, stop;
};

struct CxmRole {
    CxmSpan name;
    uint32_t first, last;  // its values
};

struct CxmSaid {
    std::string text;
    std::vector<CxmRole> roles;
    std::vector<CxmSpan> values;

    std::string_view at(CxmSpan span) const { return {text.data() + span.start, span.stop - span.start}; }

    CxmSpan append(const char *from, size_t size) {
        uint32_t start = static_cast<uint32_t>(text.size());
        text.append(from, size);
        return {start, static_cast<uint32_t>(text.size())};
    }

    void begin_role(CxmSpan name) {
        uint32_t at = static_cast<uint32_t>(values.size());
        roles.push_back({name, at, at});
    }

    void add_value(CxmSpan value) {
        values.push_back(value);
        ++roles.back().last;
    }

    const CxmRole *find(std::string_view name) const {
        for (const CxmRole &role : roles)
            if (at(role.name) == name) return &role;
        return nullptr;
    }

    // The text between quotation marks at a place; false where it is none, or one with anything to be unescaped.
    bool quoted(uint32_t &place, CxmSpan &out) const {
        if (place >= text.size() || text[place] != '"') return false;
        uint32_t start = ++place;
        while (place < text.size() && text[place] != '"')
            if (text[place++] == '\\') return false;
        out = {start, place};
        return place++ < text.size();
    }

    bool next(uint32_t &place, char wanted) const { return place < text.size() && text[place++] == wanted; }

    // Reads {"role":["value",...],...} without spaces and escapes; false for anything else.
    bool read(const char *from, size_t size) {
        text.assign(from, size);
        uint32_t place = 0;
        CxmSpan span;
        if (size > UINT32_MAX || !next(place, '{')) return false;
        if (size == 2) return text[1] == '}';
        do {
            if (!quoted(place, span) || !next(place, ':') || !next(place, '[')) return false;
            begin_role(span);
            if (place < size && text[place] == ']') {
                ++place;
                continue;
            }
            do {
                if (!quoted(place, span)) return false;
                add_value(span);
            } while (place < size && text[place] == ',' && ++place);
            if (!next(place, ']')) return false;
        } while (place < size && text[place] == ',' && ++place);
        return next(place, '}') && place == size;
    }
};

// The fewest different first values of a role, among those of which half of the records know one; 0 for none.
static inline size_t cxm_fewest_first(const std::vector<const CxmSaid *> &records,
                                      const std::vector<std::string_view> &roles) {
    size_t fewest = 0;
    std::vector<std::string_view> firsts;
    for (std::string_view name : roles) {
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
