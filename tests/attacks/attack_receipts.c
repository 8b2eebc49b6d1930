/* Contributions, totals and receipts that somebody has made up. */
#include "tests/attacks/attacks.h"

#include "cast.h"

static vs_secret_key *secret;
static const vs_public_key *key;
static cast people;
static vs_plan *plan, *tight; /* tight: the same roster, one contribution fewer */
static blob good[OWNER_COUNT];

/* A contribution to the plan as one makes it who does not ask its roster. */
static blob forced(const vs_plan *of, const vs_identity *signer, const char *name, const char *period) {
    vs_plan without = *of;
    vs_cells *cells = read_table(of, "D,X,Y\na,5,6\n");
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    const vs_contribution_request request = {.name = name, .period = period, .signer = signer};
    without.party_count = 0;
    assert_int_equal(vs_contribute_from(&without, key, cells, &request, &sink, NULL, NULL), VS_OK);
    vs_cells_free(cells);
    return (blob){memory.data, memory.len};
}

/* Combine the first owner's contribution with this one, which is freed. */
static vs_status combine_with(blob other, const vs_combine_options *options) {
    test_inputs inputs = {.count = 0};
    const vs_inputs interface = {
        .context = &inputs, .open = open_input, .close = close_input, .can_reopen = can_reopen_input};
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    add_input(&inputs, "0.vs", good[0], false);
    add_input(&inputs, "other.vs", other, false);
    vs_status status = vs_combine_checked(plan, &interface, options, NULL, &sink, NULL, NULL);
    free(memory.data);
    free(other.data);
    return status;
}

static blob total_of(size_t first, size_t count) {
    test_inputs inputs = {.count = 0};
    blob total;
    for (size_t i = first; i < first + count; i++) {
        add_input(&inputs, "a.vs", good[i], false);
    }
    assert_int_equal(combine(plan, &inputs, &total, NULL), VS_OK);
    return total;
}

/* ---- contributions ---- */

static vs_status by_a_stranger(void) {
    return combine_with(forced(plan, people.stranger, NULL, "2026-11"), NULL);
}
static vs_status unsigned_one(void) {
    return combine_with(forced(plan, NULL, "ROUEN", "2026-11"), NULL);
}
static vs_status twice(void) {
    return combine_with(forced(plan, people.owners[0], NULL, "2026-11"), NULL);
}
static vs_status of_another_period(void) {
    return combine_with(forced(plan, people.owners[1], NULL, "2026-10"), NULL);
}
static vs_status of_a_period_not_asked_for(void) {
    const vs_combine_options options = {.period = "2026-12"};
    return combine_with(blob_copy(&good[1]), &options);
}
static vs_status total_without_receipt(void) {
    return combine_with(total_of(1, 2), NULL);
}

static vs_status by_a_namesake(void) {
    vs_identity *namesake = make_identity("ROUEN");
    vs_status status = combine_with(forced(plan, namesake, NULL, "2026-11"), NULL);
    vs_identity_free(namesake);
    return status;
}

static vs_status altered_with_its_hashes_right(void) {
    blob b = blob_copy(&good[1]);
    first_ciphertext(&b)[300] ^= 1;
    rehash(&b, get_number(b.data + 96, 8), 512);
    return combine_with(b, NULL);
}

static vs_status for_another_plan(void) {
    test_inputs inputs = {.count = 0};
    vs_plan other = *tight;
    other.contributors_max = plan->contributors_max;
    blob total = {NULL, 0}, b = forced(&other, people.owners[1], NULL, "2026-11");
    add_input(&inputs, "b.vs", b, false);
    vs_status status = combine(plan, &inputs, &total, NULL);
    free(b.data);
    free(total.data);
    return status;
}

/* ---- receipts ---- */

static vs_receipt draft(size_t count) {
    vs_receipt r = {.time = 1795539600, .contribution_count = count, .total_bytes = 4711};
    memcpy(r.plan_id, plan->id, VS_HASH_BYTES);
    strcpy(r.period, "2026-11");
    r.contributions = calloc(count, sizeof *r.contributions);
    r.refusals = calloc(1, sizeof *r.refusals);
    r.refusal_count = 1;
    strcpy(r.refusals[0].name, "NANTES");
    strcpy(r.refusals[0].reason, "not signed");
    for (size_t i = 0; i < count; i++) {
        r.contributions[i].bytes = 1000 + i;
        strcpy(r.contributions[i].name, owner_names[i]);
    }
    return r;
}

static char *write_draft(vs_receipt *r, const vs_identity *signer) {
    char *text;
    size_t len;
    assert_int_equal(vs_receipt_write(&text, &len, r, signer, NULL), VS_OK);
    vs_receipt_clear(r);
    return text;
}

/* Read and check a receipt, whose text is freed. */
static vs_status judge(char *text, const vs_plan *by) {
    vs_receipt r;
    vs_status status = vs_receipt_parse(&r, "r", text, strlen(text), NULL);
    if (status == VS_OK) {
        status = vs_receipt_check(&r, by, "r", NULL, NULL, NULL);
    }
    vs_receipt_clear(&r);
    free(text);
    return status;
}

static char *with_change(char *text, const char *old, const char *new) {
    char *at = strstr(text, old);
    assert_non_null(at);
    assert_int_equal(strlen(old), strlen(new));
    memcpy(at, new, strlen(new));
    return text;
}

