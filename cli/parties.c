#include "cli/parties.h"

#include <stdlib.h>
#include <string.h>

#include "cli/load.h"

static vs_status keep_text(vs_parties *parties, size_t index, const char *text, size_t len, vs_error *error) {
    free(parties->texts[index]);
    parties->texts[index] = strndup(text, len);
    parties->list[index].organisation = parties->texts[index];
    return parties->texts[index] == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
}

static vs_status bad_party(const vs_arguments *arguments, vs_error *error) {
    (void)vs_fail(error, VS_ERR_USAGE, "%s: --party is not MAY:ORGANISATION:NAME.id.pub", arguments->verb->name);
    vs_hint(error, "for example --party 'contribute,open:Orange Air:orange.id.pub'; MAY is one or more of contribute, "
                   "open, aggregate and audit");
    return VS_ERR_USAGE;
}

/* "contribute,open". */
static bool read_may(unsigned *may, const char *text, size_t len) {
    *may = 0;
    for (const char *at = text, *end = text + len; at <= end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma == NULL ? end : comma;
        unsigned bit = vs_may_from_name(at, (size_t)(stop - at));
        if (bit == 0 || (*may & bit) != 0) {
            return false;
        }
        *may |= bit;
        at = stop + 1;
    }
    return true;
}

/* The organisation may hold colons; neither what is before it nor the file's name does. */
static vs_status add_party(vs_parties *parties, const vs_arguments *arguments, const char *text, vs_error *error) {
    vs_party_wish *party = &parties->list[parties->count];
    const char *first = strchr(text, ':'), *last = strrchr(text, ':');
    if (first == NULL || last - first < 2 || !read_may(&party->may, text, (size_t)(first - text))) {
        return bad_party(arguments, error);
    }
    vs_status status = vs__load_public_identity(&party->identity, last + 1, error);
    if (status == VS_OK) {
        status = keep_text(parties, parties->count, first + 1, (size_t)(last - first) - 1, error);
    }
    parties->count += status == VS_OK;
    return status;
}

static vs_status add_contributor(vs_parties *parties, const char *path, vs_error *error) {
    vs_party_wish *party = &parties->list[parties->count];
    party->may = VS_MAY_CONTRIBUTE;
    vs_status status = vs__load_public_identity(&party->identity, path, error);
    if (status == VS_OK) {
        status = keep_text(parties, parties->count, party->identity.name, strlen(party->identity.name), error);
    }
    parties->count += status == VS_OK;
    return status;
}

vs_status vs__parties_choose(vs_parties *parties, const vs_arguments *arguments, vs_error *error) {
    bool named = true; /* has the last contributor its organisation? */
    *parties = (vs_parties){.list = calloc(arguments->given_count + 1, sizeof *parties->list),
                            .texts = calloc(arguments->given_count + 1, sizeof *parties->texts)};
    vs_status status = parties->list == NULL || parties->texts == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    for (size_t i = 0; status == VS_OK && i < arguments->given_count; i++) {
        const vs_given *given = &arguments->given[i];
        if (strcmp(given->option->name, "party") == 0) {
            named = true;
            status = add_party(parties, arguments, given->value, error);
        } else if (strcmp(given->option->name, "add-contributor") == 0) {
            named = false;
            status = add_contributor(parties, given->value, error);
        } else if (strcmp(given->option->name, "organisation") == 0 && named) {
            status = vs_fail(error, VS_ERR_USAGE, "%s: --organisation stands behind no --add-contributor",
                             arguments->verb->name);
        } else if (strcmp(given->option->name, "organisation") == 0) {
            named = true;
            status = keep_text(parties, parties->count - 1, given->value, strlen(given->value), error);
        }
    }
    return status;
}

void vs__parties_free(vs_parties *parties) {
    for (size_t i = 0; parties->texts != NULL && i < parties->count; i++) {
        free(parties->texts[i]);
    }
    free(parties->texts);
    free(parties->list);
    *parties = (vs_parties){0};
}
