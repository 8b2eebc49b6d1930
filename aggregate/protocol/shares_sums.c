/* Sums: what servers send of theirs, what becomes of all of them together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/open_internal.h"
#include "aggregate/protocol/shares_internal.h"
#include "crypto/guard.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

static void free_words(uint64_t *words, size_t count) {
    if (words != NULL) {
        vs_wipe(words, count * sizeof *words);
        free(words);
    }
}

/* ---- gathering ---- */

vs_status vs__sums_begin(vs__sums *sums, const vs_plan *plan, const uint64_t *tops, size_t words, vs_error *error) {
    *sums = (vs__sums){.tops = tops, .words = words, .missing = plan->server_count};
    sums->slots = calloc(words + 1, sizeof *sums->slots);
    return sums->slots == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

void vs__sums_clear(vs__sums *sums) {
    free_words(sums->slots, sums->words);
    *sums = (vs__sums){.slots = NULL};
}

size_t vs__sums_missing(size_t *missing, const vs__sums *sums, const vs_plan *plan) {
    size_t count = 0;
    for (size_t i = 0; i < plan->server_count; i++) {
        if (!sums->here[i]) {
            missing[count++] = plan->servers[i];
        }
    }
    return count;
}

void vs__sums_add(vs__sums *sums, size_t server, const uint64_t *slots) {
    vs_slots_add(sums->slots, slots, sums->tops, sums->words);
    sums->here[server] = true;
    sums->missing--;
}

static vs_status unlock(uint8_t *plain, const vs__session_facts *facts, const vs_message *message, vs_error *error) {
    vs_address address = vs__share_address(facts, message->kind, message->from, message->to);
    vs_status status = vs_addressed_unlock(plain, facts->setup.identity, &address, message->body + VS_HASH_BYTES,
                                           message->body_len - VS_HASH_BYTES);
    if (!VS_GUARD(sum_box, status == VS_OK)) {
        return vs_fail(error, status, "%s: the box in its '%s' does not open",
                       facts->setup.plan->parties[message->from].identity.name, vs_message_kind_name(message->kind));
    }
    return VS_OK;
}

static vs_status check_sum(const vs__sums *sums, const vs_plan *plan, const uint8_t *list, const vs_message *message,
                           vs_error *error) {
    const char *name = plan->parties[message->from].identity.name, *kind = vs_message_kind_name(message->kind);
    if (message->to == VS_TO_ALL || message->body_len < VS_HASH_BYTES) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: its '%s' is not a sum for one party", name, kind);
    }
    if (!VS_GUARD(sum_of_this_list, memcmp(message->body, list, VS_HASH_BYTES) == 0)) {
        vs_fail(error, VS_ERR_POLICY, "%s: its '%s' is over other contributors than the servers' lists say", name,
                kind);
        vs_hint(error, "a server has told different lists to different parties");
        return VS_ERR_POLICY;
    }
    if (message->body_len != VS_HASH_BYTES + VS_ADDRESSED_EXTRA_BYTES + 8 * sums->words) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: its '%s' is not as long as it should be", name, kind);
    }
    return VS_OK;
}

vs_status vs__sums_take(vs__sums *sums, const vs__session_facts *facts, const uint8_t list[VS_HASH_BYTES],
                        const vs_message *message, vs_error *error) {
    const vs_plan *plan = facts->setup.plan;
    size_t server = vs__share_server(plan, message->from);
    vs_status status = check_sum(sums, plan, list, message, error);
    if (status != VS_OK || sums->here[server]) {
        return status;
    }
    uint8_t *plain = malloc(8 * sums->words + 1);
    uint64_t *slots = malloc((sums->words + 1) * sizeof *slots);
    if (plain == NULL || slots == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    } else {
        status = unlock(plain, facts, message, error);
    }
    if (status == VS_OK) {
        vs_words_from_bytes(slots, plain, sums->words);
        vs__sums_add(sums, server, slots);
    }
    if (plain != NULL) {
        vs_wipe(plain, 8 * sums->words);
    }
    free(plain);
    free_words(slots, slots == NULL ? 0 : sums->words);
    return status;
}

/* ---- opening ---- */

