/* Messages by party: ids in memory, bytes where the session's journal has them. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/keyed_internal.h"
#include "crypto/guard.h"

vs_status vs__shelf_new(vs__shelf *shelf, const vs__machine *machine, vs_error *error) {
    *shelf = (vs__shelf){.machine = machine};
    shelf->of = calloc(vs__facts(machine)->setup.plan->party_count + 1, sizeof *shelf->of);
    return shelf->of == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

void vs__shelf_clear(vs__shelf *shelf) {
    size_t parties = shelf->of == NULL ? 0 : vs__facts(shelf->machine)->setup.plan->party_count;
    for (size_t i = 0; i < parties; i++) {
        free(shelf->of[i].own);
    }
    free(shelf->of);
    *shelf = (vs__shelf){.of = NULL};
}

vs_status vs__shelf_put(vs__shelf *shelf, const vs_message *message, vs_error *error) {
    vs__shelved *place = &shelf->of[message->from];
    if (message->from == vs__facts(shelf->machine)->self) {
        place->own = malloc(message->len);
        if (place->own == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        memcpy(place->own, message->bytes, message->len);
        place->own_len = message->len;
    }
    memcpy(place->id, message->id, VS_HASH_BYTES);
    place->here = true;
    shelf->count++;
    return VS_OK;
}

void vs__shelf_remove(vs__shelf *shelf, uint32_t party) {
    vs__shelved *place = &shelf->of[party];
    shelf->count -= place->here;
    free(place->own);
    *place = (vs__shelved){.here = false};
}

static vs_status copy(uint8_t **bytes, size_t *len, const uint8_t *from, size_t from_len, vs_error *error) {
    *bytes = malloc(from_len);
    *len = from_len;
    if (*bytes == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(*bytes, from, from_len);
    return VS_OK;
}

static vs_status find(uint8_t **bytes, size_t *len, const vs__shelf *shelf, uint32_t party, vs_error *error) {
    const vs__shelved *place = &shelf->of[party];
    const vs_message *current = shelf->current;
    const vs_session_setup *setup = &vs__facts(shelf->machine)->setup;
    if (place->own != NULL) {
        return copy(bytes, len, place->own, place->own_len, error);
    }
    if (current != NULL && memcmp(current->id, place->id, VS_HASH_BYTES) == 0) {
        return copy(bytes, len, current->bytes, current->len, error);
    }
    return setup->fetch(setup->context, place->id, bytes, len, error);
}

vs_status vs__shelf_get(vs_message *message, uint8_t **bytes, const vs__shelf *shelf, uint32_t party, vs_error *error) {
    const vs_plan *plan = vs__facts(shelf->machine)->setup.plan;
    size_t len = 0;
    VS_CHECK(shelf->of[party].here);
    *bytes = NULL;
    vs_status status = find(bytes, &len, shelf, party, error);
    /* What was judged is what its id says: nothing else may take its place. */
    if (status == VS_OK && (vs_message_parse(message, *bytes, len, NULL) != VS_OK ||
                            !VS_GUARD(keyed_shelf_id, memcmp(message->id, shelf->of[party].id, VS_HASH_BYTES) == 0))) {
        vs_fail(error, VS_ERR_AUTH, "%s: the message that was kept is not the one that came",
                plan->parties[party].identity.name);
        vs_hint(error, "what this session keeps on the disk has been altered or is damaged");
        status = VS_ERR_AUTH;
    }
    if (status != VS_OK) {
        free(*bytes);
        *bytes = NULL;
    }
    return status;
}

/* ---- as inputs ---- */

typedef struct opened_body {
    vs_source source; /* the first member: it is what is closed */
    vs_memory_source memory;
    uint8_t *bytes;
} opened_body;

static vs_status open_body(void *context, size_t index, const vs_source **source, vs_error *error) {
    const vs__shelf_reading *reading = context;
    vs_message message;
    *source = NULL;
    if (index >= reading->count) {
        return VS_OK;
    }
    opened_body *body = calloc(1, sizeof *body);
    if (body == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    uint32_t party = reading->parties[index];
    const char *name = vs__facts(reading->shelf->machine)->setup.plan->parties[party].identity.name;
    vs_status status = vs__shelf_get(&message, &body->bytes, reading->shelf, party, error);
    if (status != VS_OK) {
        free(body);
        return status;
    }
    body->source = vs_memory_source_open(&body->memory, name, message.body, message.body_len);
    *source = &body->source;
    return VS_OK;
}

static void close_body(void *context, const vs_source *source) {
    opened_body *body = (opened_body *)(uintptr_t)source;
    (void)context;
    free(body->bytes);
    free(body);
}

static int can_reopen_body(void *context, size_t index) {
    (void)context;
    (void)index;
    return 1;
}

vs_inputs vs__shelf_inputs(vs__shelf_reading *reading) {
    return (vs_inputs){.context = reading, .open = open_body, .close = close_body, .can_reopen = can_reopen_body};
}
