/* Totals that must not be opened. */
#include "tests/attacks/attacks.h"

#include "aggregate/opening/book.h"
#include "memory_folder.h"
#include "openings.h"

static vs_header header;
static vs_contributor contributors[16];

static vs_status no_signatures(void) {
    vs_opening_request request = request_for(&header, contributors, "ABC");
    request.plan_signed = false;
    return vs_opening_rules(&request, NULL);
}

static vs_status another_opener(void) {
    vs_opening_request request = request_for(&header, contributors, "ABC");
    request.opener = vs_identity_public(people.identities['I' - 'A']);
    return vs_opening_rules(&request, NULL);
}

static vs_status an_outsider(void) {
    vs_opening_request request = request_for(&header, contributors, "ABI");
    return vs_opening_rules(&request, NULL);
}

static vs_status one_organisation(void) {
    vs_opening_request request = request_for(&header, contributors, "DE");
    return vs_opening_rules(&request, NULL);
}

static vs_status on_the_combiners_word(void) {
    vs_opening_request request = request_for(&header, contributors, "ABC");
    request.verified = false;
    return vs_opening_rules(&request, NULL);
}

/* ---- against what was opened before ---- */

static vs_status enter(const vs_plan *under, memory_folder *book, const char *who, const char *period, uint8_t total) {
    vs_opening_request request = request_for(&header, contributors, who);
    char *note = NULL;
    size_t len = 0;
    request.plan = under;
    memset(request.digest, total, VS_HASH_BYTES);
    strcpy(header.period, period);
    vs_status status =
        vs_opening_enter(&note, &len, &book->folder, people.identities['G' - 'A'], &request, false, NULL);
    free(note);
    return status;
}

/* The total of four opened, then that of three of them: the difference is the fourth's. */
static vs_status a_total_less_one(void) {
    memory_folder *book = memory_folder_new();
    vs_status first = enter(plan, book, "ABCE", "2026-11", 1);
    vs_status status = first == VS_OK ? enter(plan, book, "ABC", "2026-11", 2) : VS_ERR_FAULT;
    memory_folder_free(book);
    return status;
}

static vs_status one_more_than_agreed(void) {
    memory_folder *book = memory_folder_new();
    char *text = roster_text(&people, PLAN), *at = strstr(text, "\"from\""), *limited = malloc(strlen(text) + 32);
    vs_plan *once = NULL;
    vs_status status = VS_ERR_FAULT;
    sprintf(limited, "%.*s\"uses\":1,%s", (int)(at - text), text, at);
    if (vs_plan_parse(&once, limited, strlen(limited), NULL) == VS_OK &&
        enter(once, book, "ABC", "2026-11", 1) == VS_OK) {
        status = enter(once, book, "ABC", "2026-12", 2);
    }
    vs_plan_free(once);
    free(limited);
    free(text);
    memory_folder_free(book);
    return status;
}

/* The plan, and one that replaces it, are both agreed on: the newer total less the older one is the late owner's.
 * `spoil` is done to the book in between. */
static vs_status older_plan_after(void (*spoil)(memory_folder *book)) {
    memory_folder *book = memory_folder_new();
    char *text = roster_text(&people, PLAN), *late = malloc(strlen(text) + 128), hex[2 * VS_HASH_BYTES + 1];
    vs_plan *newer = NULL;
    vs_status status = VS_ERR_FAULT;
    vs_to_hex(hex, plan->id, VS_HASH_BYTES);
    sprintf(late, "%.*s,\"replaces\":[\"%s\"]}", (int)strlen(text) - 1, text, hex);
    if (vs_plan_parse(&newer, late, strlen(late), NULL) == VS_OK && enter(newer, book, "ABCD", "2026-11", 1) == VS_OK) {
        spoil(book);
        status = enter(plan, book, "ABC", "2026-11", 2);
    }
    vs_plan_free(newer);
    free(late);
    free(text);
    memory_folder_free(book);
    return status;
}

static void leave_alone(memory_folder *book) {
    (void)book;
}

/* Another plan's id in place of the older plan's. */
static void alter_lines(memory_folder *book) {
    for (size_t i = 0; i < book->count; i++) {
        if (strncmp(book->blobs[i].name, "lines/", 6) == 0) {
            uint8_t *digit = (uint8_t *)strstr((char *)book->blobs[i].data, "replaces ") + strlen("replaces ");
            *digit = *digit == '0' ? '1' : '0';
        }
    }
}

static vs_status a_replaced_plan(void) {
    return older_plan_after(leave_alone);
}

static vs_status an_altered_line(void) {
    return older_plan_after(alter_lines);
}

/* The book's checkpoint is taken away, so that it begins anew. */
static vs_status a_book_begun_again(void) {
    memory_folder *book = memory_folder_new();
    vs_status status = VS_ERR_FAULT;
    if (enter(plan, book, "ABCD", "2026-11", 1) == VS_OK) {
        (void)book->folder.remove(book->folder.context, "checkpoint", NULL);
        status = enter(plan, book, "ABC", "2026-11", 2);
    }
    memory_folder_free(book);
    return status;
}

static const attack attacks[] = {
    {"opening_plan_signatures", "a plan that nobody has signed", no_signatures},
    {"opening_opener", "somebody who may not open", another_opener},
    {"opening_roster", "a total with an outsider in it", an_outsider},
    {"opening_minimum", "two contributions of one organisation", one_organisation},
    {"opening_verified", "a total on its combiner's word", on_the_combiners_word},
    {"opening_one_set", "a total and the same without one owner", a_total_less_one},
    {"opening_replaced_plan", "a plan's total, after one of the plan that replaces it", a_replaced_plan},
    {"opening_line_signature", "the same, and the book does not know of the older plan", an_altered_line},
    {"ledger_checkpoint_lost", "a total less one, after the book's checkpoint was lost", a_book_begun_again},
    {"opening_uses", "more totals than the plan allows", one_more_than_agreed},
};

int main(void) {
    test_seed();
    if (opening_world_new(NULL) != 0) {
        return 1;
    }
    int wrong = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    (void)opening_world_free(NULL);
    return wrong == 0 ? 0 : 1;
}
