#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/batch_internal.h"
#include "aggregate/combine/combine.h"
#include "crypto/secret.h"

/* Plaintexts that are packed, encrypted and written at a time from a pool, where each batch costs a sync of the disk.
 * Whole chunks of the container, which the writer need not copy. */
#define POOL_BATCH 8192u

static const char *name_of(const vs_contribution_request *request) {
    return request->signer != NULL ? vs_identity_public(request->signer)->name : request->name;
}

static const char *period_of(const vs_contribution_request *request) {
    return request->period == NULL ? "" : request->period;
}

static vs_status check_names(const vs_contribution_request *request, vs_error *error) {
    const char *name = name_of(request), *period = period_of(request);
    if (name == NULL || !vs_name_is_valid(name, strlen(name))) {
        vs_fail(error, VS_ERR_USAGE, "the contributor's name is not valid");
        vs_hint(error, "a name has 1 to %u bytes of UTF-8, without control characters and spaces at its ends",
                VS_MAX_NAME_BYTES);
        return VS_ERR_USAGE;
    }
    if (request->name != NULL && strcmp(request->name, name) != 0) {
        vs_fail(error, VS_ERR_USAGE, "the contributor's name is not that of the identity, which is %s", name);
        vs_hint(error, "leave the name away: an identity brings its own");
        return VS_ERR_USAGE;
    }
    if (period[0] != 0 && !vs_name_is_valid(period, strlen(period))) {
        vs_fail(error, VS_ERR_USAGE, "the period is not valid");
        vs_hint(error, "a period is a label such as 2026-11, up to %u bytes of UTF-8", VS_MAX_NAME_BYTES);
        return VS_ERR_USAGE;
    }
    return VS_OK;
}

/* What a combine would refuse is not made. */
static vs_status check_roster(const vs_plan *plan, const vs_identity *signer, vs_error *error) {
    if (signer == NULL) {
        vs_fail(error, VS_ERR_POLICY, "the plan has a roster, so that contributions are signed");
        vs_hint(error, "say who contributes: 'veilsum encrypt -i NAME.id'");
        return VS_ERR_POLICY;
    }
    const vs_public_identity *who = vs_identity_public(signer);
    const vs_party *party = vs_plan_party(plan, who->name);
    if (party == NULL || (party->may & VS_MAY_CONTRIBUTE) == 0) {
        vs_fail(error, VS_ERR_POLICY, "%s is not listed as one that may contribute", who->name);
        vs_hint(error, "the plan's roster says who may: 'veilsum plan show'");
        return VS_ERR_POLICY;
    }
    if (!vs_public_identity_equal(&party->identity, who)) {
        vs_fail(error, VS_ERR_POLICY, "%s is listed with another key than this identity's", who->name);
        vs_hint(error, "use the identity that the plan lists, or have the plan replaced");
        return VS_ERR_POLICY;
    }
    return VS_OK;
}

vs_status vs_contribution_check(const vs_plan *plan, const vs_contribution_request *request, vs_error *error) {
    vs_status status = check_names(request, error);
    return status == VS_OK && plan->party_count > 0 ? check_roster(plan, request->signer, error) : status;
}

static vs_status check_key(const vs_plan *plan, const vs_public_key *pk, vs_error *error) {
    if (!vs_equal(vs_public_key_info(pk)->fingerprint, plan->key_fingerprint, VS_HASH_BYTES)) {
        vs_fail(error, VS_ERR_MISMATCH, "the plan pins another key");
        vs_hint(error,
                "use the public key whose fingerprint is in the plan's opening; 'veilsum inspect' shows a key's");
        return VS_ERR_MISMATCH;
    }
    return VS_OK;
}

/* The header of the contribution; `contributor` is borrowed by it. */
static vs_header make_header(const vs_layout *layout, const vs_public_key *pk, vs_contributor *contributor,
                             const vs_contribution_request *request) {
    const vs_plan *plan = layout->plan;
    const char *name = name_of(request), *period = period_of(request);
    vs_header header = {.kind = VS_CONTRIBUTION,
                        .attempt = request->attempt,
                        .pk = pk,
                        .cell_count = plan->cell_count,
                        .ciphertext_count = layout->plaintext_count,
                        .contributors_min = plan->contributors_min,
                        .contributors_max = plan->contributors_max,
                        .bound = 1,
                        .contributors = contributor,
                        .contributor_count = 1};
    memcpy(header.plan_id, plan->id, VS_HASH_BYTES);
    memcpy(header.period, period, strlen(period));
    vs_session_id(header.sid, plan->id, period, header.attempt);
    memcpy(contributor->name, name, strlen(name));
    vs_contributor_id(contributor->id, header.sid, name);
    return header;
}

/* Where randomness comes from, and the memory of a batch. Factors from a pool are turned into ciphertexts where they
 * lie: less memory to go through, and nothing to wipe. */
typedef struct encryption {
    const vs_public_key *pk;
    vs_randomness from;
    vs_encryptor *own; /* where neither was given */
    size_t batch;
    uint8_t *plaintexts, *ciphertexts; /* secret memory */
} encryption;

static size_t batch_size(const encryption *e, uint64_t total) {
    const vs_key_info *info = vs_public_key_info(e->pk);
    size_t chunk = vs_chunk_ciphertexts(info->ciphertext_bytes), most = POOL_BATCH / chunk * chunk;
    if (e->from.pool == NULL) {
        return vs__batch_size(info, total);
    }
    return total < most ? (size_t)total : most;
}

