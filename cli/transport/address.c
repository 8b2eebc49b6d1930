#include "cli/transport/address.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/base64.h"
#include "crypto/guard.h"

#define MAX_ADDRESS_BYTES 2048
#define PIN_PREFIX "sha256//"
#define PIN_BYTES 32

bool vs_is_http_address(const char *text) {
    return strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0;
}

/* ---- reading ---- */

static vs_status fail_address(const char *why, vs_error *error) {
    (void)vs_fail(error, VS_ERR_USAGE, "the board's address %s", why);
    vs_hint(error, "for example https://board.example:8443");
    return VS_ERR_USAGE;
}

static bool has_part(CURLU *url, CURLUPart part) {
    char *text = NULL;
    bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return there;
}

/* "127.0.0.0/8", as libcurl writes IPv4 addresses: four decimal numbers. libcurl looks "localhost" up by itself. */
static bool is_loopback(const char *host) {
    unsigned a, b, c, d;
    char rest;
    bool four = sscanf(host, "%u.%u.%u.%u%c", &a, &b, &c, &d, &rest) == 4;
    return (four && a == 127) || strcmp(host, "::1") == 0 || strcasecmp(host, "localhost") == 0;
}

static vs_status read_host(vs_address *address, CURLU *url, vs_error *error) {
    char *host = NULL, *port = NULL;
    vs_status status = VS_OK;
    if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK) {
        status = fail_address("names no machine", error);
        goto done;
    }
    size_t len = strlen(host);
    bool bracketed = len > 2 && host[0] == '[' && host[len - 1] == ']';
    address->host = bracketed ? strndup(host + 1, len - 2) : strdup(host);
    if (address->host == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    address->port = (unsigned)strtoul(port, NULL, 10);
    address->loopback = is_loopback(address->host);
done:
    curl_free(host);
    curl_free(port);
    return status;
}

static vs_status read_base(vs_address *address, CURLU *url, vs_error *error) {
    char *whole = NULL, *scheme = NULL;
    vs_status status = VS_OK;
    if (curl_url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
        goto done;
    }
    address->tls = strcmp(scheme, "https") == 0;
    size_t len = strlen(whole);
    while (len > 0 && whole[len - 1] == '/') {
        len--;
    }
    address->base = strndup(whole, len);
    status = address->base == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
done:
    curl_free(whole);
    curl_free(scheme);
    return status;
}

vs_status vs_address_read(vs_address *address, const char *text, vs_error *error) {
    *address = (vs_address){.base = NULL};
    if (!vs_is_http_address(text)) {
        return fail_address("begins with https://", error);
    }
    if (strlen(text) > MAX_ADDRESS_BYTES) {
        return fail_address("is too long", error);
    }
    CURLU *url = curl_url();
    if (url == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = VS_OK;
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK) {
        status = fail_address("is not well-formed", error);
    } else if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD)) {
        status = fail_address("has no user and no password: parties sign with their identities", error);
    } else if (has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT)) {
        status = fail_address("has nothing behind '?' or '#'", error);
    } else {
        status = read_host(address, url, error);
    }
    if (status == VS_OK) {
        status = read_base(address, url, error);
    }
    curl_url_cleanup(url);
    if (status != VS_OK) {
        vs_address_clear(address);
    }
    return status;
}

void vs_address_clear(vs_address *address) {
    free(address->base);
    free(address->host);
    *address = (vs_address){.base = NULL};
}

/* ---- what is allowed ---- */

vs_status vs_pin_check(const char *pin, vs_error *error) {
    const size_t prefix = strlen(PIN_PREFIX);
    for (const char *at = pin;; at++) {
        uint8_t hash[PIN_BYTES];
        size_t len = strcspn(at, ";"), got = 0;
        if (strncmp(at, PIN_PREFIX, prefix) != 0 ||
            !vs__base64_decode(hash, sizeof hash, &got, at + prefix, len - prefix) || got != PIN_BYTES) {
            (void)vs_fail(error, VS_ERR_USAGE, "--pin is not the hash of a public key");
            vs_hint(error, "it reads sha256//BASE64, 44 characters behind the slashes; who runs the board knows it");
            return VS_ERR_USAGE;
        }
        at += len;
        if (*at == 0) {
            return VS_OK;
        }
    }
}

static vs_status check_plain(const vs_address *address, const vs_address_policy *policy, vs_error *error) {
    if (policy->pin != NULL || policy->ca_file != NULL) {
        (void)vs_fail(error, VS_ERR_USAGE, "%s: there is no certificate to check without TLS", address->base);
        vs_hint(error, "begin the address with https://, or leave --pin and --ca away");
        return VS_ERR_USAGE;
    }
    /* What goes to a proxy leaves this machine, whatever its address says. */
    bool local = address->loopback && policy->proxy == NULL;
    if (!VS_GUARD(plain_transport_is_local, local || policy->insecure_transport)) {
        (void)vs_fail(error, VS_ERR_POLICY, "%s: messages do not go to another machine without TLS", address->base);
        vs_hint(error,
                "begin the address with https://; --insecure-transport allows it all the same: whoever is on the "
                "way then sees who sends how much and when, and can stop it");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}

vs_status vs_address_check(const vs_address *address, const vs_address_policy *policy, vs_error *error) {
    vs_status status = policy->pin == NULL ? VS_OK : vs_pin_check(policy->pin, error);
    return status == VS_OK && !address->tls ? check_plain(address, policy, error) : status;
}
