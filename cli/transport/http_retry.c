/* Calls that are tried again: growing pauses with chance in them, so that a thousand owners do not come back in the
 * same instant, for as long as the caller has patience. */
#include <stdio.h>
#include <string.h>

#include "cli/transport/http_internal.h"
#include "crypto/secret.h"

#define FIRST_PAUSE_MS 200u
#define LAST_PAUSE_MS 15000u
#define STEP_MS 1000u

int64_t vs__now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(const vs_http *client, const char *text) {
    if (client->options.notice != NULL) {
        client->options.notice(client->options.context, text);
    }
}

void vs__http_is_back(vs_http *client) {
    char text[512];
    if (client->out && client->told) {
        (void)snprintf(text, sizeof text, "%s answers again", client->address.base);
        say(client, text);
    }
    client->reached = true;
    client->out = client->told = false;
    client->tries = 0;
}

/* Between half of the pause and the whole. */
static unsigned pause_of(unsigned tries) {
    uint32_t chance;
    unsigned pause = tries > 6 ? LAST_PAUSE_MS : FIRST_PAUSE_MS << tries;
    vs_random(&chance, sizeof chance);
    pause = pause < LAST_PAUSE_MS ? pause : LAST_PAUSE_MS;
    return pause / 2 + chance % (pause / 2 + 1);
}

bool vs__http_pause(vs_http *client, const vs_exchange *exchange, unsigned *pause_ms, vs_error *error) {
    int64_t now = vs__now_ms();
    if (!client->out) {
        client->out = true;
        client->out_since_ms = now;
    }
    int64_t waited = now - client->out_since_ms, patience = (int64_t)client->options.patience_s * 1000;
    *pause_ms = pause_of(client->tries);
    if (exchange->retry_after_s * 1000 > *pause_ms) {
        *pause_ms = exchange->retry_after_s * 1000;
    }
    if (waited + *pause_ms > patience) {
        if (client->tries > 0) {
            vs_error_at(error, "given up after %lld s", (long long)(waited / 1000));
        }
        client->out = false; /* another call begins anew */
        client->tries = 0;
        return false;
    }
    client->tries++;
    if (!client->told && client->tries > 1 && error != NULL) {
        char text[sizeof error->message + 64];
        (void)snprintf(text, sizeof text, "%s; trying again for %u s", error->message, client->options.patience_s);
        client->told = true;
        say(client, text);
    }
    return true;
}

vs_status vs__http_sleep(vs_http *client, unsigned wait_ms, vs_error *error) {
    int64_t until = vs__now_ms() + wait_ms;
    vs_status status = VS_OK;
    for (int64_t left = wait_ms; status == VS_OK && left > 0; left = until - vs__now_ms()) {
        status = vs__http_drive(client, left < STEP_MS ? (unsigned)left : STEP_MS, error);
    }
    return status;
}

vs_status vs__http_call_once(vs_http *client, const vs_request *request, bool *again, vs_error *error) {
    *again = false;
    vs_status status = vs__exchange_begin(&client->call, request, error);
    while (status == VS_OK && !client->call.done) {
        status = vs__http_drive(client, STEP_MS, error);
    }
    if (status != VS_OK) {
        vs__exchange_end(&client->call);
        return status;
    }
    vs_outcome outcome = vs__exchange_judge(&client->call, &status, error);
    *again = outcome == VS_OUTCOME_AGAIN;
    if (!*again && client->call.code != 0) {
        vs__http_is_back(client);
    }
    return status;
}

vs_status vs__http_call(vs_http *client, const vs_request *request, vs_error *error) {
    vs_error own;
    error = error != NULL ? error : &own; /* the notice needs the words */
    for (;;) {
        bool again = false;
        unsigned pause_ms = 0;
        vs_status status = vs__http_call_once(client, request, &again, error);
        if (!again || !vs__http_pause(client, &client->call, &pause_ms, error)) {
            return status;
        }
        status = vs__http_sleep(client, pause_ms, error);
        if (status != VS_OK) {
            return status;
        }
    }
}
