/* Contributions as messages: made by an owner, judged by those who combine or open. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/combine_internal.h"
#include "aggregate/combine/match_internal.h"
#include "aggregate/container/container_internal.h"
#include "aggregate/protocol/keyed_internal.h"
#include "crypto/guard.h"

vs_status vs_keyed_contribute(uint8_t **bytes, size_t *len, const vs_plan *plan, const vs_public_key *pk,
                              const vs_cells *cells, const vs_contribution_request *request,
                              const vs_progress *progress, vs_error *error) {
    vs_memory_sink memory = {.data = NULL};
    const vs_sink sink = vs_memory_sink_open(&memory, "the contribution");
    vs_status status = vs_contribute_from(plan, pk, cells, request, &sink, progress, error);
    if (status != VS_OK) {
        free(memory.data);
        memory = (vs_memory_sink){.data = NULL};
    }
    *bytes = memory.data;
    *len = memory.len;
    return status;
}

/* ---- judging ---- */

void vs__contribution_judge_clear(vs__contribution_judge *judge) {
    vs_layout_free(&judge->layout);
    vs_public_key_free(judge->pk);
    judge->pk = NULL;
}

/* Of this session, and by its sender? */
static vs_status check_origin(const vs__session_facts *facts, const vs_header *header, const char *sender,
                              vs_error *error) {
    if (header->kind != VS_CONTRIBUTION) {
        return vs_fail(error, VS_ERR_FORMAT, "%s: sent a total for a contribution", sender);
    }
    if (!VS_GUARD(keyed_contribution_session, vs_equal(header->sid, facts->sid, VS_HASH_BYTES))) {
        vs_fail(error, VS_ERR_MISMATCH, "%s: its contribution was made for another period or attempt", sender);
        vs_hint(error, "it has to be made again, for this one");
        return VS_ERR_MISMATCH;
    }
    if (!VS_GUARD(keyed_contribution_sender, strcmp(header->contributors[0].name, sender) == 0)) {
        return vs_fail(error, VS_ERR_POLICY, "%s: sent a contribution in the name of %s", sender,
                       header->contributors[0].name);
    }
    return VS_OK;
}

/* The key of the first one that is the plan's is checked once, and serves for all. */
static vs_status learn_key(vs__contribution_judge *judge, vs_container_reader *reader, vs_error *error) {
    if (judge->pk != NULL) {
        return VS_OK;
    }
    const vs_key_info *info = vs_public_key_info(vs_container_header(reader)->pk);
    vs_status status = vs_layout_make(&judge->layout, judge->facts->setup.plan, info->bits, info->degree, error);
    if (status == VS_OK) {
        judge->pk = vs__container_take_key(reader);
    }
    return status;
}

static vs_status check_header(vs__contribution_judge *judge, vs_container_reader *reader, const char *sender,
                              vs_error *error) {
    const vs_header *header = vs_container_header(reader);
    const vs_plan *plan = judge->facts->setup.plan;
    vs_status status = vs__header_matches_plan(header, plan, sender, error);
    if (status == VS_OK) {
        status = check_origin(judge->facts, header, sender, error);
    }
    if (status == VS_OK) {
        status = learn_key(judge, reader, error);
    }
    return status == VS_OK ? vs__header_fits_layout(header, &judge->layout, sender, error) : status;
}

static vs_status open_container(vs_container_reader **reader, const vs_source *source, const vs_public_key *known,
                                vs_error *error) {
    int at_end = 0;
    vs_status status = vs_container_reader_new_known(reader, source, known, &at_end, error);
    return status == VS_OK && at_end ? vs_fail(error, VS_ERR_FORMAT, "%s: sent an empty contribution", source->name)
                                     : status;
}

vs_status vs__judge_contribution(vs__contribution_judge *judge, const vs_message *message, vs_error *error) {
    const vs_plan *plan = judge->facts->setup.plan;
    const char *sender = plan->parties[message->from].identity.name, *reason;
    vs_memory_source memory;
    const vs_source source = vs_memory_source_open(&memory, sender, message->body, message->body_len);
    vs_container_reader *reader = NULL;
    vs_status status = open_container(&reader, &source, judge->pk, error);
    if (status == VS_OK) {
        status = check_header(judge, reader, sender, error);
    }
    if (status == VS_OK) {
        status = vs_container_read_to_end(reader, "the contribution", error);
    }
    if (status == VS_OK) {
        status = vs__admit_signer(plan, reader, sender, &reason, error);
    }
    vs_container_reader_free(reader);
    return status;
}

vs_status vs__container_digest_of(uint8_t digest[VS_HASH_BYTES], const uint8_t *bytes, size_t len, vs_error *error) {
    vs_memory_source memory;
    const vs_source source = vs_memory_source_open(&memory, "this party's contribution", bytes, len);
    vs_container_reader *reader = NULL;
    vs_status status = open_container(&reader, &source, NULL, error);
    if (status == VS_OK) {
        status = vs_container_read_to_end(reader, "the contribution", error);
    }
    if (status == VS_OK) {
        vs_container_digest(reader, digest);
    }
    vs_container_reader_free(reader);
    return status;
}
