#include "cli/transport/http_client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/transport/http_internal.h"

#define DOCUMENT_S 60u /* a small document that takes longer does not come */

static void set_up_library(void) {
    (void)curl_global_init(CURL_GLOBAL_DEFAULT); /* each handle says so where it failed */
}

/* ---- opening ---- */

static vs_status copy_text(const char **text, vs_error *error) {
    if (*text != NULL) {
        *text = strdup(*text);
        return *text == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    }
    return VS_OK;
}

static vs_status copy_options(vs_http *client, const vs_http_client_options *options, vs_error *error) {
    vs_address_policy *own = &client->options.policy;
    client->options = *options;
    own->pin = own->ca_file = own->proxy = NULL; /* until they are copies */
    const char *pin = options->policy.pin, *ca_file = options->policy.ca_file, *proxy = options->policy.proxy;
    vs_status status = copy_text(&pin, error);
    own->pin = status == VS_OK ? pin : NULL;
    if (status == VS_OK) {
        status = copy_text(&ca_file, error);
        own->ca_file = status == VS_OK ? ca_file : NULL;
    }
    if (status == VS_OK) {
        status = copy_text(&proxy, error);
        own->proxy = status == VS_OK ? proxy : NULL;
    }
    uint64_t max = options->max_message_bytes;
    client->max_message = max == 0 || max > VS_MAX_CARRIED_BYTES ? VS_MAX_CARRIED_BYTES : max;
    return status;
}

static vs_status check_ca_file(const char *path, vs_error *error) {
    if (path == NULL || access(path, R_OK) == 0) {
        return VS_OK;
    }
    (void)vs_fail(error, VS_ERR_IO, "cannot read the CAs in %s", path);
    vs_hint(error, "--ca names a file of certificates as PEM");
    return VS_ERR_IO;
}

vs_status vs_http_open(vs_http **out, const char *url, const vs_http_client_options *options, vs_error *error) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, set_up_library);
    *out = NULL;
    vs_http *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    client->call.client = client->feed.client = client;
    vs_status status = vs_address_read(&client->address, url, error);
    if (status == VS_OK) {
        status = vs_address_check(&client->address, &options->policy, error);
    }
    if (status == VS_OK) {
        status = check_ca_file(options->policy.ca_file, error);
    }
    if (status == VS_OK) {
        status = copy_options(client, options, error);
    }
    if (status == VS_OK) {
        client->multi = curl_multi_init();
        status = client->multi == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    }
    if (status != VS_OK) {
        vs_http_close(client);
        return status;
    }
    *out = client;
    return VS_OK;
}

void vs_http_close(vs_http *client) {
    if (client == NULL) {
        return;
    }
    vs__exchange_clear(&client->feed);
    vs__exchange_clear(&client->call);
    if (client->multi != NULL) {
        (void)curl_multi_cleanup(client->multi);
    }
    free((char *)client->options.policy.pin);
    free((char *)client->options.policy.ca_file);
    free((char *)client->options.policy.proxy);
    vs_address_clear(&client->address);
    free(client);
}

const char *vs_http_name(const vs_http *client) {
    return client->address.base;
}

/* ---- documents ---- */

vs_status vs_http_get(vs_http *client, const char *path, size_t max_bytes, uint8_t **data, size_t *len,
                      vs_error *error) {
    const vs_request request = {.method = "GET", .path = path, .max = max_bytes, .total_s = DOCUMENT_S};
    *data = NULL;
    *len = 0;
    vs_status status = vs__http_call(client, &request, error);
    if (status != VS_OK) {
        return status;
    }
    /* The body goes to the caller, who may keep it for long: as large as it is, and no larger. */
    vs_exchange *answer = &client->call;
    uint8_t *copy = malloc(answer->len + 1);
    if (copy == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (answer->len > 0) {
        memcpy(copy, answer->body, answer->len);
    }
    copy[answer->len] = 0;
    *data = copy;
    *len = answer->len;
    return VS_OK;
}

/* ---- what the last call showed ---- */

static const char *field(const struct curl_slist *lines, const char *name) {
    size_t len = strlen(name);
    for (; lines != NULL; lines = lines->next) {
        if (strncasecmp(lines->data, name, len) == 0 && /* TLS libraries differ */ lines->data[len] == ':') {
            return lines->data + len + 1;
        }
    }
    return NULL;
}

static void probe_certificate(CURL *easy, vs_http_probe *probe) {
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL || chain->num_of_certs < 1) {
        return;
    }
    const struct curl_slist *lines = chain->certinfo[0];
    probe->certificate = (char *)field(lines, "Cert");
    probe->subject = field(lines, "Subject");
    probe->issuer = field(lines, "Issuer");
    probe->begins = field(lines, "Start date");
    probe->ends = field(lines, "Expire date");
}

static double seconds(CURL *easy, CURLINFO what) {
    curl_off_t us = 0;
    (void)curl_easy_getinfo(easy, what, &us);
    return (double)us / 1e6;
}

void vs_http_last(vs_http *client, vs_http_probe *probe) {
    CURL *easy = client->call.easy;
    const char *address = NULL;
    long connects = 0;
    *probe = (vs_http_probe){.bytes = client->call.len};
    if (easy == NULL) {
        return;
    }
    (void)curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
    (void)curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
    (void)curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &probe->verify_result);
    if (address != NULL && strlen(address) < sizeof probe->address) {
        strcpy(probe->address, address);
    }
    probe->reused = connects == 0;
    probe->name_s = seconds(easy, CURLINFO_NAMELOOKUP_TIME_T);
    probe->connect_s = seconds(easy, CURLINFO_CONNECT_TIME_T);
    probe->tls_s = seconds(easy, CURLINFO_APPCONNECT_TIME_T);
    probe->asked_s = seconds(easy, CURLINFO_PRETRANSFER_TIME_T);
    probe->answer_s = seconds(easy, CURLINFO_STARTTRANSFER_TIME_T);
    probe->total_s = seconds(easy, CURLINFO_TOTAL_TIME_T);
    CURLcode result = client->call.result;
    probe->connected = result != CURLE_COULDNT_CONNECT && result != CURLE_COULDNT_RESOLVE_HOST &&
                       result != CURLE_COULDNT_RESOLVE_PROXY &&
                       (result != CURLE_OPERATION_TIMEDOUT || probe->asked_s > 0);
    probe_certificate(easy, probe);
}
