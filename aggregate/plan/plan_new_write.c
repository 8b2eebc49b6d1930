#include <stdio.h>
#include <string.h>

#include "aggregate/plan/plan_internal.h"
#include "aggregate/plan/plan_new_internal.h"

/* The JSON is written by hand, in the order in which a person reads a plan, a column or a measure a line. */

#define LINE_BYTES 100u

typedef struct writer {
    const vs_sink *sink;
    vs_error *error;
    vs_status status; /* of the first write that failed */
} writer;

static void put(writer *w, const char *text, size_t len) {
    if (w->status == VS_OK && len > 0) {
        w->status = w->sink->write(w->sink->context, text, len, w->error);
    }
}

static void puts_all(writer *w, const char *text) {
    put(w, text, strlen(text));
}

static void put_u64(writer *w, const char *before, uint64_t value) {
    char text[32];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    puts_all(w, before);
    puts_all(w, text);
}

/* Escapes where JSON demands them only; the text is UTF-8. */
static void put_string(writer *w, const char *text) {
    static const char hex[] = "0123456789abcdef";
    puts_all(w, "\"");
    for (; *text != 0; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20) {
            char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            put(w, escape, sizeof escape);
        } else {
            if (c == '"' || c == '\\') {
                puts_all(w, "\\");
            }
            put(w, text, 1);
        }
    }
    puts_all(w, "\"");
}

/* A JSON integer where it is one that every reader takes exactly, else a decimal string. */
static void put_number(writer *w, int64_t value, unsigned scale) {
    char text[64];
    int64_t whole = 0;
    (void)vs_scaled_text(text, value, scale);
    bool is_whole = vs_decimal_parse(&whole, text, strlen(text), 0, '.', false) == VS_DECIMAL_OK;
    bool quoted = !is_whole || whole > VS__JSON_INTEGER_MAX || whole < -VS__JSON_INTEGER_MAX;
    puts_all(w, quoted ? "\"" : "");
    puts_all(w, text);
    puts_all(w, quoted ? "\"" : "");
}

/* ---- columns ---- */

static void put_values(writer *w, const vs__sample *sample) {
    size_t at = 0;
    puts_all(w, "{\"values\": [");
    for (size_t i = 0; i < sample->value_count; i++) {
        size_t len = strlen(sample->values[i]) + 4;
        bool wraps = at > 0 && at + len > LINE_BYTES;
        puts_all(w, i == 0 ? "" : wraps ? ",\n      " : ", ");
        put_string(w, sample->values[i]);
        at = wraps ? len : at + len;
    }
    puts_all(w, "]");
}

static void put_column(writer *w, const vs__new_column *column) {
    put_string(w, column->name);
    puts_all(w, ": ");
    if (!column->number) {
        put_values(w, &column->sample);
        puts_all(w, column->by && column->sample.has_empty ? ", \"empty\": \"group\"}" : "}");
        return;
    }
    put_u64(w, "{\"scale\": ", column->bounds.scale);
    puts_all(w, ", \"min\": ");
    put_number(w, column->bounds.min, column->bounds.scale);
    puts_all(w, ", \"max\": ");
    put_number(w, column->bounds.max, column->bounds.scale);
    puts_all(w, column->bounds.round ? ", \"round\": \"half-even\"}" : "}");
}

static void put_columns(writer *w, const vs__new_plan *made) {
    puts_all(w, "  \"columns\": {");
    for (size_t i = 0; i < made->column_count; i++) {
        puts_all(w, i == 0 ? "\n    " : ",\n    ");
        put_column(w, &made->columns[i]);
    }
    puts_all(w, "\n  },\n");
}

static void put_by(writer *w, const vs__new_plan *made) {
    if (made->request->by_count == 0) {
        return;
    }
    puts_all(w, "  \"by\": [");
    for (size_t i = 0; i < made->request->by_count; i++) {
        puts_all(w, i == 0 ? "" : ", ");
        put_string(w, made->columns[made->by[i]].name);
    }
    puts_all(w, "],\n");
}

/* ---- measures ---- */

bool vs__next_edge(const char **at, const char **item, size_t *len) {
    if (*at == NULL) {
        return false;
    }
    const char *end = strchr(*at, ',');
    *item = *at;
    *len = end != NULL ? (size_t)(end - *at) : strlen(*at);
    *at = end != NULL ? end + 1 : NULL;
    while (*len > 0 && **item == ' ') {
        ++*item;
        --*len;
    }
    while (*len > 0 && (*item)[*len - 1] == ' ') {
        --*len;
    }
    return true;
}

