/* Sessions of `shares` for suites: plans with a roster A, B, C …, random cells, and what must come out. */
#ifndef VEILSUM_TESTS_SHARES_CAST_H
#define VEILSUM_TESTS_SHARES_CAST_H

#include "aggregate/protocol/shares_internal.h"
#include "aggregate/result/result.h"
#include "made_plan.h"
#include "network.h"
#include "rosters.h"

#define SHARES_COLUMNS                                                                                                 \
    "'columns':{'D':{'values':['a','b','c','d']},'X':{'scale':2,'min':-500,'max':1000},"                               \
    "'Y':{'scale':0,'min':0,'max':9}},'by':['D'],"                                                                     \
    "'measures':[{'count':'rows'},{'sum':'X'},{'variance':'X'},{'mean':'Y'},{'covariance':['X','Y']}],"                \
    "'rows':{'max':1000},"
#define SHARES_GROUPS "'groups':{'min_rows':5,'min_contributors':2},"
#define SHARES_VECTOR "'vector':{'length':300,'scale':3,'min':-5,'max':5},"

/* Who is on the roster: a word for each party, letters of c(ontributes), o(pens), s(erves). */
typedef struct shares_spec {
    const char *parties[ROSTER_CAP + 1];
    const char *body;    /* columns or vector, groups … with a comma at the end */
    const char *opening; /* instead of the servers', where not NULL */
    unsigned minimum;    /* contributors.min */
} shares_spec;

static inline void shares_party(char *out, char name, const char *letters) {
    static const char *const duties[] = {"contribute", "open", "aggregate"};
    const char *comma = "";
    out += sprintf(out, "{'identity':'@%c','organisation':'Org %c','may':[", name, name);
    for (size_t i = 0; i < 3; i++) {
        if (strchr(letters, "cos"[i]) != NULL) {
            out += sprintf(out, "%s'%s'", comma, duties[i]);
            comma = ",";
        }
    }
    strcpy(out, "]}");
}

static inline vs_plan *shares_plan(const roster *r, const shares_spec *spec) {
    char text[16384], servers[256] = "", *out = text;
    out += sprintf(out, "{'veilsum':1,%s'contributors':{'min':%u},'roster':[", spec->body, spec->minimum);
    for (size_t i = 0; spec->parties[i] != NULL; i++) {
        out += sprintf(out, i == 0 ? "" : ",");
        shares_party(out, (char)('A' + i), spec->parties[i]);
        out += strlen(out);
        if (strchr(spec->parties[i], 's') != NULL) {
            sprintf(servers + strlen(servers), "%s'%c'", servers[0] == '\0' ? "" : ",", (char)('A' + i));
        }
    }
    if (spec->opening != NULL) {
        sprintf(out, "],'opening':%s}", spec->opening);
    } else {
        sprintf(out, "],'opening':{'shares':[%s]}}", servers);
    }
    char *json = roster_text(r, text);
    vs_plan *plan = plan_of(json);
    free(json);
    return plan;
}

/* A session of everybody, each owner with random cells. */
typedef struct shares_scene {
    const roster *roster;
    vs_plan *plan;
    network net;
    vs_int128 *cells[ROSTER_CAP]; /* NULL: does not contribute */
} shares_scene;

static inline unsigned shares_roles(const vs_plan *plan, uint32_t party) {
    unsigned may = plan->parties[party].may, roles = 0;
    roles |= may & VS_MAY_CONTRIBUTE ? VS_ROLE_CONTRIBUTOR : 0u;
    roles |= may & VS_MAY_OPEN ? VS_ROLE_OPENER : 0u;
    for (size_t i = 0; i < plan->server_count; i++) {
        roles |= plan->servers[i] == party ? VS_ROLE_SERVER : 0u;
    }
    return roles;
}

/* Cells as a table might give them: few rows in some groups, so that minimums have something to do. */
static inline void shares_random_cells(const vs_plan *plan, vs_int128 *cells) {
    made_random_cells(plan, cells);
    for (uint64_t group = 0; plan->has_minimums && group < plan->group_count; group++) {
        vs_int128 *of = cells + 1 + group * plan->component_count;
        unsigned most = group % 2 == 0 ? 100 : 3;
        for (size_t i = 0; i < plan->component_count; i++) {
            if (plan->components[i].block_class == 0 && plan->components[i].high > 1) {
                of[i] = (vs_int128)test_below(most);
            }
        }
        of[plan->contributors_component] = test_below(4) > 0;
    }
}

static inline void shares_scene_new(shares_scene *s, const roster *r, const shares_spec *spec) {
    *s = (shares_scene){.roster = r, .plan = shares_plan(r, spec)};
    network_new(&s->net, s->plan);
    for (uint32_t i = 0; i < s->plan->party_count; i++) {
        unsigned roles = shares_roles(s->plan, i);
        if (roles & VS_ROLE_CONTRIBUTOR) {
            s->cells[i] = calloc((size_t)s->plan->cell_count, sizeof *s->cells[i]);
            shares_random_cells(s->plan, s->cells[i]);
        }
        (void)network_join(&s->net, i, r->identities[i], roles, s->cells[i]);
    }
}

