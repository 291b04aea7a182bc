// Canonical forms of single values: what the rules of the batch side make of a column, made of one text.
#ifndef CXM_PLAIN_HPP
#define CXM_PLAIN_HPP

#include <ctime>

#include "plain_words.hpp"
#include "written.hpp"

constexpr size_t CXM_WIDE = 0x10000;       // characters that are folded here
constexpr size_t CXM_LONGEST = 512;        // bytes of a value
constexpr size_t CXM_LONGEST_MARKER = 24;  // bytes of a text that says that there is no value

struct CxmForm {
    CxmView role;  // nothing for the role that was asked for; what it is of stays
    std::string form;
    std::string shown;  // as it is written, where it is part of a full name and stands in it as such; else nothing
};

enum CxmRule {
    CXM_IDENTIFIER, CXM_GIVEN_NAME, CXM_LAST_NAME, CXM_FULL_NAME, CXM_SUFFIX, CXM_COMPANY, CXM_SEX, CXM_STREET,
    CXM_HOUSE_NUMBER, CXM_UNIT, CXM_CITY, CXM_POSTCODE, CXM_STATE, CXM_COUNTRY, CXM_NATIONAL_ID, CXM_DIGEST,
    CXM_BIRTH_DATE
};

struct CxmPlain {
    CxmWordList missing, titles, tail, particles, nobody, no_given_names, suffixes, legal_forms, small_words, sexes;
    CxmWordList streets, roads, units, unit_short, number_prefixes, cities, no_postcodes, states, countries;
    CxmWordList no_ids, junk_numbers, default_dates, joining, beside_titles;
    int earliest_year = 0;
    uint64_t wide[CXM_WIDE];  // length in the lowest byte, then what a character becomes; all ones where not known yet

    // ------------------------------------------------------------------------------------------ text

    // Letters and digits in lower case, and other characters that are kept; those dropped vanish, all else is a space.
    std::string folded(CxmView text, CxmView kept = "", CxmView dropped = "'`", bool parted = true) const {
        std::string out;
        char before = ' ';
        auto put = [&](char c) {
            if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
            if (dropped.find(c) != CxmView::npos) return;
            bool letter = cxm_small(c) || cxm_digit(c) || static_cast<uint8_t>(c) >= 0x80;
            if (!letter && kept.find(c) == CxmView::npos) {
                if (!parted) return;
                c = ' ';
            }
            if (c != ' ' || before != ' ') out.push_back(before = c);
        };
        out.reserve(text.size());
        for (size_t i = 0; i < text.size(); ++i) {
            uint8_t lead = static_cast<uint8_t>(text[i]);
            if (lead < 0x80) {
                put(text[i]);
                continue;
            }
            uint32_t code = lead < 0xE0 ? lead & 0x1F : lead & 0x0F;
            for (int more = lead < 0xE0 ? 1 : 2; more > 0; --more) code = code << 6 | (text[++i] & 0x3F);
            uint64_t packed = wide[code];
            for (int left = packed & 0xFF; left > 0; --left) put(static_cast<char>(packed >>= 8));
        }
        if (!out.empty() && before == ' ') out.pop_back();
        return out;
    }

    bool is_missing(CxmView folded) const {
        return folded.empty() || folded.size() > CXM_LONGEST || missing.has(folded);
    }
    CxmView present(CxmView raw) const {
        CxmView text = cxm_trim(raw);
        if (text.size() > CXM_LONGEST) return {};
        return text.size() <= CXM_LONGEST_MARKER && is_missing(folded(text)) ? CxmView() : text;
    }

    // "12345.0" as "12345".
    static CxmView without_decimals(CxmView text) {
        size_t dot = text.rfind('.');
        if (dot == CxmView::npos || text.back() != '0') return text;
        CxmView whole = cxm_before(text, dot), decimals = cxm_after(text, dot);
        if (whole.empty() || cxm_digits(whole) < whole.size()) return text;
        return decimals.find_first_not_of('0') == CxmView::npos ? cxm_before(text, dot) : text;
    }

