/* A party of a simulated session: its session, its journal, its crashes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/combine.h"
#include "bench/clock.h"
#include "bench/protocol_book.h"
#include "bench/protocol_net.h"
#include "crypto/sign/identity_internal.h"

#define NOW INT64_C(1793000000)
#define PERIOD "2026-11"

/* ---- mail ---- */

mail *mail_hold(mail *m) {
    atomic_fetch_add(&m->holders, 1);
    return m;
}

void mail_drop(mail *m) {
    if (m != NULL && atomic_fetch_sub(&m->holders, 1) == 1) {
        free(m);
    }
}

void letters_clear(letters *list) {
    for (size_t i = 0; i < list->count; i++) {
        mail_drop(list->items[i].mail);
    }
    free(list->items);
    *list = (letters){.items = NULL};
}

static bool letters_add(letters *list, letter item) {
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 4 : 2 * list->cap;
        letter *larger = realloc(list->items, cap * sizeof *larger);
        if (larger == NULL) {
            return false;
        }
        list->items = larger;
        list->cap = cap;
    }
    list->items[list->count++] = item;
    return true;
}

/* ---- journal ---- */

static size_t place_of(const party *p, const uint8_t id[VS_HASH_BYTES]) {
    uint64_t start;
    memcpy(&start, id, sizeof start);
    size_t at = (size_t)start & (p->places_cap - 1);
    while (p->places[at] != 0 && memcmp(p->journal.items[p->places[at] - 1].mail->id, id, VS_HASH_BYTES) != 0) {
        at = (at + 1) & (p->places_cap - 1);
    }
    return at;
}

/* The journal's places by id, for as many messages as there are and as many again. */
static bool index_journal(party *p) {
    if (2 * (p->journal.count + 1) <= p->places_cap) {
        return true;
    }
    size_t cap = p->places_cap == 0 ? 64 : 2 * p->places_cap;
    size_t *places = calloc(cap, sizeof *places);
    if (places == NULL) {
        return false;
    }
    free(p->places);
    p->places = places;
    p->places_cap = cap;
    for (size_t i = 0; i < p->journal.count; i++) {
        if (p->journal.items[i].mail != NULL) {
            p->places[place_of(p, p->journal.items[i].mail->id)] = i + 1;
        }
    }
    return true;
}

static bool journal_add(party *p, mail *m) {
    if (!p->keeps) {
        return true;
    }
    if (!letters_add(&p->journal, (letter){.mail = m == NULL ? NULL : mail_hold(m)})) {
        return false;
    }
    if (p->setup.roles == VS_ROLE_CONTRIBUTOR || m == NULL) {
        return true;
    }
    bool good = index_journal(p);
    if (good) {
        p->places[place_of(p, m->id)] = p->journal.count;
    }
    return good;
}

