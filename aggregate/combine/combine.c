#include "aggregate/combine/combine.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/contributor_set.h"
#include "aggregate/combine/match_internal.h"
#include "aggregate/container/container_internal.h"
#include "crypto/parallel.h"

/* Inputs that are open at once: as many as there are threads, each of which reads and hashes one; and several even for
 * one thread, since the total's memory is passed over once for all of them. */
#define MIN_OPEN 16
#define MAX_OPEN 64

/* One open input and the container in it that is being folded. */
typedef struct lane {
    const vs_source *source;
    size_t input;
    vs_container_reader *reader;
    bool once; /* cannot be opened again: its ciphertexts are checked as they come, so that a culprit can be named */
} lane;

typedef struct combiner {
    const vs_plan *plan;
    const vs_inputs *inputs;
    const vs_progress *progress;
    lane lanes[MAX_OPEN];
    size_t lane_count, lane_cap;
    char **names; /* of the inputs, for messages: the inputs themselves are closed by then */
    size_t input_count, name_cap;
    uint64_t containers;
    vs_contributor_set contributors;
    /* from the first container on */
    vs_public_key *pk;
    size_t first_input;
    vs_layout layout;
    vs_accumulator *total;
    vs_header header; /* sid, period, attempt; contributors at the end */
} combiner;

static void close_lane(combiner *c, lane *l) {
    vs_container_reader_free(l->reader);
    if (l->source != NULL) {
        c->inputs->close(c->inputs->context, l->source);
    }
    *l = (lane){0};
}

static void combiner_clear(combiner *c) {
    for (size_t i = 0; i < c->lane_count; i++) {
        close_lane(c, &c->lanes[i]);
    }
    for (size_t i = 0; i < c->input_count; i++) {
        free(c->names[i]);
    }
    free(c->names);
    vs__contributor_set_clear(&c->contributors);
    vs_accumulator_free(c->total);
    vs_layout_free(&c->layout);
    vs_public_key_free(c->pk);
}

/* ---- is this container one that may be folded in? ---- */

