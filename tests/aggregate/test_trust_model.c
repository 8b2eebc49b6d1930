/* Random sequences of contribute, combine, add to the ledger, open and restart, against a model, with a crash at any
 * durable write. VEILSUM_SEQUENCES says how many; a sequence is reproduced by VEILSUM_SEED. */
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

static void plan_crash(memory_folder *m) {
    m->crash_at = test_below(2) == 0 ? m->steps + (long)test_below(9) : -1;
    m->keeps = test_below(2) == 0;
    m->brings_back = test_below(2) == 0;
}

/* ---- contribute ---- */

static void step_contribute(sequence *s) {
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

static void offer_at_random_place(offers *all, offer one) {
    size_t at = test_below(all->count + 1);
    memmove(&all->list[at + 1], &all->list[at], (all->count - at) * sizeof one);
    all->list[at] = one;
    all->count++;
}

static offer fault(const sequence *s, unsigned period) {
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

static void make_offers(offers *all, const sequence *s, unsigned period) {
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

static judgement judge(const offers *all) {
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

static void add_offers(test_inputs *inputs, const offers *all) {
    for (size_t i = 0; i < all->count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%zu.vs", i);
        add_input(inputs, name, *all->list[i].data, false);
    }
}

static void remember_note(sequence *s, char *text, size_t len, size_t note_len) {
    assert_true(s->note_count < MAX_NOTES);
    s->notes[s->note_count++] = (known_note){text, len, note_len};
}

static vs_status about(const vs_receipt *r, const known_total *known) {
    return vs_receipt_check_total(r, "r", known->total->header, known->total->digest, "total.vs", NULL);
}

/* The receipt says what the model does, is the hub's, and is about this total and about no other. */
static void take_receipt(sequence *s, unsigned period, unsigned set, vs_receipt *made, size_t refused) {
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
static void verify(unsigned period, unsigned set, bool one_less) {
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

static bool may_make(const judgement *j, bool leave_out) {
    return j->refused == 0 || (leave_out && owners_of(&j->accepted) != 0);
}

/* Which they were, where model and program differ. */
static void print_offers(const offers *all, const vs_error *error) {
    print_message("%s\n", error->message);
    for (size_t i = 0; i < all->count; i++) {
        const offer *o = &all->list[i];
        print_message("%zu.vs: %s, version %u, alone %d\n", i, owner_names[o->owner], o->version, o->refused_as);
    }
}

/* What the program makes of the offers is what the model does. */
static void combine_and_compare(sequence *s, unsigned period, const offers *all, bool leave_out) {
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
static void combine_from_memory(sequence *s, unsigned period, const judgement *j) {
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
static void step_combine(sequence *s) {
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

/* ---- the common ledger ---- */

static const vs_public_identity *keeper(void) {
    return vs_identity_public(world.keeper);
}

static vs_status compare_logged(void *context, uint64_t index, const uint8_t *entry, size_t len, vs_error *error) {
    const sequence *s = context;
    (void)error;
    assert_true(index < s->logged_count);
    const known_note *note = &s->notes[s->logged[index]];
    assert_int_equal(len, note->note_len);
    assert_memory_equal(entry, note->text, len);
    return VS_OK;
}

static size_t ledger_size(sequence *s) {
    vs_ledger *ledger = NULL;
    assert_int_equal(vs_ledger_open(&ledger, &s->ledger->folder, keeper(), NULL, false, NULL), VS_OK);
    size_t size = (size_t)vs_ledger_checkpoint(ledger)->size;
    vs_ledger_close(ledger);
    return size;
}

static void expect_ledger(sequence *s) {
    vs_ledger *ledger = NULL;
    assert_int_equal(vs_ledger_open(&ledger, &s->ledger->folder, keeper(), NULL, false, NULL), VS_OK);
    assert_int_equal(vs_ledger_checkpoint(ledger)->size, s->logged_count);
    assert_int_equal(vs_ledger_each(ledger, true, compare_logged, s, NULL), VS_OK);
    vs_ledger_close(ledger);
}

/* As the program does: lists first, then all notes at once. */
static vs_status add_notes(sequence *s, const size_t *chosen, size_t count, size_t *added) {
    vs_ledger *ledger = NULL;
    vs_ledger_entry entries[4];
    const vs_folder *folder = &s->ledger->folder;
    vs_status status = vs_ledger_open(&ledger, folder, keeper(), NULL, true, NULL);
    assert_int_equal(status, VS_OK); /* reading only */
    for (size_t i = 0; i < count && status == VS_OK; i++) {
        const known_note *note = &s->notes[chosen[i]];
        char name[VS_MAX_BLOB_NAME];
        entries[i] = (vs_ledger_entry){note->text, note->note_len};
        vs_entry_list_name(name, note->text, note->note_len);
        if (note->note_len < note->len) {
            status = folder->write(folder->context, name, note->text + note->note_len + 1,
                                   note->len - note->note_len - 1, NULL);
        }
    }
    if (status == VS_OK) {
        status = vs_ledger_add(ledger, world.keeper, entries, count, added, NULL);
    }
    vs_ledger_close(ledger);
    return status;
}

/* The notes are in the model's log from here on; returns how many are new. Two notes of one moment can be the same. */
static size_t log_notes(sequence *s, const size_t *chosen, size_t count) {
    size_t before = s->logged_count;
    for (size_t i = 0; i < count; i++) {
        const known_note *note = &s->notes[chosen[i]];
        bool there = false;
        for (size_t k = 0; k < s->logged_count; k++) {
            const known_note *other = &s->notes[s->logged[k]];
            there |= note->note_len == other->note_len && memcmp(note->text, other->text, note->note_len) == 0;
        }
        if (!there) {
            s->logged[s->logged_count++] = chosen[i];
        }
    }
    return s->logged_count - before;
}

static void step_ledger(sequence *s) {
    size_t chosen[4], count = 1 + test_below(4), added = 0, before = s->logged_count;
    if (s->note_count == 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        chosen[i] = test_below(s->note_count);
    }
    plan_crash(s->ledger);
    vs_status status = add_notes(s, chosen, count, &added);
    s->ledger->crash_at = -1;
    if (s->ledger->crashed) {
        assert_int_not_equal(status, VS_OK);
        memory_folder_restart(s->ledger);
        counters.ledger_crashes++;
        size_t size = ledger_size(s);
        if (size == before) { /* not yet: all that was acknowledged is there, and nothing else */
            expect_ledger(s);
        }
        size_t fresh = log_notes(s, chosen, count);
        assert_true(size == before || size == before + fresh);
        assert_int_equal(add_notes(s, chosen, count, &added), VS_OK);
        assert_int_equal(added, size == before ? fresh : 0);
    } else {
        assert_int_equal(status, VS_OK);
        assert_int_equal(added, log_notes(s, chosen, count));
    }
    expect_ledger(s);
    counters.logged += s->logged_count - before;
}

/* ---- open ---- */

static bool same_total(const book_entry *a, const book_entry *b) {
    return a->period == b->period && a->set == b->set;
}

static bool may_enter(const sequence *s, const book_entry *wanted) {
    const version_set members = set_of_number(wanted->set);
    size_t different = 0;
    bool opened_before = false;
    for (size_t i = 0; i < s->entry_count; i++) {
        const book_entry *e = &s->entries[i];
        const version_set others = set_of_number(e->set);
        bool first = true;
        for (size_t k = 0; k < i; k++) {
            first = first && !same_total(&s->entries[k], e);
        }
        different += first;
        opened_before |= same_total(e, wanted);
        if (!same_total(e, wanted) && e->period == wanted->period &&
            !go_together(owners_of(&members), owners_of(&others))) {
            return false;
        }
    }
    return opened_before || different < USES;
}

static vs_status compare_entry(void *context, uint64_t index, const uint8_t *entry, size_t len, vs_error *error) {
    const sequence *s = context;
    vs_note note;
    vs_opening_record record;
    assert_true(index < s->entry_count);
    const book_entry *e = &s->entries[index];
    assert_int_equal(vs_note_parse(&note, "book", (const char *)entry, len, error), VS_OK);
    assert_int_equal(vs_opening_record_parse(&record, "book", note.text, note.text_len, error), VS_OK);
    assert_memory_equal(record.total_digest, world.totals[e->period][e->set].total->digest, VS_HASH_BYTES);
    assert_string_equal(record.period, periods[e->period]);
    assert_int_equal(record.time, e->time);
    vs_note_clear(&note);
    return VS_OK;
}

/* Entries of the book; one that was never begun has none. */
static size_t book_size(sequence *s) {
    vs_ledger *book = NULL;
    bool there = false;
    assert_int_equal(s->book->folder.exists(s->book, VS_LEDGER_CHECKPOINT, &there, NULL), VS_OK);
    if (!there) {
        return 0;
    }
    const vs_public_identity *opener = vs_identity_public(world.people.opener);
    assert_int_equal(vs_ledger_open(&book, &s->book->folder, opener, VS_BOOK_LABEL, false, NULL), VS_OK);
    size_t size = (size_t)vs_ledger_checkpoint(book)->size;
    if (size <= s->entry_count) {
        assert_int_equal(vs_ledger_each(book, true, compare_entry, s, NULL), VS_OK);
    }
    vs_ledger_close(book);
    return size;
}

/* The same total entered again within a second is the same entry. */
static void enter_in_model(sequence *s, const book_entry *wanted) {
    for (size_t i = 0; i < s->entry_count; i++) {
        if (same_total(&s->entries[i], wanted) && s->entries[i].time == wanted->time) {
            return;
        }
    }
    s->entries[s->entry_count++] = *wanted;
}

/* After a crash the entry is there or not, and nothing else is. */
static void restart_book(sequence *s, const book_entry *wanted, bool may) {
    size_t before = s->entry_count;
    memory_folder_restart(s->book);
    if (may) {
        enter_in_model(s, wanted);
    }
    size_t size = book_size(s);
    assert_true(size == before || size == s->entry_count);
    counters.came_through += size > before;
    counters.book_crashes++;
    s->entry_count = size;
}

/* Returns whether it may be opened now. */
static bool enter(sequence *s, const vs_opening_request *request, const book_entry *wanted) {
    char *note = NULL;
    size_t len = 0;
    bool may = may_enter(s, wanted);
    plan_crash(s->book);
    vs_status status = vs_opening_enter(&note, &len, &s->book->folder, world.people.opener, request, false, NULL);
    s->book->crash_at = -1;
    if (s->book->crashed) {
        assert_int_not_equal(status, VS_OK);
        restart_book(s, wanted, may);
        if (test_below(4) == 0) {
            return false; /* nobody tries again: something else may come next */
        }
        status = vs_opening_enter(&note, &len, &s->book->folder, world.people.opener, request, false, NULL);
    }
    assert_int_equal(status, may ? VS_OK : VS_ERR_POLICY);
    assert_int_equal(note != NULL, may);
    if (may) {
        enter_in_model(s, wanted);
        remember_note(s, note, len, len);
    }
    assert_int_equal(book_size(s), s->entry_count);
    return may;
}

/* A total that has been made, or SETS. */
static unsigned choose_total(const sequence *s, unsigned period) {
    unsigned first = (unsigned)test_below(SETS);
    for (unsigned i = 0; i < SETS; i++) {
        unsigned set = (first + i) % SETS;
        if (s->made[period][set]) {
            return set;
        }
    }
    return SETS;
}

static void step_open(sequence *s) {
    unsigned period = (unsigned)test_below(PERIODS), set = choose_total(s, period);
    bool in_order = test_below(8) != 0;
    if (set == SETS || world.totals[period][set].total == NULL) {
        return; /* none, or one of a single owner, which reading has refused: know_total */
    }
    const vs_total *total = world.totals[period][set].total;
    unsigned missing = (unsigned)test_below(4);
    const vs_identity *opener = in_order || missing != 0 ? world.people.opener : world.people.hub;
    vs_opening_request request = {.plan = world.plan,
                                  .name = "total.vs",
                                  .total = total->header,
                                  .bytes = total->bytes,
                                  .now = in_order || missing != 1 ? s->now : DECEMBER,
                                  .opener = vs_identity_public(opener),
                                  .plan_signed = in_order || missing != 2,
                                  .verified = in_order || missing != 3};
    memcpy(request.digest, total->digest, VS_HASH_BYTES);
    vs_status status = vs_opening_rules(&request, NULL);
    assert_int_equal(status, in_order ? VS_OK : VS_ERR_POLICY);
    const book_entry wanted = {period, set, s->now};
    if (status != VS_OK) {
        counters.ruled_out++;
    } else if (enter(s, &request, &wanted)) {
        open_and_compare(period, set);
        counters.entered++;
    } else {
        counters.kept_out++;
    }
}

/* ---- sequences ---- */

static void begin(sequence *s) {
    *s = (sequence){.ledger = memory_folder_new(), .book = memory_folder_new(), .now = NOVEMBER};
    plan_crash(s->ledger);
    vs_status status = vs_ledger_create(&s->ledger->folder, world.keeper, NULL, NULL);
    if (s->ledger->crashed) {
        bool there = s->ledger->keeps;
        memory_folder_restart(s->ledger);
        status = vs_ledger_create(&s->ledger->folder, world.keeper, NULL, NULL);
        assert_int_equal(status, there ? VS_ERR_EXISTS : VS_OK);
    } else {
        assert_int_equal(status, VS_OK);
    }
    memory_folder_restart(s->ledger);
    step_contribute(s);
}

/* At the end anybody can check the ledger from public files. */
static void end(sequence *s) {
    const vs_plan *list[] = {world.plan};
    const vs_plans plans = {list, 1};
    vs_ledger *ledger = NULL;
    vs_audit audit = {.plans = &plans};
    assert_int_equal(vs_ledger_open(&ledger, &s->ledger->folder, keeper(), NULL, false, NULL), VS_OK);
    assert_int_equal(vs_ledger_audit(&audit, ledger, &s->ledger->folder, NULL), VS_OK);
    assert_int_equal(audit.receipts + audit.openings, s->logged_count);
    assert_int_equal(audit.other_plans, 0);
    vs_ledger_close(ledger);
    for (size_t i = 0; i < s->note_count; i++) {
        free(s->notes[i].text);
    }
    memory_folder_free(s->ledger);
    memory_folder_free(s->book);
}

static void run_sequence(void) {
    static void (*const steps[])(sequence *) = {step_contribute, step_combine, step_combine,
                                                step_ledger,     step_open,    step_open};
    sequence s;
    begin(&s);
    for (unsigned i = 0; i < STEPS; i++) {
        s.now += (int64_t)test_below(2); /* some things happen within one second */
        steps[test_below(sizeof steps / sizeof *steps)](&s);
    }
    end(&s);
}

static void random_sequences_with_crashes_follow_the_model(void **state) {
    (void)state;
    const char *wanted = getenv("VEILSUM_SEQUENCES");
    unsigned long count = wanted != NULL ? strtoul(wanted, NULL, 10) : 10000;
    for (unsigned long i = 0; i < count; i++) {
        run_sequence();
    }
    const struct counters *c = &counters;
    print_message("%lu sequences: totals %lu (%lu without some; %lu from memory), refused %lu, verified %lu; ledger "
                  "entries %lu, crashes "
                  "%lu; opened %lu, against a rule %lu, not again %lu, crashes %lu (entered all the same %lu)\n",
                  count, c->combined, c->combined_without, c->from_memory, c->refused, c->verified, c->logged,
                  c->ledger_crashes, c->entered, c->ruled_out, c->kept_out, c->book_crashes, c->came_through);
    assert_true(count < 1000 ||
                (c->combined_without > 0 && c->refused > 0 && c->verified > 0 && c->ledger_crashes > 0 &&
                 c->entered > 0 && c->ruled_out > 0 && c->kept_out > 0 && c->came_through > 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sequences_with_crashes_follow_the_model),
    };
    test_seed();
    return cmocka_run_group_tests(tests, trust_world_new, trust_world_free);
}
