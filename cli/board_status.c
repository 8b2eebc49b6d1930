#include "cli/board_status.h"

#include <string.h>

#include "aggregate/note/note.h"

#define VERSION 1
#define MAX_STEPS 32u
#define MAX_PARTIES 1000000u
#define MAX_ENTRIES 10000u /* of refused, totals, words */

typedef enum kind { TEXT, TEXT_OR_NULL, COUNT, FLAG, TIME, TIME_OR_NULL, LIST, OBJECT, OBJECT_OR_NULL } kind;

/* What an object has to have; ends with a NULL key. */
typedef struct field {
    const char *key;
    kind kind;
} field;

static const field top_fields[] = {{"version", TEXT},
                                   {"now", TIME},
                                   {"started", TIME},
                                   {"plan", OBJECT},
                                   {"period", TEXT},
                                   {"attempt", COUNT},
                                   {"steps", LIST},
                                   {"step", OBJECT},
                                   {"parties", LIST},
                                   {"refused", LIST},
                                   {"totals", LIST},
                                   {"result", OBJECT_OR_NULL},
                                   {"ledger", OBJECT_OR_NULL},
                                   {"traffic", OBJECT},
                                   {"done", FLAG},
                                   {"failed", TEXT_OR_NULL},
                                   {NULL, TEXT}};
static const field plan_fields[] = {{"id", TEXT},      {"title", TEXT_OR_NULL}, {"purpose", TEXT_OR_NULL},
                                    {"opening", TEXT}, {"words", LIST},         {NULL, TEXT}};
static const field step_fields[] = {
    {"name", TEXT_OR_NULL},  {"number", COUNT},     {"of", COUNT}, {"since", TIME_OR_NULL},
    {"until", TIME_OR_NULL}, {"waiting_for", LIST}, {NULL, TEXT}};
static const field party_fields[] = {
    {"name", TEXT}, {"organisation", TEXT_OR_NULL}, {"may", LIST}, {"steps", LIST}, {"state", TEXT}, {NULL, TEXT}};
static const field taken_fields[] = {{"at", TIME}, {"bytes", COUNT}, {NULL, TEXT}};
static const field refused_fields[] = {
    {"at", TIME_OR_NULL}, {"from", TEXT_OR_NULL}, {"step", TEXT_OR_NULL}, {"reason", TEXT}, {NULL, TEXT}};
static const field total_fields[] = {{"at", TIME_OR_NULL}, {"contributors", COUNT}, {"digest", TEXT}, {NULL, TEXT}};
static const field ledger_fields[] = {
    {"origin", TEXT}, {"size", COUNT}, {"root", TEXT}, {"at", TIME_OR_NULL}, {NULL, TEXT}};
static const field traffic_fields[] = {
    {"messages", COUNT},        {"bytes_in", COUNT},    {"bytes_out", COUNT}, {"bytes_in_per_s", COUNT},
    {"bytes_out_per_s", COUNT}, {"connections", COUNT}, {NULL, TEXT}};

/* Where in the document something is, for the message. */
typedef struct place {
    const char *name; /* of the board */
    const char *what;
} place;

static vs_status fail_field(const place *at, const char *key, vs_error *error) {
    (void)vs_fail(error, VS_ERR_FORMAT, "%s: the board's status has no proper '%s%s%s'", at->name, at->what,
                  at->what[0] != 0 ? "." : "", key);
    vs_hint(error, "is this a veilsum board, and of the same version?");
    return VS_ERR_FORMAT;
}

static bool is_time(const json_t *value) {
    int64_t time;
    return json_is_string(value) && vs_time_from_text(&time, json_string_value(value), json_string_length(value));
}

static bool is_of(const json_t *value, kind wanted) {
    switch (wanted) {
    case TEXT:
        return json_is_string(value);
    case TEXT_OR_NULL:
        return json_is_string(value) || json_is_null(value);
    case COUNT:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case FLAG:
        return json_is_boolean(value);
    case TIME:
        return is_time(value);
    case TIME_OR_NULL:
        return is_time(value) || json_is_null(value);
    case LIST:
        return json_is_array(value);
    case OBJECT:
        return json_is_object(value);
    case OBJECT_OR_NULL:
        return json_is_object(value) || json_is_null(value);
    }
    return false;
}

static vs_status check_object(const json_t *object, const field *fields, const place *at, vs_error *error) {
    for (const field *f = fields; f->key != NULL; f++) {
        if (!is_of(json_object_get(object, f->key), f->kind)) {
            return fail_field(at, f->key, error);
        }
    }
    return VS_OK;
}

