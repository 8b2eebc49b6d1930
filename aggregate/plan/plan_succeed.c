/* The plan that follows on another, because somebody comes late: what was agreed on stays, the roster grows, and the
 * new plan names the old one, so that nobody takes it for an unrelated one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"
#include "aggregate/plan/plan_text.h"

#define LINE_BYTES 100u

/* ---- the text ---- */

static vs_status put(const vs_sink *sink, const char *text, size_t len, vs_error *error) {
    return len == 0 ? VS_OK : sink->write(sink->context, text, len, error);
}

/* What fits a line stands in one; else an entry a line. Bounded in depth, as every tree that was read. */
static vs_status put_value(const vs_sink *sink, const json_t *value, size_t column, unsigned depth, vs_error *error);

static vs_status put_entry(const vs_sink *sink, const char *key, const json_t *value, bool first, unsigned depth,
                           vs_error *error) {
    char indent[64];
    size_t column = 2 * (size_t)depth;
    int len = snprintf(indent, sizeof indent, "%s\n%*s", first ? "" : ",", (int)column, "");
    vs_status status = put(sink, indent, (size_t)len, error);
    if (status == VS_OK && key != NULL) {
        json_t *name = json_string(key);
        char *text = name == NULL ? NULL : json_dumps(name, JSON_ENCODE_ANY);
        status = text == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : put(sink, text, strlen(text), error);
        column += text == NULL ? 0 : strlen(text) + 2;
        status = status == VS_OK ? put(sink, ": ", 2, error) : status;
        free(text);
        json_decref(name);
    }
    return status == VS_OK ? put_value(sink, value, column, depth, error) : status;
}

static vs_status put_broken(const vs_sink *sink, const json_t *value, unsigned depth, vs_error *error) {
    bool is_object = json_is_object(value);
    char close[64];
    vs_status status = put(sink, is_object ? "{" : "[", 1, error);
    const char *key;
    json_t *entry;
    size_t i = 0;
    if (is_object) {
        json_object_foreach((json_t *)(uintptr_t)value, key, entry) {
            status = status == VS_OK ? put_entry(sink, key, entry, i++ == 0, depth + 1, error) : status;
        }
    } else {
        json_array_foreach(value, i, entry) {
            status = status == VS_OK ? put_entry(sink, NULL, entry, i == 0, depth + 1, error) : status;
        }
    }
    int len = snprintf(close, sizeof close, "\n%*s%s", (int)(2 * depth), "", is_object ? "}" : "]");
    return status == VS_OK ? put(sink, close, (size_t)len, error) : status;
}

