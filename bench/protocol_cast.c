#include "bench/protocol_cast.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/paillier/paillier.h"
#include "crypto/parallel.h"
#include "crypto/sign/identity_internal.h"

#define KEY_BITS 2048u
#define LINE_BYTES (VS_MAX_IDENTITY_TEXT + 128u)

/* ---- identities and cells ---- */

static void seed_of(uint8_t seed[32], const cast *c, const char *label, uint32_t party) {
    vs_hash hash;
    vs_hash_init(&hash, label);
    vs_hash_u64(&hash, c->settings->seed);
    vs_hash_u64(&hash, party);
    vs_hash_final(&hash, seed);
}

static void name_of(char name[32], uint32_t party) {
    snprintf(name, 32, "P%u", party);
}

vs_identity *cast_identity(const cast *c, uint32_t party) {
    uint8_t seed[32];
    char name[32];
    seed_of(seed, c, "veilsum bench identity", party);
    name_of(name, party);
    return vs__identity_simulated(name, seed);
}

void cast_seed(const cast *c, uint32_t party, uint8_t seed[VS_SEED_BYTES]) {
    seed_of(seed, c, "veilsum bench session", party);
}

unsigned cast_roles(const cast *c, uint32_t party) {
    return (cast_is_owner(c, party) ? VS_ROLE_CONTRIBUTOR : 0u) | (cast_is_server(c, party) ? VS_ROLE_SERVER : 0u) |
           (party == c->opener ? VS_ROLE_OPENER : 0u);
}

vs_int128 cast_cell(const cast *c, uint32_t owner, uint64_t index) {
    uint64_t span = (uint64_t)c->plan->vector_max - (uint64_t)c->plan->vector_min;
    if (c->settings->cells >= c->settings->owners && index < c->settings->owners) {
        return index == owner;
    }
    uint64_t random = mixed(mixed(c->settings->seed ^ mixed(owner)) + index);
    return c->plan->vector_min + (vs_int128)(span == UINT64_MAX ? random : random % (span + 1));
}

vs_int128 *cast_cells(const cast *c, uint32_t owner) {
    vs_int128 *cells = malloc((size_t)c->plan->cell_count * sizeof *cells);
    if (cells != NULL) {
        cells[0] = 1;
        for (uint64_t i = 1; i < c->plan->cell_count; i++) {
            cells[i] = cast_cell(c, owner, i - 1);
        }
    }
    return cells;
}

/* ---- the plan ---- */

/* Numbers from `low` to `high` whose sum over all owners takes the bits that were asked for. */
static vs_status choose_range(const protocol_settings *s, int64_t *low, int64_t *high, vs_error *error) {
    uint64_t most = s->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << s->bits) - 1, span = most / s->owners;
    if (span < 2) {
        vs_fail(error, VS_ERR_USAGE, "a sum of %zu owners' numbers does not fit %u bits", s->owners, s->bits);
        vs_hint(error, "more --bits: at least as many as the number of owners takes, and two more");
        return VS_ERR_USAGE;
    }
    span = span > INT64_MAX ? INT64_MAX - 1 : span;
    *low = -(int64_t)(span / 2);
    *high = (int64_t)(span - span / 2);
    return VS_OK;
}

typedef struct lines {
    const cast *cast;
    char *text; /* LINE_BYTES for each party */
} lines;

static const char *duties(const cast *c, uint32_t party) {
    if (cast_is_owner(c, party)) {
        return cast_is_server(c, party)
                   ? party == c->opener ? "\"contribute\",\"aggregate\",\"open\"" : "\"contribute\",\"aggregate\""
                   : "\"contribute\"";
    }
    return cast_is_server(c, party) ? "\"aggregate\"" : "\"open\"";
}

static vs_status write_lines(void *context, size_t first, size_t count) {
    const lines *l = context;
    for (size_t i = first; i < first + count; i++) {
        char text[VS_MAX_IDENTITY_TEXT];
        vs_identity *identity = cast_identity(l->cast, (uint32_t)i);
        if (identity == NULL) {
            return VS_ERR_MEMORY;
        }
        vs_public_identity_to_text(text, vs_identity_public(identity));
        snprintf(l->text + i * LINE_BYTES, LINE_BYTES, "%s{\"identity\":\"%s\",\"organisation\":\"%zu\",\"may\":[%s]}",
                 i == 0 ? "" : ",", text, i, duties(l->cast, (uint32_t)i));
        vs__identity_simulated_free(identity);
    }
    return VS_OK;
}