/* A list of texts (`fields` NULL) or of objects. */
static vs_status check_list(const json_t *list, const field *fields, size_t max, const place *at, const char *key,
                            vs_error *error) {
    size_t i;
    json_t *item;
    if (json_array_size(list) > max) {
        return vs_fail(error, VS_ERR_LIMIT, "%s: the board's status has too long a list '%s'", at->name, key);
    }
    json_array_foreach(list, i, item) {
        if (!is_of(item, fields == NULL ? TEXT : OBJECT)) {
            return fail_field(at, key, error);
        }
        const place inside = {at->name, key};
        vs_status status = fields == NULL ? VS_OK : check_object(item, fields, &inside, error);
        if (status != VS_OK) {
            return status;
        }
    }
    return VS_OK;
}

static vs_status check_parties(const json_t *root, const place *at, vs_error *error) {
    const json_t *parties = json_object_get(root, "parties");
    size_t steps = json_array_size(json_object_get(root, "steps")), i, j;
    json_t *party, *taken;
    vs_status status = check_list(parties, party_fields, MAX_PARTIES, at, "parties", error);
    if (status != VS_OK) {
        return status;
    }
    const place inside = {at->name, "parties"};
    json_array_foreach(parties, i, party) {
        const json_t *own = json_object_get(party, "steps");
        status = check_list(json_object_get(party, "may"), NULL, MAX_STEPS, &inside, "may", error);
        if (status == VS_OK && json_array_size(own) != steps) {
            status = fail_field(&inside, "steps", error);
        }
        json_array_foreach(own, j, taken) {
            if (status == VS_OK && !json_is_null(taken)) {
                status = json_is_object(taken) ? check_object(taken, taken_fields, &inside, error)
                                               : fail_field(&inside, "steps", error);
            }
        }
        if (status != VS_OK) {
            return status;
        }
    }
    return VS_OK;
}

static vs_status check_part(const json_t *root, const char *key, const field *fields, const char *name,
                            vs_error *error) {
    const place at = {name, key};
    return check_object(json_object_get(root, key), fields, &at, error);
}

/* The lists of everything that is one. */
static vs_status check_lists(const json_t *root, const char *name, vs_error *error) {
    const place at = {name, ""};
    const json_t *step = json_object_get(root, "step"), *plan = json_object_get(root, "plan");
    vs_status status = check_list(json_object_get(root, "steps"), NULL, MAX_STEPS, &at, "steps", error);
    if (status == VS_OK) {
        status = check_list(json_object_get(step, "waiting_for"), NULL, MAX_PARTIES, &at, "waiting_for", error);
    }
    if (status == VS_OK) {
        status = check_list(json_object_get(plan, "words"), NULL, MAX_ENTRIES, &at, "words", error);
    }
    if (status == VS_OK) {
        status = check_list(json_object_get(root, "refused"), refused_fields, MAX_ENTRIES, &at, "refused", error);
    }
    if (status == VS_OK) {
        status = check_list(json_object_get(root, "totals"), total_fields, MAX_ENTRIES, &at, "totals", error);
    }
    return status == VS_OK ? check_parties(root, &at, error) : status;
}

static vs_status check_status(const json_t *root, const char *name, vs_error *error) {
    const place at = {name, ""};
    vs_status status = check_object(root, top_fields, &at, error);
    if (status == VS_OK) {
        status = check_part(root, "plan", plan_fields, name, error);
    }
    if (status == VS_OK) {
        status = check_part(root, "step", step_fields, name, error);
    }
    if (status == VS_OK) {
        status = check_part(root, "traffic", traffic_fields, name, error);
    }
    if (status == VS_OK && json_is_object(json_object_get(root, "ledger"))) {
        status = check_part(root, "ledger", ledger_fields, name, error);
    }
    return status == VS_OK ? check_lists(root, name, error) : status;
}

vs_status vs__board_status_read(json_t **root, const char *name, const void *data, size_t len, vs_error *error) {
    *root = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *version = json_object_get(*root, "veilsum_status");
    vs_status status = VS_OK;
    if (!json_is_integer(version)) {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s: this is not the status of a veilsum board", name);
        vs_hint(error, "the address of a board is what 'veilsum serve' prints");
        status = VS_ERR_FORMAT;
    } else if (json_integer_value(version) != VERSION) {
        (void)vs_fail(error, VS_ERR_VERSION, "%s: a status of a version that this program does not know", name);
        vs_hint(error, "update veilsum, here or there");
        status = VS_ERR_VERSION;
    } else {
        status = check_status(*root, name, error);
    }
    if (status != VS_OK) {
        json_decref(*root);
        *root = NULL;
    }
    return status;
}

bool vs__board_status_is_over(const json_t *root) {
    return json_is_true(json_object_get(root, "done")) || json_is_string(json_object_get(root, "failed"));
}
