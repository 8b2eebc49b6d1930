#include "cli/transport/resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

vs_status vs__resolve(const char *host, char *out, size_t out_len, vs_error *error) {
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    size_t used = 0;
    int code = getaddrinfo(host, NULL, &wanted, &list);
    if (code != 0) {
        (void)vs_fail(error, VS_ERR_IO, "no machine of the name %s is known: %s", host, gai_strerror(code));
        vs_hint(error, code == EAI_AGAIN ? "is there a network, and does its name server answer?"
                                         : "is it spelled right, and is there a network?");
        return VS_ERR_IO;
    }
    out[0] = 0;
    for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        char address[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST) == 0 &&
            used + strlen(address) + 3 < out_len) {
            used += (size_t)snprintf(out + used, out_len - used, "%s%s", used > 0 ? ", " : "", address);
        }
    }
    freeaddrinfo(list);
    return VS_OK;
}
