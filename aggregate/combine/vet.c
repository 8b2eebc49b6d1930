/* Every container of every input judged, each on its own and then in their order: what is refused is named, all of it
 * and not the first only, and left out where that is wanted. Inputs are read and checked by several threads. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/combine_internal.h"
#include "aggregate/combine/match_internal.h"
#include "aggregate/container/container_internal.h"
#include "crypto/parallel.h"

bool vs__is_refusal(vs_status status) {
    return status <= VS_ERR_FORMAT && status > VS_ERR_NOT_READY;
}

static void vetted_clear(vs__vetted *v) {
    free(v->name);
    free(v->message);
    free(v->hint);
    free(v->contributors);
    *v = (vs__vetted){.name = NULL};
}

void vs__vetting_clear(vs__vetting *vetting) {
    for (size_t i = 0; i < vetting->count; i++) {
        vetted_clear(&vetting->list[i]);
    }
    free(vetting->list);
    *vetting = (vs__vetting){.list = NULL};
}

/* Takes over what `vetted` owns, also on error. */
static vs_status append(vs__vetting *vetting, vs__vetted *vetted, vs_error *error) {
    if (vetting->count == vetting->cap) {
        size_t cap = vetting->cap == 0 ? 4 : 2 * vetting->cap;
        vs__vetted *list = realloc(vetting->list, cap * sizeof *list);
        if (list == NULL) {
            vetted_clear(vetted);
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        vetting->list = list;
        vetting->cap = cap;
    }
    vetting->list[vetting->count++] = *vetted;
    return VS_OK;
}

const vs__vetted *vs__vetting_find(const vs__vetting *vetting, size_t input, size_t position) {
    size_t low = 0, high = vetting->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const vs__vetted *v = &vetting->list[middle];
        if (v->input == input && v->position == position) {
            return v;
        }
        bool before = v->input < input || (v->input == input && v->position < position);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return NULL;
}

/* ---- one container, on its own ---- */

/* One input, by the thread that reads it. */
typedef struct job {
    const vs_plan *plan;
    const vs_combine_options *options;
    const vs_public_key *pk;
    const vs_layout *layout;
    const vs_source *source;
    size_t input;
    vs__vetting found; /* this input's */
    vs_status status;  /* of the machine */
    vs_error error;
} job;

void vs__refuse(vs__vetted *v, vs_status status, const char *reason, const vs_error *error) {
    if (v->status == VS_OK) { /* the first reason counts */
        v->status = status;
        v->reason = reason;
        v->message = strdup(error->message);
        v->hint = strdup(error->hint);
    }
}

static const char *reading_reason(vs_status status) {
    return status == VS_ERR_AUTH      ? "damaged or altered"
           : status == VS_ERR_VERSION ? "of a version that is not known"
           : status == VS_ERR_RANGE   ? "holds what cannot be true"
                                      : "not a contribution";
}

/* What the header alone says: of this plan, its key and size, by somebody who is listed. */
static void judge_header(const job *j, vs__vetted *v, const vs_header *header) {
    vs_error error = {.message = ""};
    const char *reason = NULL, *name = j->source->name;
    vs_status status = vs__header_matches_plan(header, j->plan, name, &error);
    if (status == VS_ERR_MISMATCH) {
        bool before = vs_plan_replaces(j->plan, header->plan_id);
        reason = before ? "made for the plan that this one replaces" : "made for another plan or key";
    }
    if (status == VS_OK && j->pk == NULL) { /* none had the plan's key when it was looked for */
        status = vs_fail(&error, VS_ERR_RANGE, "%s: changed while it was read", name);
    }
    if (status == VS_OK) {
        status = vs__header_fits_layout(header, j->layout, name, &error);
    }
    if (status == VS_OK) {
        status = vs__admit_contributors(j->plan, header, name, &reason, &error);
    }
    if (status != VS_OK) {
        vs__refuse(v, status, reason != NULL ? reason : reading_reason(status), &error);
    }
}

/* Every chunk, and its numbers. VS_OK where the input can be read on. */
static vs_status judge_chunks(const job *j, vs__vetted *v, vs_container_reader *reader, vs_error *error) {
    vs_status status = VS_OK;
    for (size_t count = 1; status == VS_OK && count > 0;) {
        const uint8_t *ciphertexts;
        size_t bad;
        status = vs_container_read(reader, &ciphertexts, &count, error);
        if (status != VS_OK || count == 0 || v->status != VS_OK) {
            continue;
        }
        vs_status units = vs_ciphertexts_check(j->pk, ciphertexts, count, &bad);
        if (units == VS_ERR_RANGE) {
            (void)vs_fail(error, units, "%s: holds a number that is no ciphertext of this key", j->source->name);
            vs__refuse(v, units, "holds a number that is no ciphertext", error);
        } else if (units != VS_OK) {
            status = vs_fail_plain(error, units);
        }
    }
    return status;
}

static void judge_whole(const job *j, vs__vetted *v, const vs_container_reader *reader) {
    vs_error error = {.message = ""};
    const vs_receipt *receipt;
    const char *reason = NULL, *name = j->source->name;
    bool contribution = vs_container_header(reader)->kind == VS_CONTRIBUTION;
    vs_status status = contribution ? vs__admit_signer(j->plan, reader, name, &reason, &error)
                                    : vs__admit_total(j->plan, j->options, reader, name, &receipt, &reason, &error);
    v->has_digest = true;
    vs_container_digest(reader, v->digest);
    if (status != VS_OK) {
        vs__refuse(v, status, reason, &error);
    }
}

static vs_status keep_header(vs__vetted *v, const vs_header *header, vs_error *error) {
    v->has_header = true;
    memcpy(v->sid, header->sid, VS_HASH_BYTES);
    memcpy(v->period, header->period, sizeof v->period);
    v->contributors = calloc(header->contributor_count, sizeof *v->contributors);
    if (v->contributors == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(v->contributors, header->contributors, header->contributor_count * sizeof *v->contributors);
    v->contributor_count = header->contributor_count;
    return VS_OK;
}

/* What follows cannot be found: the rest of the input is one refusal. */
static vs_status refuse_rest(vs__vetted *v, vs_status status, const vs_error *error) {
    v->is_rest = true;
    if (!vs__is_refusal(status)) {
        return status;
    }
    vs__refuse(v, status, reading_reason(status), error);
    return VS_OK;
}

/* The next container of an input; `*more` = 0 at its end. Returns: VS_OK; what failed on this machine. */
static vs_status judge_next(job *j, vs__vetted *v, int *more, vs_error *error) {
    vs_container_reader *reader = NULL;
    int at_end = 0;
    vs_status status = vs_container_reader_new_known(&reader, j->source, j->pk, &at_end, error);
    *more = status == VS_OK && !at_end;
    if (status == VS_OK && at_end && v->position == 0) {
        status = vs_fail(error, VS_ERR_FORMAT, "%s: is empty", j->source->name);
    }
    if (status != VS_OK || at_end) {
        return status == VS_OK ? VS_OK : refuse_rest(v, status, error);
    }
    const vs_header *header = vs_container_header(reader);
    status = keep_header(v, header, error);
    if (status == VS_OK) {
        judge_header(j, v, header);
        status = judge_chunks(j, v, reader, error);
        *more = status == VS_OK;
        status = status == VS_OK ? VS_OK : refuse_rest(v, status, error);
    }
    if (status == VS_OK && *more) {
        judge_whole(j, v, reader);
    }
    vs_container_reader_free(reader);
    return status;
}

static void judge_input(job *j) {
    int more = 1;
    for (size_t position = 0; j->status == VS_OK && more; position++) {
        vs__vetted v = {.input = j->input, .position = position, .name = strdup(j->source->name)};
        j->status = v.name == NULL ? vs_fail_plain(&j->error, VS_ERR_MEMORY) : judge_next(j, &v, &more, &j->error);
        if (j->status == VS_OK && (more || v.status != VS_OK)) {
            j->status = append(&j->found, &v, &j->error);
        } else {
            vetted_clear(&v);
        }
    }
}

static vs_status judge_some(void *context, size_t first, size_t count) {
    job *jobs = context;
    for (size_t i = first; i < first + count; i++) {
        judge_input(&jobs[i]);
    }
    return VS_OK;
}

/* ---- all inputs ---- */

static vs_status cannot_reopen(vs_error *error) {
    (void)vs_fail(error, VS_ERR_USAGE, "what is refused cannot be left out: an input cannot be read twice");
    vs_hint(error, "give files instead of pipes and standard input");
    return VS_ERR_USAGE;
}

static vs_status open_job(job *j, const vs_inputs *inputs, vs_error *error) {
    if (!inputs->can_reopen(inputs->context, j->input)) {
        return cannot_reopen(error);
    }
    return inputs->open(inputs->context, j->input, &j->source, error);
}

/* Close an input and take over what was found in it; `status` is what has failed before. */
static vs_status close_job(vs__vetting *vetting, job *j, const vs_inputs *inputs, vs_status status, vs_error *error) {
    if (status == VS_OK && j->status != VS_OK) {
        status = j->status;
        if (error != NULL) {
            *error = j->error;
        }
    }
    for (size_t i = 0; i < j->found.count; i++) {
        if (status == VS_OK) {
            status = append(vetting, &j->found.list[i], error);
        } else {
            vetted_clear(&j->found.list[i]);
        }
    }
    free(j->found.list);
    inputs->close(inputs->context, j->source);
    return status;
}

/* Judge inputs from `first` on, as many as are open at once; `*done` at the last. */
static vs_status judge_batch(vs__vetting *vetting, const job *model, const vs_inputs *inputs, size_t first, int *done,
                             vs_error *error) {
    size_t cap = vs__open_cap(), open = 0;
    job *jobs = calloc(cap, sizeof *jobs);
    vs_status status = jobs == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    while (status == VS_OK && open < cap && !*done) {
        jobs[open] = *model;
        jobs[open].input = first + open;
        status = open_job(&jobs[open], inputs, error);
        *done = status == VS_OK && jobs[open].source == NULL;
        open += status == VS_OK && !*done;
    }
    if (status == VS_OK) {
        status = vs_parallel_for(open, 1, judge_some, jobs);
    }
    for (size_t i = 0; i < open; i++) {
        status = close_job(vetting, &jobs[i], inputs, status, error);
    }
    free(jobs);
    return status;
}

/* The plan's key, from the first header that carries it: it is checked once. NULL where there is none. */
static vs_status find_key(vs_public_key **pk, const vs_plan *plan, const vs_inputs *inputs, vs_error *error) {
    const vs_source *source = NULL;
    vs_status status = VS_OK;
    *pk = NULL;
    for (size_t i = 0; *pk == NULL && status == VS_OK; i++) {
        vs_container_reader *reader = NULL;
        int at_end = 0;
        status = inputs->can_reopen(inputs->context, i) ? inputs->open(inputs->context, i, &source, error)
                                                        : cannot_reopen(error);
        if (status != VS_OK || source == NULL) {
            break;
        }
        if (vs_container_reader_new(&reader, source, &at_end, NULL) == VS_OK && !at_end &&
            vs__header_matches_plan(vs_container_header(reader), plan, "", NULL) == VS_OK) {
            *pk = vs__container_take_key(reader);
        }
        vs_container_reader_free(reader);
        inputs->close(inputs->context, source);
    }
    return status;
}

vs_status vs__vet(vs__vetting *vetting, const vs_plan *plan, const vs_inputs *inputs, const vs_combine_options *options,
                  vs_error *error) {
    vs_public_key *pk = NULL;
    vs_layout layout = {0};
    *vetting = (vs__vetting){.list = NULL};
    vs_status status = find_key(&pk, plan, inputs, error);
    if (status == VS_OK && pk != NULL) {
        const vs_key_info *info = vs_public_key_info(pk);
        status = vs_layout_make(&layout, plan, info->bits, info->degree, error);
    }
    const job model = {.plan = plan, .options = options, .pk = pk, .layout = &layout};
    int done = 0;
    for (size_t first = 0; status == VS_OK && !done; first += vs__open_cap()) {
        status = judge_batch(vetting, &model, inputs, first, &done, error);
    }
    if (status == VS_OK) {
        status = vs__judge_in_order(vetting, plan, options, error);
    }
    if (status != VS_OK) {
        vs__vetting_clear(vetting);
    }
    vs_layout_free(&layout);
    vs_public_key_free(pk);
    return status;
}
