/* Parts of holders as messages: made once and kept, judged as they come, and put together. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/keyed_internal.h"
#include "crypto/guard.h"

static vs_message_kind kind_of(unsigned round) {
    return round == 1 ? VS_MESSAGE_PART : VS_MESSAGE_PART_ALLOWED;
}

static unsigned needed(const vs__parts *p) {
    return vs_threshold_key_info(p->keyed->threshold_key)->needed;
}

/* ---- making ---- */

static vs_status make_part(uint8_t **bytes, size_t *len, vs__parts *p, unsigned round, vs_error *error) {
    vs_part *part = NULL;
    const vs_keyed_setup *keyed = p->keyed;
    vs_status status =
        vs_total_make_part(&part, p->total, keyed->share, keyed->threshold_key, vs__facts(p->machine)->setup.identity,
                           p->given, round == 1 ? 0 : p->count, keyed->progress, error);
    if (status == VS_OK) {
        status = keyed->keep(keyed->keep_context, kind_of(round), part->bytes, part->len, error);
    }
    if (status == VS_OK) {
        *bytes = malloc(part->len);
        *len = part->len;
        status = *bytes == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    }
    if (status == VS_OK) {
        memcpy(*bytes, part->bytes, part->len);
    }
    vs_part_free(part);
    return status;
}

/* The part that was made before a crash, or a new one: never two, since a proof is random. */
static vs_status send_part(vs__parts *p, unsigned round, vs_error *error) {
    const vs_keyed_setup *keyed = p->keyed;
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (keyed->share == NULL) {
        return VS_OK;
    }
    vs_status status = keyed->recall(keyed->keep_context, kind_of(round), &bytes, &len, error);
    if (status == VS_OK && bytes == NULL) {
        status = make_part(&bytes, &len, p, round, error);
    }
    if (status == VS_OK) {
        status = vs__session_post(p->machine, kind_of(round), VS_TO_ALL, bytes, len, error);
    }
    free(bytes);
    return status;
}

vs_status vs__parts_begin(vs__parts *p, vs__machine *machine, const vs_total *total, vs_error *error) {
    *p = (vs__parts){.machine = machine, .keyed = vs__facts(machine)->setup.keyed, .total = total};
    return send_part(p, 1, error);
}

void vs__parts_clear(vs__parts *p) {
    for (size_t i = 0; i < p->count; i++) {
        vs_part_free(p->given[i].part);
    }
    vs_opened_clear(&p->counts);
    *p = (vs__parts){.count = 0};
}

/* ---- taking ---- */

/* By the holder who sends it, and of the round that its kind says? */
static vs_status check_sender(const vs__parts *p, const vs_part *part, const vs_message *message, vs_error *error) {
    const vs_public_identity *sender = &vs__facts(p->machine)->setup.plan->parties[message->from].identity;
    unsigned holder = vs_threshold_key_find(p->keyed->threshold_key, sender);
    if (!VS_GUARD(keyed_part_sender, holder != 0 && part->header.holder == holder)) {
        return vs_fail(error, VS_ERR_POLICY, "%s: sent a part that is not its own", sender->name);
    }
    if (message->kind != kind_of(part->header.round)) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: sent a part of another round than it says", sender->name);
    }
    return VS_OK;
}

static vs_status judge(const vs__parts *p, vs_given_part *given, const vs_message *message, vs_error *error) {
    const uint8_t *reasons = message->kind == VS_MESSAGE_PART ? NULL : p->counts.reasons;
    vs_status status = check_sender(p, given->part, message, error);
    if (status == VS_OK) {
        status = vs_total_check_part(p->total, p->keyed->threshold_key, reasons, given);
        if (status != VS_OK && error != NULL) {
            *error = given->error;
        }
    }
    return status;
}

vs_status vs__parts_take(vs__parts *p, const vs_message *message, vs_error *error) {
    const vs_plan *plan = vs__facts(p->machine)->setup.plan;
    vs_given_part given = {.name = plan->parties[message->from].identity.name};
    if (message->kind == VS_MESSAGE_PART_ALLOWED && !plan->has_minimums) {
        return vs_fail(error, VS_ERR_POLICY, "%s: a part of round 2, which only plans with minimums have", given.name);
    }
    if (message->kind == VS_MESSAGE_PART_ALLOWED && !p->counted) {
        return VS_ERR_NOT_READY;
    }
    vs_status status = vs_part_parse(&given.part, given.name, message->body, message->body_len, error);
    if (status == VS_OK) {
        status = judge(p, &given, message, error);
    }
    if (status != VS_OK) {
        vs_part_free(given.part);
        return status;
    }
    VS_CHECK(p->count < sizeof p->given / sizeof *p->given); /* two of each holder, of whom there are so many */
    p->of_round[given.part->header.round]++;
    p->given[p->count++] = given;
    return VS_OK;
}

bool vs__parts_has(const vs__parts *p, unsigned holder) {
    for (size_t i = 0; i < p->count; i++) {
        const vs_part_header *header = &p->given[i].part->header;
        if (header->holder == holder && header->round == vs__parts_round(p)) {
            return true;
        }
    }
    return false;
}

unsigned vs__parts_round(const vs__parts *p) {
    return p->counted ? 2 : 1;
}

/* ---- opening ---- */

/* With minimums: once there are enough parts of the counts, each holder makes one of what they allow. */
static vs_status open_counts(vs__parts *p, vs_error *error) {
    vs_status status =
        vs_total_open_counts(&p->counts, &p->round_two, p->total, p->keyed->threshold_key, p->given, p->count, error);
    p->counted = status == VS_OK;
    return status == VS_OK ? send_part(p, 2, error) : status;
}

vs_status vs__parts_open(vs__parts *p, vs_opened *opened, bool *done, vs_error *error) {
    bool rounds = p->total->plan->has_minimums;
    vs_status status = VS_OK;
    *done = false;
    if (p->of_round[1] < needed(p)) {
        return VS_OK;
    }
    if (rounds && !p->counted) {
        status = open_counts(p, error);
    }
    if (status == VS_OK && (!rounds || p->round_two == 0 || p->of_round[2] >= needed(p))) {
        status = vs_total_open_with_parts(opened, p->total, p->keyed->threshold_key, p->given, p->count,
                                          p->keyed->progress, error);
        *done = status == VS_OK;
    }
    return status;
}
