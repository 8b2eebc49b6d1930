/* The same tables under plans that differ in their opening alone: `key` and `shares` print the same bytes. */
#include "pipeline.h"
#include "shares_cast.h"

#define OWNERS 4u

static roster people;
static vs_secret_key *secret;

/* A plan over the columns D, X, Y of random_table with some of all measures, in any order. */
static void random_body(char *out) {
    static const char *const measures[] = {
        "{'mean':'X'}",
        "{'variance':'X'}",
        "{'covariance':['X','Y']}",
        "{'sum':'Y'}",
        "{'mean':'X','weight':'Y'}",
        "{'histogram':'Y','edges':[0,3,6,null]}",
        "{'regression':'X','on':'Y'}",
    };
    bool grouped = test_below(3) > 0;
    out += sprintf(out, "'columns':{'D':{'values':['a','b','c']},'X':{'scale':2,'min':-500,'max':1000},"
                        "'Y':{'scale':0,'min':0,'max':9}},'by':['D'],"
                        "'measures':[{'count':'rows'},{'sum':'X'},{'mean':'Y'}");
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (test_below(2) == 0) {
            out += sprintf(out, ",%s", measures[i]);
        }
    }
    out += sprintf(out, "],'rows':{'max':%u},", (unsigned)(100 + test_below(100000)));
    if (grouped) {
        sprintf(out, "'groups':{'min_rows':%u,'min_contributors':%u},", (unsigned)(1 + test_below(30)),
                (unsigned)(1 + test_below(OWNERS)));
    }
}

static blob write_csv(const vs_plan *plan, const vs_opened *opened) {
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "result");
    const vs_result_options options = {.format = VS_RESULT_CSV};
    assert_int_equal(vs_result_write(plan, opened, &options, &sink, NULL), VS_OK);
    return (blob){memory.data, memory.len};
}

static blob csv_by_key(const vs_plan *plan, char tables[OWNERS][4096], unsigned owners) {
    test_inputs inputs = {.count = 0};
    vs_opened opened;
    vs_error error = {.message = ""};
    blob total;
    for (unsigned i = 0; i < OWNERS; i++) {
        if (owners & 1u << i) {
            vs_cells *cells = read_table(plan, tables[i]);
            vs_memory_sink memory = {0};
            vs_sink sink = vs_memory_sink_open(&memory, "contribution");
            const vs_contribution_request request = {.period = "2026-11", .signer = people.identities[i]};
            assert_int_equal(vs_contribute_from(plan, vs_secret_key_public(secret), cells, &request, &sink, NULL, NULL),
                             VS_OK);
            add_input(&inputs, "contribution", (blob){memory.data, memory.len}, false);
            vs_cells_free(cells);
        }
    }
    assert_int_equal(combine(plan, &inputs, &total, &error), VS_OK);
    assert_int_equal(open_total(&opened, plan, secret, &total, &error), VS_OK);
    blob csv = write_csv(plan, &opened);
    vs_opened_clear(&opened);
    free(total.data);
    for (size_t i = 0; i < inputs.count; i++) {
        free(inputs.list[i].data.data);
    }
    return csv;
}

static blob csv_by_shares(shares_scene *s, char tables[OWNERS][4096], unsigned owners) {
    for (uint32_t i = 0; i < s->plan->party_count; i++) {
        if (i < OWNERS && owners & 1u << i) {
            vs_cells *cells = read_table(s->plan, tables[i]);
            memcpy(s->cells[i], vs_cells_values(cells), (size_t)s->plan->cell_count * sizeof *s->cells[i]);
            vs_cells_free(cells);
        }
        if (i >= OWNERS || owners & 1u << i) {
            network_start(&s->net, i);
        }
    }
    network_settle(&s->net);
    vs_session_view view = network_look(&s->net, OWNERS + 1);
    assert_non_null(view.result);
    return write_csv(s->plan, view.result);
}

static void key_and_shares_print_the_same(void **state) {
    (void)state;
    char hex[2 * VS_HASH_BYTES + 1], opening[128];
    vs_to_hex(hex, vs_public_key_info(vs_secret_key_public(secret))->fingerprint, VS_HASH_BYTES);
    (void)snprintf(opening, sizeof opening, "{'key':'%s'}", hex);
    for (unsigned round = 0; round < 25; round++) {
        char body[4096], tables[OWNERS][4096];
        shares_scene s;
        shares_spec spec = {{"c", "c", "c", "c", "s", "so", "s"}, body, NULL, 2};
        unsigned owners = 0;
        random_body(body);
        for (unsigned i = 0; i < OWNERS; i++) {
            random_table(tables[i], (unsigned)test_below(80), 1 + (unsigned)test_below(3));
        }
        while (__builtin_popcount(owners) < 2) {
            owners = (unsigned)test_below(1u << OWNERS);
        }
        shares_scene_new(&s, &people, &spec);
        spec.opening = opening;
        vs_plan *keyed = shares_plan(&people, &spec);
        blob a = csv_by_shares(&s, tables, owners), b = csv_by_key(keyed, tables, owners);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len);
        free(a.data);
        free(b.data);
        vs_plan_free(keyed);
        shares_scene_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_and_shares_print_the_same),
    };
    test_seed();
    roster_new(&people);
    secret = fixture_key("k2048");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vs_secret_key_free(secret);
    roster_free(&people);
    return failed;
}
