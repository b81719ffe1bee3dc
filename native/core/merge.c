/* Merges sorted runs by a tournament: a tree whose leaves are the runs and whose every node is the winner of the two
 * below it, so that each record costs one comparison a level.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <string.h>

#include "overpunch.h"

#define NONE UINT32_MAX

static uint32_t leaves_for(uint32_t count) {
    uint32_t leaves = 1;
    while (leaves < count) leaves *= 2;
    return leaves;
}

static inline const uint8_t *key_of(const ov_runs *r, uint32_t run) {
    return r->data + r->from[run] + (r->length ? 0 : 4);
}

static inline uint32_t winner(const ov_runs *r, uint32_t a, uint32_t b) {
    if (a == NONE || b == NONE) return a == NONE ? b : a;
    const int order = r->key_width > 0 ? memcmp(key_of(r, a), key_of(r, b), r->key_width) : 0;
    return order < 0 || (order == 0 && a < b) ? a : b;
}

/* Length of what run's next record takes, 0 where it is not all there. */
static inline size_t next_length(const ov_runs *r, uint32_t run, bool *bad) {
    const size_t left = r->to[run] - r->from[run];
    size_t all;
    if (r->length) {
        all = r->key_width + r->length;
    } else {
        if (left < 4) return 0;
        const uint8_t *p = r->data + r->from[run];
        all = 4 + r->key_width + ((size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24);
        if (all > (size_t)1 << 30) *bad = true;
    }
    return left >= all ? all : 0;
}

size_t ov_merge_scratch(uint32_t count) { return (size_t)2 * leaves_for(count) * sizeof(uint32_t); }

ov_status ov_merge(const ov_runs *r, uint8_t *out, size_t capacity, uint32_t *scratch, int64_t *stopped,
                   uint32_t *records, size_t *written, ov_error *error) {
    if (!r || !scratch || !stopped || !records || !written || !error || (!out && capacity > 0) ||
        (r->count > 0 && (!r->from || !r->to || !r->final)) || r->count > (uint32_t)1 << 16)
        return OV_BAD_ARGUMENT;
    for (uint32_t run = 0; run < r->count; run++)
        if (r->from[run] > r->to[run] || r->to[run] > r->data_length) return OV_BAD_ARGUMENT;
    *records = 0;
    *written = 0;
    const uint32_t leaves = leaves_for(r->count);
    for (uint32_t run = 0; run < leaves; run++) {
        scratch[leaves + run] = NONE;
        if (run >= r->count || (r->final[run] && r->from[run] == r->to[run])) continue;
        bool bad = false;
        if (next_length(r, run, &bad) == 0) {
            if (r->final[run] || bad) {
                error->at = (int32_t)run;
                return OV_BAD_RECORDS;
            }
            *stopped = run;
            return OV_OK;
        }
        scratch[leaves + run] = run;
    }
    for (uint32_t node = leaves - 1; node > 0; node--)
        scratch[node] = winner(r, scratch[2 * node], scratch[2 * node + 1]);
    for (;;) {
        const uint32_t run = leaves > 1 ? scratch[1] : scratch[leaves];
        if (run == NONE) {
            *stopped = OV_MERGE_DONE;
            return OV_OK;
        }
        bool bad = false;
        const size_t all = next_length(r, run, &bad), skip = r->keep ? 0 : r->key_width + (r->length ? 0 : 4);
        if (capacity - *written < all - skip) {
            *stopped = OV_MERGE_FULL;
            return OV_OK;
        }
        memcpy(out + *written, r->data + r->from[run] + skip, all - skip);
        *written += all - skip;
        *records += 1;
        r->from[run] += (uint32_t)all;
        bad = false;
        if (next_length(r, run, &bad) == 0) {
            if (!r->final[run] && !bad) {
                *stopped = run;
                return OV_OK;
            }
            if (r->from[run] != r->to[run]) {
                error->at = (int32_t)run;
                return OV_BAD_RECORDS;
            }
            scratch[leaves + run] = NONE;
        }
        for (uint32_t node = (leaves + run) / 2; node > 0; node /= 2)
            scratch[node] = winner(r, scratch[2 * node], scratch[2 * node + 1]);
    }
}