bool vs__edge_is_null(const char *item, size_t len) {
    return len == 4 && memcmp(item, "null", 4) == 0;
}

static void put_asked_edges(writer *w, const vs__new_column *column, const char *edges) {
    const char *item = NULL;
    size_t len = 0;
    for (bool first = true; vs__next_edge(&edges, &item, &len); first = false) {
        int64_t value = 0;
        puts_all(w, first ? "" : ", ");
        if (vs__edge_is_null(item, len)) {
            puts_all(w, "null");
            continue;
        }
        /* They were read once before: what they are, and that the scale keeps them, is known. */
        if (vs_decimal_parse(&value, item, len, column->bounds.scale, '.', true) == VS_DECIMAL_OK) {
            put_number(w, value, column->bounds.scale);
        }
    }
}

static void put_edges(writer *w, const vs__new_column *column, const char *asked) {
    if (!column->number) {
        return;
    }
    puts_all(w, ", \"edges\": [");
    if (asked != NULL) {
        put_asked_edges(w, column, asked);
    } else {
        int64_t edges[16];
        size_t count = vs__sample_edges(edges, &column->sample, &column->bounds);
        puts_all(w, "null");
        for (size_t i = 0; i < count; i++) {
            puts_all(w, ", ");
            put_number(w, edges[i], column->bounds.scale);
        }
        puts_all(w, ", null");
    }
    puts_all(w, "]");
}

static void put_measure(writer *w, const vs__new_plan *made, const vs__new_measure *measure) {
    puts_all(w, "{");
    put_string(w, measure->verb);
    puts_all(w, ": ");
    if (measure->x == VS_NONE) {
        puts_all(w, "\"rows\"}");
        return;
    }
    const vs__new_column *x = &made->columns[measure->x];
    const char *second = measure->y != VS_NONE ? made->columns[measure->y].name : NULL;
    bool is_pair = strcmp(measure->verb, "covariance") == 0;
    puts_all(w, is_pair ? "[" : "");
    put_string(w, x->name);
    if (second != NULL) {
        bool is_mean = strcmp(measure->verb, "mean") == 0;
        puts_all(w, is_pair ? ", " : is_mean ? ", \"weight\": " : ", \"on\": ");
        put_string(w, second);
    }
    puts_all(w, is_pair ? "]" : "");
    if (strcmp(measure->verb, "histogram") == 0) {
        put_edges(w, x, measure->edges);
    }
    puts_all(w, "}");
}

static void put_measures(writer *w, const vs__new_plan *made) {
    puts_all(w, "  \"measures\": [");
    for (size_t i = 0; i < made->request->wish_count; i++) {
        puts_all(w, i == 0 ? "\n    " : ",\n    ");
        put_measure(w, made, &made->measures[i]);
    }
    puts_all(w, "\n  ],\n");
}

/* ---- the rest ---- */

static void put_groups(writer *w, const vs_plan_request *request) {
    if (request->min_rows == 0 && request->min_contributors == 0) {
        return;
    }
    puts_all(w, "  \"groups\": {");
    if (request->min_rows > 0) {
        put_u64(w, "\"min_rows\": ", request->min_rows);
    }
    if (request->min_contributors > 0) {
        put_u64(w, request->min_rows > 0 ? ", \"min_contributors\": " : "\"min_contributors\": ",
                request->min_contributors);
    }
    puts_all(w, "},\n");
}

static void put_vector(writer *w, const vs__bounds *bounds, uint64_t length) {
    put_u64(w, "  \"vector\": {\"length\": ", length);
    put_u64(w, ", \"scale\": ", bounds->scale);
    puts_all(w, ", \"min\": ");
    put_number(w, bounds->min, bounds->scale);
    puts_all(w, ", \"max\": ");
    put_number(w, bounds->max, bounds->scale);
    puts_all(w, "},\n");
}

static void put_table(writer *w, const vs__new_plan *made) {
    if (made->column_count > 0) {
        put_columns(w, made);
    }
    put_by(w, made);
    put_measures(w, made);
    put_groups(w, made->request);
    put_u64(w, "  \"rows\": {\"max\": ", vs__new_rows_max(made->request));
    puts_all(w, "},\n");
}

/* ---- the people ---- */

static void put_text(writer *w, const char *before, const char *text, const char *after) {
    puts_all(w, before);
    put_string(w, text);
    puts_all(w, after);
}

