/* A server of `shares`: hears owners, agrees with the other servers on whom all of them heard, and releases its sum
 * over those, once, and of it only what the plan's minimums allow. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/shares_internal.h"
#include "crypto/guard.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

/* An owner, by its place in the roster. */
typedef struct heard {
    bool here, carried;
    uint8_t id[VS_HASH_BYTES];      /* of its contribution */
    uint8_t message[VS_HASH_BYTES]; /* in which it came, to be read again */
} heard;

typedef struct server {
    vs__machine machine;
    vs_encoding encoding;
    size_t index; /* among the servers */
    unsigned step;
    bool closed; /* its list is out */
    heard *owners;
    size_t owner_count, expected;
    vs_mask *masks;    /* by owner; secret memory */
    uint64_t *sum;     /* of the masked vectors carried; later the server's sum */
    uint64_t *scratch; /* words */
    uint64_t *own;     /* this party's own masked vector: no message brings it back */
    vs__lists lists;
    uint8_t made_of[VS_HASH_BYTES]; /* what its sum is made of: the messages of the listed owners */
    vs__sums counts;
    vs_opened opened; /* with minimums: block 0 */
    size_t *waiting;
} server;

static const vs_plan *plan_of(const server *s) {
    return s->encoding.plan;
}

/* ---- step 1: owners ---- */

static vs_status open_box(server *s, const vs__share *share, const vs_message *message, vs_error *error) {
    const vs__session_facts *facts = vs__facts(&s->machine);
    vs_address address = vs__share_address(facts, VS_MESSAGE_SHARE, message->from, facts->self);
    vs_mask *mask = &s->masks[message->from];
    vs_status status = vs_addressed_unlock(mask->key, facts->setup.identity, &address, share->box, VS__SHARE_BOX_BYTES);
    if (!VS_GUARD(share_box, status == VS_OK)) {
        vs_fail(error, status, "%s: its box for this server does not open",
                plan_of(s)->parties[message->from].identity.name);
        vs_hint(error, "it was made for another session, by another owner, or for another key than this server's");
        return status;
    }
    mask->subtract = false;
    return VS_OK;
}

/* Its own vector is kept: it has come in no message that could be fetched. */
static vs_status keep_own(server *s, vs_error *error) {
    free(s->own);
    s->own = malloc((s->encoding.words + 1) * sizeof *s->own);
    if (s->own == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(s->own, s->scratch, s->encoding.words * sizeof *s->own);
    return VS_OK;
}

static vs_status carry(server *s, const vs__share *share, uint32_t owner, vs_error *error) {
    vs_words_from_bytes(s->scratch, share->vector, s->encoding.words);
    if (owner == vs__facts(&s->machine)->self) {
        vs_status status = keep_own(s, error);
        if (status != VS_OK) {
            return status;
        }
    }
    vs_slots_add(s->sum, s->scratch, s->encoding.tops, s->encoding.words);
    return VS_OK;
}

static vs_status add_owner(server *s, const vs_message *message, vs_error *error) {
    vs__share share;
    heard *owner = &s->owners[message->from];
    vs_status status = vs__share_read(&share, &s->encoding, s->index, vs__facts(&s->machine)->sid, message, error);
    if (status == VS_OK) {
        status = open_box(s, &share, message, error);
    }
    if (status == VS_OK && share.vector != NULL) {
        status = carry(s, &share, message->from, error);
    }
    if (status == VS_OK) {
        *owner = (heard){.here = true, .carried = share.vector != NULL};
        memcpy(owner->id, share.id, VS_HASH_BYTES);
        memcpy(owner->message, message->id, VS_HASH_BYTES);
        s->owner_count++;
    }
    return status;
}

/* This server's list of those here, malloc'd: owner_count of them. */
static vs__accepted *list_owners(const server *s) {
    vs__accepted *list = malloc((s->owner_count + 1) * sizeof *list);
    size_t count = 0;
    for (uint32_t i = 0; list != NULL && i < plan_of(s)->party_count; i++) {
        if (s->owners[i].here) {
            list[count].owner = i;
            memcpy(list[count++].id, s->owners[i].id, VS_HASH_BYTES);
        }
    }
    return list;
}

static vs_status check_minimum(server *s, const vs__accepted *owners, size_t count, vs_error *error) {
    const vs_plan *plan = plan_of(s);
    uint64_t organisations;
    vs_status status = vs__list_organisations(&organisations, plan, owners, count, error);
    if (status == VS_OK && !VS_GUARD(shares_minimum_at_server, organisations >= plan->contributors_min)) {
        (void)vs__session_fail(&s->machine, VS_ERR_POLICY,
                               "rule contributors.min: contributions of %llu organisations are here; the plan asks for "
                               "%llu",
                               (unsigned long long)organisations, (unsigned long long)plan->contributors_min);
        status = vs_fail(error, VS_ERR_POLICY, "too few have contributed: nothing is released");
    }
    return status;
}

/* No more owners: say whom this server heard. */
static vs_status close_list(server *s, vs_error *error) {
    uint8_t *body = NULL;
    size_t len;
    vs__accepted *list = list_owners(s);
    vs_status status = list == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        status = check_minimum(s, list, s->owner_count, error);
    }
    if (status == VS_OK) {
        status = vs__accepted_write(&body, &len, list, s->owner_count, error);
    }
    if (status == VS_OK) {
        status = vs__session_post(&s->machine, VS_MESSAGE_ACCEPTED, VS_TO_ALL, body, len, error);
    }
    if (status == VS_OK) {
        s->closed = true;
        s->step = VS__STEP_ACCEPTED;
    }
    free(list);
    free(body);
    return status;
}