/* vs_session_setup.fetch */
static vs_status fetch(void *context, const uint8_t id[VS_HASH_BYTES], uint8_t **bytes, size_t *len, vs_error *error) {
    const party *p = context;
    size_t at = p->places_cap == 0 ? 0 : p->places[place_of(p, id)];
    if (at == 0) {
        return vs_fail(error, VS_ERR_IO, "no such message has been taken");
    }
    const mail *m = p->journal.items[at - 1].mail;
    *len = m->len;
    *bytes = malloc(m->len);
    if (*bytes == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(*bytes, m->bytes, m->len);
    return VS_OK;
}

/* ---- what it says ---- */

static mail *mail_of(const uint8_t *bytes, size_t len) {
    vs_message message;
    mail *m = malloc(sizeof *m + len);
    if (m == NULL || vs_message_parse(&message, bytes, len, NULL) != VS_OK) {
        free(m);
        return NULL;
    }
    *m = (mail){.holders = 1, .kind = message.kind, .from = message.from, .to = message.to, .len = len};
    memcpy(m->id, message.id, VS_HASH_BYTES);
    memcpy(m->bytes, bytes, len);
    return m;
}

static bool note_sent(party *p, uint64_t id) {
    if (p->sent_count == p->sent_cap) {
        size_t cap = p->sent_cap == 0 ? 8 : 2 * p->sent_cap;
        uint64_t *larger = realloc(p->sent_ids, cap * sizeof *larger);
        if (larger == NULL) {
            return false;
        }
        p->sent_ids = larger;
        p->sent_cap = cap;
    }
    p->sent_ids[p->sent_count++] = id;
    return true;
}

/* What the session has to send; after a restart that is what it has sent before, byte for byte, and then more. */
static bool collect(party *p) {
    const uint8_t *bytes;
    size_t len;
    while (vs_session_send(p->session, &bytes, &len)) {
        uint64_t id;
        mail *m = mail_of(bytes, len);
        if (m == NULL) {
            return false;
        }
        memcpy(&id, m->id, sizeof id);
        if (p->resent < p->sent_count) {
            if (p->sent_ids[p->resent++] != id) {
                p->wrong = "a party that came back sent other bytes than before";
            }
            mail_drop(m);
        } else if (!letters_add(&p->out, (letter){.mail = m}) || (p->keeps && !note_sent(p, id))) {
            return false;
        } else {
            p->resent = p->sent_count;
        }
    }
    return true;
}

/* ---- time ---- */

typedef struct stopwatch {
    double cpu, wall;
} stopwatch;

/* Owners run beside each other, each on one thread; servers one after another, on all. */
static clockid_t clock_of(const party *p) {
    return p->setup.roles == VS_ROLE_CONTRIBUTOR ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID;
}

static stopwatch begin(const party *p) {
    return (stopwatch){seconds_of(clock_of(p)), wall_seconds()};
}

static void end(party *p, const stopwatch *began) {
    p->cpu[p->handling] += (float)(seconds_of(clock_of(p)) - began->cpu);
    p->wall[p->handling] += (float)(wall_seconds() - began->wall);
}

/* ---- beginning ---- */

static vs_status make_contribution(party *p, const cast *c, vs_error *error) {
    const vs_contribution_request request = {.period = PERIOD, .signer = p->identity};
    vs_cells *cells = NULL;
    vs_status status = vs_cells_new(&cells, c->plan, error);
    for (uint64_t i = 1; status == VS_OK && i < c->plan->cell_count; i++) {
        status = vs_cells_set_element(cells, i - 1, (int64_t)cast_cell(c, p->index, i - 1), error);
    }
    if (status == VS_OK) {
        status = vs_keyed_contribute(&p->contribution, &p->keyed.contribution_len, c->plan, vs_secret_key_public(c->sk),
                                     cells, &request, NULL, error);
        p->keyed.contribution = p->contribution;
    }
    vs_cells_free(cells);
    return status;
}

static vs_status prepare(party *p, const cast *c, vs_error *error) {
    unsigned roles = cast_roles(c, p->index);
    bool keyed = c->settings->opening == VS_OPENING_KEY;
    p->identity = cast_identity(c, p->index);
    cast_seed(c, p->index, p->seed);
    p->setup = (vs_session_setup){.plan = c->plan,
                                  .identity = p->identity,
                                  .period = PERIOD,
                                  .roles = roles,
                                  .seed = p->seed,
                                  .now = NOW,
                                  .keyed = keyed ? &p->keyed : NULL,
                                  .fetch = fetch,
                                  .context = p};
    vs_status status = p->identity == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK && roles & VS_ROLE_CONTRIBUTOR && !keyed) {
        p->setup.cells = p->cells = cast_cells(c, p->index);
        status = p->cells == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    }
    if (status == VS_OK && roles & VS_ROLE_SERVER) {
        p->took = calloc(c->settings->owners, 1);
        status = p->took == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    }
    if (status == VS_OK && keyed && roles & VS_ROLE_OPENER) {
        p->keyed.sk = c->sk;
        p->keyed.plan_signed = true;
        status = book_open(&p->keyed, p->identity, error);
    }
    return status;
}

vs_status party_start(party *p, const cast *c, uint32_t index, vs_error *error) {
    p->index = index;
    vs_status status = prepare(p, c, error);
    stopwatch began = begin(p);
    if (status == VS_OK && p->setup.keyed != NULL && p->setup.roles & VS_ROLE_CONTRIBUTOR) {
        status = make_contribution(p, c, error);
    }
    if (status == VS_OK) {
        status = vs_session_new(&p->session, &p->setup, error);
    }
    end(p, &began);
    return status == VS_OK && !collect(p) ? vs_fail_plain(error, VS_ERR_MEMORY) : status;
}