    // How much of a text its first, or last, words take that are listed.
    static size_t leading(CxmView text, const CxmWordList &words, bool keep_one = false) {
        size_t at = 0;
        while (at < text.size()) {
            CxmView word = cxm_word_from(text, at);
            size_t end = at + word.size();
            if ((keep_one && end == text.size()) || !words.has(word)) break;
            at = end < text.size() ? end + 1 : end;
        }
        return at;
    }
    static size_t trailing(CxmView text, const CxmWordList &words, bool keep_one = false) {
        size_t end = text.size();
        while (end > 0) {
            size_t at = cxm_word_start(text, end);
            if ((keep_one && at == 0) || !words.has(text.substr(at, end - at))) break;
            end = at > 0 ? at - 1 : at;
        }
        return end;
    }
    static CxmView without_leading(CxmView text, const CxmWordList &words, bool keep_one = false) {
        return cxm_trim(text.substr(leading(text, words, keep_one)));
    }
    static size_t find_word(CxmView text, const CxmWordList &words) {
        for (size_t at = 0; at < text.size(); at += cxm_word_from(text, at).size() + 1)
            if (words.has(cxm_word_from(text, at))) return at;
        return CxmView::npos;
    }
    static std::string replaced(CxmView text, const CxmWordList &words) {
        std::string out;
        for (size_t at = 0; at < text.size();) {
            CxmView word = cxm_word_from(text, at), partner;
            at += word.size() + 1;
            if (word.empty()) continue;
            if (const CxmView *found = words.find(word)) {
                word = {};
                partner = *found;
            } else {
                for (const auto &[ending, form] : words.endings) {
                    if (word.size() <= ending.size() + 1 || word.substr(word.size() - ending.size()) != ending) continue;
                    word.remove_suffix(ending.size());
                    partner = form;
                    break;
                }
            }
            if (word.empty() && partner.empty()) continue;
            if (!out.empty()) out.push_back(' ');
            out.append(word).append(partner);
        }
        return out;
    }

    // ------------------------------------------------------------------------------------------ names

