#include "aggregate/plan/plan_signatures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/note/note.h"
#include "crypto/guard.h"

#define FIRST_LINE "veilsum plan"

size_t vs_plan_note(char out[VS_PLAN_NOTE_BYTES], const uint8_t plan_id[VS_HASH_BYTES]) {
    char hex[2 * VS_HASH_BYTES + 1];
    vs_to_hex(hex, plan_id, VS_HASH_BYTES);
    return (size_t)snprintf(out, VS_PLAN_NOTE_BYTES, FIRST_LINE "\nid %s\n", hex);
}

static vs_status check_text(const vs_plan *plan, const char *name, const vs_note *note, vs_error *error) {
    uint8_t id[VS_HASH_BYTES];
    vs_note_cursor cursor = vs_note_cursor_begin(name, note->text, note->text_len);
    vs_status status = vs_note_line(&cursor, FIRST_LINE, error);
    if (status == VS_OK) {
        status = vs_note_hash(&cursor, "id", id, error);
    }
    if (status == VS_OK) {
        status = vs_note_end(&cursor, error);
    }
    if (status == VS_OK && !VS_GUARD(plan_signatures_for_plan, memcmp(id, plan->id, sizeof id) == 0)) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "%s: signatures under another plan", name);
        vs_hint(error, "a plan that changes has another id, and is signed anew");
        return VS_ERR_MISMATCH;
    }
    return status;
}

/* The listed party that made this signature; NULL: somebody else's, though it may bear a listed name. */
static const vs_party *signer(const vs_plan *plan, const vs_note_signature *s) {
    const vs_party *party = vs_plan_party_of(plan, s->name, s->name_len);
    return party != NULL && memcmp(party->identity.id, s->id, sizeof s->id) == 0 ? party : NULL;
}

static vs_status mark_signers(const vs_plan *plan, const char *name, const vs_note *note, bool *signed_by,
                              size_t *signed_count, vs_error *error) {
    *signed_count = 0;
    memset(signed_by, 0, plan->party_count * sizeof *signed_by);
    for (size_t i = 0; i < note->signature_count; i++) {
        const vs_note_signature *s = &note->signatures[i];
        const vs_party *party = signer(plan, s);
        if (party == NULL) {
            continue;
        }
        vs_status right = vs_signature_check(party->identity.key, s->signature, note->text, note->text_len);
        if (!VS_GUARD(plan_signed_by_key, right == VS_OK)) {
            (void)vs_fail(error, VS_ERR_AUTH, "%s: the signature of %s is not right", name, party->identity.name);
            vs_hint(error, "take out its line, and ask %s to sign again", party->identity.name);
            return VS_ERR_AUTH;
        }
        bool *mark = &signed_by[party - plan->parties];
        *signed_count += !*mark;
        *mark = true;
    }
    return VS_OK;
}

/* The caller clears the note, also on error. */
static vs_status read_note(const vs_plan *plan, const char *name, const char *text, size_t len, vs_note *note,
                           bool *signed_by, size_t *signed_count, vs_error *error) {
    *note = (vs_note){0};
    *signed_count = 0;
    if (plan->party_count == 0) {
        (void)vs_fail(error, VS_ERR_POLICY, "the plan has no roster: nobody is listed who could sign it");
        vs_hint(error, "list the parties with veilsum plan new --party");
        return VS_ERR_POLICY;
    }
    vs_status status = vs_note_parse(note, name, text, len, error);
    if (status == VS_OK) {
        status = check_text(plan, name, note, error);
    }
    return status == VS_OK ? mark_signers(plan, name, note, signed_by, signed_count, error) : status;
}

vs_status vs_plan_signatures_read(const vs_plan *plan, const char *name, const char *sig_text, size_t len,
                                  bool *signed_by, size_t *signed_count, vs_error *error) {
    vs_note note;
    vs_status status = read_note(plan, name, sig_text, len, &note, signed_by, signed_count, error);
    vs_note_clear(&note);
    return status;
}

/* "plan.sig: 3 of 5 signatures: A, B and 7 more have not signed". */
static vs_status too_few(const vs_plan *plan, const char *name, const bool *signed_by, size_t count, vs_error *error) {
    char missing[320] = "";
    size_t named = 0, used = 0, left = plan->party_count - count;
    for (size_t i = 0; i < plan->party_count && named < 4; i++) {
        if (!signed_by[i]) {
            used += (size_t)snprintf(missing + used, sizeof missing - used, "%s%s", named == 0 ? "" : ", ",
                                     plan->parties[i].identity.name);
            named++;
        }
    }
    if (left > named) {
        (void)snprintf(missing + used, sizeof missing - used, " and %zu more", left - named);
    }
    (void)vs_fail(error, VS_ERR_POLICY, "%s: %zu of the %zu signatures that the plan needs: not signed by %s", name,
                  count, plan->signatures_needed, missing);
    vs_hint(error, "each signs with veilsum plan sign -i NAME.id PLAN");
    return VS_ERR_POLICY;
}

