/* Does a total hold exactly these contributions? They are combined once more. A total has one form, so the result is
 * compared with its bytes as it leaves the combine: nothing is kept, and nothing takes longer than combining. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/combine_internal.h"
#include "aggregate/combine/match_internal.h"
#include "aggregate/container/container_internal.h"
#include "crypto/guard.h"

#define COMPARED_BYTES 65536u

typedef char name_text[VS_MAX_NAME_BYTES + 1];

/* The total, read once: the bytes of its header are kept as they pass. */
typedef struct total_input {
    const vs_source *source;
    vs_source tee;
    uint8_t *kept;
    size_t kept_len, kept_cap;
} total_input;

/* What the combine writes, compared with the total. */
typedef struct comparison {
    total_input *total;
    const vs_header *claimed; /* what the total's header says */
    vs_header made;           /* what the combined total's header says, once they differ */
    uint64_t at;
    uint64_t difference; /* the first byte, or UINT64_MAX */
    uint8_t *buffer;
} comparison;

void vs_verification_clear(vs_verification *v) {
    free(v->missing);
    free(v->extra);
    vs_combine_report_clear(&v->report);
    *v = (vs_verification){.holds = false};
}

/* ---- the total's header ---- */

static vs_status keep(void *context, void *buf, size_t cap, size_t *got, vs_error *error) {
    total_input *t = context;
    vs_status status = t->source->read(t->source->context, buf, cap, got, error);
    if (status != VS_OK || *got == 0) {
        return status;
    }
    if (t->kept_len + *got > t->kept_cap) {
        size_t larger = 2 * (t->kept_len + *got);
        uint8_t *kept = realloc(t->kept, larger);
        if (kept == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        t->kept = kept;
        t->kept_cap = larger;
    }
    memcpy(t->kept + t->kept_len, buf, *got);
    t->kept_len += *got;
    return VS_OK;
}

static vs_status check_claim(const vs_header *header, const vs_plan *plan, const char *name, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(header->pk);
    vs_layout layout = {0};
    vs_status status = vs__header_matches_plan(header, plan, name, error);
    if (status == VS_OK && header->kind != VS_TOTAL) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: a contribution, and no total", name);
        vs_hint(error, "name the total first, and the contributions behind --with");
        status = VS_ERR_USAGE;
    }
    if (status == VS_OK) {
        status = vs_layout_make(&layout, plan, info->bits, info->degree, error);
    }
    if (status == VS_OK) {
        status = vs__header_fits_layout(header, &layout, name, error);
    }
    vs_layout_free(&layout);
    return status;
}

/* The reader lives on for its header alone: what follows is read as bytes. */
static vs_status read_claim(vs_container_reader **reader, total_input *t, const vs_plan *plan, vs_error *error) {
    int at_end = 0;
    t->tee = (vs_source){.name = t->source->name, .context = t, .read = keep};
    vs_status status = vs_container_reader_new(reader, &t->tee, &at_end, error);
    if (status == VS_OK && at_end) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s: is empty", t->source->name);
        vs_hint(error, "a total was expected; 'veilsum combine' makes them");
        status = VS_ERR_FORMAT;
    }
    return status == VS_OK ? check_claim(vs_container_header(*reader), plan, t->source->name, error) : status;
}

/* ---- comparing ---- */

static vs_status compare_piece(comparison *c, const uint8_t *data, size_t len, vs_error *error) {
    size_t got = 0;
    vs_status status = vs_read_up_to(c->total->source, c->buffer, len, &got, error);
    for (size_t i = 0; status == VS_OK && i < len && c->difference == UINT64_MAX; i++) {
        if (i >= got || data[i] != c->buffer[i]) {
            c->difference = c->at + i;
        }
    }
    return status;
}

/* The first write is the header. It is decoded where it differs, to name the contributors in which it does. */
static vs_status compare_header(comparison *c, const uint8_t *data, size_t len, vs_error *error) {
    if (len == c->total->kept_len && memcmp(data, c->total->kept, len) == 0) {
        return VS_OK;
    }
    c->difference = 0;
    return vs__header_decode(&c->made, data, len, c->claimed->pk, error);
}

static vs_status compare(void *context, const void *data, size_t len, vs_error *error) {
    comparison *c = context;
    const uint8_t *bytes = data;
    vs_status status = VS_OK;
    if (c->difference != UINT64_MAX) {
        return VS_OK; /* the answer is known */
    }
    if (c->at == 0) {
        status = compare_header(c, bytes, len, error);
        c->at = len;
        return status;
    }
    for (size_t done = 0; done < len && status == VS_OK && c->difference == UINT64_MAX;) {
        size_t piece = len - done < COMPARED_BYTES ? len - done : COMPARED_BYTES;
        status = compare_piece(c, bytes + done, piece, error);
        done += piece;
        c->at += piece;
    }
    return status;
}

/* ---- the answer ---- */

