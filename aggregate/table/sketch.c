#include "aggregate/table/sketch.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

void vs_sketch_init(vs_sketch *sketch, const uint8_t key[VS__KEYED_BYTES]) {
    *sketch = (vs_sketch){.rows = 0};
    memcpy(sketch->key, key, sizeof sketch->key);
}

static void free_text(vs_sketch *sketch) {
    if (sketch->text != NULL) {
        vs_wipe(sketch->text, sketch->cap);
        free(sketch->text);
    }
}

void vs_sketch_clear(vs_sketch *sketch) {
    free_text(sketch);
    vs_wipe(sketch, sizeof *sketch);
}

/* Fields with their lengths, so that no two different rows have the same bytes. */
static vs_status write_row(vs_sketch *sketch, size_t *len, const vs_field *fields, size_t count) {
    size_t need = 0;
    for (size_t i = 0; i < count; i++) {
        need += sizeof fields[i].len + fields[i].len;
    }
    if (need > sketch->cap) {
        free_text(sketch);
        sketch->cap = 0;
        sketch->text = malloc(2 * need);
        if (sketch->text == NULL) {
            return VS_ERR_MEMORY;
        }
        sketch->cap = 2 * need;
    }
    char *at = sketch->text;
    for (size_t i = 0; i < count; i++) {
        memcpy(at, &fields[i].len, sizeof fields[i].len);
        memcpy(at + sizeof fields[i].len, fields[i].text, fields[i].len);
        at += sizeof fields[i].len + fields[i].len;
    }
    *len = need;
    return VS_OK;
}

static void insert(vs_sketch *sketch, uint64_t hash) {
    size_t at = sketch->count;
    while (at > 0 && sketch->hashes[at - 1] > hash) {
        at--;
    }
    if ((at > 0 && sketch->hashes[at - 1] == hash) || at == VS_SKETCH_SIZE) {
        return;
    }
    sketch->count += sketch->count < VS_SKETCH_SIZE;
    memmove(&sketch->hashes[at + 1], &sketch->hashes[at], (sketch->count - at - 1) * sizeof hash);
    sketch->hashes[at] = hash;
}

vs_status vs_sketch_add(vs_sketch *sketch, const vs_field *fields, size_t count) {
    size_t len = 0;
    vs_status status = write_row(sketch, &len, fields, count);
    if (status == VS_OK) {
        sketch->rows++;
        insert(sketch, vs__keyed_hash(sketch->key, sketch->text, len));
    }
    return status;
}

/* Among the smallest hashes of the union, which are a fair sample of its rows, those that both hold. */
unsigned vs_sketch_shared(const vs_sketch *a, const vs_sketch *b) {
    size_t most = a->count == VS_SKETCH_SIZE || b->count == VS_SKETCH_SIZE ? VS_SKETCH_SIZE : a->count + b->count;
    size_t taken = 0, both = 0, of_a = 0, of_b = 0;
    for (size_t i = 0, j = 0; taken < most && (i < a->count || j < b->count); taken++) {
        bool from_a = j == b->count || (i < a->count && a->hashes[i] <= b->hashes[j]);
        bool from_b = i == a->count || (j < b->count && b->hashes[j] <= a->hashes[i]);
        both += from_a && from_b;
        of_a += from_a;
        of_b += from_b;
        i += from_a;
        j += from_b;
    }
    size_t smaller = of_a < of_b ? of_a : of_b;
    if (both == 0) {
        return 0;
    }
    unsigned share = (unsigned)(100 * both / smaller);
    return share == 0 ? 1 : share;
}