vs_status vs__sums_open_first(vs_opened *opened, const vs_encoding *encoding, const char *period, const uint64_t *slots,
                              uint64_t contributions, vs_error *error) {
    const vs_plan *plan = encoding->plan;
    *opened = (vs_opened){.contributions = contributions, .cell_count = plan->cell_count};
    (void)snprintf(opened->period, sizeof opened->period, "%s", period);
    opened->cells = calloc((size_t)plan->cell_count, sizeof *opened->cells);
    if (opened->cells == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = vs_decode(encoding, opened->cells, slots, 0, 0, contributions, error);
    if (status == VS_OK && !VS_GUARD(shares_counter, opened->cells[0] == (vs_int128)contributions)) {
        vs_fail(error, VS_ERR_RANGE, "the servers' sums do not hold as many contributions as their lists say");
        vs_hint(error, "a contribution was not made by veilsum, or a server's sum is wrong");
        status = VS_ERR_RANGE;
    }
    return status == VS_OK && plan->has_minimums ? vs__opened_decide(opened, plan, error) : status;
}

bool vs__allowed_next(vs__allowed *a, size_t *first, size_t *count) {
    const vs_plan *plan = a->encoding->plan;
    while (a->group < plan->group_count) {
        if (++a->block_class >= plan->class_count) {
            a->block_class = 0;
            a->group++;
        } else if (VS_GUARD(shares_minimums, a->reasons[a->group * plan->class_count + a->block_class] == VS_SHOWN)) {
            vs_encoding_block(a->encoding, a->group, a->block_class, first, count);
            return true;
        }
    }
    return false;
}

size_t vs__allowed_words(const vs_encoding *encoding, const uint8_t *reasons) {
    size_t words = 0, first, count;
    for (vs__allowed a = {encoding, reasons, 0, 0}; vs__allowed_next(&a, &first, &count);) {
        words += count;
    }
    return words;
}

void vs__allowed_gather(uint64_t *out, const vs_encoding *encoding, const uint8_t *reasons, const uint64_t *from) {
    size_t first, count;
    for (vs__allowed a = {encoding, reasons, 0, 0}; vs__allowed_next(&a, &first, &count);) {
        memcpy(out, from + first, count * sizeof *out);
        out += count;
    }
}

/* ---- sending ---- */

/* A message in the making: its body, and what goes into the box in it. */
typedef struct posting {
    const vs__sum *sum;
    uint8_t root[32]; /* of the keys */
    uint8_t *plain, *body;
    size_t len; /* of plain */
} posting;

static void derive_root(uint8_t root[32], const vs__session_facts *facts, const vs__sum *sum) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum shares sum");
    vs_hash_field(&hash, facts->setup.seed, VS_SEED_BYTES);
    vs_hash_u64(&hash, sum->kind);
    vs_hash_field(&hash, sum->list, VS_HASH_BYTES);
    vs_hash_field(&hash, sum->made_of, VS_HASH_BYTES);
    vs_hash_final(&hash, root);
    vs_wipe(&hash, sizeof hash);
}

static vs_status post_to(vs__machine *machine, posting *p, uint32_t to, vs_error *error) {
    const vs__session_facts *facts = vs__facts(machine);
    const vs_public_identity *receiver = &facts->setup.plan->parties[to].identity;
    vs_address address = vs__share_address(facts, p->sum->kind, facts->self, to);
    uint8_t seed[32];
    vs_derive(seed, sizeof seed, p->root, "veilsum shares ephemeral", &address.binding);
    vs_status status = vs_addressed_lock(p->body + VS_HASH_BYTES, receiver, &address, seed, p->plain, p->len);
    vs_wipe(seed, sizeof seed);
    if (status != VS_OK) {
        return vs_fail(error, status, "%s: its key in the plan is not one that anything can be locked for",
                       receiver->name);
    }
    return vs__session_post(machine, p->sum->kind, to, p->body, VS_HASH_BYTES + VS_ADDRESSED_EXTRA_BYTES + p->len,
                            error);
}

static bool receives(const vs_plan *plan, uint32_t party, uint32_t self, bool to_servers) {
    bool opens = (plan->parties[party].may & VS_MAY_OPEN) != 0;
    return opens || (to_servers && party != self && vs__share_server(plan, party) != VS_NONE);
}

vs_status vs__sums_post(vs__machine *machine, const vs__sum *sum, vs_error *error) {
    const vs__session_facts *facts = vs__facts(machine);
    const vs_plan *plan = facts->setup.plan;
    posting p = {.sum = sum, .len = 8 * sum->words};
    vs_status status = VS_OK;
    p.plain = malloc(p.len + 1);
    p.body = malloc(VS_HASH_BYTES + VS_ADDRESSED_EXTRA_BYTES + p.len);
    if (p.plain == NULL || p.body == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    vs_words_to_bytes(p.plain, sum->slots, sum->words);
    memcpy(p.body, sum->list, VS_HASH_BYTES);
    derive_root(p.root, facts, sum);
    for (uint32_t party = 0; status == VS_OK && party < plan->party_count; party++) {
        if (receives(plan, party, facts->self, sum->to_servers)) {
            status = post_to(machine, &p, party, error);
        }
    }
    vs_wipe(p.plain, p.len);
done:
    free(p.plain);
    free(p.body);
    vs_wipe(&p, sizeof p);
    return status;
}