vs_status vs_plan_signatures_check(const vs_plan *plan, const char *name, const char *sig_text, size_t len,
                                   size_t *signed_count, vs_error *error) {
    size_t count = 0;
    bool *signed_by = calloc(plan->party_count + 1, sizeof *signed_by);
    if (signed_by == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_status status = vs_plan_signatures_read(plan, name, sig_text, len, signed_by, &count, error);
    if (status == VS_OK && !VS_GUARD(plan_signatures, count >= plan->signatures_needed)) {
        status = too_few(plan, name, signed_by, count, error);
    }
    if (signed_count != NULL) {
        *signed_count = count;
    }
    free(signed_by);
    return status;
}

/* ---- more signatures ---- */

/* A note that grows: what was there, or the text alone, and lines. */
typedef struct growing {
    char *text;
    size_t len, cap;
} growing;

static vs_status begin(growing *to, const vs_plan *plan, const char *sig_text, size_t len, size_t room,
                       vs_error *error) {
    char text[VS_PLAN_NOTE_BYTES];
    if (sig_text == NULL) {
        len = vs_plan_note(text, plan->id);
        text[len++] = '\n';
        sig_text = text;
    }
    to->cap = len + room + 1;
    to->text = malloc(to->cap);
    if (to->text == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    memcpy(to->text, sig_text, len);
    to->len = len;
    return VS_OK;
}

static void append(growing *to, const char *line, size_t len) {
    VS_CHECK(len < to->cap - to->len);
    memcpy(to->text + to->len, line, len);
    to->len += len;
    to->text[to->len] = 0;
}

static vs_status check_listed(const vs_plan *plan, const vs_public_identity *who, const vs_party **party,
                              vs_error *error) {
    *party = vs_plan_party(plan, who->name);
    if (*party == NULL || !vs_public_identity_equal(&(*party)->identity, who)) {
        (void)vs_fail(error, VS_ERR_POLICY, "%s is not on the plan's roster%s", who->name,
                      *party == NULL ? "" : " with this key: another identity of that name is");
        vs_hint(error, "veilsum plan show PLAN names the parties");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}

/* Who has signed so far; nobody where there is no text. `*signed_by` is malloc'd. */
static vs_status read_or_none(const vs_plan *plan, const char *name, const char *sig_text, size_t len, bool **signed_by,
                              vs_error *error) {
    size_t count;
    *signed_by = calloc(plan->party_count + 1, sizeof **signed_by);
    if (*signed_by == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    return sig_text == NULL ? VS_OK : vs_plan_signatures_read(plan, name, sig_text, len, *signed_by, &count, error);
}

vs_status vs_plan_signatures_add(char **out, size_t *out_len, const vs_plan *plan, const char *name,
                                 const char *sig_text, size_t len, const vs_identity *identity, vs_error *error) {
    char text[VS_PLAN_NOTE_BYTES], *line = NULL;
    const vs_party *party;
    growing note = {0};
    bool *signed_by = NULL;
    *out = NULL;
    *out_len = 0;
    vs_status status = check_listed(plan, vs_identity_public(identity), &party, error);
    if (status == VS_OK) {
        status = read_or_none(plan, name, sig_text, len, &signed_by, error);
    }
    if (status != VS_OK || signed_by[party - plan->parties]) {
        goto done;
    }
    status = vs_note_signature_line(&line, text, vs_plan_note(text, plan->id), identity, error);
    if (status == VS_OK) {
        status = begin(&note, plan, sig_text, len, strlen(line), error);
    }
    if (status == VS_OK) {
        append(&note, line, strlen(line));
        *out = note.text;
        *out_len = note.len;
    }
done:
    free(line);
    free(signed_by);
    return status;
}

vs_status vs_plan_signatures_merge(char **out, size_t *out_len, const vs_plan *plan, const char *name,
                                   const char *sig_text, size_t len, const char *other_name, const char *other_text,
                                   size_t other_len, size_t *added, vs_error *error) {
    vs_note other = {0};
    growing note = {0};
    bool *signed_by = NULL, *signed_there = calloc(plan->party_count + 1, sizeof *signed_there);
    size_t count = 0;
    *out = NULL;
    *out_len = *added = 0;
    vs_status status = signed_there == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK) {
        status = read_or_none(plan, name, sig_text, len, &signed_by, error);
    }
    if (status == VS_OK) {
        status = read_note(plan, other_name, other_text, other_len, &other, signed_there, &count, error);
    }
    if (status == VS_OK) {
        status = begin(&note, plan, sig_text, len, other_len, error);
    }
    for (size_t i = 0; status == VS_OK && i < other.signature_count; i++) {
        const vs_party *party = signer(plan, &other.signatures[i]);
        if (party != NULL && !signed_by[party - plan->parties]) {
            size_t line_len;
            const char *line = vs_note_line_of(&other.signatures[i], &line_len);
            append(&note, line, line_len);
            signed_by[party - plan->parties] = true;
            ++*added;
        }
    }
    if (*added > 0) {
        *out = note.text;
        *out_len = note.len;
        note.text = NULL;
    }
    free(note.text);
    free(signed_there);
    free(signed_by);
    vs_note_clear(&other);
    return status;
}
