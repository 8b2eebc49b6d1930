/* Totals that must not be opened. */
#include "tests/attacks/attacks.h"

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

static const attack attacks[] = {
    {"opening_plan_signatures", "a plan that nobody has signed", no_signatures},
    {"opening_opener", "somebody who may not open", another_opener},
    {"opening_roster", "a total with an outsider in it", an_outsider},
    {"opening_minimum", "two contributions of one organisation", one_organisation},
    {"opening_verified", "a total on its combiner's word", on_the_combiners_word},
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
