/* What came of an exchange, in words for the person who has to do something about it. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/transport/http_internal.h"

/* What is wrong with a chain of certificates. libcurl passes on what its TLS library says: OpenSSL a number
 * (X509_V_ERR_… of x509_vfy.h), GnuTLS bits (GNUTLS_CERT_… of gnutls.h). Both are fixed. */
typedef enum chain_fault {
    CHAIN_OTHER_NAME,
    CHAIN_NOT_YET_VALID,
    CHAIN_EXPIRED,
    CHAIN_NOT_TRUSTED,
    CHAIN_BAD
} chain_fault;

static chain_fault openssl_fault(long result) {
    switch (result) {
    case 0: /* libcurl's own comparison of names, before or */
    case 1: /* after it has looked at the chain's verdict */
    case 62:
    case 64:
        return CHAIN_OTHER_NAME;
    case 9:
        return CHAIN_NOT_YET_VALID;
    case 10:
        return CHAIN_EXPIRED;
    case 2:
    case 18:
    case 19:
    case 20:
    case 21:
        return CHAIN_NOT_TRUSTED;
    default:
        return CHAIN_BAD;
    }
}

static chain_fault gnutls_fault(long result) {
    if (result == 0) {
        return CHAIN_OTHER_NAME;
    }
    if ((result & (1L << 6 | 1L << 7)) != 0) {
        return CHAIN_NOT_TRUSTED;
    }
    if ((result & 1L << 9) != 0) {
        return CHAIN_NOT_YET_VALID;
    }
    return (result & 1L << 10) != 0 ? CHAIN_EXPIRED : CHAIN_BAD;
}

typedef struct verdict {
    vs_outcome outcome;
    vs_status status;
} verdict;

static verdict bad(vs_status status) {
    return (verdict){VS_OUTCOME_BAD, status};
}

static const char *board(const vs_exchange *x) {
    return x->client->address.base;
}

/* ---- TLS ---- */

static verdict judge_chain(const vs_exchange *x, vs_error *error) {
    static const struct {
        const char *why, *hint;
    } words[] = {
        [CHAIN_OTHER_NAME] = {"is for another name",
                              "use the name that stands in it, or --pin sha256//… if it is known to be the board's"},
        [CHAIN_NOT_YET_VALID] = {"is not valid yet", "is this machine's clock right?"},
        [CHAIN_EXPIRED] = {"has expired", "who runs the board has to renew it; or is this machine's clock wrong?"},
        [CHAIN_NOT_TRUSTED] = {"is signed by itself, or by a CA that is not trusted here",
                               "--ca FILE names the CA that has signed it; --pin names the key itself"},
        [CHAIN_BAD] = {"is not right", "--ca FILE names the CA that has signed it; --pin names the key itself"},
    };
    long result = 0;
    (void)curl_easy_getinfo(x->easy, CURLINFO_SSL_VERIFYRESULT, &result);
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
    bool gnutls = library != NULL && strncmp(library, "GnuTLS", 6) == 0;
    chain_fault fault = gnutls ? gnutls_fault(result) : openssl_fault(result);
    (void)vs_fail(error, VS_ERR_AUTH, "%s: the certificate %s", board(x), words[fault].why);
    vs_hint(error, "%s", words[fault].hint);
    return bad(VS_ERR_AUTH);
}

static verdict judge_pin(const vs_exchange *x, vs_error *error) {
    (void)vs_fail(error, VS_ERR_AUTH, "%s: the server's key is not the one that --pin names", board(x));
    vs_hint(error, "it is another server, or the board has a new key: ask who runs it, by another way than this one");
    return bad(VS_ERR_AUTH);
}

/* ---- the connection ---- */

static verdict judge_name(const vs_exchange *x, vs_error *error) {
    (void)vs_fail(error, VS_ERR_IO, "%s: no machine of the name %s is known", board(x), x->client->address.host);
    vs_hint(error, "is it spelled right, and is there a network?");
    /* A name that was known a moment ago is known again soon; one that never was is misspelled. */
    return (verdict){x->client->reached ? VS_OUTCOME_AGAIN : VS_OUTCOME_BAD, VS_ERR_IO};
}

static verdict judge_connect(const vs_exchange *x, vs_error *error) {
    long code = 0;
    (void)curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &code);
    if (code == ECONNREFUSED) {
        (void)vs_fail(error, VS_ERR_IO, "%s: nobody listens there: the connection was refused", board(x));
        vs_hint(error, "does the board run, and is the port right?");
    } else {
        (void)vs_fail(error, VS_ERR_IO, "%s: cannot be reached%s%s", board(x), code != 0 ? ": " : "",
                      code != 0 ? strerror((int)code) : "");
        vs_hint(error, "is there a network, and does a firewall let connections to port %u out?",
                x->client->address.port);
    }
    return (verdict){VS_OUTCOME_AGAIN, VS_ERR_IO};
}

static verdict judge_break(const vs_exchange *x, const char *what, vs_error *error) {
    (void)vs_fail(error, VS_ERR_IO, "%s: %s", board(x), what);
    vs_hint(error, "'veilsum doctor %s' says more about the way there", board(x));
    return (verdict){VS_OUTCOME_AGAIN, VS_ERR_IO};
}

/* A handshake breaks off where the other side speaks no TLS, or none that is new enough; and where a connection does.
 */
static verdict judge_handshake(const vs_exchange *x, vs_error *error) {
    (void)vs_fail(error, VS_ERR_IO, "%s: TLS does not come about: %s", board(x), x->reason);
    vs_hint(error, "does the board speak TLS on this port (with --pin alone: TLS 1.3)?");
    return (verdict){x->client->reached ? VS_OUTCOME_AGAIN : VS_OUTCOME_BAD, VS_ERR_IO};
}

