#include "cli/transport/options.h"

vs_address_policy vs__transport_policy(const vs_arguments *arguments) {
    return (vs_address_policy){.ca_file = vs__argument(arguments, "ca"),
                               .pin = vs__argument(arguments, "pin"),
                               .proxy = vs__argument(arguments, "proxy"),
                               .insecure_transport = vs__argument_given(arguments, "insecure-transport")};
}