static vs_status put_value(const vs_sink *sink, const json_t *value, size_t column, unsigned depth, vs_error *error) {
    bool is_party = json_object_get(value, "identity") != NULL; /* one a line, however long */
    char *line = json_dumps(value, JSON_ENCODE_ANY);
    if (line == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    size_t len = strlen(line);
    bool has_parts = json_is_object(value) || json_is_array(value);
    bool whole = !has_parts || is_party || (depth > 0 && column + len <= LINE_BYTES);
    vs_status status = whole ? put(sink, line, len, error) : put_broken(sink, value, depth, error);
    free(line);
    return status;
}

/* ---- the tree ---- */

/* Takes `value`, also where it fails; NULL is a failure. */
static bool set(json_t *object, const char *key, json_t *value) {
    return json_object_set_new(object, key, value) == 0;
}

static json_t *party_tree(const vs_party_wish *party) {
    char line[VS_MAX_IDENTITY_TEXT];
    json_t *may = json_array(), *object = json_object();
    bool made = may != NULL && object != NULL;
    for (unsigned bit = 0; made && bit < VS__MAY_COUNT; bit++) {
        if ((party->may & 1u << bit) != 0) {
            made = json_array_append_new(may, json_string(vs__may_names[bit])) == 0;
        }
    }
    vs_public_identity_to_text(line, &party->identity);
    made = made && set(object, "identity", json_string(line));
    made = made && set(object, "organisation", json_string(party->organisation));
    made = made && json_object_set(object, "may", may) == 0;
    json_decref(may);
    if (!made) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static bool grow_number(json_t *object, const char *key, size_t by) {
    const json_t *number = json_object_get(object, key);
    return number == NULL || set(object, key, json_integer(json_integer_value(number) + (json_int_t)by));
}

/* The plan before, then those before it; NULL where memory ran out. */
static json_t *line_of_plans(const char *id, json_t *before) {
    json_t *line = json_array();
    bool made = line != NULL && json_array_append_new(line, json_string(id)) == 0;
    if (made && before != NULL) {
        made = json_array_extend(line, before) == 0;
    }
    if (!made) {
        json_decref(line);
        return NULL;
    }
    return line;
}

/* A tree of its own, with the keys in the old order and "replaces" before the roster. */
static json_t *successor(const json_t *old, const vs_plan *plan, const vs_party_wish *added, size_t added_count) {
    char id[2 * VS_HASH_BYTES + 1];
    json_t *new = json_object();
    const char *key;
    json_t *value;
    size_t contributing = 0;
    bool made = new != NULL;
    vs_to_hex(id, plan->id, VS_HASH_BYTES);
    json_object_foreach((json_t *)(uintptr_t)old, key, value) {
        if (strcmp(key, "roster") == 0) {
            made = made && set(new, "replaces", line_of_plans(id, json_object_get(old, "replaces")));
        }
        if (strcmp(key, "replaces") != 0) {
            made = made && set(new, key, json_deep_copy(value));
        }
    }
    for (size_t i = 0; made && i < added_count; i++) {
        made = json_array_append_new(json_object_get(new, "roster"), party_tree(&added[i])) == 0;
        contributing += (added[i].may & VS_MAY_CONTRIBUTE) != 0;
    }
    made = made && grow_number(json_object_get(new, "contributors"), "max", contributing);
    if (plan->signatures_needed == plan->party_count) {
        made = made && grow_number(new, "signatures", added_count);
    }
    if (!made) {
        json_decref(new);
        new = NULL;
    }
    return new;
}

static vs_status write_checked(const json_t *new, const vs_sink *sink, vs_error *error) {
    vs_memory_sink memory;
    vs_plan *plan = NULL;
    vs_sink text = vs_memory_sink_open(&memory, "the new plan");
    vs_status status = put_value(&text, new, 0, 0, error);
    if (status == VS_OK) {
        status = put(&text, "\n", 1, error);
    }
    if (status == VS_OK) {
        status = vs_plan_parse(&plan, memory.data, memory.len, error);
        vs_plan_free(plan);
        if (status != VS_OK) {
            vs_error_at(error, "a plan like this would be refused");
        }
    }
    if (status == VS_OK) {
        status = put(sink, (const char *)memory.data, memory.len, error);
    }
    free(memory.data);
    return status;
}

vs_status vs_plan_succeed(const char *name, const void *json, size_t len, const vs_party_wish *added,
                          size_t added_count, const vs_sink *sink, vs_error *error) {
    vs_plan *plan = NULL;
    json_t *old = NULL, *new = NULL;
    vs_status status = vs_plan_parse(&plan, json, len, error);
    if (status == VS_OK) {
        status = vs__plan_json_load(&old, json, len, error);
    }
    if (status != VS_OK) {
        vs_error_at(error, "%s", name);
        goto done;
    }
    if (plan->party_count == 0) {
        status = vs_fail(error, VS_ERR_POLICY, "%s: the plan has no roster that could grow", name);
        vs_hint(error, "without a roster nobody is listed: whoever has the plan may contribute to it");
        goto done;
    }
    new = successor(old, plan, added, added_count);
    status = new == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : write_checked(new, sink, error);
done:
    json_decref(new);
    json_decref(old);
    vs_plan_free(plan);
    return status;
}
