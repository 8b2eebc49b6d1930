/* What machines of `masks` refuse, and what they say of it. The attacks on their guards are in tests/attacks. */
#include "tests/aggregate/masked.h"

/* The words with which `party` refuses, or fails. */
static void assert_says(masked *m, uint32_t party, const char *words) {
    const network_party *p = &m->net.parties[party];
    vs_session_view view = network_look(&m->net, party);
    if (strstr(p->error.message, words) == NULL && strstr(view.reason.message, words) == NULL) {
        print_error("party %u says: '%s' / '%s'\n", party, p->error.message, view.reason.message);
        fail();
    }
}

/* The message is offered with its body altered: from `from` to `receiver`. */
typedef void alteration(network_bytes *body);
typedef struct refusal {
    vs_message_kind kind;
    bool by_server, to_all;
    alteration *alter;
    vs_status status;
    const char *words;
} refusal;

static void shorten(network_bytes *body) {
    body->len--;
}
static void lengthen(network_bytes *body) {
    body->len++;
}
static void empty(network_bytes *body) {
    body->len = 0;
}
static void count_more(network_bytes *body) {
    body->bytes[3] = 0xff;
}
static void small_order(network_bytes *body) {
    memset(body->bytes, 0, VS__KEY_BYTES);
}
static void backwards(network_bytes *body) {
    uint8_t first[VS__ADVERT_MESSAGE_BYTES], *a = body->bytes + 4, *b = a + sizeof first;
    memcpy(first, a, sizeof first);
    memcpy(a, b, sizeof first);
    memcpy(b, first, sizeof first);
}
static void another_dealer(network_bytes *body) {
    body->bytes[4] = 77;
}
static void somebody_else(network_bytes *body) {
    body->bytes[VS_HASH_BYTES] |= 1u << 6; /* who opens, and may not contribute */
}
static void another_list(network_bytes *body) {
    body->bytes[0] ^= 1;
}
static void twice_the_same(network_bytes *body) {
    memcpy(body->bytes + 4 + VS__UNMASK_BYTES, body->bytes + 4, VS__UNMASK_BYTES);
}
static void the_other_kind(network_bytes *body) {
    body->bytes[8] = VS__MASK_KEY;
}

static const refusal refusals[] = {
    {VS_MESSAGE_ADVERTISE, false, false, small_order, VS_ERR_RANGE,
     "P1: has advertised a key that everybody could use"},
    {VS_MESSAGE_ADVERTISE, false, false, shorten, VS_ERR_FORMAT, "'advertise' has another length"},
    {VS_MESSAGE_DIRECTORY, true, true, backwards, VS_ERR_FORMAT, "not in the order of the roster"},
    {VS_MESSAGE_DIRECTORY, true, true, count_more, VS_ERR_FORMAT, "'directory' is shorter than it says"},
    {VS_MESSAGE_DIRECTORY, true, true, lengthen, VS_ERR_FORMAT, "'directory' has another length"},
    {VS_MESSAGE_DEALING, false, false, count_more, VS_ERR_FORMAT, "'dealing' is shorter than it says"},
    {VS_MESSAGE_DELIVERY, true, false, another_dealer, VS_ERR_FORMAT, "by others than this owner's neighbours"},
    {VS_MESSAGE_DELIVERY, true, false, empty, VS_ERR_FORMAT, "'delivery' is shorter than it says"},
    {VS_MESSAGE_MASKED, false, false, shorten, VS_ERR_FORMAT, "'masked' has another length"},
    {VS_MESSAGE_SURVIVORS, true, false, somebody_else, VS_ERR_POLICY, "whom the plan does not let contribute"},
    {VS_MESSAGE_SURVIVORS, true, false, lengthen, VS_ERR_FORMAT, "'survivors' has another length"},
    {VS_MESSAGE_SURVIVORS, true, false, empty, VS_ERR_FORMAT, "'survivors' has another length"},
    {VS_MESSAGE_AGREE, false, false, another_list, VS_ERR_POLICY, "P1: has signed another list than the one"},
    {VS_MESSAGE_AGREED, true, true, empty, VS_ERR_FORMAT, "'agreed' has another length"},
    {VS_MESSAGE_UNMASK, false, false, twice_the_same, VS_ERR_FORMAT, "a list of shares that is not in order"},
    {VS_MESSAGE_UNMASK, false, false, the_other_kind, VS_ERR_POLICY, "gives away a share that nobody asks it for"},
    {VS_MESSAGE_SUM, true, true, shorten, VS_ERR_FORMAT, "'sum' has another length"},
    {VS_MESSAGE_SUM, true, true, empty, VS_ERR_FORMAT, "'sum' has another length"},
};

