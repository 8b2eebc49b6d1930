/* The address of a board, and how it may be reached: by TLS, or in the clear on this machine alone. */
#ifndef VEILSUM_CLI_ADDRESS_H
#define VEILSUM_CLI_ADDRESS_H

#include <stdbool.h>

#include "aggregate/error.h"

typedef struct vs_address {
    char *base; /* "https://board.example:8443/prefix", without a slash at the end */
    char *host; /* "board.example"; an IPv6 address without brackets */
    unsigned port;
    bool tls;
    bool loopback; /* it is this machine's own address */
} vs_address;

/* What the caller asks of the way. */
typedef struct vs_address_policy {
    const char *pin;         /* or NULL */
    const char *ca_file;     /* or NULL */
    const char *proxy;       /* or NULL */
    bool insecure_transport; /* in the clear to another machine, too */
} vs_address_policy;

/** Does the text begin like an address that HTTP goes to? Else it may be a folder. */
bool vs_is_http_address(const char *text);

/** Read an address: http or https, without user, query and fragment. Returns: VS_OK, VS_ERR_USAGE, VS_ERR_MEMORY. */
VS_MUST_CHECK vs_status vs_address_read(vs_address *address, const char *text, vs_error *error);
void vs_address_clear(vs_address *address);

/** May it be reached like this? In the clear only on this machine, or where that is asked for; a pin or a CA only with
 * TLS, where it means something. Returns: VS_OK; VS_ERR_USAGE (what is asked for makes no sense), VS_ERR_POLICY. */
VS_MUST_CHECK vs_status vs_address_check(const vs_address *address, const vs_address_policy *policy, vs_error *error);

/** "sha256//" and the base64 of 32 bytes; several with ';' between them, of which one must be the board's. libcurl
 * takes anything else for the name of a file. Returns: VS_OK, VS_ERR_USAGE. */
VS_MUST_CHECK vs_status vs_pin_check(const char *pin, vs_error *error);

#endif
