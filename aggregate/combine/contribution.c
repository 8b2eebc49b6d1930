#include <stdlib.h>
#include <string.h>

#include "aggregate/combine/batch_internal.h"
#include "aggregate/combine/combine.h"
#include "crypto/secret.h"

static vs_status check_request(const vs_plan *plan, const vs_public_key *pk, const char *name, const char *period,
                               vs_error *error) {
    if (!vs_name_is_valid(name, strlen(name))) {
        vs_fail(error, VS_ERR_USAGE, "the contributor's name is not valid");
        vs_hint(error, "a name has 1 to %u bytes of UTF-8, without control characters and spaces at its ends",
                VS_MAX_NAME_BYTES);
        return VS_ERR_USAGE;
    }
    if (period[0] != 0 && !vs_name_is_valid(period, strlen(period))) {
        vs_fail(error, VS_ERR_USAGE, "the period is not valid");
        vs_hint(error, "a period is a label such as 2026-11, up to %u bytes of UTF-8", VS_MAX_NAME_BYTES);
        return VS_ERR_USAGE;
    }
    if (!vs_equal(vs_public_key_info(pk)->fingerprint, plan->key_fingerprint, VS_HASH_BYTES)) {
        vs_fail(error, VS_ERR_MISMATCH, "the plan pins another key");
        vs_hint(error,
                "use the public key whose fingerprint is in the plan's opening; 'veilsum inspect' shows a key's");
        return VS_ERR_MISMATCH;
    }
    return VS_OK;
}

/* The header of a contribution by `name`; `contributor` is borrowed by it. */
static vs_header make_header(const vs_layout *layout, const vs_public_key *pk, vs_contributor *contributor,
                             const char *name, const char *period) {
    const vs_plan *plan = layout->plan;
    vs_header header = {.kind = VS_CONTRIBUTION,
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

static vs_status encrypt_cells(const vs_layout *layout, const vs_public_key *pk, const vs_int128 *cells,
                               vs_container_writer *writer, const vs_progress *progress, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(pk);
    uint64_t total = layout->plaintext_count;
    size_t batch = vs__batch_size(info, total);
    vs_pack_cursor cursor = {0};
    vs_encryptor *encryptor = NULL;
    uint8_t *plaintexts = vs_secret_alloc(batch * info->plaintext_bytes);
    uint8_t *ciphertexts = malloc(batch * info->ciphertext_bytes);
    vs_status status = plaintexts == NULL || ciphertexts == NULL ? VS_ERR_MEMORY : VS_OK;
    if (status == VS_OK) {
        status = vs_encryptor_new(&encryptor, pk, (size_t)total);
    }
    if (status != VS_OK) {
        (void)vs_fail_plain(error, status);
    }
    for (uint64_t done = 0; status == VS_OK && done < total;) {
        size_t count = total - done < batch ? (size_t)(total - done) : batch;
        vs_pack(layout, &cursor, plaintexts, cells, count);
        status = vs_encrypt(encryptor, ciphertexts, plaintexts, count);
        status = status == VS_OK ? vs_container_write(writer, ciphertexts, count, error) : vs_fail_plain(error, status);
        done += count;
        vs_progress_step(progress, done, total);
    }
    vs_encryptor_free(encryptor);
    vs_secret_free(plaintexts);
    free(ciphertexts);
    return status;
}

vs_status vs_contribute(const vs_plan *plan, const vs_public_key *pk, const vs_cells *cells, const char *name,
                        const char *period, const vs_sink *sink, const vs_progress *progress, vs_error *error) {
    const vs_key_info *info = vs_public_key_info(pk);
    vs_contributor contributor = {0};
    vs_layout layout = {0};
    vs_container_writer *writer = NULL;
    period = period == NULL ? "" : period;
    vs_status status = check_request(plan, pk, name, period, error);
    if (status == VS_OK) {
        status = vs_layout_make(&layout, plan, info->bits, info->degree, error);
    }
    if (status == VS_OK) {
        vs_header header = make_header(&layout, pk, &contributor, name, period);
        status = vs_container_writer_new(&writer, &header, sink, error);
    }
    if (status == VS_OK) {
        status = encrypt_cells(&layout, pk, vs_cells_values(cells), writer, progress, error);
    }
    if (status == VS_OK) {
        status = vs_container_finish(writer, error);
    }
    vs_container_writer_free(writer);
    vs_layout_free(&layout);
    return status;
}
