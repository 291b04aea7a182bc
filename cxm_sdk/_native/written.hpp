// Where the parts of a full name stand in it: as they were written, before they were folded.
#ifndef CXM_WRITTEN_HPP
#define CXM_WRITTEN_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// A text as `folding` has it, and for each byte of that the place of the character that it comes from.
struct CxmWritten {
    std::string_view raw;
    std::string folded;
    std::vector<uint32_t> starts, stops;

    // `wide` as `text.translate` takes it; NULL leaves out what is not ASCII.
    void read(std::string_view text, const uint64_t *wide) {
        raw = text;
        folded.clear();
        starts.clear();
        stops.clear();
        for (size_t at = 0, size; at < raw.size(); at += size) {
            uint8_t lead = static_cast<uint8_t>(raw[at]);
            size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
            if (raw.size() - at < size) break;
            if (size == 1) put(raw[at], at, size);
            else if (wide == nullptr) continue;
            else if (size < 4) put_folded(wide[code(at, size)], at, size);
            else if (pictograph(at)) put(' ', at, size);
            else for (size_t i = 0; i < size; ++i) put(raw[at + i], at, size);
        }
    }

    // Finds whole words, the first such or the last; whether they are there, with nothing between them that parts names.
    bool find(std::string_view part, bool last, size_t &start, size_t &stop) const {
        size_t at = last ? folded.rfind(part) : folded.find(part);
        while (at != std::string::npos && !whole(at, part.size()))
            at = !last ? folded.find(part, at + 1) : at ? folded.rfind(part, at - 1) : std::string::npos;
        if (at == std::string::npos || part.empty()) return false;
        start = starts[at];
        stop = stops[at + part.size() - 1];
        for (size_t i = start; i < stop; ++i)
            if (parts(raw[i])) return false;
        bool initial = part.size() == 1 || part[part.size() - 2] == ' ';
        if (initial && stop < raw.size() && raw[stop] == '.') ++stop;
        return true;
    }

private:
    uint32_t code(size_t at, size_t size) const {
        uint32_t found = static_cast<uint8_t>(raw[at]) & (size == 2 ? 0x1F : 0x0F);
        for (size_t i = 1; i < size; ++i) found = found << 6 | (raw[at + i] & 0x3F);
        return found;
    }
    bool pictograph(size_t at) const {
        uint8_t lead = static_cast<uint8_t>(raw[at]), second = static_cast<uint8_t>(raw[at + 1]);
        return (lead == 0xF0 && second == 0x9F && static_cast<uint8_t>(raw[at + 2]) < 0xAC) || lead >= 0xF3;
    }
    void put_folded(uint64_t packed, size_t at, size_t size) {
        for (int left = packed & 0xFF; left > 0; --left) put(static_cast<char>(packed >>= 8), at, size);
    }
    void put(char c, size_t at, size_t size) {
        if (c == '\'' || c == '`') return;
        if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<uint8_t>(c) >= 0x80;
        if (!kept) c = ' ';
        if (c == ' ' && (folded.empty() || folded.back() == ' ')) return;
        folded.push_back(c);
        starts.push_back(static_cast<uint32_t>(at));
        stops.push_back(static_cast<uint32_t>(at + size));
    }
    // Whether no character is cut at either end either.
    bool whole(size_t at, size_t size) const {
        size_t end = at + size;
        return (at == 0 || (folded[at - 1] == ' ' && stops[at - 1] <= starts[at])) &&
               (end == folded.size() || (folded[end] == ' ' && starts[end] >= stops[end - 1]));
    }
    // Brackets, quotation marks, commas: what stands around them is no one part as it stands.
    static bool parts(char c) {
        bool kept = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        return static_cast<uint8_t>(c) < 0x80 && !kept && c != ' ' && c != '-' && c != '.' && c != '\'' && c != '`';
    }
};

#endif