static vs_status encryption_begin(encryption *e, uint64_t total, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(e->pk);
    e->batch = batch_size(e, total);
    e->plaintexts = vs_secret_alloc(e->batch * info->plaintext_bytes);
    e->ciphertexts = vs_secret_alloc(e->batch * info->ciphertext_bytes);
    vs_status status = e->plaintexts == NULL || e->ciphertexts == NULL ? VS_ERR_MEMORY : VS_OK;
    if (status == VS_OK && e->from.pool == NULL && e->from.encryptor == NULL) {
        status = vs_encryptor_new(&e->own, e->pk, (size_t)total);
        e->from.encryptor = e->own;
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

static void encryption_end(encryption *e) {
    vs_encryptor_free(e->own);
    vs_secret_free(e->plaintexts);
    vs_secret_free(e->ciphertexts);
}

static vs_status encrypt_batch(encryption *e, size_t count, vs_error *error) {
    vs_status status;
    if (e->from.pool == NULL) {
        status = vs_encrypt(e->from.encryptor, e->ciphertexts, e->plaintexts, count);
    } else {
        status = vs_pool_take(e->from.pool, e->ciphertexts, count, error);
        if (status != VS_OK) {
            return status;
        }
        status = vs_encrypt_with_factors(e->pk, e->ciphertexts, e->plaintexts, e->ciphertexts, count);
    }
    return status == VS_OK ? VS_OK : vs_fail_plain(error, status);
}

static vs_status encrypt_cells(const vs_layout *layout, encryption *e, const vs_int128 *cells,
                               vs_container_writer *writer, const vs_progress *progress, vs_error *error) {
    uint64_t total = layout->plaintext_count;
    vs_pack_cursor cursor = {0};
    vs_status status = encryption_begin(e, total, error);
    for (uint64_t done = 0; status == VS_OK && done < total;) {
        size_t count = total - done < e->batch ? (size_t)(total - done) : e->batch;
        vs_pack(layout, &cursor, e->plaintexts, cells, count);
        status = encrypt_batch(e, count, error);
        if (status == VS_OK) {
            status = vs_container_write(writer, e->ciphertexts, count, error);
        }
        done += count;
        vs_progress_step(progress, done, total);
    }
    encryption_end(e);
    return status;
}

/* Is the pool this key's, and is there enough in it? Nothing has been used up or written by then. */
static vs_status check_pool(const vs_pool *pool, const vs_public_key *pk, uint64_t wanted, vs_error *error) {
    vs_pool_info info;
    if (pool == NULL) {
        return VS_OK;
    }
    vs_pool_describe(pool, &info);
    if (!vs_equal(info.fingerprint, vs_public_key_info(pk)->fingerprint, VS_HASH_BYTES)) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "the pool is for another key");
        vs_hint(error, "make one with the public key that the plan names");
        return VS_ERR_MISMATCH;
    }
    if (info.left < wanted) {
        (void)vs_fail(error, VS_ERR_NOT_READY, "the pool has %llu unused factors, and this contribution takes %llu",
                      (unsigned long long)info.left, (unsigned long long)wanted);
        vs_hint(error, "add some with 'veilsum pool --add', or encrypt without --pool; none was used up");
        return VS_ERR_NOT_READY;
    }
    return VS_OK;
}

/* From a checked request to the end of the container. */
static vs_status write_contribution(const vs_layout *layout, const vs_public_key *pk, const vs_cells *cells,
                                    const vs_contribution_request *request, const vs_sink *sink,
                                    const vs_progress *progress, vs_error *error) {
    vs_contributor contributor = {0};
    vs_container_writer *writer = NULL;
    encryption e = {.pk = pk, .from = request->randomness};
    vs_header header = make_header(layout, pk, &contributor, request);
    vs_status status = vs_container_writer_new(&writer, &header, sink, error);
    if (status == VS_OK) {
        status = encrypt_cells(layout, &e, vs_cells_values(cells), writer, progress, error);
    }
    if (status == VS_OK) {
        status = request->signer != NULL ? vs_container_finish_signed(writer, request->signer, error)
                                         : vs_container_finish(writer, error);
    }
    vs_container_writer_free(writer);
    return status;
}

vs_status vs_contribute_from(const vs_plan *plan, const vs_public_key *pk, const vs_cells *cells,
                             const vs_contribution_request *request, const vs_sink *sink, const vs_progress *progress,
                             vs_error *error) {
    const vs_key_info *info = vs_public_key_info(pk);
    vs_layout layout = {0};
    vs_status status = vs_contribution_check(plan, request, error);
    if (status == VS_OK) {
        status = check_key(plan, pk, error);
    }
    if (status == VS_OK) {
        status = vs_layout_make(&layout, plan, info->bits, info->degree, error);
    }
    if (status == VS_OK) {
        status = check_pool(request->randomness.pool, pk, layout.plaintext_count, error);
    }
    if (status == VS_OK) {
        status = write_contribution(&layout, pk, cells, request, sink, progress, error);
    }
    vs_layout_free(&layout);
    return status;
}

vs_status vs_contribution_size(uint64_t *count, const vs_plan *plan, const vs_public_key *pk, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(pk);
    vs_layout layout = {0};
    vs_status status = vs_layout_make(&layout, plan, info->bits, info->degree, error);
    *count = status == VS_OK ? layout.plaintext_count : 0;
    vs_layout_free(&layout);
    return status;
}

vs_status vs_contribute(const vs_plan *plan, const vs_public_key *pk, const vs_cells *cells, const char *name,
                        const char *period, const vs_sink *sink, const vs_progress *progress, vs_error *error) {
    const vs_contribution_request request = {.name = name, .period = period};
    return vs_contribute_from(plan, pk, cells, &request, sink, progress, error);
}
