#include "aggregate/combine/combine.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/combine_internal.h"
#include "aggregate/container/container_internal.h"
#include "crypto/parallel.h"

size_t vs__open_cap(void) {
    size_t threads = vs_parallel_threads();
    return threads < VS_MIN_OPEN ? VS_MIN_OPEN : threads < VS_MAX_OPEN ? threads : VS_MAX_OPEN;
}

static void close_lane(vs__combiner *c, vs__lane *l) {
    vs_container_reader_free(l->reader);
    if (l->source != NULL) {
        c->inputs->close(c->inputs->context, l->source);
    }
    *l = (vs__lane){0};
}

static void combiner_clear(vs__combiner *c) {
    for (size_t i = 0; i < c->lane_count; i++) {
        close_lane(c, &c->lanes[i]);
    }
    for (size_t i = 0; i < c->input_count; i++) {
        free(c->names[i]);
    }
    free(c->names);
    free(c->held);
    vs__contributor_set_clear(&c->contributors);
    vs_accumulator_free(c->total);
    vs_layout_free(&c->layout);
    vs_public_key_free(c->pk);
}

/* ---- opening ---- */

static vs_status remember_name(vs__combiner *c, const char *name, vs_error *error) {
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

/* A container that was vetted and refused: read past it. */
static vs_status skip_container(const vs__lane *l, vs_error *error) {
    vs_status status = VS_OK;
    for (size_t count = 1; status == VS_OK && count > 0;) {
        const uint8_t *ciphertexts;
        status = vs_container_read(l->reader, &ciphertexts, &count, error);
    }
    return status;
}

/* The next container of a lane's source that is not to be left out; `*at_end` where there is none. */
static vs_status next_container(vs__combiner *c, vs__lane *l, int *at_end, vs_error *error) {
    vs_status status = VS_OK;
    for (bool skip = true; status == VS_OK && skip && !*at_end;) {
        const vs__vetted *verdict = c->vetting == NULL ? NULL : vs__vetting_find(c->vetting, l->input, l->position);
        skip = verdict != NULL && verdict->status != VS_OK;
        vs_container_reader_free(l->reader);
        l->reader = NULL;
        if (skip && verdict->is_rest) {
            *at_end = 1;
            break;
        }
        status = vs_container_reader_new_known(&l->reader, l->source, c->pk, at_end, error);
        l->position++;
        if (status == VS_OK && !*at_end) {
            status = skip ? skip_container(l, error) : vs__accept(c, l, error);
        }
    }
    return status;
}

/* Open the next input as a lane. `*more` = 0 at the end of the inputs. */
static vs_status open_lane(vs__combiner *c, int *more, vs_error *error) {
    vs__lane *l = &c->lanes[c->lane_count];
    size_t index = c->input_count;
    int at_end = 0;
    *l = (vs__lane){.input = index};
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
    if (status != VS_OK || !at_end) {
        return status;
    }
    if (c->vetting == NULL && l->position == 1) {
        vs_fail(error, VS_ERR_FORMAT, "%s: is empty", l->source->name);
        vs_hint(error, "a contribution or a total was expected");
        return VS_ERR_FORMAT;
    }
    close_lane(c, l);
    c->lane_count--;
    return VS_OK;
}

/* ---- folding ---- */

/* Inputs that can be opened again share one check at the end. */
static vs_status check_units(const vs__combiner *c, const char *name, const uint8_t *ciphertexts, size_t count,
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
static vs_status fold_chunk(vs__combiner *c, uint64_t first, size_t *count, vs_error *error) {
    const uint8_t *chunks[VS_MAX_OPEN];
    vs_container_reader *readers[VS_MAX_OPEN];
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
static vs_status fold_lanes(vs__combiner *c, vs_error *error) {
    vs_status status = VS_OK;
    size_t count = 1, kept = 0;
    for (uint64_t first = 0; status == VS_OK && count > 0; first += count) {
        status = fold_chunk(c, first, &count, error);
    }
    for (size_t i = 0; i < c->lane_count && status == VS_OK; i++) {
        status = vs__accept_whole(c, &c->lanes[i], error);
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

static vs_status drain(vs__combiner *c, vs_error *error) {
    vs_status status = VS_OK;
    while (status == VS_OK && c->lane_count > 0) {
        status = fold_lanes(c, error);
    }
    return status;
}

/* A pipe is read to its end before another input is opened: who fills it may fill the next one only then. */
static vs_status fold_inputs(vs__combiner *c, vs_error *error) {
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

static vs_status search_input(const vs__combiner *c, const vs_source *source, vs_error *error) {
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
static vs_status name_culprit(const vs__combiner *c, vs_error *error) {
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

static vs_status check_total(const vs__combiner *c, vs_error *error) {
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
static vs_status write_products(const vs__combiner *c, vs_container_writer *writer, vs_error *error) {
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

/* What a receipt says of the total; the list moves over. */
static void report_total(vs__combiner *c, vs_combine_report *report) {
    vs_receipt *receipt = &report->receipt;
    memcpy(receipt->plan_id, c->plan->id, VS_HASH_BYTES);
    memcpy(receipt->period, c->header.period, sizeof receipt->period);
    receipt->attempt = c->header.attempt;
    receipt->total_bytes = vs_container_len(&c->header);
    if (c->held_known) {
        receipt->contributions = c->held;
        receipt->contribution_count = c->held_count;
        c->held = NULL;
        c->held_count = 0;
    }
}

static vs_status write_total(vs__combiner *c, const vs_sink *sink, vs_combine_report *report, vs_error *error) {
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
    if (status == VS_OK && report != NULL) {
        vs_container_writer_digest(writer, report->receipt.total_digest);
        report_total(c, report);
    }
    vs_container_writer_free(writer);
    return status;
}

static vs_status combine_once(const vs_plan *plan, const vs_inputs *inputs, const vs_combine_options *options,
                              const vs__vetting *vetting, vs_combine_report *report, const vs_sink *sink,
                              const vs_progress *progress, vs_error *error) {
    vs__combiner c = {.plan = plan,
                      .inputs = inputs,
                      .options = options,
                      .vetting = vetting,
                      .progress = progress,
                      .lane_cap = vs__open_cap(),
                      .held_known = true};
    vs__contributor_set_init(&c.contributors);
    vs_status status = fold_inputs(&c, error);
    if (status == VS_OK) {
        status = check_total(&c, error);
    }
    if (status == VS_OK) {
        status = write_total(&c, sink, report, error);
    }
    combiner_clear(&c);
    return status;
}

/* A refusal ends the first run. Only then is everything judged one by one: to name all that is refused, and to know
 * what to leave out of a second run, which checks again what it takes. */
vs_status vs_combine_checked(const vs_plan *plan, const vs_inputs *inputs, const vs_combine_options *options,
                             vs_combine_report *report, const vs_sink *sink, const vs_progress *progress,
                             vs_error *error) {
    static const vs_combine_options none = {.period = NULL};
    vs__vetting vetting = {.list = NULL};
    vs_error vetting_error;
    options = options == NULL ? &none : options;
    vs_status status = vs__check_receipts(plan, options, error);
    if (status != VS_OK) {
        return status;
    }
    status = combine_once(plan, inputs, options, NULL, report, sink, progress, error);
    if (plan->party_count == 0 || report == NULL || !vs__is_refusal(status)) {
        return status;
    }
    vs_status vetted = vs__vet(&vetting, plan, inputs, options, &vetting_error);
    if (vetted == VS_OK && vetting.refused_count > 0) {
        vetted = vs__report_refusals(report, &vetting, &vetting_error);
    }
    if (vetted == VS_OK && options->leave_out_refused && vetting.refused_count < vetting.count) {
        status = combine_once(plan, inputs, options, &vetting, report, sink, progress, error);
    } else if (vetted == VS_OK && vetting.refused_count > 0) {
        status = vs__refuse_vetted(&vetting, error);
    } else if (vetted != VS_OK && (options->leave_out_refused || vetted != VS_ERR_USAGE)) {
        status = vetted;
        if (error != NULL) {
            *error = vetting_error;
        }
    }
    vs__vetting_clear(&vetting);
    return status;
}

vs_status vs_combine(const vs_plan *plan, const vs_inputs *inputs, const vs_sink *sink, const vs_progress *progress,
                     vs_error *error) {
    return vs_combine_checked(plan, inputs, NULL, NULL, sink, progress, error);
}
