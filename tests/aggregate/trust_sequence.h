/* A random sequence as the model knows it, and its first steps: owners contribute, and their contributions are combined
 * with all kinds of others. */
#ifndef VEILSUM_TESTS_TRUST_SEQUENCE_H
#define VEILSUM_TESTS_TRUST_SEQUENCE_H

#include "trust_model.h"

#define STEPS 10u
#define MAX_OFFERS 16u
#define MAX_NOTES (2 * STEPS)

/* A receipt with its list, or the record of an opening. */
typedef struct known_note {
    char *text;
    size_t len, note_len;
} known_note;

typedef struct book_entry {
    unsigned period, set;
    int64_t time;
} book_entry;

typedef struct sequence {
    memory_folder *ledger, *book;
    unsigned versions[PERIODS][OWNER_COUNT]; /* what each owner has handed in */
    bool made[PERIODS][SETS];                /* totals */
    known_note notes[MAX_NOTES];
    size_t note_count;
    size_t logged[MAX_NOTES]; /* what the ledger holds, in its order */
    size_t logged_count;
    book_entry entries[STEPS]; /* what the opener's book holds */
    size_t entry_count;
    int64_t now;
} sequence;

/* What has happened at all: a test that nothing happens in shows nothing. */
static struct counters {
    unsigned long combined, combined_without, from_memory, refused, verified, logged, ledger_crashes, entered,
        ruled_out, kept_out, book_crashes, came_through;
} counters;

static inline void plan_crash(memory_folder *m) {
    m->crash_at = test_below(2) == 0 ? m->steps + (long)test_below(9) : -1;
    m->keeps = test_below(2) == 0;
    m->brings_back = test_below(2) == 0;
}

/* ---- contribute ---- */

static inline void step_contribute(sequence *s) {
    unsigned period = (unsigned)test_below(PERIODS);
    for (unsigned o = 0; o < OWNER_COUNT; o++) {
        if (test_below(2) == 0) {
            s->versions[period][o] = 1 + (unsigned)test_below(VERSIONS);
        }
    }
}

/* ---- combine ---- */

typedef struct offer {
    const blob *data;
    unsigned owner, version; /* 0: of no version that may be in the total */
    vs_status refused_as;
} offer;

typedef struct offers {
    offer list[MAX_OFFERS];
    size_t count;
} offers;

static inline void offer_at_random_place(offers *all, offer one) {
    size_t at = test_below(all->count + 1);
    memmove(&all->list[at + 1], &all->list[at], (all->count - at) * sizeof one);
    all->list[at] = one;
    all->count++;
}

static inline offer fault(const sequence *s, unsigned period) {
    unsigned owner = (unsigned)test_below(OWNER_COUNT), version = s->versions[period][owner];
    switch (test_below(5)) {
    case 0:
        return (offer){&world.outsiders[period], 0, 0, VS_ERR_POLICY};
    case 1:
        return (offer){&world.unsigned_ones[period][owner], owner, 0, VS_ERR_POLICY};
    case 2:
        return (offer){&world.altered[period][owner], owner, 0, VS_ERR_AUTH};
    case 3:
        return (offer){&world.contributions[1 - period][owner][0], owner, 0, VS_ERR_MISMATCH};
    default: /* one more of an owner, perhaps the same: whichever comes first is in */
        version = version == 0 || test_below(2) == 0 ? 1 + (unsigned)test_below(VERSIONS) : version;
        return (offer){&world.contributions[period][owner][version - 1], owner, version, VS_OK};
    }
}

static inline void make_offers(offers *all, const sequence *s, unsigned period) {
    all->count = 0;
    for (unsigned o = 0; o < OWNER_COUNT; o++) {
        unsigned version = s->versions[period][o];
        if (version > 0 && test_below(4) != 0) {
            offer_at_random_place(all, (offer){&world.contributions[period][o][version - 1], o, version, VS_OK});
        }
    }
    for (size_t faults = test_below(2) == 0 ? 0 : test_below(4); faults > 0; faults--) {
        offer_at_random_place(all, fault(s, period));
    }
}