    // Nothing for what names nobody: markers, stand-ins, no letter at all, one letter over and over.
    CxmView someone(CxmView name) const {
        if (is_missing(name) || nobody.has(name)) return {};
        if (name.size() > 2 && cxm_small(name[0]) && name.find_first_not_of(name[0]) == CxmView::npos) return {};
        for (char c : name)
            if (cxm_small(c) || static_cast<uint8_t>(c) >= 0x80) return name;
        return {};
    }
    // Whether a name may be of several people; the others need no look.
    bool may_be_several(CxmView raw, CxmView kept) const {
        if (raw.find_first_of("&+") != CxmView::npos) return true;
        std::string text = folded(raw, kept);
        if (find_word(text, joining) != CxmView::npos) return true;
        bool loose = raw.find('/') != CxmView::npos || find_word(text, beside_titles) != CxmView::npos;
        return loose && leading(text, titles) > 0;
    }
    std::string given(CxmView name) const {
        return std::string(no_given_names.has(name) ? CxmView() : someone(name));
    }
    std::string generation(CxmView tail) const {
        size_t at = find_word(tail, suffixes);
        return at == CxmView::npos ? std::string() : replaced(cxm_word_from(tail, at), suffixes);
    }
    static std::string without_dashes(CxmView name) {
        std::string out;
        for (char c : name) {
            if (c == '-') c = ' ';
            if (c != ' ' || (!out.empty() && out.back() != ' ')) out.push_back(c);
        }
        if (!out.empty() && out.back() == ' ') out.pop_back();
        return out;
    }
    void parts(CxmView names, CxmView last, const std::string &suffix, std::vector<CxmForm> &found) const {
        if (nobody.has(names)) names = {};  // "Baby Girl" has no middle name
        size_t space = names.find(' ');
        found.push_back({"first_name", given(without_dashes(cxm_before(names, space))), {}});
        found.push_back({"middle_name", given(without_dashes(cxm_after(names, space))), {}});
        found.push_back({"last_name", std::string(someone(without_dashes(last))), {}});
        found.push_back({"suffix", suffix, {}});
    }
    void split_plain(CxmView names, std::vector<CxmForm> &found) const {
        CxmView untitled = without_leading(names, titles);
        if (nobody.has(untitled) || no_given_names.has(untitled)) return;
        size_t end = trailing(untitled, tail, true);
        CxmView rest = cxm_trim(untitled.substr(0, end)), behind = cxm_trim(untitled.substr(end));
        size_t space = rest.rfind(' ');
        CxmView head = cxm_before(rest, space);
        // Particles before the last word belong to it, but the first word is always a first name.
        CxmView kept = cxm_trim(head.substr(0, trailing(head, particles, true))), last;
        if (space != CxmView::npos) last = cxm_trim(rest.substr(kept.size() + 1));
        parts(kept, last, generation(behind), found);
    }
    void split_turned(CxmView last, CxmView names, CxmView extra, std::vector<CxmForm> &found) const {
        last = without_leading(last, titles);
        names = without_leading(names, titles);
        size_t last_end = trailing(last, tail, true), end = trailing(names, tail, true);
        std::string suffix = generation(cxm_trim(names.substr(end)));
        if (suffix.empty()) suffix = generation(cxm_trim(last.substr(last_end)));
        if (suffix.empty()) suffix = generation(extra);
        parts(cxm_trim(names.substr(0, end)), cxm_trim(last.substr(0, last_end)), suffix, found);
    }
    void full_name(CxmView raw, std::vector<CxmForm> &found) const {
        std::string text = folded(raw, ",-");
        if (is_missing(text)) return;
        CxmView names = text;
        size_t comma = names.find(',');
        CxmView head = cxm_before(names, comma), behind = cxm_after(names, comma);
        CxmView extra = cxm_after(behind, behind.find(','));
        behind = cxm_before(behind, behind.find(','));
        // "John Smith, Jr" names in plain order: all behind the comma is suffixes and degrees.
        if (!head.empty() && !cxm_trim(behind.substr(0, trailing(behind, tail))).empty())
            split_turned(head, behind, extra, found);
        else
            split_plain(joined(head, behind), found);
        show(raw, found);
    }
    void show(CxmView raw, std::vector<CxmForm> &found) const {
        CxmWritten text;
        text.read(raw, wide);
        for (CxmForm &part : found) {
            size_t start = 0, stop = 0;
            if (part.role == "suffix" || !text.find(part.form, part.role == "last_name", start, stop)) continue;
            part.shown = raw.substr(start, stop - start);
        }
    }
    static std::string joined(CxmView one, CxmView other) {
        std::string both(one);
        if (!one.empty() && !other.empty()) both.push_back(' ');
        return both.append(other);
    }
    void last_name(CxmView raw, std::vector<CxmForm> &found) const {
        std::string text = folded(raw);
        // A title that is all there is, is a name: Herr and Sir are surnames too.
        CxmView untitled = without_leading(text, titles, true);
        size_t end = trailing(untitled, tail, true);
        found.push_back({{}, std::string(someone(cxm_trim(untitled.substr(0, end)))), {}});
        found.push_back({"suffix", generation(cxm_trim(untitled.substr(end))), {}});
    }
    std::string company(CxmView raw) const {
        std::string text = folded(raw, "", "'`.");
        if (is_missing(text)) return {};
        std::string words = replaced(text, small_words);
        if (words.empty()) words = text;  // "The And" is a name after all
        return std::string(cxm_trim(CxmView(words).substr(0, trailing(words, legal_forms, true))));
    }
    static std::string mapped(CxmView text, const CxmWordList &words) {
        const CxmView *found = words.find(text);
        return std::string(found == nullptr ? CxmView() : *found);
    }
    std::string place(CxmView raw, const CxmWordList &words) const {
        std::string text = folded(raw);
        if (words.has(text)) return mapped(text, words);
        return is_missing(text) ? std::string() : text;
    }

    // ------------------------------------------------------------------------------------------ addresses