static void what_is_malformed_is_refused_by_name(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        masked m;
        masked_new(&m, 5, MASKED_VECTOR, MASKED_OPENING);
        uint32_t from = r->by_server ? m.server : 1, to = r->by_server ? 1 : m.server;
        network_bytes body = masked_until(&m, r->kind, from, to, r->to_all);
        r->alter(&body);
        vs_status status = masked_offer(&m, r->kind, from, to, r->to_all, body.bytes, body.len);
        if (status != r->status) {
            print_error("%s: %s\n", vs_message_kind_name(r->kind), m.net.parties[to].error.message);
        }
        assert_int_equal(status, r->status);
        assert_says(&m, to, r->words);
        free(body.bytes);
        masked_free(&m);
    }
}

/* ---- coming late, and being left out ---- */

static void who_answers_after_the_list_is_closed_is_told_so(void **state) {
    (void)state;
    masked m;
    bool in[5] = {true, false, true, true, true};
    masked_new(&m, 5, MASKED_VECTOR, MASKED_OPENING);
    masked_held held = {.kind = VS_MESSAGE_MASKED, .from = 1, .to = m.server};
    m.net.fault = masked_hold;
    m.net.context = &held;
    network_start_all(&m.net);
    network_run(&m.net);
    /* All of them were lost but for the one that is held: they send again. */
    m.net.fault = NULL;
    for (uint32_t i = 0; i < 5; i++) {
        const network_list *sent = &m.net.parties[i].sent;
        const network_bytes *last = &sent->items[sent->count - 1];
        if (i != 1) {
            assert_int_equal(network_offer(&m.net, m.server, last->bytes, last->len), VS_OK);
        }
    }
    assert_int_equal(network_expire(&m.net, m.server), VS_OK);
    assert_int_equal(network_offer(&m.net, m.server, held.got.bytes, held.got.len), VS_ERR_POLICY);
    assert_says(&m, m.server, "P1: its 'masked' came after the list of those who take part was closed");
    network_settle(&m.net);
    assert_says(&m, 1, "P1: the server went on without this owner");
    masked_check(&m, masked_result(&m, 0), in);
    free(held.got.bytes);
    masked_free(&m);
}

static void a_directory_without_oneself_ends_the_session(void **state) {
    (void)state;
    masked m;
    masked_new(&m, 5, MASKED_VECTOR, MASKED_OPENING);
    network_bytes body = masked_until(&m, VS_MESSAGE_DIRECTORY, m.server, 4, true);
    vs_put_le(body.bytes, 4, 4);
    body.len -= VS__ADVERT_MESSAGE_BYTES;
    assert_int_equal(masked_offer(&m, VS_MESSAGE_DIRECTORY, m.server, 4, true, body.bytes, body.len), VS_OK);
    assert_says(&m, 4, "P4: the server went on without this owner");
    assert_int_equal(m.net.parties[4].sent.count, 1);
    free(body.bytes);
    masked_free(&m);
}

static void too_few_owners_end_it(void **state) {
    (void)state;
    masked m;
    masked_new(&m, 5, MASKED_VECTOR, MASKED_OPENING);
    for (uint32_t i = 0; i < 3; i++) {
        network_start(&m.net, i);
    }
    network_start(&m.net, m.server);
    network_run(&m.net);
    vs_session_view view = network_look(&m.net, m.server);
    assert_int_equal(view.waiting_count, 2);
    assert_int_equal(view.waiting[0], 3);
    assert_int_equal(view.waiting[1], 4);
    assert_true(view.may_expire);
    assert_int_equal(network_expire(&m.net, m.server), VS_ERR_POLICY);
    assert_says(&m, m.server, "3 of 5 owners are there; an agreement takes 4 of them");
    masked_free(&m);
}

