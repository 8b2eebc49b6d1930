/* Checking proofs, and the path in a receipt's tree. */
#include "aggregate/ledger/proof.h"

#include <string.h>

#include "crypto/guard.h"

vs_status vs_entry_proof_check(const vs_entry_proof *proof, const char *name, const void *entry, size_t len,
                               const vs_public_identity *keeper, vs_checkpoint *checkpoint, vs_error *error) {
    uint8_t leaf[VS_HASH_BYTES];
    vs_status status =
        vs_checkpoint_parse(checkpoint, name, proof->checkpoint.data, proof->checkpoint.len, keeper, NULL, error);
    if (status != VS_OK) {
        return status;
    }
    vs_log_leaf(leaf, entry, len);
    if (!VS_GUARD(ledger_inclusion, vs_tree_path_check(vs_log_node, &proof->path, leaf, proof->index, checkpoint->size,
                                                       checkpoint->root))) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s: does not show that the entry is in the ledger", name);
        vs_hint(error, "a proof is about one entry, byte by byte: is this the one?");
        return VS_ERR_AUTH;
    }
    return VS_OK;
}

static vs_status check_in_receipt(const vs_contribution_proof *proof, const vs_receipt *receipt, const char *name,
                                  vs_error *error) {
    uint8_t leaf[VS_HASH_BYTES];
    vs_receipt_leaf(leaf, &proof->contribution);
    vs_merkle_leaf(leaf, leaf);
    if (!VS_GUARD(ledger_contribution_inclusion, vs_tree_path_check(vs_merkle_node, &proof->path, leaf, proof->position,
                                                                    receipt->contribution_count, receipt->root))) {
        return vs_fail(error, VS_ERR_AUTH, "%s: does not show that the contribution is in the receipt", name);
    }
    return VS_OK;
}

vs_status vs_contribution_proof_check(const vs_contribution_proof *proof, const char *name,
                                      const uint8_t digest[VS_HASH_BYTES], const vs_public_identity *keeper,
                                      vs_receipt *receipt, vs_checkpoint *checkpoint, vs_error *error) {
    *receipt = (vs_receipt){.attempt = 0};
    if (!VS_GUARD(ledger_contribution_digest, vs_equal(proof->contribution.digest, digest, VS_HASH_BYTES))) {
        (void)vs_fail(error, VS_ERR_MISMATCH, "%s: about another contribution", name);
        vs_hint(error, "a contribution is shown by the very file that was combined: encrypting again makes another");
        return VS_ERR_MISMATCH;
    }
    vs_status status = vs_receipt_parse_note(receipt, name, proof->receipt.data, proof->receipt.len, error);
    if (status == VS_OK) {
        status = check_in_receipt(proof, receipt, name, error);
    }
    if (status == VS_OK) {
        status = vs_entry_proof_check(&proof->entry, name, proof->receipt.data, proof->receipt.len, keeper, checkpoint,
                                      error);
    }
    if (status != VS_OK) {
        vs_receipt_clear(receipt);
    }
    return status;
}

vs_status vs_growth_proof_check(const vs_growth_proof *proof, const char *name, const vs_public_identity *keeper,
                                vs_checkpoint *old, vs_checkpoint *now, vs_error *error) {
    vs_status status = vs_checkpoint_parse(old, name, proof->old.data, proof->old.len, keeper, NULL, error);
    if (status == VS_OK) {
        status = vs_checkpoint_parse(now, name, proof->now.data, proof->now.len, keeper, NULL, error);
    }
    if (status == VS_OK && !VS_GUARD(ledger_growth, vs_tree_growth_check(vs_log_node, &proof->path, old->size,
                                                                         old->root, now->size, now->root))) {
        (void)vs_fail(error, VS_ERR_AUTH, "%s: does not show that the later ledger begins with the earlier one", name);
        vs_hint(error, "where the keeper has no proof that does, it has rewritten the ledger: keep both checkpoints");
        status = VS_ERR_AUTH;
    }
    return status;
}

/* ---- the tree of a receipt ---- */

static vs_status receipt_node(void *context, uint8_t out[VS_HASH_BYTES], unsigned level, uint64_t index) {
    const vs_receipt *receipt = context;
    vs_merkle tree;
    vs_merkle_init(&tree);
    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        uint8_t leaf[VS_HASH_BYTES];
        vs_receipt_leaf(leaf, &receipt->contributions[i]);
        vs_merkle_add(&tree, leaf);
    }
    vs_merkle_root(&tree, out);
    return VS_OK;
}

vs_status vs_contribution_path(vs_tree_proof *path, const vs_receipt *receipt, size_t position) {
    VS_CHECK(receipt->contributions != NULL && position < receipt->contribution_count);
    vs_receipt borrowed = *receipt;
    const vs_tree tree = {.hash = vs_merkle_node, .context = &borrowed, .node = receipt_node};
    return vs_tree_path(&tree, path, position, receipt->contribution_count);
}
