/* The parties that a command line names: for verbs that write a roster. */
#ifndef VEILSUM_CLI_PARTIES_H
#define VEILSUM_CLI_PARTIES_H

#include "aggregate/plan/plan_text.h"
#include "cli/options.h"

typedef struct vs_parties {
    vs_party_wish *list;
    size_t count;
    char **texts; /* organisations; owned */
} vs_parties;

/** Reads --party MAY[,MAY]...:ORGANISATION:NAME.id.pub, and --add-contributor NAME.id.pub with the --organisation
 * behind it, in the order of the command line. Where no organisation is named it is the identity's own name.
 * vs__parties_free also after an error. Returns: VS_OK, VS_ERR_USAGE, as vs__load_public_identity. */
VS_MUST_CHECK vs_status vs__parties_choose(vs_parties *parties, const vs_arguments *arguments, vs_error *error);
void vs__parties_free(vs_parties *parties);

#define VS_OPTIONS_PARTIES                                                                                             \
    {.name = "party",                                                                                                  \
     .argument = "MAY:TEXT:NAME.id.pub",                                                                               \
     .help = "a party of organisation TEXT; MAY: contribute, open, aggregate, audit, with commas",                     \
     .repeated = true},                                                                                                \
        {.name = "add-contributor",                                                                                    \
         .argument = "NAME.id.pub",                                                                                    \
         .help = "a party that may contribute",                                                                        \
         .repeated = true,                                                                                             \
         .takes_file = true},                                                                                          \
    {                                                                                                                  \
        .name = "organisation", .argument = "TEXT",                                                                    \
        .help = "the organisation of the contributor before it (default: its name)", .repeated = true                  \
    }

#endif
