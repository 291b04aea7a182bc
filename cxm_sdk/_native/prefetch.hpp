// Asks for a cache line before it is needed; random rows of a large table are otherwise waited for one by one.
#ifndef CXM_PREFETCH_HPP
#define CXM_PREFETCH_HPP
#if defined(_MSC_VER)
#include <intrin.h>
static inline void cxm_prefetch(const void *p) { _mm_prefetch(static_cast<const char *>(p), _MM_HINT_T0); }
#else
static inline void cxm_prefetch(const void *p) { __builtin_prefetch(p); }
#endif
#endif
