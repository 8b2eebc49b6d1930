#include <string.h>

#include "cli/options.h"

#define MAX_WORD 32

static size_t min3(size_t a, size_t b, size_t c) {
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Insertions, deletions, replacements and swaps of neighbours that lead from a to b; both at most MAX_WORD long. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t row[3][MAX_WORD + 1]; /* i − 2, i − 1 and i, in turn */
    for (size_t j = 0; j <= b_len; j++) {
        row[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = row[i % 3];
        const size_t *before = row[(i + 2) % 3];
        const size_t *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replaced = before[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = min3(before[j] + 1, now[j - 1] + 1, replaced);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && earlier[j - 2] + 1 < now[j]) {
                now[j] = earlier[j - 2] + 1;
            }
        }
    }
    return row[a_len % 3][b_len];
}

void vs__nearest_offer(vs_nearest *nearest, const char *wanted, size_t wanted_len, const char *candidate) {
    size_t len = strlen(candidate);
    if (wanted_len == 0 || wanted_len > MAX_WORD || len > MAX_WORD) {
        return;
    }
    /* The beginning of a longer word counts as near, however long the rest is. */
    size_t distance = wanted_len >= 3 && len > wanted_len && memcmp(candidate, wanted, wanted_len) == 0
                          ? 1
                          : edit_distance(wanted, wanted_len, candidate, len);
    size_t allowed = wanted_len < 4 ? 1 : wanted_len < 8 ? 2 : 3;
    if (distance <= allowed && distance < len && (nearest->word == NULL || distance < nearest->distance)) {
        *nearest = (vs_nearest){candidate, distance};
    }
}
