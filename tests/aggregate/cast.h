/* Plans with a roster, and the identities on it, for suites of what is signed. */
#ifndef VEILSUM_TESTS_CAST_H
#define VEILSUM_TESTS_CAST_H

#include "pipeline.h"

#define OWNER_COUNT 5u

/* Five owners; one who combines, one who opens, one who looks on; and two who are not listed: a stranger, and one who
 * bears the first owner's name. */
typedef struct cast {
    vs_identity *owners[OWNER_COUNT], *hub, *opener, *auditor, *stranger, *impostor;
} cast;

static const char *const owner_names[OWNER_COUNT] = {"ORANGE", "ROUEN", "ÉVREUX", "BREST", "NANTES"};

static inline vs_identity *make_identity(const char *name) {
    vs_identity *identity;
    assert_int_equal(vs_identity_new(&identity, name), VS_OK);
    return identity;
}

static inline void cast_make(cast *c) {
    for (size_t i = 0; i < OWNER_COUNT; i++) {
        c->owners[i] = make_identity(owner_names[i]);
    }
    c->hub = make_identity("HUB");
    c->opener = make_identity("OPENER");
    c->auditor = make_identity("AUDITOR");
    c->stranger = make_identity("STRANGER");
    c->impostor = make_identity(owner_names[0]);
}

static inline void cast_free(cast *c) {
    for (size_t i = 0; i < OWNER_COUNT; i++) {
        vs_identity_free(c->owners[i]);
    }
    vs_identity_free(c->hub);
    vs_identity_free(c->opener);
    vs_identity_free(c->auditor);
    vs_identity_free(c->stranger);
    vs_identity_free(c->impostor);
}

static inline void roster_line(char *out, const vs_identity *identity, const char *may) {
    char text[VS_MAX_IDENTITY_TEXT];
    const vs_public_identity *who = vs_identity_public(identity);
    vs_public_identity_to_text(text, who);
    sprintf(out + strlen(out), "%s{\"identity\":\"%s\",\"organisation\":\"%s & Co\",\"may\":[\"%s\"]}",
            out[strlen(out) - 1] == '[' ? "" : ",", text, who->name, may);
}

/* "roster": [...], with `more` (such as ",\"replaces\":…") behind it. */
static inline vs_plan *roster_plan(const vs_public_key *pk, const cast *c, const char *more) {
    char rest[4096] = "\"roster\":[";
    for (size_t i = 0; i < OWNER_COUNT; i++) {
        roster_line(rest, c->owners[i], "contribute");
    }
    roster_line(rest, c->hub, "aggregate");
    roster_line(rest, c->opener, "open");
    roster_line(rest, c->auditor, "audit");
    sprintf(rest + strlen(rest), "],\"contributors\":{\"min\":2}%s", more);
    return table_plan(pk, rest);
}

/* A contribution with a signature by `signer` under its name, or unsigned under `name`. */
static inline blob contribute_signed(const vs_plan *plan, const vs_public_key *pk, const vs_identity *signer,
                                     const char *period) {
    const char table[] = "D,X,Y\na,1,2\nb,3,4\n";
    vs_cells *cells = read_table(plan, table);
    vs_memory_sink memory = {0};
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    const vs_contribution_request request = {.period = period, .signer = signer};
    vs_error error = {.message = ""};
    vs_status status = vs_contribute_from(plan, pk, cells, &request, &sink, NULL, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, VS_OK);
    vs_cells_free(cells);
    return (blob){memory.data, memory.len};
}

#endif