/* What may be in the total, and how the rest is refused: policy first, then authenticity, then mismatches. */
typedef struct judgement {
    version_set accepted;
    size_t refused;
    vs_status status;
} judgement;

static inline judgement judge(const offers *all) {
    judgement j = {.status = VS_OK};
    for (size_t i = 0; i < all->count; i++) {
        const offer *o = &all->list[i];
        bool twice = o->version > 0 && j.accepted.of[o->owner] > 0;
        vs_status as = twice ? VS_ERR_POLICY : o->refused_as;
        if (as == VS_OK) {
            j.accepted.of[o->owner] = o->version;
            continue;
        }
        j.refused++;
        if (j.status == VS_OK || as == VS_ERR_POLICY || (as == VS_ERR_AUTH && j.status != VS_ERR_POLICY)) {
            j.status = as;
        }
    }
    return j;
}

static inline void add_offers(test_inputs *inputs, const offers *all) {
    for (size_t i = 0; i < all->count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%zu.vs", i);
        add_input(inputs, name, *all->list[i].data, false);
    }
}

static inline void remember_note(sequence *s, char *text, size_t len, size_t note_len) {
    assert_true(s->note_count < MAX_NOTES);
    s->notes[s->note_count++] = (known_note){text, len, note_len};
}

static inline vs_status about(const vs_receipt *r, const known_total *known) {
    return vs_receipt_check_total(r, "r", known->total->header, known->total->digest, "total.vs", NULL);
}

/* The receipt says what the model does, is the hub's, and is about this total and about no other. */
static inline void take_receipt(sequence *s, unsigned period, unsigned set, vs_receipt *made, size_t refused) {
    const known_total *known = &world.totals[period][set], *other = &world.totals[period][test_below(SETS)];
    version_set members = set_of_number(set);
    vs_receipt read;
    char *text = NULL;
    size_t len = 0, note_len = 0;
    made->time = s->now;
    assert_int_equal(vs_receipt_write(&text, &len, made, world.people.hub, NULL), VS_OK);
    assert_int_equal(vs_receipt_parse(&read, "r", text, len, NULL), VS_OK);
    assert_int_equal(vs_receipt_check(&read, world.plan, "r", "HUB", NULL, NULL), VS_OK);
    assert_int_equal(read.contribution_count, count_owners(&members));
    assert_int_equal(read.refusal_count, refused);
    for (unsigned o = 0; o < OWNER_COUNT; o++) {
        assert_int_equal(vs_receipt_find(&read, owner_names[o]) != VS_NONE, members.of[o] > 0);
    }
    if (known->total != NULL) {
        assert_int_equal(about(&read, known), VS_OK);
    }
    if (other->total != NULL && other != known) {
        assert_int_equal(about(&read, other), VS_ERR_MISMATCH);
    }
    vs_receipt_clear(&read);
    assert_int_equal(vs_receipt_split(&note_len, "r", text, len, NULL), VS_OK);
    remember_note(s, text, len, note_len);
}

/* The total is the product of what it names; without one of them it is not. */
static inline void verify(unsigned period, unsigned set, bool one_less) {
    const known_total *known = &world.totals[period][set];
    version_set members = set_of_number(set);
    offers all = {.count = 0};
    test_inputs inputs = {.count = 0};
    vs_verification v = {.holds = false};
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "total.vs", known->data.data, known->data.len);
    for (unsigned o = 0; o < OWNER_COUNT; o++) {
        if (members.of[o] > 0) {
            offer_at_random_place(&all, (offer){&world.contributions[period][o][members.of[o] - 1], o, 1, VS_OK});
        }
    }
    all.count -= one_less;
    add_offers(&inputs, &all);
    const vs_inputs interface = {&inputs, open_input, close_input, can_reopen_input};
    vs_status status = vs_verify_total(&v, world.plan, &source, &interface, NULL, NULL, NULL);
    assert_int_equal(status, one_less ? VS_ERR_AUTH : VS_OK);
    assert_int_equal(v.holds, !one_less);
    assert_int_equal(v.missing_count, one_less);
    vs_verification_clear(&v);
    counters.verified++;
}

