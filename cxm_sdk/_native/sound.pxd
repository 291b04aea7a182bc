"""How a name sounds; shared by inclusion, not at run time."""

from libc.stdint cimport int64_t, uint8_t, uint64_t

from cxm_sdk._native.spans cimport hash_text, is_letter


cdef inline bint silent(const uint8_t* p, int64_t i, int64_t size) noexcept nogil:
    """Whether the consonant at ``i`` is swallowed by the next: sch, gh, tz, dg."""
    cdef uint8_t letter = p[i], following
    if i + 1 >= size:
        return False
    following = p[i + 1]
    if letter == 99:                                            # sch
        return following == 104 and i > 0 and p[i - 1] == 115
    if letter == 103:                                           # gh, but not first
        return following == 104 and i > 0
    if letter == 116:                                           # tz
        return following == 122
    return letter == 100 and following == 103                   # dg


cdef inline uint64_t sound_of(const uint8_t* p, int64_t size) noexcept nogil:
    """One name; see ``phonetic`` in the stub for the rules."""
    # Consonant classes of the code, by letter a..z: 0 is silent (vowels, h, w, y).
    #   b p = 1   f v = 2   c g j k q x = 3   d t = 4   l = 5   m n = 6   r = 7   s z = 8
    cdef const uint8_t* SOUND = <const uint8_t*> b"\x00\x01\x03\x04\x00\x02\x03\x00\x00\x03\x03\x05\x06\x06\x00\x01\x03\x07\x08\x04\x00\x02\x00\x03\x00\x08"
    cdef uint64_t code = 0
    cdef uint8_t letter, sound, previous = 0
    cdef int64_t i = 0
    cdef int places = 0
    while i < size and not is_letter(p[i]) and p[i] < 0x80:
        i += 1
    if i == size:
        return 0
    if size - i > 1:  # silent first letters: kn, gn, wr
        if ((p[i] == 107 or p[i] == 103) and p[i + 1] == 110) or (p[i] == 119 and p[i + 1] == 114):
            i += 1
    while i < size:
        letter = p[i]
        i += 1
        if letter >= 0x80:
            return hash_text(p, size, 0) | (<uint64_t> 1 << 63)
        if not is_letter(letter) or silent(p, i - 1, size):
            continue
        sound = SOUND[letter - 97]
        if letter == 112 and i < size and p[i] == 104:          # ph
            sound = 2
        elif letter == 99 and i < size and (p[i] == 101 or p[i] == 105 or p[i] == 121):  # ce, ci, cy
            sound = 8
        if places == 0:
            # vowels, h, w and y are heard at the start, all as one
            code = sound if sound else 9
            places = 1
        elif sound and sound != previous and places < 8:
            code = code << 4 | sound
            places += 1
        # h and w do not part two consonants of one class, vowels do
        if letter != 104 and letter != 119:
            previous = sound
    return code