/* ---- who the server is ---- */

static void the_server_is_the_first_that_may_aggregate(void **state) {
    (void)state;
    vs_identity **people;
    masked_identities(&people, 5);
    char json[4096], text[VS_MAX_IDENTITY_TEXT], *at = json;
    at += sprintf(at, "{\"veilsum\":1," MASKED_VECTOR ",\"roster\":[");
    for (size_t i = 0; i < 5; i++) {
        vs_public_identity_to_text(text, vs_identity_public(people[i]));
        at += sprintf(at, "%s{\"identity\":\"%s\",\"organisation\":\"%zu\",\"may\":[\"%s\"]}", i > 0 ? "," : "", text,
                      i, i < 3 ? "contribute" : "aggregate");
    }
    at += sprintf(at, "]" MASKED_OPENING "}");
    vs_plan *plan = NULL;
    vs_session *session = NULL;
    vs_error error = {.message = ""};
    uint8_t seed[VS_SEED_BYTES] = {1};
    assert_int_equal(vs_plan_parse(&plan, json, (size_t)(at - json), &error), VS_OK);
    vs_session_setup setup = {.plan = plan, .identity = people[4], .period = "", .roles = VS_ROLE_SERVER, .seed = seed};
    assert_int_equal(vs_session_new(&session, &setup, &error), VS_ERR_POLICY);
    assert_string_equal(error.message, "P4: is not the server of this plan");
    setup.identity = people[3];
    assert_int_equal(vs_session_new(&session, &setup, &error), VS_OK);
    vs_session_free(session);
    vs_plan_free(plan);
    for (size_t i = 0; i < 5; i++) {
        vs_identity_free(people[i]);
    }
    free(people);
}

/* ---- a book of what was released ---- */

typedef struct book {
    size_t asked;
    uint8_t what[VS_HASH_BYTES];
} book;

static vs_status note(void *context, const uint8_t what[VS_HASH_BYTES], vs_error *error) {
    book *b = context;
    if (b->asked++ > 0 && memcmp(b->what, what, VS_HASH_BYTES) != 0) {
        return vs_fail(error, VS_ERR_POLICY, "another list was agreed on before");
    }
    memcpy(b->what, what, VS_HASH_BYTES);
    return VS_OK;
}

static void one_list_is_agreed_on_whatever_the_attempt(void **state) {
    (void)state;
    book books[4] = {{.asked = 0}};
    for (uint64_t attempt = 0; attempt < 2; attempt++) {
        masked m;
        masked_new(&m, 4, MASKED_VECTOR, MASKED_OPENING);
        for (uint32_t i = 0; i < 6; i++) {
            vs_session_setup *setup = &m.net.parties[i].setup;
            setup->attempt = attempt;
            setup->fetch = NULL;
            setup->release = i < 4 ? note : NULL;
            setup->context = i < 4 ? &books[i] : NULL;
        }
        network_start_all(&m.net);
        network_run(&m.net);
        assert_true((masked_result(&m, 5) != NULL) == (attempt == 0));
        if (attempt == 1) {
            assert_says(&m, 0, "another list was agreed on before");
        }
        masked_free(&m);
    }
    assert_int_equal(books[0].asked, 2);
}

int main(void) {
    test_seed();
    if (vs_secret_setup() != VS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_malformed_is_refused_by_name),
        cmocka_unit_test(who_answers_after_the_list_is_closed_is_told_so),
        cmocka_unit_test(a_directory_without_oneself_ends_the_session),
        cmocka_unit_test(too_few_owners_end_it),
        cmocka_unit_test(the_server_is_the_first_that_may_aggregate),
        cmocka_unit_test(one_list_is_agreed_on_whatever_the_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