static inline void shares_scene_free(shares_scene *s) {
    network_free(&s->net);
    for (size_t i = 0; i < ROSTER_CAP; i++) {
        free(s->cells[i]);
    }
    vs_plan_free(s->plan);
}

/* ---- what must come out ---- */

/* In the clear: the sum over these owners (a bit for each), and what the minimums leave of it. */
static inline void shares_expect(const shares_scene *s, unsigned owners, vs_opened *out) {
    const vs_plan *plan = s->plan;
    *out = (vs_opened){.cell_count = plan->cell_count};
    out->cells = calloc((size_t)plan->cell_count, sizeof *out->cells);
    for (uint32_t i = 0; i < plan->party_count; i++) {
        if (owners & 1u << i) {
            out->contributions++;
            for (uint64_t c = 0; c < plan->cell_count; c++) {
                out->cells[c] += s->cells[i][c];
            }
        }
    }
    if (!plan->has_minimums) {
        return;
    }
    out->reasons = calloc((size_t)plan->group_count * plan->class_count, 1);
    for (uint64_t group = 0; group < plan->group_count; group++) {
        vs_int128 *cells = out->cells + 1 + group * plan->component_count;
        uint8_t *reasons = out->reasons + group * plan->class_count;
        vs_policy_decide(plan, cells, reasons);
        for (size_t i = 0; i < plan->component_count; i++) {
            unsigned block_class = plan->components[i].block_class;
            cells[i] = block_class > 0 && reasons[block_class] != VS_SHOWN ? 0 : cells[i];
        }
    }
}

static inline unsigned shares_owners(const shares_scene *s) {
    unsigned owners = 0;
    for (uint32_t i = 0; i < s->plan->party_count; i++) {
        owners |= s->cells[i] != NULL ? 1u << i : 0;
    }
    return owners;
}

/* Every opener that is there has this result; nobody has failed. */
static inline void shares_assert_result(shares_scene *s, unsigned owners) {
    vs_opened want;
    shares_expect(s, owners, &want);
    for (uint32_t i = 0; i < s->plan->party_count; i++) {
        vs_session_view view = network_look(&s->net, i);
        if (s->net.parties[i].session == NULL) {
            continue;
        }
        if (view.failed != VS_OK) {
            print_error("party %u: %s\n", i, view.reason.message);
            fail();
        }
        assert_true(view.done);
        assert_int_equal(view.waiting_count, 0);
        if (s->net.parties[i].setup.roles & VS_ROLE_OPENER) {
            assert_non_null(view.result);
            assert_int_equal(view.result->contributions, want.contributions);
            assert_memory_equal(view.result->cells, want.cells, (size_t)want.cell_count * sizeof *want.cells);
            assert_int_equal(view.result->reasons == NULL, want.reasons == NULL);
            if (want.reasons != NULL) {
                assert_memory_equal(view.result->reasons, want.reasons,
                                    (size_t)(s->plan->group_count * s->plan->class_count));
            }
        } else {
            assert_null(view.result);
        }
    }
    vs_opened_clear(&want);
}

/* ---- liars ---- */

/* A message by a party of the roster, signed by it. */
static inline network_bytes shares_forge(const shares_scene *s, vs_message_kind kind, uint32_t from, uint32_t to,
                                         const void *body, size_t len) {
    network_bytes made;
    uint8_t sid[VS_HASH_BYTES];
    vs_session_id(sid, s->plan->id, "2026-11", 0);
    const vs_message_header header = {kind, from, to, sid};
    assert_int_equal(vs_message_write(&made.bytes, &made.len, &header, body, len, s->roster->identities[from], NULL),
                     VS_OK);
    return made;
}

/* What each party let be opened, by place in the roster: vs_session_setup.release. */
typedef struct shares_book {
    bool used;
    uint8_t what[VS_HASH_BYTES];
} shares_book;

static shares_book shares_books[ROSTER_CAP];

static inline vs_status shares_note(void *context, const uint8_t what[VS_HASH_BYTES], vs_error *error) {
    const network_party *party = context;
    shares_book *b = &shares_books[vs_plan_party(party->setup.plan, vs_identity_public(party->setup.identity)->name) -
                                   party->setup.plan->parties];
    if (b->used && memcmp(b->what, what, VS_HASH_BYTES) != 0) {
        return vs_fail(error, VS_ERR_POLICY, "released before");
    }
    b->used = true;
    memcpy(b->what, what, VS_HASH_BYTES);
    return VS_OK;
}

#endif
