/* The server's third step: owners agree on whose contributions count. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_server.h"
#include "crypto/transparency.h"

/* The tree over the leaves of survivors: all its perfect subtrees, level by level. */
typedef struct subtrees {
    uint8_t (*nodes[64])[VS_HASH_BYTES];
    unsigned levels;
} subtrees;

static void tree_free(subtrees *t) {
    for (unsigned i = 0; i < t->levels; i++) {
        free(t->nodes[i]);
    }
}

static vs_status tree_node(void *context, uint8_t out[VS_HASH_BYTES], unsigned level, uint64_t index) {
    const subtrees *t = context;
    memcpy(out, t->nodes[level][index], VS_HASH_BYTES);
    return VS_OK;
}

static vs_status tree_make(subtrees *t, const vs__server *s, size_t count, vs_error *error) {
    *t = (subtrees){.levels = 0};
    for (size_t size = count; size > 0; size /= 2) {
        uint8_t(*level)[VS_HASH_BYTES] = t->nodes[t->levels] = calloc(size, sizeof *level);
        if (level == NULL) {
            tree_free(t);
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        size_t at = 0;
        for (size_t i = 0; t->levels == 0 && i < s->count; i++) {
            if (vs__ranked(s, i)->deeds & VS__MASKED) {
                vs_merkle_leaf(level[at++], vs__ranked(s, i)->leaf);
            }
        }
        for (size_t i = 0; t->levels > 0 && i < size; i++) {
            vs_merkle_node(level[i], t->nodes[t->levels - 1][2 * i], t->nodes[t->levels - 1][2 * i + 1]);
        }
        t->levels++;
    }
    return VS_OK;
}

/* To one of them: the statement, and the path from its own leaf. To one that is lost: without a path. */
static vs_status post_survivors(vs__server *s, const vs_tree *tree, uint32_t to, uint64_t rank, size_t count,
                                vs_error *error) {
    vs_tree_proof proof = {.count = 0};
    size_t len = vs__statement_bytes(&s->rules);
    uint8_t *body = malloc(len + 4 + sizeof proof.hashes);
    vs_status status = body == NULL ? vs_fail_plain(error, VS_ERR_MEMORY) : VS_OK;
    if (status == VS_OK && s->members[to].deeds & VS__MASKED) {
        status = vs_tree_path(tree, &proof, rank, count);
    }
    if (status == VS_OK) {
        memcpy(body, s->statement, len);
        vs_put_le(body + len, proof.count, 4);
        memcpy(body + len + 4, proof.hashes, proof.count * VS_HASH_BYTES);
        status =
            vs__session_post(&s->base, VS_MESSAGE_SURVIVORS, to, body, len + 4 + proof.count * VS_HASH_BYTES, error);
    }
    free(body);
    return status;
}

vs_status vs__server_survive(vs__server *s, vs_error *error) {
    subtrees nodes;
    vs_status status = vs__server_check(s, VS__MASKED, error);
    if (status != VS_OK) {
        return status;
    }
    s->state = VS__SERVER_AGREE;
    size_t count = vs__server_count(s, VS__MASKED, s->statement + VS_HASH_BYTES);
    status = tree_make(&nodes, s, count, error);
    if (status != VS_OK) {
        return status;
    }
    const vs_tree over = {.hash = vs_merkle_node, .context = &nodes, .node = tree_node};
    status = vs_tree_root(&over, s->statement, count);
    for (size_t i = 0, rank = 0; status == VS_OK && i < s->count; i++) {
        unsigned deeds = vs__ranked(s, i)->deeds;
        if (deeds & VS__DEALT) {
            status = post_survivors(s, &over, s->order[i], rank, count, error);
            rank += (deeds & VS__MASKED) != 0;
        }
    }
    tree_free(&nodes);
    return status;
}

/* ---- signatures ---- */

vs_status vs__server_agree(vs__server *s, vs__member *from, const vs_message *message, vs_error *error) {
    size_t len = vs__statement_bytes(&s->rules);
    if (message->body_len != len || memcmp(message->body, s->statement, len) != 0) {
        return vs_fail(error, VS_ERR_POLICY, "%s: has signed another list than the one that it was sent",
                       vs__name_of(&s->rules, message->from));
    }
    memcpy(from->signature, message->bytes + message->len - VS_SIGNATURE_BYTES, VS_SIGNATURE_BYTES);
    return VS_OK;
}

size_t vs__server_signed_bytes(const vs__server *s) {
    return vs__statement_bytes(&s->rules) + 4 + vs__server_count(s, VS__AGREED, NULL) * VS__SIGNED_BYTES;
}

void vs__server_put_signed(const vs__server *s, uint8_t *out) {
    size_t len = vs__statement_bytes(&s->rules), count = 0;
    memcpy(out, s->statement, len);
    for (size_t i = 0; i < s->count; i++) {
        const vs__member *m = vs__ranked(s, i);
        if (m->deeds & VS__AGREED) {
            uint8_t *entry = out + len + 4 + count++ * VS__SIGNED_BYTES;
            vs_put_le(entry, s->order[i], 4);
            memcpy(entry + 4, m->signature, VS_SIGNATURE_BYTES);
        }
    }
    vs_put_le(out + len, count, 4);
}

/* A secret is needed where it takes a mask off: the seed of a survivor, the mask key of one that is lost and has a
 * neighbour that is not. */
static void mark_needed(vs__server *s) {
    uint32_t peers[256];
    size_t all = vs_graph_holder_count(&s->graph);
    s->lacking = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        vs__member *m = vs__ranked(s, i);
        m->needed = (m->deeds & VS__MASKED) != 0;
        if (m->deeds & VS__DEALT && !m->needed) {
            vs_graph_holders(&s->graph, i, peers);
            for (size_t p = 0; p < all; p++) {
                m->needed |= (vs__ranked(s, peers[p])->deeds & VS__MASKED) != 0;
            }
        }
        s->lacking += m->needed;
    }
}

vs_status vs__server_agreed(vs__server *s, vs_error *error) {
    vs_status status = vs__server_check(s, VS__AGREED, error);
    uint8_t *body = status == VS_OK ? malloc(vs__server_signed_bytes(s)) : NULL;
    if (status == VS_OK && body == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (status == VS_OK) {
        s->state = VS__SERVER_UNMASK;
        mark_needed(s);
        vs__server_put_signed(s, body);
        status = vs__session_post(&s->base, VS_MESSAGE_AGREED, VS_TO_ALL, body, vs__server_signed_bytes(s), error);
    }
    free(body);
    return status;
}
