/* Streams and slots on AVX-512, with keys and slots marked, under clang's MemorySanitizer, which follows those
 * instructions (kernels.c says what that shows). It holds nothing that is not compiled for it.
 *
 *     sharing_msan              exits with 77 where the machine lacks the instructions
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "crypto/sharing/backend.h"
#include "crypto/sharing/stream.h"
#include "crypto/status.h"
#include "tests/ct/taint.h"

#define SKIPPED 77
#define WORDS 43u /* five times eight, and a rest */

/* ---- stand-ins ---- */

void vs_wipe(void *memory, size_t len) {
    for (volatile unsigned char *at = memory; len > 0; len--) {
        *at++ = 0;
    }
}

_Noreturn void vs__check_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
    exit(1);
}

const vs_sharing_backend *vs__sharing_backend(void) {
    return NULL;
}

/* A report must not look like "skipped". */
const char *__msan_default_options(void);
const char *__msan_default_options(void) {
    return "exitcode=9";
}

/* ---- trials ---- */

static void publish(void *result, size_t len) {
    VS_CHECK(tainted_bytes(result, len) == len);
    clear_taint(result, len);
}

/* Long streams and short ones, of keys of zeros, whose stream begins as published [RFC8439, appendix A.1]. */
static void try_stream(size_t count, size_t blocks) {
    static const uint8_t beginning[8] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90};
    static uint8_t keys[8][VS_STREAM_KEY_BYTES], out[8 * 70 * VS_STREAM_BLOCK_BYTES];
    const vs_stream_keys list = {.first = keys[0], .stride = sizeof keys[0], .count = count};
    memset(keys, 0, sizeof keys);
    taint(keys, sizeof keys);
    vs__stream_avx512(out, &list, 0, blocks);
    publish(out, count * blocks * VS_STREAM_BLOCK_BYTES);
    for (size_t i = 0; i < count; i++) {
        VS_CHECK(memcmp(out + i * blocks * VS_STREAM_BLOCK_BYTES, beginning, sizeof beginning) == 0);
    }
}

static uint64_t next_word(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state ^ *state >> 29;
}

static void try_slots(vs_slots_go_on *go_on, vs_slots_go_on *as) {
    uint64_t acc[WORDS], same[WORDS], x[WORDS], tops[WORDS], state = 1;
    for (size_t i = 0; i < WORDS; i++) {
        acc[i] = same[i] = next_word(&state);
        x[i] = i % 3 == 0 ? ~acc[i] : i % 3 == 1 ? acc[i] : next_word(&state);
        tops[i] = i % 4 == 0 ? next_word(&state) : 0;
    }
    unsigned expected = as(same, x, tops, WORDS, 1);
    taint(acc, sizeof acc);
    taint(x, sizeof x);
    unsigned carry = go_on(acc, x, tops, WORDS, 1);
    publish(acc, sizeof acc);
    clear_taint(&carry, sizeof carry);
    VS_CHECK(carry == expected && memcmp(acc, same, sizeof acc) == 0);
}

int main(void) {
    if (!__builtin_cpu_supports("avx512f")) {
        puts("skipped: this machine has no AVX-512");
        return SKIPPED;
    }
    try_stream(1, 70);
    try_stream(8, 3);
    try_stream(3, 17);
    try_slots(vs__slots_add_avx512, vs__slots_add_portable);
    try_slots(vs__slots_sub_avx512, vs__slots_sub_portable);
    printf("streams and slots on avx512 under %s\n", taint_tool());
    return 0;
}
