#include "crypto/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* From here on, memory is worth asking for in large pages: a table is read from end to end again and again, and small
 * pages would cost a look-up of their addresses each time. */
#define LARGE_PAGE ((size_t)2 << 20)

void *vs_lines_alloc(size_t len) {
    size_t align = len >= 2 * LARGE_PAGE ? LARGE_PAGE : VS_CACHE_LINE;
    if (len > SIZE_MAX - align) {
        return NULL;
    }
    void *memory = aligned_alloc(align, len == 0 ? align : (len + align - 1) / align * align);
#if defined(MADV_HUGEPAGE)
    if (memory != NULL && align == LARGE_PAGE) {
        (void)madvise(memory, (len + align - 1) / align * align, MADV_HUGEPAGE); /* without it, small pages do */
    }
#endif
    return memory;
}

void vs_memory_keep(void) {
    (void)mallopt(M_MMAP_THRESHOLD, 256 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
}