    // Takes "apt 4b" out of a line, and "floor 2" too; gives what was taken out.
    std::string take_unit(std::string &line, bool again = true) const {
        if (line.find('#') != std::string::npos) {
            std::string spaced;
            for (char c : line) spaced.append(c == '#' ? " # " : std::string(1, c));
            line = folded(spaced, "-/#");
        }
        size_t at = find_word(line, units);
        if (at == std::string::npos) return {};
        CxmView whole = line, behind = whole.substr(at);
        CxmView value = cxm_after(behind, behind.find(' '));
        value = cxm_before(value, value.find(' '));
        // The value has a digit or is one letter; "12 court floor road" and a lone "lot" are words of the street.
        if (value.empty()) return {};
        if (value.size() > 1 && !cxm_digit(value[0]) && (value.size() > 4 || !cxm_digits(value))) return {};
        size_t stop = value.data() + value.size() - whole.data();
        std::string unit(whole.substr(at, stop - at));
        line = joined(cxm_trim(whole.substr(0, at)), cxm_trim(whole.substr(stop)));
        return again ? joined(unit, take_unit(line, false)) : unit;
    }

    // Where in a line its house number is, in front or at the end; npos where there is none.
    std::pair<size_t, size_t> number_in(CxmView line) const {
        const std::pair<size_t, size_t> none(CxmView::npos, CxmView::npos);
        CxmView first = cxm_word_from(line, 0);
        if (line.empty()) return none;
        if (cxm_numberlike(first)) {
            CxmView next = first.size() < line.size() ? cxm_word_from(line, first.size() + 1) : CxmView();
            bool more = (next == "bis" || next == "ter") && first.size() + 4 < line.size();  // "12 bis rue"
            return {0, first.size() + (more ? 4 : 0)};
        }
        if (first.size() == line.size()) return none;
        size_t end = line.size(), start = cxm_word_start(line, end), stop = end;
        if (end - start == 1 && cxm_small(line[start]) && start > 1) {  // "12 a"
            stop = start - 1;
            start = cxm_word_start(line, stop);
            if (!cxm_digit(line[start]) || !cxm_digit(line[stop - 1])) return none;
        }
        if (start == 0 || !cxm_numberlike(line.substr(start, stop - start))) return none;
        size_t before = cxm_word_start(line, start - 1);
        if (roads.has(line.substr(before, start - 1 - before))) return none;
        return {start, end};
    }

    std::string short_street(CxmView line) const {
        if (line.find_first_of("-/#") == CxmView::npos) return replaced(line, streets);
        return replaced(folded(line), streets);
    }

    // False for boxes, whole addresses and lines of several rows, which take more to tell.
    bool street(CxmView raw, std::vector<CxmForm> &found) const {
        if (raw.find('\n') != CxmView::npos || cxm_may_be_whole(raw)) return false;
        std::string line = folded(raw, "-/#");
        for (size_t at = 0; at < line.size(); at += cxm_word_from(line, at).size() + 1)
            if (cxm_word_from(line, at) == "box") return false;
        if (is_missing(line)) return true;
        std::string unit = take_unit(line);
        CxmView whole = line, rest = whole, number;
        auto [start, stop] = number_in(whole);
        if (start != CxmView::npos) {
            number = cxm_trim(whole.substr(start, stop - start));
            rest = cxm_trim(start == 0 ? whole.substr(stop) : whole.substr(0, start));
            size_t slash = start == 0 ? number.find('/') : CxmView::npos;  // "3/12 High St" is unit 3 of number 12
            if (slash != CxmView::npos) {
                if (unit.empty()) unit = cxm_before(number, slash);
                number = cxm_after(number, slash);
            }
        }
        found.push_back({{}, short_street(rest), {}});
        found.push_back({"house_number", house_number(number), {}});
        found.push_back({"unit", unit_of(unit), {}});
        found.push_back({"street_line", short_street(whole), {}});
        return true;
    }

    std::string house_number(CxmView raw) const {
        std::string text = folded(without_decimals(cxm_trim(raw)), "-/");
        CxmView words = without_leading(text, number_prefixes);
        if (is_missing(words)) return {};
        std::string number;
        for (char c : words) {
            if (c == '/') c = '-';
            if (c != ' ' && (!number.empty() || (c != '0' && c != '-'))) number.push_back(c);
        }
        return number.size() <= 24 ? number : std::string();
    }