/* The first container says which key and period this total is of; its key is the plan's. */
static vs_status begin(combiner *c, lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    const vs_key_info *info = vs_public_key_info(header->pk);
    vs_status status = vs_layout_make(&c->layout, c->plan, info->bits, info->degree, error);
    if (status == VS_OK) {
        status = vs__header_fits_layout(header, &c->layout, l->source->name, error);
    }
    if (status != VS_OK) {
        return status;
    }
    c->header = (vs_header){.kind = VS_TOTAL,
                            .attempt = header->attempt,
                            .cell_count = header->cell_count,
                            .ciphertext_count = header->ciphertext_count,
                            .contributors_min = header->contributors_min,
                            .contributors_max = header->contributors_max};
    memcpy(c->header.plan_id, header->plan_id, VS_HASH_BYTES);
    memcpy(c->header.sid, header->sid, VS_HASH_BYTES);
    memcpy(c->header.period, header->period, sizeof header->period);
    c->pk = vs__container_take_key(l->reader);
    c->header.pk = c->pk;
    c->first_input = l->input;
    status = vs_accumulator_new(&c->total, c->pk, (size_t)header->ciphertext_count);
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

/* The session's id says plan, period and attempt; the plan is known to be the same. */
static vs_status check_session(const combiner *c, const lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    char here[VS_MAX_NAME_BYTES + 16], there[VS_MAX_NAME_BYTES + 16];
    if (vs_equal(header->sid, c->header.sid, VS_HASH_BYTES)) {
        return VS_OK;
    }
    if (strcmp(header->period, c->header.period) == 0) {
        vs_fail(error, VS_ERR_MISMATCH, "%s: made in another attempt than %s", l->source->name,
                c->names[c->first_input]);
        vs_hint(error, "combine what was contributed in one attempt");
        return VS_ERR_MISMATCH;
    }
    vs_fail(error, VS_ERR_MISMATCH, "%s has %s, but %s has %s", l->source->name, vs__period_text(here, header->period),
            c->names[c->first_input], vs__period_text(there, c->header.period));
    vs_hint(error, "combine what was contributed for one period");
    return VS_ERR_MISMATCH;
}

static vs_status refuse_twice(const combiner *c, const lane *l, const vs_contributor *who, size_t before,
                              vs_error *error) {
    if (before == l->input) {
        vs_fail(error, VS_ERR_POLICY, "%s contributed twice: both in %s", who->name, l->source->name);
    } else {
        vs_fail(error, VS_ERR_POLICY, "%s contributed twice: in %s and in %s", who->name, c->names[before],
                l->source->name);
    }
    vs_hint(error, "leave one of them out; a contributor counts once in a period");
    return VS_ERR_POLICY;
}

/* Every contributor counts for one contribution, so the set's size is also the bound of the slots: its limit keeps them
 * from overflowing. */
static vs_status add_contributors(combiner *c, const lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    for (size_t i = 0; i < header->contributor_count; i++) {
        const vs_contributor *who = &header->contributors[i];
        size_t before = VS_NONE;
        vs_status status = vs__contributor_set_add(&c->contributors, who, l->input, &before);
        if (status != VS_OK) {
            return vs_fail_plain(error, status);
        }
        if (before != VS_NONE) {
            return refuse_twice(c, l, who, before, error);
        }
        if (c->contributors.count > c->plan->contributors_max) {
            vs_fail(error, VS_ERR_POLICY, "%s: one contribution too many: the plan allows at most %llu",
                    l->source->name, (unsigned long long)c->plan->contributors_max);
            vs_hint(error, "more contributors need a plan with a larger contributors.max");
            return VS_ERR_POLICY;
        }
    }
    return VS_OK;
}

static vs_status accept(combiner *c, lane *l, vs_error *error) {
    const vs_header *header = vs_container_header(l->reader);
    vs_status status = vs__header_matches_plan(header, c->plan, l->source->name, error);
    if (status == VS_OK && c->total == NULL) {
        status = begin(c, l, error);
    } else if (status == VS_OK) {
        status = vs__header_fits_layout(header, &c->layout, l->source->name, error);
    }
    if (status == VS_OK) {
        status = check_session(c, l, error);
    }
    if (status == VS_OK) {
        status = add_contributors(c, l, error);
    }
    return status;
}

/* ---- opening ---- */

static vs_status remember_name(combiner *c, const char *name, vs_error *error) {
    if (c->input_count == c->name_cap) {
        size_t cap = c->name_cap == 0 ? 16 : 2 * c->name_cap;
        char **names = realloc(c->names, cap * sizeof *names);
        if (names == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        c->names = names;
        c->name_cap = cap;
    }
    c->names[c->input_count] = strdup(name);
    if (c->names[c->input_count] == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    c->input_count++;
    return VS_OK;
}

/* The next container of a lane's source; `*at_end` where there is none. */
static vs_status next_container(combiner *c, lane *l, int *at_end, vs_error *error) {
    vs_container_reader_free(l->reader);
    l->reader = NULL;
    vs_status status = vs_container_reader_new_known(&l->reader, l->source, c->pk, at_end, error);
    return status != VS_OK || *at_end ? status : accept(c, l, error);
}

/* Open the next input as a lane. `*more` = 0 at the end of the inputs. */
static vs_status open_lane(combiner *c, int *more, vs_error *error) {
    lane *l = &c->lanes[c->lane_count];
    size_t index = c->input_count;
    int at_end = 0;
    *l = (lane){.input = index};
    vs_status status = c->inputs->open(c->inputs->context, index, &l->source, error);
    *more = status == VS_OK && l->source != NULL;
    if (!*more) {
        return status;
    }
    c->lane_count++;
    status = remember_name(c, l->source->name, error);
    if (status == VS_OK) {
        l->once = !c->inputs->can_reopen(c->inputs->context, index);
        status = next_container(c, l, &at_end, error);
    }
    if (status == VS_OK && at_end) {
        vs_fail(error, VS_ERR_FORMAT, "%s: is empty", l->source->name);
        vs_hint(error, "a contribution or a total was expected");
        status = VS_ERR_FORMAT;
    }
    return status;
}

/* ---- folding ---- */

/* Inputs that can be opened again share one check at the end. */
static vs_status check_units(const combiner *c, const char *name, const uint8_t *ciphertexts, size_t count,
                             vs_error *error) {
    size_t bad;
    vs_status status = vs_ciphertexts_check(c->pk, ciphertexts, count, &bad);
    if (status != VS_ERR_RANGE) {
        return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
    }
    vs_fail(error, VS_ERR_RANGE, "%s: holds a number that is no ciphertext of this key", name);
    vs_hint(error, "it was not made by veilsum; ask the contributor for a new contribution");
    return VS_ERR_RANGE;
}

/* One chunk of every lane into the total. The lanes go in step: one plan and one key give chunks of one size. */
static vs_status fold_chunk(combiner *c, uint64_t first, size_t *count, vs_error *error) {
    const uint8_t *chunks[MAX_OPEN];
    vs_container_reader *readers[MAX_OPEN];
    size_t bad = 0;
    for (size_t i = 0; i < c->lane_count; i++) {
        readers[i] = c->lanes[i].reader;
    }
    vs_status status = vs_container_read_each(readers, c->lane_count, chunks, count, error);
    for (size_t i = 0; i < c->lane_count && status == VS_OK && *count > 0; i++) {
        if (c->lanes[i].once) {
            status = check_units(c, c->lanes[i].source->name, chunks[i], *count, error);
        }
    }
    if (status != VS_OK || *count == 0) {
        return status;
    }
    status = vs_accumulator_fold(c->total, (size_t)first, chunks, c->lane_count, *count, &bad);
    if (status == VS_ERR_RANGE && bad < c->lane_count) {
        vs_fail(error, status, "%s: holds a number that is not below the key's modulus", c->lanes[bad].source->name);
        vs_hint(error, "it was not made by veilsum; ask the contributor for a new contribution");
        return status;
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

/* Fold the container of every lane, then go on to each lane's next container, or close it. */
static vs_status fold_lanes(combiner *c, vs_error *error) {
    vs_status status = VS_OK;
    size_t count = 1, kept = 0;
    for (uint64_t first = 0; status == VS_OK && count > 0; first += count) {
        status = fold_chunk(c, first, &count, error);
    }
    if (status != VS_OK) {
        return status;
    }
    c->containers += c->lane_count;
    vs_progress_step(c->progress, c->containers, 0);
    for (size_t i = 0; status == VS_OK && i < c->lane_count; i++) {
        int at_end = 0;
        status = next_container(c, &c->lanes[i], &at_end, error);
        if (at_end) {
            close_lane(c, &c->lanes[i]);
        }
    }
    for (size_t i = 0; i < c->lane_count; i++) {
        if (c->lanes[i].source != NULL) {
            c->lanes[kept++] = c->lanes[i];
        }
    }
    c->lane_count = kept;
    return status;
}

static vs_status drain(combiner *c, vs_error *error) {
    vs_status status = VS_OK;
    while (status == VS_OK && c->lane_count > 0) {
        status = fold_lanes(c, error);
    }
    return status;
}

/* A pipe is read to its end before another input is opened: who fills it may fill the next one only then. */
static vs_status fold_inputs(combiner *c, vs_error *error) {
    vs_status status = VS_OK;
    for (int more = 1; status == VS_OK && more;) {
        status = open_lane(c, &more, error);
        bool full = c->lane_count == c->lane_cap || (c->lane_count > 0 && c->lanes[c->lane_count - 1].once);
        if (status == VS_OK && (full || !more)) {
            status = drain(c, error);
        }
    }
    return status;
}

/* ---- the end ---- */

static vs_status search_input(const combiner *c, const vs_source *source, vs_error *error) {
    vs_status status = VS_OK;
    for (int at_end = 0; status == VS_OK && !at_end;) {
        vs_container_reader *reader = NULL;
        status = vs_container_reader_new_known(&reader, source, c->pk, &at_end, error);
        for (size_t count = 1; status == VS_OK && !at_end && count > 0;) {
            const uint8_t *ciphertexts;
            status = vs_container_read(reader, &ciphertexts, &count, error);
            if (status == VS_OK && count > 0) {
                status = check_units(c, source->name, ciphertexts, count, error);
            }
        }
        vs_container_reader_free(reader);
    }
    return status;
}

/* The total is not made of units alone: find the input that spoiled it. */
static vs_status name_culprit(const combiner *c, vs_error *error) {
    for (size_t i = 0; i < c->input_count; i++) {
        const vs_source *source = NULL;
        if (!c->inputs->can_reopen(c->inputs->context, i)) {
            continue;
        }
        vs_status status = c->inputs->open(c->inputs->context, i, &source, error);
        if (status == VS_OK && source != NULL) {
            status = search_input(c, source, error);
            c->inputs->close(c->inputs->context, source);
        }
        if (status != VS_OK) {
            return status;
        }
    }
    return vs_fail(error, VS_ERR_RANGE, "an input held a number that is no ciphertext, and was changed since");
}

static vs_status check_total(const combiner *c, vs_error *error) {
    if (c->total == NULL) {
        vs_fail(error, VS_ERR_USAGE, "there is nothing to combine");
        vs_hint(error, "give at least one contribution or total");
        return VS_ERR_USAGE;
    }
    vs_status status = vs_accumulator_check(c->total);
    if (status == VS_ERR_RANGE) {
        return name_culprit(c, error);
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

/* The total's ciphertexts, a chunk at a time: it is never held twice. */
static vs_status write_products(const combiner *c, vs_container_writer *writer, vs_error *error) {
    size_t bytes = vs_public_key_info(c->pk)->ciphertext_bytes, chunk = vs_chunk_ciphertexts(bytes);
    size_t all = (size_t)c->header.ciphertext_count;
    uint8_t *ciphertexts = malloc((all < chunk ? all : chunk) * bytes);
    vs_status status = ciphertexts == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    for (size_t first = 0; status == VS_OK && first < all; first += chunk) {
        size_t count = all - first < chunk ? all - first : chunk;
        status = vs_accumulator_finish(c->total, ciphertexts, first, count);
        status = status == VS_OK ? vs_container_write(writer, ciphertexts, count, error) : vs_fail_plain(error, status);
    }
    free(ciphertexts);
    return status;
}

static vs_status write_total(combiner *c, const vs_sink *sink, vs_error *error) {
    vs_container_writer *writer = NULL;
    /* Sorted, and with nothing of the order or grouping of the inputs: the same contributors give the same bytes. */
    vs__contributor_set_sort(&c->contributors);
    c->header.contributors = c->contributors.members;
    c->header.contributor_count = c->contributors.count;
    c->header.bound = c->contributors.count;
    vs_status status = vs_container_writer_new(&writer, &c->header, sink, error);
    if (status == VS_OK) {
        status = write_products(c, writer, error);
    }
    if (status == VS_OK) {
        status = vs_container_finish(writer, error);
    }
    vs_container_writer_free(writer);
    return status;
}

vs_status vs_combine(const vs_plan *plan, const vs_inputs *inputs, const vs_sink *sink, const vs_progress *progress,
                     vs_error *error) {
    size_t threads = vs_parallel_threads();
    combiner c = {.plan = plan, .inputs = inputs, .progress = progress};
    c.lane_cap = threads < MIN_OPEN ? MIN_OPEN : threads < MAX_OPEN ? threads : MAX_OPEN;
    vs__contributor_set_init(&c.contributors);
    vs_status status = fold_inputs(&c, error);
    if (status == VS_OK) {
        status = check_total(&c, error);
    }
    if (status == VS_OK) {
        status = write_total(&c, sink, error);
    }
    combiner_clear(&c);
    return status;
}
