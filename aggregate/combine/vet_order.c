/* Containers judged in their order: of one period, nobody twice, and not too many. */
#include <string.h>

#include "aggregate/combine/combine_internal.h"

typedef struct course {
    const vs_plan *plan;
    const vs_combine_options *options;
    const vs__vetted *first; /* admitted: its session is the total's */
    vs_contributor_set contributors;
} course;

static void judge_session(const course *c, vs__vetted *v) {
    vs_error error = {.message = ""};
    vs_header header = {.attempt = 0};
    const char *wanted = c->options->period;
    memcpy(header.period, v->period, sizeof header.period);
    if (wanted != NULL && strcmp(wanted, v->period) != 0) {
        vs_status status = vs__refuse_session(&header, v->name, wanted, NULL, &error);
        vs__refuse(v, status, "for another period", &error);
    } else if (c->first != NULL && !vs_equal(c->first->sid, v->sid, VS_HASH_BYTES)) {
        bool attempt = strcmp(c->first->period, v->period) == 0;
        vs_status status = vs__refuse_session(&header, v->name, c->first->period, c->first->name, &error);
        vs__refuse(v, status, attempt ? "of another attempt" : "for another period", &error);
    }
}

/* Is somebody of this container in one before it? */
static const vs_contributor *find_twice(const course *c, const vs__vetted *v, size_t *before) {
    *before = VS_NONE;
    for (size_t i = 0; i < v->contributor_count && *before == VS_NONE; i++) {
        *before = vs__contributor_set_find(&c->contributors, v->contributors[i].id);
        if (*before != VS_NONE) {
            return &v->contributors[i];
        }
    }
    return NULL;
}

/* `index`: of this container in the vetting. */
static vs_status judge_contributors(course *c, const vs__vetting *vetting, vs__vetted *v, size_t index,
                                    vs_error *failure) {
    vs_error error = {.message = ""};
    size_t before, twice;
    const vs_contributor *who = find_twice(c, v, &before);
    if (who != NULL) {
        (void)vs_fail(&error, VS_ERR_POLICY, "%s: %s has contributed already, in %s", v->name, who->name,
                      vetting->list[before].name);
        vs__refuse(v, VS_ERR_POLICY, "contributed already", &error);
        return VS_OK;
    }
    if (c->contributors.count + v->contributor_count > c->plan->contributors_max) {
        (void)vs_fail(&error, VS_ERR_POLICY, "%s: one contribution too many: the plan allows at most %llu", v->name,
                      (unsigned long long)c->plan->contributors_max);
        vs__refuse(v, VS_ERR_POLICY, "one more than the plan allows", &error);
        return VS_OK;
    }
    vs_status status = VS_OK;
    for (size_t i = 0; i < v->contributor_count && status == VS_OK; i++) {
        status = vs__contributor_set_add(&c->contributors, &v->contributors[i], index, &twice);
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(failure, status);
}

vs_status vs__judge_in_order(vs__vetting *vetting, const vs_plan *plan, const vs_combine_options *options,
                             vs_error *error) {
    course c = {.plan = plan, .options = options};
    vs_status status = VS_OK;
    vs__contributor_set_init(&c.contributors);
    for (size_t i = 0; i < vetting->count && status == VS_OK; i++) {
        vs__vetted *v = &vetting->list[i];
        if (v->status == VS_OK) {
            judge_session(&c, v);
        }
        if (v->status == VS_OK) {
            status = judge_contributors(&c, vetting, v, i, error);
        }
        if (v->status == VS_OK && c.first == NULL) {
            c.first = v;
        }
        vetting->refused_count += v->status != VS_OK;
    }
    vs__contributor_set_clear(&c.contributors);
    return status;
}
