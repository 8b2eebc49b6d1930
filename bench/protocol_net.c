#include "bench/protocol_net.h"

#include <stdlib.h>
#include <string.h>

static bool put(letters *list, letter item) {
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 4 : 2 * list->cap;
        letter *larger = realloc(list->items, cap * sizeof *larger);
        if (larger == NULL) {
            mail_drop(item.mail);
            return false;
        }
        list->items = larger;
        list->cap = cap;
    }
    list->items[list->count++] = item;
    return true;
}

/* ---- faults ---- */

/* Numbers that are this message's on its way to this receiver. */
static uint64_t lot(const network *net, const mail *m, uint32_t to) {
    return mixed(mixed(net->cast->settings->seed ^ (uint64_t)m->from << 32 ^ to) + m->kind);
}

/* The fault that meets it, of those that are asked for; 0: none. `bit` tells which one of all it is. */
static unsigned meet(const network *net, const mail *m, uint64_t number, unsigned *bit) {
    const protocol_settings *s = net->cast->settings;
    unsigned chosen[7], count = 0;
    for (unsigned i = 0; i < 7; i++) {
        if (s->faults & 1u << i) {
            chosen[count++] = i;
        }
    }
    (void)m;
    if (count == 0 || number % 1000 >= s->per_mille) {
        return 0;
    }
    *bit = chosen[number / 1000 % count];
    return 1u << *bit;
}

/* Shorter, or with one bit the other way. NULL: memory ran out. */
static mail *damage(const mail *m, bool shorter, uint64_t number) {
    mail *copy = malloc(sizeof *copy + m->len);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, m, sizeof *copy + m->len);
    atomic_init(&copy->holders, 1);
    if (shorter) {
        copy->len = (size_t)(number % m->len);
    } else {
        copy->bytes[number % m->len] ^= (uint8_t)(1u << number / m->len % 8);
    }
    return copy;
}

/* Before another one that has arrived. */
static void overtake(letters *in, uint64_t number) {
    size_t at = (size_t)(number % in->count);
    letter last = in->items[in->count - 1];
    memmove(in->items + at + 1, in->items + at, (in->count - 1 - at) * sizeof *in->items);
    in->items[at] = last;
}

/* ---- the way ---- */

static vs_status deliver_with(network *net, party *to, mail *m, unsigned what, uint64_t number) {
    letter plain = {.mail = mail_hold(m)};
    bool good = true;
    switch (what) {
    case FAULT_REPEAT:
        good = put(&to->soon, (letter){.mail = mail_hold(m)}) && put(&to->in, plain);
        break;
    case FAULT_DELAY:
        /* Those who stand wait for each other; what is too late for them never comes. */
        good = put(number & 1 && cast_is_owner(net->cast, m->from) ? &to->late : &to->soon, plain);
        break;
    case FAULT_REORDER:
        good = put(&to->in, plain);
        if (good) {
            overtake(&to->in, number);
        }
        break;
    case FAULT_TRUNCATE:
    case FAULT_ALTER: {
        mail *copy = damage(m, what == FAULT_TRUNCATE, number);
        good = copy != NULL && put(&to->in, (letter){.mail = copy, .damaged = true});
        good = put(&to->in, plain) && good;
        break;
    }
    case FAULT_CRASH:
        plain.crash = true;
        good = put(&to->in, plain);
        break;
    default:
        good = put(&to->in, plain);
        break;
    }
    return good ? VS_OK : VS_ERR_MEMORY;
}

/* To one receiver, through whatever meets it. */
static vs_status carry(network *net, party *to, mail *m) {
    const cast *c = net->cast;
    unsigned bit = 0;
    uint64_t number = lot(net, m, to->index);
    unsigned what = meet(net, m, number, &bit);
    bool of_owner = cast_is_owner(c, m->from) || (cast_is_owner(c, to->index) && !cast_is_server(c, to->index));
    if (what == FAULT_DROP && !of_owner) {
        what = 0;
    }
    net->injected[bit] += what != 0;
    return what == FAULT_DROP ? VS_OK : deliver_with(net, to, m, what, mixed(number));
}

/* A lost owner has promised to take part, and is heard of no more: with masks after it has dealt its shares, with
 * shares after it has reached some of the servers. */
static bool is_lost_on_the_way(const network *net, const mail *m) {
    const cast *c = net->cast;
    if (!cast_is_owner(c, m->from) || !net->parties[m->from].lost) {
        return false;
    }
    switch (m->kind) {
    case VS_MESSAGE_SHARE:
        return m->to == c->first_server + c->servers - 1;
    case VS_MESSAGE_CONTRIBUTION:
        return true;
    default:
        return m->kind >= VS_MESSAGE_MASKED;
    }
}

static vs_status route_one(network *net, party *from, mail *m) {
    vs_status status = VS_OK;
    if (is_lost_on_the_way(net, m)) {
        return VS_OK;
    }
    net->messages++;
    from->sent_bytes += m->len;
    net->sent_all += (double)m->len;
    uint32_t first = m->to == VS_TO_ALL ? 0 : m->to;
    uint32_t behind = m->to == VS_TO_ALL ? (uint32_t)net->cast->parties : m->to + 1;
    for (uint32_t to = first; status == VS_OK && to < behind; to++) {
        /* Owners have no use for each other's contributions, and their carriers need not fetch them. */
        bool useless = m->kind == VS_MESSAGE_CONTRIBUTION && cast_is_owner(net->cast, to);
        if (to != m->from && !useless && net->parties[to].session != NULL) {
            status = carry(net, &net->parties[to], m);
        }
    }
    return status;
}

vs_status network_route(network *net, party *from) {
    vs_status status = VS_OK;
    for (size_t i = 0; status == VS_OK && i < from->out.count; i++) {
        status = route_one(net, from, from->out.items[i].mail);
    }
    letters_clear(&from->out);
    return status;
}

static bool move_all(letters *to, letters *from) {
    bool good = true;
    for (size_t i = 0; i < from->count; i++) {
        good = put(to, from->items[i]) && good;
    }
    free(from->items);
    *from = (letters){.items = NULL};
    return good;
}

vs_status network_release(network *net, bool after_wait, bool *some) {
    bool good = true;
    *some = false;
    for (size_t i = 0; i < net->cast->parties; i++) {
        party *p = &net->parties[i];
        good = move_all(&p->in, &p->soon) && good;
        if (after_wait) {
            good = move_all(&p->in, &p->late) && good;
        }
        *some |= p->in.count > 0;
    }
    return good ? VS_OK : VS_ERR_MEMORY;
}
