#include "bench/peak.h"

#if defined(VEILSUM_HAVE_IFMA)

bool peak_available(void) {
    __builtin_cpu_init(); /* asks the processor, and whether the system saves the registers */
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

void peak_run(void *unused, size_t count) {
    (void)unused;
    (void)peak_ifma_run(count); /* in a file of its own, so that the work is not left out */
}

#else

bool peak_available(void) {
    return false;
}

void peak_run(void *unused, size_t count) {
    (void)unused;
    (void)count;
}

#endif
