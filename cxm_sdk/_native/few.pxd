"""Few records laid out for a model, for other compiled modules."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.deque cimport deque
from libcpp.unordered_map cimport unordered_map
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

from cxm_sdk._native.contents cimport Packed, string_view
from cxm_sdk._native.few_values cimport Value
from cxm_sdk._native.indexed cimport CxmIndexed
from cxm_sdk._native.pair_model cimport Compared, PairModel, Rarity
from cxm_sdk._native.weighing cimport Weighing


cdef struct Part:
    # Where the values of one role lie: those that came as such, and behind them those that are derived.
    uint32_t first, own, last


cdef struct Row:
    string_view source, name
    uint64_t source_head, name_head  # their first eight bytes, which are compared as they are
    double first, last
    uint8_t held   # which names its first address holds
    cbool derived  # whether its digests of what it knows in clear are worked out


cdef class Few:
    cdef Weighing rules
    cdef PairModel model
    cdef readonly dict shared
    cdef list records, kept
    cdef size_t roles
    cdef CxmIndexed places  # by number of the record
    cdef vector[Value] values
    cdef vector[Row] rows
    cdef vector[Part] parts  # by record and role
    cdef deque[vector[uint32_t]] wide
    cdef vector[unordered_map[string_view, double]] people  # bits by value, by role
    cdef vector[unordered_set[string_view]] muted
    cdef CxmIndexed counted       # keys of identifiers that several people share
    cdef vector[int64_t] counts   # how many, by place
    # What was found out about the pair that was compared last.
    cdef vector[uint8_t] levels
    cdef vector[double] adjusted  # two for each comparison that ages behind those of the model
    cdef vector[double] lost      # two for each comparison that ages: of the match, and of the household
    cdef bint across
    # The same of pairs that were weighed.
    cdef CxmIndexed known_pairs
    cdef vector[uint8_t] known_levels, known_across
    cdef vector[double] known_bits
    cdef int32_t place(self, int64_t number) except -1
    cdef bint before(self, int32_t a, int32_t b) noexcept nogil
    cdef int compare(self, int32_t left, int32_t right) except -1
    cdef int compare_anew(self, int32_t left, int32_t right) except -1
    cdef int remember(self, int32_t left, int32_t right) except -1
    cdef void recall(self, size_t pair) noexcept
    cdef void fade(self, Py_ssize_t k, const Row* a, const Row* b) noexcept
    cdef int weights(self, double* match_out, double* household_out) noexcept
    cdef int derive(self, int32_t place) except -1
    cdef const Value* at(self, int32_t row, int role, size_t slot) noexcept nogil
    cdef size_t slots(self, int32_t row, int role) noexcept nogil
    cdef int read(self, Packed record) except -1
    cdef int find_shared(self, Packed record) except -1
    cdef int share(self, int role, string_view value, int64_t people) except -1
    cdef int count(self) except -1
    cdef int add_value(self, string_view text, size_t role) except -1
    cdef void find_held(self, int32_t place) noexcept
    cdef int column_level(self, const Compared* compared, int32_t a, int32_t b) except -1
    cdef size_t most(self, int32_t a, int32_t b, int role) noexcept nogil
    cdef const Value* part(self, int32_t row, int role, size_t address, size_t most) noexcept nogil
    cdef int address_level(self, int32_t a, int32_t b) except -1
    cdef void join_rules(self, int32_t a, int32_t b, uint8_t* levels) noexcept
    cdef double worth(self, const Rarity* rarity, string_view value) noexcept
    cdef double adjustment(self, const Rarity* rarity, int32_t a, int32_t b) except? -1.0
