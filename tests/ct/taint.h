/* Taint: marks on memory that a tool carries along with every computation, so that it can report each branch and each
 * address that depends on what was marked. One face for two tools: clang's MemorySanitizer, which follows AVX-512 but
 * wants everything compiled for it, and Valgrind, which takes any program but hides instructions beyond AVX2 from it.
 */
#ifndef VEILSUM_TESTS_CT_TAINT_H
#define VEILSUM_TESTS_CT_TAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define TAINT_BY_MSAN
#endif
#endif

#if defined(TAINT_BY_MSAN)

#include <sanitizer/msan_interface.h>

static inline const char *taint_tool(void) {
    return "MemorySanitizer";
}

static inline void taint(void *secret, size_t len) {
    __msan_poison(secret, len);
}

static inline void clear_taint(void *public, size_t len) {
    __msan_unpoison(public, len);
}

/* How many bytes hold a marked bit? */
static inline size_t tainted_bytes(const void *memory, size_t len) {
    size_t found = 0;
    for (size_t i = 0; i < len; i++) {
        found += __msan_test_shadow((const char *)memory + i, 1) == 0;
    }
    return found;
}

#else

#include <valgrind/memcheck.h>

/* NULL where nobody is watching. */
static inline const char *taint_tool(void) {
    return RUNNING_ON_VALGRIND ? "Valgrind" : NULL;
}

static inline void taint(void *secret, size_t len) {
    VALGRIND_MAKE_MEM_UNDEFINED(secret, len);
}

static inline void clear_taint(void *public, size_t len) {
    VALGRIND_MAKE_MEM_DEFINED(public, len);
}

static inline size_t tainted_bytes(const void *memory, size_t len) {
    size_t found = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t bits = 0;
        VALGRIND_GET_VBITS((const char *)memory + i, &bits, 1);
        found += bits != 0;
    }
    return found;
}

#endif

#endif
