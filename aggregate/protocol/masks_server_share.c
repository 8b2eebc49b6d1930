/* The server's second step: it passes boxes on, and adds up what comes masked. */
#include <stdlib.h>
#include <string.h>

#include "aggregate/protocol/masks_server.h"
#include "crypto/sharing/slots.h"

vs_status vs__server_dealing(vs__server *s, vs__member *from, const vs_message *message, vs_error *error) {
    vs__list list;
    size_t at = 0;
    vs_status status = vs__list_read(&list, message, &at, VS__DEALT_BYTES, error);
    if (status == VS_OK) {
        status = vs__body_ends(message, at, error);
    }
    if (status == VS_OK && list.count != vs_graph_holder_count(&s->graph)) {
        status = vs_fail(error, VS_ERR_FORMAT, "%s: has dealt to more or fewer than its neighbours",
                         vs__name_of(&s->rules, message->from));
    }
    if (status == VS_OK) {
        from->dealt = malloc(list.count * VS__DEALT_BYTES);
        if (from->dealt == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        memcpy(from->dealt, list.entries, list.count * VS__DEALT_BYTES);
    }
    return status;
}

/* To one holder: what its neighbours have dealt to it. */
static vs_status deliver_to(vs__server *s, uint32_t rank, vs_error *error) {
    uint32_t dealers[256];
    size_t count = 0, all = vs_graph_holder_count(&s->graph);
    uint8_t *body = malloc(4 + all * VS__DELIVERED_BYTES);
    if (body == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    vs_graph_holders(&s->graph, rank, dealers); /* being a neighbour is mutual */
    for (size_t i = 0; i < all; i++) {
        const vs__member *dealer = vs__ranked(s, dealers[i]);
        if (dealer->deeds & VS__DEALT) {
            uint8_t *entry = body + 4 + count++ * VS__DELIVERED_BYTES;
            size_t at = vs_graph_holder_index(&s->graph, dealers[i], rank);
            vs_put_le(entry, s->order[dealers[i]], 4);
            memcpy(entry + 4, dealer->dealt + at * VS__DEALT_BYTES, VS__DEALT_BYTES);
        }
    }
    vs_put_le(body, count, 4);
    vs_status status =
        vs__session_post(&s->base, VS_MESSAGE_DELIVERY, s->order[rank], body, 4 + count * VS__DELIVERED_BYTES, error);
    free(body);
    return status;
}

/* The boxes are gone; the hashes name whoever lies later. */
static void keep_hashes(vs__server *s, vs__member *dealer) {
    size_t count = vs_graph_holder_count(&s->graph);
    for (size_t i = 0; i < count; i++) {
        memmove(dealer->dealt + i * 2 * VS_HASH_BYTES, dealer->dealt + i * VS__DEALT_BYTES, 2 * VS_HASH_BYTES);
    }
    uint8_t *smaller = realloc(dealer->dealt, count * 2 * VS_HASH_BYTES);
    dealer->dealt = smaller == NULL ? dealer->dealt : smaller;
}

vs_status vs__server_deliver(vs__server *s, vs_error *error) {
    vs_status status = vs__server_check(s, VS__DEALT, error);
    if (status != VS_OK) {
        return status;
    }
    s->state = VS__SERVER_MASKED;
    for (uint32_t i = 0; status == VS_OK && i < s->count; i++) {
        if (vs__ranked(s, i)->deeds & VS__DEALT) {
            status = deliver_to(s, i, error);
        }
    }
    for (uint32_t i = 0; i < s->count; i++) {
        if (vs__ranked(s, i)->deeds & VS__DEALT) {
            keep_hashes(s, vs__ranked(s, i));
        }
    }
    return status;
}

/* Added up at once: only the hash of what came is kept. */
vs_status vs__server_masked(vs__server *s, vs__member *from, const vs_message *message, vs_error *error) {
    size_t words = s->encoding.words;
    vs_status status = vs__body_ends(message, 8 * words, error);
    uint64_t *vector = status == VS_OK ? malloc(8 * words) : NULL;
    if (status == VS_OK && vector == NULL) {
        status = vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (status == VS_OK) {
        vs_words_from_bytes(vector, message->body, words);
        vs_slots_add(s->sum, vector, s->encoding.tops, words);
        vs__masks_leaf(from->leaf, &s->rules, message->from, message->body, message->body_len);
    }
    free(vector);
    return status;
}
