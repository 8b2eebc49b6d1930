/* Random sequences of contribute, combine, add to the ledger, open and restart, against a model, with a crash at any
 * durable write. VEILSUM_SEQUENCES says how many; a sequence is reproduced by VEILSUM_SEED. */
#include "trust_sequence.h"

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
