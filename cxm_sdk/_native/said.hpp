// What a record says, in one piece: roles, and under each its values, as places in one text.
#ifndef CXM_SAID_HPP
#define CXM_SAID_HPP

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
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

// Numbers for distinct texts, in the order in which they come.
struct CxmNumbers {
    std::vector<int32_t> table;
    std::vector<std::string_view> texts;
    size_t mask = 0;

    void reserve(size_t count) {
        size_t size = 16;
        while (size < 2 * count) size *= 2;
        table.assign(size, -1);
        mask = size - 1;
        texts.reserve(count);
    }

    int32_t number(std::string_view text) {
        size_t at = std::hash<std::string_view>{}(text) & mask;
        for (; table[at] >= 0; at = (at + 1) & mask)
            if (texts[table[at]] == text) return table[at];
        table[at] = static_cast<int32_t>(texts.size());
        texts.push_back(text);
        return table[at];
    }
};

// Values of one role among some records.
struct CxmColumn {
    std::string_view name;
    size_t slots = 0, held = 0;
    std::vector<std::string_view> muted;
    CxmNumbers numbers;
    std::vector<int32_t> codes;  // by slot and record
};

struct CxmColumns {
    std::vector<CxmColumn> columns;

    CxmColumn &column(std::string_view name) {
        for (CxmColumn &one : columns)
            if (one.name == name) return one;
        columns.emplace_back();
        columns.back().name = name;
        return columns.back();
    }

    void measure(const std::vector<const CxmSaid *> &records) {
        for (const CxmSaid *record : records)
            for (const CxmRole &role : record->roles) {
                CxmColumn &one = column(record->at(role.name));
                one.held += role.last - role.first;
                one.slots = std::max<size_t>(one.slots, role.last - role.first);
            }
        std::sort(columns.begin(), columns.end(),
                  [](const CxmColumn &a, const CxmColumn &b) { return a.name < b.name; });
    }

    // Muted values get the first numbers, which are taken off again.
    void fill(const std::vector<const CxmSaid *> &records) {
        for (CxmColumn &one : columns) {
            one.numbers.reserve(one.held + one.muted.size());
            for (std::string_view text : one.muted) one.numbers.number(text);
            one.muted.resize(one.numbers.texts.size());
            one.codes.assign(one.slots * records.size(), -1);
        }
        for (size_t row = 0; row < records.size(); ++row)
            for (const CxmRole &role : records[row]->roles) {
                CxmColumn &one = column(records[row]->at(role.name));
                for (uint32_t i = role.first; i < role.last; ++i) {
                    std::string_view text = records[row]->at(records[row]->values[i]);
                    if (text.empty()) continue;
                    int32_t code = one.numbers.number(text) - static_cast<int32_t>(one.muted.size());
                    one.codes[(i - role.first) * records.size() + row] = code < 0 ? -1 : code;
                }
            }
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
