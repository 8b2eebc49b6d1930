#include <stdlib.h>
#include <string.h>

#include "cli/transport/folder_names.h"
#include "crypto/hash.h"

#define FIRST_PLACES 256u

/* 64 bits of a hash: who makes two names meet has only hidden a file of his own. */
static uint64_t key_of(const char *name) {
    vs_hash hash;
    uint8_t out[VS_HASH_BYTES];
    uint64_t key;
    vs_hash_init(&hash, "veilsum folder name");
    vs_hash_field(&hash, name, strlen(name));
    vs_hash_final(&hash, out);
    memcpy(&key, out, sizeof key);
    return key == 0 ? 1 : key;
}

static int64_t changed_ns(const struct stat *file) {
    return (int64_t)file->st_mtim.tv_sec * 1000000000 + file->st_mtim.tv_nsec;
}

/* The place of `key`, or the free one where it belongs. */
static vs_known_name *find(const vs_known_names *names, uint64_t key) {
    size_t at = (size_t)key & (names->place_count - 1);
    while (names->places[at].key != 0 && names->places[at].key != key) {
        at = (at + 1) & (names->place_count - 1);
    }
    return &names->places[at];
}

bool vs__name_is_known(const vs_known_names *names, const char *name, const struct stat *file) {
    if (names->place_count == 0) {
        return false;
    }
    const vs_known_name *known = find(names, key_of(name));
    return known->key != 0 &&
           (known->taken || (known->size == (int64_t)file->st_size && known->changed_ns == changed_ns(file)));
}

static vs_status grow(vs_known_names *names, vs_error *error) {
    vs_known_names larger = {.place_count = names->place_count == 0 ? FIRST_PLACES : 2 * names->place_count,
                             .count = names->count};
    larger.places = calloc(larger.place_count, sizeof *larger.places);
    if (larger.places == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < names->place_count; i++) {
        if (names->places[i].key != 0) {
            *find(&larger, names->places[i].key) = names->places[i];
        }
    }
    free(names->places);
    *names = larger;
    return VS_OK;
}

vs_status vs__name_remember(vs_known_names *names, const char *name, const struct stat *file, bool taken,
                            vs_error *error) {
    if (2 * (names->count + 1) > names->place_count) {
        vs_status status = grow(names, error);
        if (status != VS_OK) {
            return status;
        }
    }
    uint64_t key = key_of(name);
    vs_known_name *known = find(names, key);
    names->count += known->key == 0;
    *known = (vs_known_name){.key = key, .taken = taken, .size = file->st_size, .changed_ns = changed_ns(file)};
    return VS_OK;
}

void vs__names_clear(vs_known_names *names) {
    free(names->places);
    *names = (vs_known_names){.places = NULL};
}
