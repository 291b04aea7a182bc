// JSON text being written: a buffer that grows, and how texts and whole numbers stand in it.

#ifndef CXM_JSON_TEXT_HPP
#define CXM_JSON_TEXT_HPP

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace cxm {

// For every byte: 0 when it stands in a JSON string as it is, else the letter after the backslash.
struct Escapes {
    unsigned char table[256];
    constexpr Escapes() : table() {
        for (int c = 0; c < 32; c++) table[c] = 'u';
        table[8] = 'b';
        table[9] = 't';
        table[10] = 'n';
        table[12] = 'f';
        table[13] = 'r';
        table['"'] = '"';
        table['\\'] = '\\';
    }
};
inline constexpr Escapes ESCAPES{};
inline constexpr char HEX_DIGITS[] = "0123456789abcdef";

class JsonText {
  public:
    JsonText() = default;
    JsonText(const JsonText&) = delete;
    JsonText& operator=(const JsonText&) = delete;
    ~JsonText() { std::free(buffer); }

    const char* data() const { return buffer; }
    size_t size() const { return used; }
    size_t capacity() const { return room; }
    void cut(size_t size) { used = size; }  // to no more than it has

    void byte(char c) {
        ensure(1);
        buffer[used++] = c;
    }

    void raw(const char* s, size_t n) {
        ensure(n);
        std::memcpy(buffer + used, s, n);
        used += n;
    }

    // UTF-8 text as a JSON string, eight bytes at a time where none of them needs a backslash.
    void text(const char* s, size_t n) {
        ensure(6 * n + 10);  // whatever it holds, with its quotes
        char* out = buffer + used;
        *out++ = '"';
        const char* end = s + n;
        if (n >= 8) {
            const char* last = end - 8;
            while (s < last && copied<uint64_t>(out, s)) s += 8, out += 8;
            if (s >= last && copied<uint64_t>(out - (s - last), last)) out += end - s, s = end;
        } else if (n >= 4) {
            if (copied<uint32_t>(out, s) && copied<uint32_t>(out + n - 4, end - 4)) out += n, s = end;
        }
        while (s < end) out = escaped(out, *s++);
        *out++ = '"';
        used = static_cast<size_t>(out - buffer);
    }

    void integer(long long number) {
        char digits[24];
        int at = 24;
        unsigned long long rest = static_cast<unsigned long long>(number);
        if (number < 0) rest = 0 - rest;
        do {
            digits[--at] = static_cast<char>('0' + rest % 10);
            rest /= 10;
        } while (rest);
        if (number < 0) digits[--at] = '-';
        raw(digits + at, static_cast<size_t>(24 - at));
    }

  private:
    char* buffer = nullptr;
    size_t used = 0;
    size_t room = 0;

    void ensure(size_t more) {
        if (more > room - used) grow(more);
    }

    void grow(size_t more) {
        if (more > SIZE_MAX / 2 - used) throw std::bad_alloc();
        size_t wanted = room ? room : 2048;
        while (wanted < used + more) wanted *= 2;
        char* larger = static_cast<char*>(std::realloc(buffer, wanted));
        if (!larger) throw std::bad_alloc();
        buffer = larger;
        room = wanted;
    }

    // Copies a few bytes at once; false if one of them is a control character, a quote or a backslash.
    template <typename Word>
    static bool copied(char* out, const char* s) {
        constexpr Word ones = static_cast<Word>(~Word{0} / 255), high = static_cast<Word>(ones * 128);
        Word word;
        std::memcpy(&word, s, sizeof word);
        std::memcpy(out, &word, sizeof word);
        Word quote = word ^ static_cast<Word>(ones * '"'), slash = word ^ static_cast<Word>(ones * '\\');
        Word found = (word - static_cast<Word>(ones * 32)) & ~word;
        found |= (quote - ones) & ~quote;
        found |= (slash - ones) & ~slash;
        return (found & high) == 0;
    }

    static char* escaped(char* out, char c) {
        unsigned char escape = ESCAPES.table[static_cast<unsigned char>(c)];
        if (!escape) {
            *out++ = c;
            return out;
        }
        *out++ = '\\';
        *out++ = static_cast<char>(escape);
        if (escape == 'u') {
            *out++ = '0';
            *out++ = '0';
            *out++ = HEX_DIGITS[static_cast<unsigned char>(c) >> 4];
            *out++ = HEX_DIGITS[c & 15];
        }
        return out;
    }
};

// A thread writes most of its texts one after the other, so it keeps the buffer of the last one.
constexpr size_t MOST_KEPT = 1 << 17;

struct Kept {
    JsonText* text = nullptr;
    ~Kept() { delete text; }
};
inline thread_local Kept kept;

inline JsonText* borrow() {
    JsonText* text = kept.text ? kept.text : new JsonText;
    kept.text = nullptr;
    text->cut(0);
    return text;
}

inline void give_back(JsonText* text) {
    if (!kept.text && text->capacity() <= MOST_KEPT)
        kept.text = text;
    else
        delete text;
}

}  // namespace cxm

#endif