/* Our own functions stopped it. */
static verdict judge_refused(const vs_exchange *x, vs_error *error) {
    if (x->refused == VS_ERR_MEMORY) {
        return bad(vs_fail_plain(error, VS_ERR_MEMORY));
    }
    if (x->refused == VS_ERR_LIMIT) {
        (void)vs_fail(error, VS_ERR_LIMIT, "%s: the answer to %s %s is longer than it may be", board(x),
                      x->request.method, x->request.path);
    } else {
        (void)vs_fail(error, VS_ERR_FORMAT, "%s: the answer to %s %s goes on at another place than was asked for",
                      board(x), x->request.method, x->request.path);
    }
    vs_hint(error, "it does not behave like a veilsum board");
    return bad(x->refused);
}

static verdict judge_transport(const vs_exchange *x, vs_error *error) {
    switch (x->result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return judge_name(x, error);
    case CURLE_COULDNT_CONNECT:
        return judge_connect(x, error);
    case CURLE_OPERATION_TIMEDOUT:
        return judge_break(x, "no answer in time", error);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_FAIL_REWIND:
        return judge_break(x, "the connection broke", error);
    case CURLE_PEER_FAILED_VERIFICATION:
        return judge_chain(x, error);
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return judge_pin(x, error);
    case CURLE_SSL_CONNECT_ERROR:
        return judge_handshake(x, error);
    case CURLE_SSL_CACERT_BADFILE:
        (void)vs_fail(error, VS_ERR_IO, "cannot read CAs from %s",
                      x->client->options.policy.ca_file != NULL ? x->client->options.policy.ca_file : "the system");
        vs_hint(error, "a file of CAs holds certificates as PEM; the system's come with the package ca-certificates");
        return bad(VS_ERR_IO);
    case CURLE_OUT_OF_MEMORY:
        return bad(vs_fail_plain(error, VS_ERR_MEMORY));
    default:
        (void)vs_fail(error, VS_ERR_IO, "%s: %s", board(x),
                      x->reason[0] != 0 ? x->reason : curl_easy_strerror(x->result));
        return bad(VS_ERR_IO);
    }
}

/* ---- HTTP ---- */

/* {"error": …, "hint": …}: the board's own words, from a stranger. */
static void add_words(const vs_exchange *x, vs_error *error) {
    json_t *root = json_loadb(x->text, x->text_len, JSON_REJECT_DUPLICATES, NULL);
    const char *said = json_string_value(json_object_get(root, "error"));
    const char *hint = json_string_value(json_object_get(root, "hint"));
    if (said != NULL && error != NULL) {
        char before[sizeof error->message];
        (void)snprintf(before, sizeof before, "%s", error->message);
        (void)vs_fail(error, VS_OK, "%s: %s", before, said);
    }
    if (hint != NULL) {
        vs_hint(error, "%s", hint);
    }
    json_decref(root);
}

static verdict judge_redirect(const vs_exchange *x, vs_error *error) {
    char *to = NULL;
    (void)curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_URL, &to);
    (void)vs_fail(error, VS_ERR_IO, "%s: sends us on to another address, which is not followed", board(x));
    if (to != NULL) {
        vs_hint(error, "if you trust it, name it yourself: %s", to);
    }
    return bad(VS_ERR_IO);
}

static vs_status status_of_refusal(long code) {
    switch (code) {
    case 400:
        return VS_ERR_FORMAT;
    case 401:
    case 403:
    case 409:
        return VS_ERR_POLICY;
    case 404:
    case 405:
    case 410:
        return VS_ERR_FORMAT;
    case 413:
        return VS_ERR_LIMIT;
    default:
        return VS_ERR_IO;
    }
}

static const char *words_of(long code) {
    switch (code) {
    case 400:
        return "finds what we sent malformed";
    case 401:
    case 403:
        return "does not allow it";
    case 404:
    case 405:
    case 410:
        return "knows nothing of the kind";
    case 409:
        return "has another message in this place";
    case 413:
        return "takes no message as long as this one";
    case 416:
        return "has fewer bytes than it announced";
    case 429:
        return "is asked too often";
    case 503:
        return "is busy or shutting down";
    default:
        return code >= 500 ? "has a trouble of its own" : "gives an answer that is not understood";
    }
}

static verdict judge_code(const vs_exchange *x, vs_error *error) {
    long code = x->code;
    if (code >= 200 && code < 300) {
        return (verdict){VS_OUTCOME_GOOD, VS_OK};
    }
    if (code >= 300 && code < 400) {
        return judge_redirect(x, error);
    }
    vs_status status = status_of_refusal(code);
    (void)vs_fail(error, status, "%s: the board %s (HTTP %ld, %s %.24s)", board(x), words_of(code), code,
                  x->request.method, x->request.path);
    if (code == 404 || code == 405) {
        vs_hint(error, "is this the address of a veilsum board?");
    }
    add_words(x, error);
    bool passes = code >= 500 || code == 429 || code == 408;
    return (verdict){passes ? VS_OUTCOME_AGAIN : VS_OUTCOME_BAD, status};
}

vs_outcome vs__exchange_judge(const vs_exchange *x, vs_status *status, vs_error *error) {
    verdict v;
    if (x->refused != VS_OK) {
        v = judge_refused(x, error);
    } else if (x->result != CURLE_OK) {
        v = judge_transport(x, error);
    } else {
        v = judge_code(x, error);
    }
    *status = v.status;
    return v.outcome;
}