    std::string unit_of(CxmView raw) const {
        std::string text = folded(without_decimals(cxm_trim(raw)), "#");
        if (text.find('#') != std::string::npos) text = folded(text);
        if (is_missing(text)) return {};
        text = replaced(text, unit_short);
        return text.size() <= 64 ? text : std::string();
    }

    std::string city(CxmView raw) const {
        std::string text = folded(raw, ",");
        CxmView head = cxm_before(text, text.find(','));
        return is_missing(head) ? std::string() : replaced(head, cities);
    }

    std::string postcode(CxmView raw) const {
        std::string code = folded(without_decimals(cxm_trim(raw)), "", "", false);
        if (code.empty() || code.size() > 12 || no_postcodes.has(code)) return {};
        size_t digits = cxm_digits(code), letters = code.size() - digits;
        bool numeric = letters == 0;
        if (!numeric && cxm_small(code[0]) && (digits == 4 || digits == 5) && letters <= 2 &&
            cxm_digits(CxmView(code).substr(letters)) == digits) {
            code.erase(0, letters);  // the letter of a country
            numeric = true;
        }
        if (numeric && digits == 9) code.resize(5);
        while (numeric && !code.empty() && code[0] == '0' && code.size() <= 5) code.erase(0, 1);
        if (code.find_first_not_of('0') == std::string::npos) return {};
        for (char &c : code)
            if (cxm_small(c)) c -= 'a' - 'A';
        return code;
    }

    // ------------------------------------------------------------------------------------------ identifiers

    std::string identifier(CxmView raw) const {
        std::string id(without_decimals(present(raw)));
        bool hexadecimal = id.size() >= 8 && id.find_first_not_of("0123456789abcdefABCDEF-{}") == std::string::npos;
        bool solid = false;
        if (hexadecimal || id.find('@') != std::string::npos)
            for (char &c : id)
                if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        std::string lower;
        for (char c : id) {
            bool printable = c > ' ' && c < 127;
            solid = solid || (printable && CxmView("0-{}.").find(c) == CxmView::npos);
            if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
            if (printable) lower.push_back(c);
            else if (!lower.empty() && lower.back() != ' ') lower.push_back(' ');
        }
        return solid && !no_ids.has(cxm_trim(lower)) ? id : std::string();
    }
    std::string digest(CxmView raw) const {
        std::string id(present(raw));
        if (id.size() < 32 || id.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return {};
        for (char &c : id)
            if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        return id;
    }
    std::string national_id(CxmView raw) const {
        std::string id = folded(without_decimals(present(raw)), "", "", false);
        return id.size() >= 4 && !junk_numbers.has(id) ? id : std::string();
    }

    // ------------------------------------------------------------------------------------------ dates

    std::string date(int year, int month, int day) const {
        static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        if (month > 12 && day <= 12) std::swap(month, day);
        if (year < earliest_year || month < 1 || month > 12 || day < 1 || day > days[month - 1]) return {};
        if (month == 2 && day == 29 && (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0))) return {};
        if (year > this_year()) return {};
        std::string text = std::to_string(year * 10000 + month * 100 + day);
        return default_dates.has(text) ? std::string() : text;
    }
    static int this_year() {
        std::time_t now = std::time(nullptr);
        long long days = static_cast<long long>(now / 86400) + 719468;  // from the first of March of the year 0
        long long era = days / 146097, of_era = days - era * 146097;
        long long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
        long long of_year = of_era - (365 * year + year / 4 - year / 100);
        return static_cast<int>(year + era * 400 + ((5 * of_year + 2) / 153 >= 10));
    }
    // False for what is no date of numbers of fixed width, which takes more to tell.
    bool birth_date(CxmView raw, CxmView order, std::string &found) const {
        CxmView text = present(raw), between = "-/. ";
        if (text.size() > 12 && (text[10] == 'T' || text[10] == ' ') && text[4] == '-' && text[7] == '-')
            text = cxm_before(text, 10);
        if (text.empty()) return true;
        if (text.size() == 10) {
            size_t year_at = cxm_digit(text[2]) ? 0 : 6, one = year_at == 0 ? 5 : 0, other = year_at == 0 ? 8 : 3;
            int year = cxm_number(text, year_at, 4), a = cxm_number(text, one, 2), b = cxm_number(text, other, 2);
            if (year < 0 || a < 0 || b < 0) return false;
            for (size_t at : {year_at == 0 ? 4 : 2, year_at == 0 ? 7 : 5})
                if (between.find(text[at]) == CxmView::npos) return false;
            bool month_first = year_at == 0 || order == "mdy";
            found = month_first ? date(year, a, b) : date(year, b, a);
            return true;
        }
        if (text.size() != 8) return false;
        int year = cxm_number(text, 0, 4), a = cxm_number(text, 4, 2), b = cxm_number(text, 6, 2);
        if (year < 0 || a < 0 || b < 0) return false;
        if (year >= earliest_year && year < 2200 && a <= 31 && b <= 31) {
            found = date(year, a, b);
            return true;
        }
        // Eight digits that are no date with the year in front have it at the end.
        int day = cxm_number(text, 0, 2), month = cxm_number(text, 2, 2);
        if (order != "dmy") std::swap(day, month);
        found = date(cxm_number(text, 4, 4), month, day);
        return true;
    }