static vs_status receipt_altered(void) {
    vs_receipt r = draft(3);
    return judge(with_change(write_draft(&r, people.hub), "\ntotal 00", "\ntotal 01"), plan);
}
static vs_status receipt_by_an_auditor(void) {
    vs_receipt r = draft(3);
    return judge(write_draft(&r, people.auditor), plan);
}
static vs_status receipt_of_another_plan(void) {
    vs_receipt r = draft(3);
    return judge(write_draft(&r, people.hub), tight);
}
static vs_status receipt_with_another_list(void) {
    vs_receipt r = draft(3);
    return judge(with_change(write_draft(&r, people.hub), " 1001 ", " 1009 "), plan);
}
static vs_status receipt_with_another_reason(void) {
    vs_receipt r = draft(3);
    return judge(with_change(write_draft(&r, people.hub), "not signed", "not listed"), plan);
}
static vs_status receipt_with_a_stranger(void) {
    vs_receipt r = draft(3);
    strcpy(r.contributions[1].name, "STRANGER");
    return judge(write_draft(&r, people.hub), plan);
}
static vs_status receipt_with_somebody_twice(void) {
    vs_receipt r = draft(3);
    r.contributions[1] = r.contributions[0];
    return judge(write_draft(&r, people.hub), plan);
}
static vs_status receipt_of_too_many(void) {
    vs_receipt r = draft(5);
    memcpy(r.plan_id, tight->id, VS_HASH_BYTES);
    return judge(write_draft(&r, people.hub), tight);
}

/* A receipt about the total of the first three owners, for a header that says `other` in the place of one of them. */
static vs_status receipt_for(bool another_digest, bool another_name) {
    vs_receipt r = draft(3);
    uint8_t digest[VS_HASH_BYTES] = {another_digest};
    vs_contributor who[3] = {{.name = ""}};
    vs_header header = {.kind = VS_TOTAL, .pk = key, .cell_count = 2, .ciphertext_count = 1, .contributor_count = 3};
    header.contributors = who;
    for (size_t i = 0; i < 3; i++) {
        strcpy(who[i].name, r.contributions[i].name);
    }
    if (another_name) {
        strcpy(who[2].name, "NANTES");
    }
    r.total_bytes = vs_container_len(&header);
    vs_status status = vs_receipt_check_total(&r, "r", &header, digest, "t", NULL);
    vs_receipt_clear(&r);
    return status;
}
static vs_status receipt_of_another_total(void) {
    return receipt_for(true, false);
}
static vs_status receipt_that_names_others(void) {
    return receipt_for(false, true);
}

/* ---- totals ---- */

static vs_status verify(blob total, size_t count) {
    test_inputs inputs = {.count = 0};
    const vs_inputs interface = {
        .context = &inputs, .open = open_input, .close = close_input, .can_reopen = can_reopen_input};
    vs_memory_source memory;
    vs_source source = vs_memory_source_open(&memory, "total.vs", total.data, total.len);
    vs_verification v;
    for (size_t i = 0; i < count; i++) {
        add_input(&inputs, "a.vs", good[i], false);
    }
    vs_status status = vs_verify_total(&v, plan, &source, &interface, NULL, NULL, NULL);
    vs_verification_clear(&v);
    free(total.data);
    return status;
}

static vs_status total_with_one_more(void) {
    return verify(total_of(0, 4), 3);
}
static vs_status total_of_other_numbers(void) {
    blob total = total_of(0, 3);
    first_ciphertext(&total)[300] ^= 1;
    rehash(&total, get_number(total.data + 96, 8), 512);
    return verify(total, 3);
}

static const attack attacks[] = {
    {"contribution_listed", "a contribution by a stranger", by_a_stranger},
    {"contribution_signed", "a contribution that nobody has signed", unsigned_one},
    {"contribution_signer", "a contribution by a namesake of its owner", by_a_namesake},
    {"container_signature", "a contribution altered by others, its hashes made right", altered_with_its_hashes_right},
    {"contribution_once", "a second contribution of an owner", twice},
    {"contribution_session", "last month's contribution", of_another_period},
    {"contribution_period", "contributions of a period that was not asked for", of_a_period_not_asked_for},
    {"container_plan", "a contribution to another plan", for_another_plan},
    {"total_receipt", "a total of which nobody says what it holds", total_without_receipt},
    {"receipt_signature", "a receipt altered after it was signed", receipt_altered},
    {"receipt_signer_may", "a receipt by somebody who may not sign any", receipt_by_an_auditor},
    {"receipt_plan", "a receipt under another plan", receipt_of_another_plan},
    {"receipt_list", "a receipt with another list", receipt_with_another_list},
    {"receipt_refused_list", "a receipt with another reason for a refusal", receipt_with_another_reason},
    {"receipt_contributor_listed", "a receipt that counts a stranger", receipt_with_a_stranger},
    {"receipt_contributor_once", "a receipt that counts somebody twice", receipt_with_somebody_twice},
    {"receipt_contributor_count", "a receipt over more than the plan allows", receipt_of_too_many},
    {"receipt_total", "the receipt of another total", receipt_of_another_total},
    {"receipt_contributors", "a receipt that names others than its total", receipt_that_names_others},
    {"verify_contributors", "a total that holds one contribution more", total_with_one_more},
    {"verify_product", "a total that is not the product", total_of_other_numbers},
};

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    secret = fixture_key("k2048");
    key = vs_secret_key_public(secret);
    cast_make(&people);
    plan = roster_plan(key, &people, "");
    tight = roster_plan(key, &people, ",\"purpose\":\"another\"");
    tight->contributors_max = 4;
    for (size_t i = 0; i < OWNER_COUNT; i++) {
        good[i] = contribute_signed(plan, key, people.owners[i], "2026-11");
    }
    int wrong = attacks_run(attacks, sizeof attacks / sizeof *attacks);
    for (size_t i = 0; i < OWNER_COUNT; i++) {
        free(good[i].data);
    }
    vs_plan_free(plan);
    vs_plan_free(tight);
    cast_free(&people);
    vs_secret_key_free(secret);
    return wrong == 0 ? 0 : 1;
}