static inline bool may_make(const judgement *j, bool leave_out) {
    return j->refused == 0 || (leave_out && owners_of(&j->accepted) != 0);
}

/* Which they were, where model and program differ. */
static inline void print_offers(const offers *all, const vs_error *error) {
    print_message("%s\n", error->message);
    for (size_t i = 0; i < all->count; i++) {
        const offer *o = &all->list[i];
        print_message("%zu.vs: %s, version %u, alone %d\n", i, owner_names[o->owner], o->version, o->refused_as);
    }
}

/* What the program makes of the offers is what the model does. */
static inline void combine_and_compare(sequence *s, unsigned period, const offers *all, bool leave_out) {
    test_inputs inputs = {.count = 0};
    add_offers(&inputs, all);
    const vs_inputs interface = {&inputs, open_input, close_input, can_reopen_input};
    const vs_combine_options options = {.period = periods[period], .leave_out_refused = leave_out};
    vs_combine_report report = {.refused = NULL};
    vs_error error = {.message = ""};
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    judgement j = judge(all);
    vs_status expected = may_make(&j, leave_out) ? VS_OK : j.status;
    vs_status status = vs_combine_checked(world.plan, &interface, &options, &report, &sink, NULL, &error);
    if (status != expected || report.refused_count != j.refused) {
        print_offers(all, &error);
    }
    assert_int_equal(status, expected);
    assert_int_equal(report.refused_count, j.refused);
    if (expected == VS_OK) {
        unsigned set = number_of_set(&j.accepted);
        (void)know_total(period, set, (blob){memory.data, memory.len});
        s->made[period][set] = true;
        take_receipt(s, period, set, &report.receipt, j.refused);
        verify(period, set, count_owners(&j.accepted) > 1 && test_below(2) == 0);
        counters.combined++;
        counters.combined_without += j.refused > 0;
    } else {
        assert_int_equal(memory.len, 0);
        free(memory.data);
        counters.refused++;
    }
    vs_combine_report_clear(&report);
}

/* A total that is known already, with the receipt that was shown to be right when it was made. */
static inline void combine_from_memory(sequence *s, unsigned period, const judgement *j) {
    unsigned set = number_of_set(&j->accepted);
    const known_total *known = &world.totals[period][set];
    vs_receipt made = {.contribution_count = count_owners(&j->accepted)};
    memcpy(made.plan_id, world.plan->id, VS_HASH_BYTES);
    strcpy(made.period, periods[period]);
    made.contributions = calloc(made.contribution_count, sizeof *made.contributions);
    made.refusals = calloc(1, sizeof *made.refusals);
    for (uint64_t i = 0; i < made.contribution_count; i++) {
        const char *name = known->total->header->contributors[i].name;
        unsigned owner = 0;
        while (strcmp(owner_names[owner], name) != 0) {
            owner++;
        }
        const blob *data = &world.contributions[period][owner][j->accepted.of[owner] - 1];
        memcpy(made.contributions[i].digest, data->data + data->len - VS_HASH_BYTES, VS_HASH_BYTES);
        made.contributions[i].bytes = data->len;
        strcpy(made.contributions[i].name, name);
    }
    memcpy(made.total_digest, known->total->digest, VS_HASH_BYTES);
    made.total_bytes = known->total->bytes;
    s->made[period][set] = true;
    take_receipt(s, period, set, &made, 0);
    vs_receipt_clear(&made);
    counters.from_memory++;
}

/* Combining tests the key that the containers carry, which takes most of its time: what is known is combined again now
 * and then only. */
static inline void step_combine(sequence *s) {
    unsigned period = (unsigned)test_below(PERIODS);
    bool leave_out = test_below(2) == 0;
    offers all;
    make_offers(&all, s, period);
    judgement j = judge(&all);
    const known_total *known = &world.totals[period][number_of_set(&j.accepted)];
    if (all.count == 0) {
        return;
    }
    if (test_below(32) == 0 || (j.refused == 0 && known->data.data == NULL)) {
        combine_and_compare(s, period, &all, leave_out);
    } else if (j.refused == 0 && known->total != NULL) {
        combine_from_memory(s, period, &j);
    }
}

#endif