    // ------------------------------------------------------------------------------------------ roles

    // A list of words by its name; NULL for none of it.
    CxmWordList *list(CxmView name) {
        const std::pair<CxmView, CxmWordList *> lists[] = {
            {"missing", &missing}, {"titles", &titles}, {"tail", &tail}, {"particles", &particles},
            {"nobody", &nobody}, {"no_given_names", &no_given_names}, {"suffixes", &suffixes},
            {"legal_forms", &legal_forms}, {"small_words", &small_words}, {"sexes", &sexes}, {"streets", &streets},
            {"roads", &roads}, {"units", &units}, {"unit_short", &unit_short}, {"number_prefixes", &number_prefixes},
            {"cities", &cities}, {"no_postcodes", &no_postcodes}, {"states", &states}, {"countries", &countries},
            {"no_ids", &no_ids}, {"junk_numbers", &junk_numbers}, {"default_dates", &default_dates},
            {"joining", &joining}, {"beside_titles", &beside_titles},
        };
        for (const auto &[known, words] : lists)
            if (known == name) return words;
        return nullptr;
    }

    // The forms of a value, some of them empty; false where it takes more to tell. In identifiers, codes and dates only
    // ASCII is to be asked for.
    bool forms(CxmRule rule, CxmView raw, CxmView date_order, std::vector<CxmForm> &found) const {
        std::string form;
        switch (rule) {
        case CXM_FULL_NAME: full_name(raw, found); return true;
        case CXM_LAST_NAME: last_name(raw, found); return true;
        case CXM_STREET: return street(raw, found);
        case CXM_BIRTH_DATE:
            if (!birth_date(raw, date_order, form)) return false;
            break;
        case CXM_GIVEN_NAME: form = given(without_leading(folded(raw), titles)); break;
        case CXM_SUFFIX: form = generation(folded(raw)); break;
        case CXM_COMPANY: form = company(raw); break;
        case CXM_SEX: form = mapped(folded(raw), sexes); break;
        case CXM_HOUSE_NUMBER: form = house_number(raw); break;
        case CXM_UNIT: form = unit_of(raw); break;
        case CXM_CITY: form = city(raw); break;
        case CXM_POSTCODE: form = postcode(raw); break;
        case CXM_STATE: form = place(raw, states); break;
        case CXM_COUNTRY: form = place(raw, countries); break;
        case CXM_NATIONAL_ID: form = national_id(raw); break;
        case CXM_DIGEST: form = digest(raw); break;
        case CXM_IDENTIFIER: form = identifier(raw); break;
        }
        found.push_back({{}, std::move(form), {}});
        return true;
    }
};

#endif