/* Contributors of `a` that are not in `b`; both ascend by id. */
static vs_status subtract(name_text **names, size_t *count, const vs_header *a, const vs_header *b, vs_error *error) {
    size_t k = 0;
    *count = 0;
    *names = calloc(a->contributor_count + 1, sizeof **names);
    if (*names == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    for (size_t i = 0; i < a->contributor_count; i++) {
        const vs_contributor *who = &a->contributors[i];
        while (k < b->contributor_count && memcmp(b->contributors[k].id, who->id, VS_ID_BYTES) < 0) {
            k++;
        }
        if (k == b->contributor_count || memcmp(b->contributors[k].id, who->id, VS_ID_BYTES) != 0) {
            memcpy((*names)[(*count)++], who->name, sizeof who->name);
        }
    }
    return VS_OK;
}

static vs_status answer_header(vs_verification *v, const comparison *c, const char *name, vs_error *error) {
    char here[VS_MAX_NAME_BYTES + 16], there[VS_MAX_NAME_BYTES + 16];
    if (!vs_equal(c->made.sid, c->claimed->sid, VS_HASH_BYTES)) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s has %s, and the contributions have %s", name,
                      vs__period_text(here, c->claimed->period), vs__period_text(there, c->made.period));
        vs_hint(error, "give the contributions of the total's own period and attempt");
        return VS_ERR_AUTH;
    }
    vs_status status = subtract(&v->missing, &v->missing_count, c->claimed, &c->made, error);
    if (status == VS_OK) {
        status = subtract(&v->extra, &v->extra_count, &c->made, c->claimed, error);
    }
    if (status != VS_OK) {
        return status;
    }
    if (v->missing_count > 0) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s holds a contribution by %s, and none is here (%zu in all)", name,
                      v->missing[0], v->missing_count);
        vs_hint(error, "give all contributions that the total names, or the right total");
    } else if (v->extra_count > 0) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s holds no contribution by %s (%zu too many are here)", name, v->extra[0],
                      v->extra_count);
        vs_hint(error, "leave out what the total does not name, or ask why it was left out of the total");
    } else {
        (void)vs_fail(error, VS_ERR_AUTH, "%s has a header that no combine makes", name);
        vs_hint(error, "combine the contributions again");
    }
    return VS_ERR_AUTH;
}

/* Which ciphertext a byte belongs to, or UINT64_MAX where it is of a hash or the trailer. */
static uint64_t ciphertext_at(const vs_header *header, size_t header_len, uint64_t byte) {
    const vs_chunks chunks = vs__chunks_of(header);
    uint64_t whole = (uint64_t)chunks.chunk_ciphertexts * chunks.ciphertext_bytes + VS_HASH_BYTES;
    uint64_t chunk = (byte - header_len) / whole, inside = (byte - header_len) % whole;
    uint64_t index = chunk * chunks.chunk_ciphertexts + inside / chunks.ciphertext_bytes;
    bool of_hash = chunk >= chunks.chunk_count || index >= chunks.ciphertext_count ||
                   inside >= vs__chunk_size(&chunks, chunk) * chunks.ciphertext_bytes;
    return of_hash ? UINT64_MAX : index;
}

static vs_status answer_bytes(vs_verification *v, const comparison *c, const char *name, vs_error *error) {
    v->first_difference = ciphertext_at(c->claimed, c->total->kept_len, c->difference);
    if (v->first_difference == UINT64_MAX) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s is not the product of these contributions: it is damaged at byte %llu",
                      name, (unsigned long long)c->difference);
    } else {
        (void)vs_fail(error, VS_ERR_AUTH, "%s is not the product of these contributions, from ciphertext %llu on", name,
                      (unsigned long long)v->first_difference + 1);
    }
    vs_hint(error, "it is damaged, or was made of others; combine the contributions again");
    return VS_ERR_AUTH;
}

/* All was compared; is anything left of the total? */
static vs_status answer(vs_verification *v, comparison *c, const char *name, vs_error *error) {
    size_t rest = 0;
    if (c->difference == 0) {
        return VS_GUARD(verify_contributors, false) ? VS_OK : answer_header(v, c, name, error);
    }
    if (c->difference != UINT64_MAX) {
        return VS_GUARD(verify_product, false) ? VS_OK : answer_bytes(v, c, name, error);
    }
    vs_status status = vs_read_up_to(c->total->source, c->buffer, 1, &rest, error);
    if (status == VS_OK && rest > 0) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s: something follows the total", name);
        vs_hint(error, "get it again from where it was made");
        status = VS_ERR_AUTH;
    }
    return status;
}

vs_status vs_verify_total(vs_verification *v, const vs_plan *plan, const vs_source *total, const vs_inputs *inputs,
                          const vs_combine_options *options, const vs_progress *progress, vs_error *error) {
    total_input t = {.source = total};
    comparison c = {.total = &t, .difference = UINT64_MAX, .buffer = malloc(COMPARED_BYTES)};
    const vs_sink sink = {.name = "comparison", .context = &c, .write = compare};
    vs_container_reader *reader = NULL;
    vs_combine_options checked = options == NULL ? (vs_combine_options){.period = NULL} : *options;
    *v = (vs_verification){.first_difference = UINT64_MAX};
    checked.leave_out_refused = false;
    vs_status status = c.buffer == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : read_claim(&reader, &t, plan, error);
    if (status == VS_OK) {
        c.claimed = vs_container_header(reader);
        status = vs_combine_checked(plan, inputs, &checked, &v->report, &sink, progress, error);
    }
    if (status == VS_OK) {
        status = answer(v, &c, total->name, error);
        v->holds = status == VS_OK;
    }
    vs_header_clear(&c.made);
    vs_container_reader_free(reader);
    free(t.kept);
    free(c.buffer);
    return status;
}