static size_t write_opening(char *out, size_t cap, const cast *c) {
    const protocol_settings *s = c->settings;
    size_t at = 0;
    if (s->opening == VS_OPENING_MASKS) {
        return (size_t)snprintf(out, cap, "{\"masks\":{\"corrupt\":%u,\"absent\":%u}}", s->corrupt, s->absent);
    }
    if (s->opening == VS_OPENING_KEY) {
        char hex[2 * VS_HASH_BYTES + 1];
        vs_to_hex(hex, vs_public_key_info(vs_secret_key_public(c->sk))->fingerprint, VS_HASH_BYTES);
        return (size_t)snprintf(out, cap, "{\"key\":\"%s\"}", hex);
    }
    at += (size_t)snprintf(out, cap, "{\"shares\":[");
    for (uint32_t i = 0; i < c->servers; i++) {
        at += (size_t)snprintf(out + at, cap - at, "%s\"P%u\"", i == 0 ? "" : ",", c->first_server + i);
    }
    return at + (size_t)snprintf(out + at, cap - at, "]}");
}

/* Head, the parties' lines moved together, tail: into `text`, which has room for all. */
static vs_status write_plan(cast *c, char *text, size_t *len, char *rows, vs_error *error) {
    char opening[512];
    int64_t low = 0, high = 0;
    vs_status status = choose_range(c->settings, &low, &high, error);
    if (status != VS_OK) {
        return status;
    }
    write_opening(opening, sizeof opening, c);
    char *at = text;
    at += sprintf(at,
                  "{\"veilsum\":1,\"vector\":{\"length\":%zu,\"scale\":0,\"min\":\"%" PRId64 "\",\"max\":\"%" PRId64
                  "\"},\"contributors\":{\"min\":3},\"opening\":%s,\"roster\":[",
                  c->settings->cells, low, high, opening);
    for (size_t i = 0; i < c->parties; i++) {
        at = stpcpy(at, rows + i * LINE_BYTES);
    }
    at = stpcpy(at, "]}");
    *len = (size_t)(at - text);
    return VS_OK;
}

static vs_status make_plan(cast *c, vs_error *error) {
    char *rows = malloc(c->parties * LINE_BYTES), *text = malloc(c->parties * LINE_BYTES + 4096);
    size_t len = 0;
    vs_status status = VS_ERR_MEMORY;
    if (rows != NULL && text != NULL) {
        lines l = {c, rows};
        status = vs_parallel_for(c->parties, vs_parallel_grain(c->parties, 256), write_lines, &l);
    }
    status = status == VS_OK ? write_plan(c, text, &len, rows, error) : vs_fail_plain(error, status);
    if (status == VS_OK) {
        status = vs_plan_parse(&c->plan, text, len, error);
    }
    free(rows);
    free(text);
    return status;
}

vs_status cast_make(cast *c, const protocol_settings *s, vs_error *error) {
    vs_status status = VS_OK;
    *c = (cast){.settings = s, .servers = s->opening == VS_OPENING_SHARES ? (uint32_t)s->servers : 1};
    c->first_server = s->owners_serve ? 0 : (uint32_t)s->owners;
    c->opener = s->owners_serve ? 0 : c->first_server + c->servers;
    c->parties = s->owners_serve ? s->owners : (size_t)c->opener + 1;
    if (s->opening == VS_OPENING_KEY) {
        status = vs_keygen(&c->sk, &(vs_key_options){.bits = KEY_BITS, .degree = 1, .type = VS_KEY_STANDARD});
        status = status == VS_OK ? VS_OK : vs_fail_plain(error, status);
    }
    if (status == VS_OK) {
        status = make_plan(c, error);
    }
    if (status != VS_OK) {
        cast_clear(c);
    }
    return status;
}

void cast_clear(cast *c) {
    vs_plan_free(c->plan);
    vs_secret_key_free(c->sk);
    *c = (cast){.plan = NULL};
}