static vs_status take_share(server *s, const vs_message *message, vs_error *error) {
    const vs_plan *plan = plan_of(s);
    vs_status status = VS_OK;
    if (s->closed) {
        vs_fail(error, VS_ERR_POLICY, "%s: its 'share' came after this server's list was closed",
                plan->parties[message->from].identity.name);
        vs_hint(error, "it is not in this session's result; it may take part in the next");
        return VS_ERR_POLICY;
    }
    if (!s->owners[message->from].here) {
        status = add_owner(s, message, error);
    }
    if (status == VS_OK && s->owner_count == s->expected) {
        status = close_list(s, error);
        status = status == VS_ERR_POLICY ? VS_OK : status; /* too few: the session's failure, not this message's */
    }
    return status;
}

/* ---- step 2: which owners ---- */

/* Take a vector off again that is not in the session's list. */
static vs_status take_off(server *s, uint32_t owner, vs_error *error) {
    const vs__session_facts *facts = vs__facts(&s->machine);
    const uint64_t *vector = s->own;
    uint8_t *bytes = NULL;
    size_t len = 0;
    vs_status status = VS_OK;
    if (owner != facts->self) {
        status = facts->setup.fetch == NULL
                     ? vs_fail(error, VS_ERR_USAGE, "no way to read a message again")
                     : facts->setup.fetch(facts->setup.context, s->owners[owner].message, &bytes, &len, error);
        if (status == VS_OK && len < 8 * s->encoding.words + VS_SIGNATURE_BYTES) {
            status = vs_fail(error, VS_ERR_IO, "a message that was kept has become shorter");
        }
        if (status == VS_OK) {
            vs_words_from_bytes(s->scratch, bytes + len - VS_SIGNATURE_BYTES - 8 * s->encoding.words,
                                s->encoding.words);
        }
        vector = s->scratch;
    }
    if (status == VS_OK) {
        vs_slots_sub(s->sum, vector, s->encoding.tops, s->encoding.words);
    }
    free(bytes);
    return status;
}

/* Leave out those who are not in the session's list, and move the masks of those who are to the front. */
static vs_status keep_listed(server *s, vs_error *error) {
    size_t listed = 0;
    vs_status status = VS_OK;
    for (uint32_t i = 0; status == VS_OK && i < plan_of(s)->party_count; i++) {
        bool in = listed < s->lists.owner_count && s->lists.owners[listed].owner == i;
        if (in) {
            s->masks[listed++] = s->masks[i];
        } else if (s->owners[i].here && s->owners[i].carried) {
            status = take_off(s, i, error);
        }
    }
    return status;
}

/* The messages name all that the sum depends on: a carrier's vector is in them, too, but not in the list's ids. */
static void name_messages(server *s) {
    vs_hash hash;
    vs_hash_init(&hash, "veilsum shares messages");
    for (size_t i = 0; i < s->lists.owner_count; i++) {
        vs_hash_field(&hash, s->owners[s->lists.owners[i].owner].message, VS_HASH_BYTES);
    }
    vs_hash_final(&hash, s->made_of);
}

