# The C interface that RapidFuzz hangs on its scorers as a capsule (struct version 3). Its wheels ship no header, so the
# layout is declared here; strings.pyx refuses any other version.
from libc.stdint cimport int64_t, uint32_t
from libcpp cimport bool as cbool

cdef enum:
    RF_UINT8 = 0
    RF_UINT16 = 1
    RF_UINT32 = 2
    RF_UINT64 = 3
    RF_SCORER_STRUCT_VERSION = 3
    RF_SCORER_FLAG_RESULT_F64 = 1 << 5

cdef struct RF_String:
    void (*dtor)(RF_String* self) noexcept nogil
    uint32_t kind
    void* data
    int64_t length
    void* context

cdef struct RF_Kwargs:
    void (*dtor)(RF_Kwargs* self) noexcept nogil
    void* context

cdef struct RF_ScorerFunc:
    void (*dtor)(RF_ScorerFunc* self) noexcept nogil
    # A union of three calls upstream; only the f64 one is used, and all are pointers.
    cbool (*f64)(const RF_ScorerFunc* self, const RF_String* text, int64_t count, double cutoff, double hint,
                 double* result) noexcept nogil
    void* context

cdef struct RF_ScorerFlags:
    uint32_t flags
    double optimal
    double worst

cdef struct RF_Scorer:
    uint32_t version
    cbool (*kwargs_init)(RF_Kwargs* self, object kwargs) except False
    cbool (*get_scorer_flags)(const RF_Kwargs* self, RF_ScorerFlags* flags) except False
    cbool (*scorer_func_init)(RF_ScorerFunc* self, const RF_Kwargs* kwargs, int64_t count,
                              const RF_String* text) noexcept nogil
