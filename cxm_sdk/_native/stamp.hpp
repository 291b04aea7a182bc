// The clock as events carry it, ids from random bytes, the process that asks, and a write to a file.

#ifndef CXM_STAMP_HPP
#define CXM_STAMP_HPP

#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>

#ifdef _WIN32
#include <io.h>
#include <process.h>
#else
#include <pthread.h>
#include <unistd.h>
#endif

#include "json_text.hpp"

namespace cxm {

constexpr int MOMENT = 27;  // letters of a moment, as in 2026-03-01T13:00:00.000000Z
constexpr int UUID = 36;

// The process, without a call to the system each time: a forked child notes its own number before anything else runs.
#ifdef _WIN32
inline long process_id() { return _getpid(); }
#else
inline long& noted_process() {
    static long noted = 0;
    return noted;
}

inline void note_process() { noted_process() = static_cast<long>(getpid()); }

inline long process_id() {
    static const int watched = (note_process(), pthread_atfork(nullptr, nullptr, note_process));
    return watched == 0 ? noted_process() : static_cast<long>(getpid());
}
#endif

// How many bytes one call to the system has written; if none, the number of the error, below zero.
inline long long write_once(int file, const char* data, size_t size) {
#ifdef _WIN32
    long long written = _write(file, data, static_cast<unsigned int>(size < INT_MAX ? size : INT_MAX));
#else
    long long written = write(file, data, size);
#endif
    return written < 0 ? -errno : written;
}

inline int64_t unix_microseconds() {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

inline void write_number(char* out, int digits, int64_t number) {
    for (int i = digits - 1; i >= 0; i--, number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

// A moment of the years 1970 to 9999 as RFC 3339 text. The date is counted from the first of March of the year 0, so
// that the leap day is the last of its year.
inline void write_moment(char* out, int64_t microseconds) {
    int64_t second = microseconds / 1000000, day = second / 86400 + 719468, of_day = second % 86400;
    int64_t era = day / 146097, of_era = day % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    write_number(out + 8, 2, of_year - (153 * month + 2) / 5 + 1);
    month = month < 10 ? month + 3 : month - 9;
    write_number(out + 5, 2, month);
    write_number(out, 4, year + era * 400 + (month <= 2));
    write_number(out + 11, 2, of_day / 3600);
    write_number(out + 14, 2, of_day / 60 % 60);
    write_number(out + 17, 2, of_day % 60);
    write_number(out + 20, 6, microseconds % 1000000);
    out[4] = out[7] = '-';
    out[10] = 'T';
    out[13] = out[16] = ':';
    out[19] = '.';
    out[26] = 'Z';
}

// Sixteen random bytes as a UUID of version 4 (RFC 9562).
inline void write_uuid(char* out, const unsigned char* drawn) {
    for (int i = 0; i < 16; i++) {
        unsigned char byte = drawn[i];
        if (i == 6) byte = static_cast<unsigned char>((byte & 0x0F) | 0x40);
        if (i == 8) byte = static_cast<unsigned char>((byte & 0x3F) | 0x80);
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        *out++ = HEX_DIGITS[byte >> 4];
        *out++ = HEX_DIGITS[byte & 15];
    }
}

}  // namespace cxm

#endif