/* The sum of this server over the session's list. */
static vs_status make_sum(server *s, vs_error *error) {
    name_messages(s);
    vs_status status = keep_listed(s, error);
    if (status == VS_OK) {
        status = vs_mask_apply(s->sum, s->encoding.tops, s->encoding.words, s->masks, s->lists.owner_count);
        status = status == VS_OK ? VS_OK : vs_fail_plain(error, status);
    }
    vs_secret_free(s->masks);
    s->masks = NULL;
    free(s->own);
    s->own = NULL;
    return status;
}

static vs_status check_release(server *s, vs_error *error) {
    const vs_session_setup *setup = &vs__facts(&s->machine)->setup;
    vs_status status = vs_plan_valid_at(setup->plan, setup->now, error);
    if (status == VS_OK && setup->release != NULL) {
        status = setup->release(setup->context, s->lists.id, error);
        status = VS_GUARD(shares_release_once, status == VS_OK) ? VS_OK : status;
    }
    return status;
}

static vs_status release_counts(server *s, vs_error *error) {
    const vs_plan *plan = plan_of(s);
    vs_status status = make_sum(s, error);
    if (status == VS_OK && plan->has_minimums) {
        status = vs__sums_begin(&s->counts, plan, s->encoding.tops, s->encoding.first_words, error);
    }
    if (status == VS_OK) {
        const vs__sum sum = {VS_MESSAGE_COUNTS,      plan->has_minimums, s->lists.id, s->made_of, s->sum,
                             s->encoding.first_words};
        status = vs__sums_post(&s->machine, &sum, error);
    }
    if (status == VS_OK && plan->has_minimums) {
        vs__sums_add(&s->counts, s->index, s->sum);
    }
    return status;
}

/* All lists are here: what goes wrong now is no single message's fault, so the session says it. */
static void agree(server *s) {
    vs_error error = {.message = ""};
    vs_status status = check_minimum(s, s->lists.owners, s->lists.owner_count, &error);
    if (status == VS_OK) {
        status = check_release(s, &error);
    }
    if (status == VS_OK) {
        status = release_counts(s, &error);
    }
    if (status != VS_OK) {
        (void)vs__session_fail(&s->machine, status, "%s", error.message);
    }
    s->step = plan_of(s)->has_minimums ? VS__STEP_COUNTS : vs__shares_step_count(plan_of(s));
}

static vs_status take_list(server *s, const vs_message *message, vs_error *error) {
    const vs__session_facts *facts = vs__facts(&s->machine);
    vs_status status = vs__lists_take(&s->lists, plan_of(s), facts->sid, message, error);
    if (status == VS_OK && s->lists.complete && s->step == VS__STEP_ACCEPTED) {
        agree(s);
    }
    return status;
}

/* ---- step 3: counts ---- */

/* Which values are allowed follows from the other servers' sums, too. */
static void name_allowed(server *s, uint8_t made_of[VS_HASH_BYTES]) {
    const vs_plan *plan = plan_of(s);
    vs_hash hash;
    vs_hash_init(&hash, "veilsum shares allowed");
    vs_hash_field(&hash, s->made_of, VS_HASH_BYTES);
    vs_hash_field(&hash, s->opened.reasons, (size_t)plan->group_count * plan->class_count);
    vs_hash_final(&hash, made_of);
}

static vs_status release_values(server *s, vs_error *error) {
    const vs_encoding *e = &s->encoding;
    uint8_t made_of[VS_HASH_BYTES];
    vs_status status = vs__sums_open_first(&s->opened, e, vs__facts(&s->machine)->setup.period, s->counts.slots,
                                           s->lists.owner_count, error);
    if (status == VS_OK) {
        const uint8_t *reasons = s->opened.reasons;
        const vs__sum sum = {VS_MESSAGE_VALUES, false, s->lists.id, made_of, s->scratch, vs__allowed_words(e, reasons)};
        name_allowed(s, made_of);
        vs__allowed_gather(s->scratch, e, reasons, s->sum);
        status = vs__sums_post(&s->machine, &sum, error);
    }
    return status;
}

static vs_status take_counts(server *s, const vs_message *message, vs_error *error) {
    if (!plan_of(s)->has_minimums || message->from == vs__facts(&s->machine)->self) {
        return VS_OK;
    }
    if (s->step != VS__STEP_COUNTS) {
        return s->step < VS__STEP_COUNTS ? VS_ERR_NOT_READY : VS_OK;
    }
    vs_status status = vs__sums_take(&s->counts, vs__facts(&s->machine), s->lists.id, message, error);
    if (status == VS_OK && s->counts.missing == 0) {
        vs_error reason = {.message = ""};
        vs_status released = release_values(s, &reason);
        if (released != VS_OK) {
            (void)vs__session_fail(&s->machine, released, "%s", reason.message);
        }
        s->step = vs__shares_step_count(plan_of(s));
    }
    return status;
}