void party_end(party *p) {
    vs_session_free(p->session);
    p->session = NULL;
    vs__identity_simulated_free(p->identity);
    p->identity = NULL;
    free(p->cells);
    p->cells = NULL;
    free(p->contribution);
    p->contribution = NULL;
    free(p->took);
    p->took = NULL;
    book_close(&p->keyed);
    letters_clear(&p->in);
    letters_clear(&p->soon);
    letters_clear(&p->late);
    letters_clear(&p->out);
    letters_clear(&p->journal);
    free(p->sent_ids);
    p->sent_ids = NULL;
    free(p->places);
    p->places = NULL;
    p->sent_count = p->sent_cap = p->places_cap = 0;
}

/* ---- what happens ---- */

/* Whose contributions count follows from what servers have taken, whatever their lists say. */
static void note_contribution(party *p, const mail *m) {
    bool counts = m->kind == VS_MESSAGE_MASKED || m->kind == VS_MESSAGE_SHARE || m->kind == VS_MESSAGE_CONTRIBUTION;
    if (p->took != NULL && counts) {
        p->took[m->from]++;
    }
}

/* The process dies, and another takes up what is durable: the seed and the journal. */
static vs_status restart(party *p) {
    vs_session_free(p->session);
    vs_status status = vs_session_new(&p->session, &p->setup, NULL);
    p->restarts++;
    p->resent = 0;
    for (size_t i = 0; status == VS_OK && i < p->journal.count; i++) {
        const mail *m = p->journal.items[i].mail;
        bool taken = false;
        if (m == NULL) {
            vs_status ended = vs_session_expire(p->session, NULL);
            taken = ended == VS_OK || ended == VS_ERR_POLICY;
        } else {
            vs_status again = vs_session_receive(p->session, m->bytes, m->len, &taken, NULL);
            taken |= again != VS_OK;
        }
        if (!taken) {
            p->wrong = "a party that came back did not take what it had taken before";
        }
    }
    if (status == VS_OK) {
        size_t before = p->sent_count;
        status = collect(p) ? VS_OK : VS_ERR_MEMORY;
        if (p->resent < before) {
            p->wrong = "a party that came back sent less than before";
        }
    }
    return status;
}

static vs_status take_one(party *p, const letter *l) {
    vs_error error = {.message = ""};
    bool taken = false;
    p->handling = l->damaged ? p->handling : l->mail->kind;
    stopwatch began = begin(p);
    vs_status status = vs_session_receive(p->session, l->mail->bytes, l->mail->len, &taken, &error);
    end(p, &began);
    p->delivered++;
    p->received_bytes += l->mail->len;
    if (taken && l->damaged) {
        p->wrong = "a party took a damaged message";
    }
    if (taken) {
        note_contribution(p, l->mail);
    }
    if (status != VS_OK && !taken) {
        p->refused++;
        if (!l->damaged) {
            snprintf(p->said, sizeof p->said, "%.127s", error.message);
        }
    }
    if (status == VS_ERR_MEMORY || (taken && !journal_add(p, l->mail)) || !collect(p)) {
        return VS_ERR_MEMORY;
    }
    return taken && l->crash && p->keeps ? restart(p) : VS_OK;
}

vs_status party_take(party *p) {
    letters in = p->in;
    vs_status status = VS_OK;
    p->in = (letters){.items = NULL};
    for (size_t i = 0; status == VS_OK && p->session != NULL && i < in.count; i++) {
        status = take_one(p, &in.items[i]);
    }
    letters_clear(&in);
    return status;
}

bool party_expire(party *p) {
    vs_session_view view;
    if (p->session == NULL) {
        return false;
    }
    vs_session_look(p->session, &view);
    if (!view.may_expire || view.done) {
        return false;
    }
    stopwatch began = begin(p);
    vs_status status = vs_session_expire(p->session, NULL);
    end(p, &began);
    bool happened = status == VS_OK || status == VS_ERR_POLICY;
    return happened && journal_add(p, NULL) && collect(p);
}
