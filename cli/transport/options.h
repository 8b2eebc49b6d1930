/* The options of verbs that reach a board: how its server is known. */
#ifndef VEILSUM_CLI_TRANSPORT_OPTIONS_H
#define VEILSUM_CLI_TRANSPORT_OPTIONS_H

#include "cli/options.h"
#include "cli/transport/http_client.h"

#define VS_OPTIONS_TRANSPORT                                                                                           \
    {.name = "ca",                                                                                                     \
     .argument = "FILE",                                                                                               \
     .help = "trust the CAs in FILE (PEM) and no others (default: the system's)",                                      \
     .takes_file = true},                                                                                              \
        {.name = "pin",                                                                                                \
         .argument = "sha256//BASE64",                                                                                 \
         .help = "the server's public key has this hash; without --ca the key alone is checked, whoever signed it"},   \
        {.name = "proxy", .argument = "URL", .help = "go through this proxy (default: through none)"},                 \
        {.name = "insecure-transport", .help = "go to another machine without TLS, too: others see who sends when"}

/** What of them was given, borrowed from the arguments. */
vs_address_policy vs__transport_policy(const vs_arguments *arguments);

#endif
