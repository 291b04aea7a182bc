// Numbers of 64 bits that lie anywhere, counted as they come: open addressing in one piece of memory.
#ifndef CXM_INDEXED_HPP
#define CXM_INDEXED_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

class CxmIndexed {
    struct Slot {
        int64_t key;
        int32_t place;  // -1 where it is free
    };
    std::vector<Slot> slots;  // a power of two, never more than half of them used
    int32_t used = 0;

    size_t slot_of(int64_t key) const {
        size_t mask = slots.size() - 1;
        size_t at = static_cast<size_t>((static_cast<uint64_t>(key) * 0x9E3779B97F4A7C15ull) >> 20) & mask;
        while (slots[at].place >= 0 && slots[at].key != key) at = (at + 1) & mask;
        return at;
    }

    void grow() {
        std::vector<Slot> old(slots.empty() ? 64 : slots.size() * 4, Slot{0, -1});
        old.swap(slots);
        for (const Slot &slot : old)
            if (slot.place >= 0) slots[slot_of(slot.key)] = slot;
    }

public:
    // The place of a number; -1 where it never came.
    int32_t find(int64_t key) const { return slots.empty() ? -1 : slots[slot_of(key)].place; }

    // The same, of one that comes now at the latest: places are given from zero on.
    int32_t place(int64_t key) {
        if (static_cast<size_t>(used) * 2 >= slots.size()) grow();
        Slot &slot = slots[slot_of(key)];
        if (slot.place < 0) slot = Slot{key, used++};
        return slot.place;
    }

    int32_t size() const { return used; }
};

#endif