/* ---- the machine ---- */

static vs_status receive(vs__machine *machine, const vs_message *message, vs_error *error) {
    server *s = (server *)machine;
    switch (message->kind) {
    case VS_MESSAGE_SHARE:
        return take_share(s, message, error);
    case VS_MESSAGE_ACCEPTED:
        return take_list(s, message, error);
    case VS_MESSAGE_COUNTS:
        return take_counts(s, message, error);
    default:
        return VS_OK;
    }
}

static vs_status expire(vs__machine *machine, vs_error *error) {
    server *s = (server *)machine;
    VS_CHECK(!s->closed);
    return close_list(s, error);
}

static size_t missing_owners(const server *s) {
    const vs_plan *plan = plan_of(s);
    size_t count = 0;
    for (size_t i = 0; i < plan->party_count; i++) {
        if (plan->parties[i].may & VS_MAY_CONTRIBUTE && !s->owners[i].here) {
            s->waiting[count++] = i;
        }
    }
    return count;
}

static void look(const vs__machine *machine, vs_session_view *view) {
    const server *s = (const server *)machine;
    view->step = s->step;
    view->done = s->step >= vs__shares_step_count(plan_of(s));
    view->may_expire = !s->closed;
    view->waiting = s->waiting;
    view->differing = s->lists.differing;
    view->differing_count = s->lists.differing_count;
    view->waiting_count = view->done                     ? 0
                          : s->step == VS__STEP_SHARE    ? missing_owners(s)
                          : s->step == VS__STEP_ACCEPTED ? vs__lists_missing(s->waiting, &s->lists, plan_of(s))
                                                         : vs__sums_missing(s->waiting, &s->counts, plan_of(s));
}

static void free_words(uint64_t *words, size_t count) {
    if (words != NULL) {
        vs_wipe(words, count * sizeof *words);
        free(words);
    }
}

static void server_free(vs__machine *machine) {
    server *s = (server *)machine;
    free_words(s->sum, s->encoding.words);
    free_words(s->scratch, s->encoding.words);
    free(s->own);
    vs_secret_free(s->masks);
    vs__sums_clear(&s->counts);
    vs_opened_clear(&s->opened);
    vs__lists_clear(&s->lists);
    vs_encoding_clear(&s->encoding);
    free(s->owners);
    free(s->waiting);
    free(s);
}

#define SERVER(names)                                                                                                  \
    { .name = "server", .steps = names, .receive = receive, .expire = expire, .look = look, .free = server_free }
static const vs__machine_type types[] = {SERVER(vs__shares_steps_without_minimums), SERVER(vs__shares_steps)};

static vs_status prepare(server *s, const vs_plan *plan, vs_error *error) {
    size_t parties = plan->party_count;
    vs_status status = vs_encoding_make(&s->encoding, plan, error);
    if (status != VS_OK) {
        return status;
    }
    s->expected =
        plan->contributing_count < plan->contributors_max ? plan->contributing_count : (size_t)plan->contributors_max;
    s->owners = calloc(parties, sizeof *s->owners);
    s->masks = vs_secret_alloc(parties * sizeof *s->masks);
    s->sum = calloc(s->encoding.words, sizeof *s->sum);
    s->scratch = calloc(s->encoding.words, sizeof *s->scratch);
    s->waiting = calloc(parties, sizeof *s->waiting);
    bool all = s->owners != NULL && s->masks != NULL && s->sum != NULL && s->scratch != NULL && s->waiting != NULL;
    return all ? VS_OK : vs_fail_plain(error, VS_ERR_MEMORY);
}

vs_status vs__shares_server_new(vs__machine **machine, vs_session *session, vs_error *error) {
    server *s = calloc(1, sizeof *s);
    *machine = NULL;
    if (s == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    s->machine.session = session;
    const vs__session_facts *facts = vs__facts(&s->machine);
    s->index = vs__share_server(facts->setup.plan, facts->self);
    s->machine.type = &types[facts->setup.plan->has_minimums];
    vs_status status = prepare(s, facts->setup.plan, error);
    if (status != VS_OK) {
        server_free(&s->machine);
        return status;
    }
    *machine = &s->machine;
    return VS_OK;
}