static void put_terms(writer *w, const vs_plan_request *request) {
    if (request->title != NULL) {
        put_text(w, "  \"title\": ", request->title, ",\n");
    }
    if (request->purpose != NULL) {
        put_text(w, "  \"purpose\": ", request->purpose, ",\n");
    }
    if (request->valid_from == NULL && request->valid_until == NULL && request->uses == 0) {
        return;
    }
    const char *between = "";
    puts_all(w, "  \"valid\": {");
    if (request->valid_from != NULL) {
        put_text(w, "\"from\": ", request->valid_from, "");
        between = ", ";
    }
    if (request->valid_until != NULL) {
        puts_all(w, between);
        put_text(w, "\"until\": ", request->valid_until, "");
        between = ", ";
    }
    if (request->uses > 0) {
        puts_all(w, between);
        put_u64(w, "\"uses\": ", request->uses);
    }
    puts_all(w, "},\n");
}

static void put_party(writer *w, const vs_party_wish *party) {
    char line[VS_MAX_IDENTITY_TEXT];
    bool first = true;
    vs_public_identity_to_text(line, &party->identity);
    put_text(w, "{\"identity\": ", line, "");
    put_text(w, ", \"organisation\": ", party->organisation, ", \"may\": [");
    for (unsigned bit = 0; bit < VS__MAY_COUNT; bit++) {
        if ((party->may & 1u << bit) != 0) {
            put_text(w, first ? "" : ", ", vs__may_names[bit], "");
            first = false;
        }
    }
    puts_all(w, "]}");
}

static void put_roster(writer *w, const vs_plan_request *request) {
    if (request->party_count > 0) {
        puts_all(w, "  \"roster\": [");
        for (size_t i = 0; i < request->party_count; i++) {
            puts_all(w, i == 0 ? "\n    " : ",\n    ");
            put_party(w, &request->parties[i]);
        }
        puts_all(w, "\n  ],\n");
    }
    if (request->signatures > 0) {
        put_u64(w, "  \"signatures\": ", request->signatures);
        puts_all(w, ",\n");
    }
}

/* Where there is a roster, it says how many there are at most. */
static void put_contributors(writer *w, const vs_plan_request *request) {
    put_u64(w, "  \"contributors\": {\"min\": ", vs__new_contributors_min(request));
    if (request->party_count == 0 || request->contributors_max > 0) {
        put_u64(w, ", \"max\": ", vs__new_contributors_max(request));
    }
    puts_all(w, "},\n");
}

static void put_key(writer *w, const vs_plan_request *request) {
    char hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, request->key_fingerprint, VS_HASH_BYTES);
    put_text(w, request->opening == VS_OPENING_THRESHOLD ? "{\"threshold\": " : "{\"key\": ", hex, "");
    if (request->opening == VS_OPENING_THRESHOLD) {
        vs_to_hex(hex, request->holders_fingerprint, VS_HASH_BYTES);
        put_text(w, ", \"holders\": ", hex, "");
    }
}

static void put_servers(writer *w, const vs_plan_request *request) {
    puts_all(w, "{\"shares\": [");
    for (size_t i = 0; i < request->server_count; i++) {
        put_text(w, i > 0 ? ", " : "", request->servers[i], "");
    }
    puts_all(w, "]");
}

static void put_opening(writer *w, const vs_plan_request *request) {
    puts_all(w, "  \"opening\": ");
    switch (request->opening) {
    case VS_OPENING_SHARES:
        put_servers(w, request);
        break;
    case VS_OPENING_MASKS:
        put_u64(w, "{\"masks\": {\"corrupt\": ", request->corrupt_percent);
        put_u64(w, ", \"absent\": ", request->absent_percent);
        puts_all(w, "}");
        break;
    default:
        put_key(w, request);
    }
    puts_all(w, "}\n}\n");
}

vs_status vs__plan_write(const vs__new_plan *made, const vs_sink *sink, vs_error *error) {
    const vs_plan_request *request = made->request;
    writer w = {.sink = sink, .error = error, .status = VS_OK};
    puts_all(&w, "{\n  \"veilsum\": 1,\n");
    put_terms(&w, request);
    put_roster(&w, request);
    if (request->vector_length > 0) {
        put_vector(&w, &made->vector, request->vector_length);
    } else {
        put_table(&w, made);
    }
    put_contributors(&w, request);
    put_opening(&w, request);
    return w.status;
}
