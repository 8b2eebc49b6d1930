#include "aggregate/ledger/meter.h"

#include <stdlib.h>
#include <string.h>

typedef enum event_kind { CONTRIBUTED, TOTALLED, OPENED } event_kind;

struct vs_meter_event {
    const char *who;
    char period[VS_MAX_NAME_BYTES + 1];
    event_kind kind;
    uint8_t digest[VS_HASH_BYTES];
    uint64_t bytes;
};

vs_meter vs_meter_begin(bool by_party) {
    return (vs_meter){.by_party = by_party};
}

void vs_meter_clear(vs_meter *meter) {
    free(meter->events);
    *meter = (vs_meter){.count = 0};
}

static vs_status add_event(vs_meter *meter, const vs_entry *entry, const vs_party *party, event_kind kind,
                           const uint8_t *digest, uint64_t bytes, vs_error *error) {
    if (meter->count == meter->cap) {
        size_t cap = meter->cap + meter->cap / 2 + 64;
        vs_meter_event *events = realloc(meter->events, cap * sizeof *events);
        if (events == NULL) {
            return vs_fail_plain(error, VS_ERR_MEMORY);
        }
        meter->events = events;
        meter->cap = cap;
    }
    vs_meter_event *event = &meter->events[meter->count++];
    *event = (vs_meter_event){
        .who = meter->by_party ? party->identity.name : party->organisation, .kind = kind, .bytes = bytes};
    memcpy(event->period, entry->period, strlen(entry->period) + 1);
    memcpy(event->digest, digest, VS_HASH_BYTES);
    return VS_OK;
}

vs_status vs_meter_add(vs_meter *meter, const vs_entry *entry, const vs_plan *plan, const vs_party *who,
                       vs_error *error) {
    const vs_receipt *receipt = &entry->receipt;
    if (!entry->is_receipt) {
        return add_event(meter, entry, who, OPENED, entry->opening.total_digest, 0, error);
    }
    VS_CHECK(receipt->contributions != NULL || receipt->contribution_count == 0);
    vs_status status = add_event(meter, entry, who, TOTALLED, receipt->total_digest, 0, error);
    for (uint64_t i = 0; status == VS_OK && i < receipt->contribution_count; i++) {
        const vs_receipt_contribution *c = &receipt->contributions[i];
        const vs_party *party = vs_plan_party(plan, c->name);
        VS_CHECK(party != NULL); /* vs_receipt_check has seen to it */
        status = add_event(meter, entry, party, CONTRIBUTED, c->digest, c->bytes, error);
    }
    return status;
}

static int compare_rows(const vs_meter_event *a, const vs_meter_event *b) {
    int order = strcmp(a->who, b->who);
    return order != 0 ? order : strcmp(a->period, b->period);
}

static int compare_events(const void *left, const void *right) {
    const vs_meter_event *a = left, *b = right;
    int order = compare_rows(a, b);
    if (order == 0) {
        order = (a->kind > b->kind) - (a->kind < b->kind);
    }
    return order != 0 ? order : memcmp(a->digest, b->digest, VS_HASH_BYTES);
}

static void count_event(vs_meter_row *row, const vs_meter_event *event, bool again) {
    if (event->kind == OPENED) {
        row->openings++;
    } else if (!again && event->kind == TOTALLED) {
        row->totals++;
    } else if (!again) {
        row->contributions++;
        row->bytes += event->bytes;
    }
}

vs_status vs_meter_rows(vs_meter *meter, vs_meter_row **rows, size_t *count, vs_error *error) {
    *count = 0;
    *rows = calloc(meter->count + 1, sizeof **rows);
    if (*rows == NULL) {
        return vs_fail_plain(error, VS_ERR_MEMORY);
    }
    if (meter->count > 0) {
        qsort(meter->events, meter->count, sizeof *meter->events, compare_events);
    }
    for (size_t i = 0; i < meter->count; i++) {
        const vs_meter_event *event = &meter->events[i];
        if (i == 0 || compare_rows(event - 1, event) != 0) {
            vs_meter_row *row = &(*rows)[(*count)++];
            row->who = event->who;
            memcpy(row->period, event->period, sizeof row->period);
        }
        count_event(&(*rows)[*count - 1], event, i > 0 && compare_events(event - 1, event) == 0);
    }
    return VS_OK;
}
