/* What the finders of groups share: the table, the rows, and what is known of records ahead.
 *
 * A table has buckets of 16 entries, a cache line each. An entry is the number of a row, from 1 on, in as many low bits
 * as the table has entries (log2), and bits of the hash above it; 0 is none. Entries of a bucket that is full go into
 * the next one. So that all entries of a line are looked at in one instruction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_GROUP_H
#define OV_GROUP_H

#include <stdbool.h>

#include "hash.h"

enum { OV_GROUP_TOGETHER = 32, OV_GROUP_BUCKET = 16, OV_GROUP_LEAST_BITS = 4, OV_GROUP_MOST_BITS = 31 };

#define OV_ALWAYS __attribute__((always_inline)) static inline

/* What a program says, once it is known to be sound. */
typedef struct ov_group_shape {
    size_t key_width, row_width, extremes;
    int32_t count;
    const int32_t *words;
} ov_group_shape;

/* What is known of records ahead: hashes of those before `hashed`, numbers of likely rows of those before `found`. */
typedef struct ov_group_ahead {
    uint32_t hashed, found;
    uint64_t hashes[4 * OV_GROUP_TOGETHER];
    uint32_t likely[2 * OV_GROUP_TOGETHER];
} ov_group_ahead;

/* Finds the rows of `some` records from `from` on, makes those that are not there, and counts the records in them. */
typedef void ov_group_finder(ov_groups *g, const ov_group_shape *s, const uint8_t *keys, uint32_t from, uint32_t some,
                             uint32_t count, ov_group_ahead *a, uint8_t **rows);

/* For keys of 8 to 16 bytes and others; where the table outgrows the cache (`far`), its entries are fetched ahead. */
typedef struct ov_group_finders {
    ov_group_finder *short_near, *short_far, *long_near, *long_far;
} ov_group_finders;

#if defined(__GNUC__) && defined(__x86_64__)
extern const ov_group_finders ov_avx512_finders;
#endif

/* The first entry of a hash's bucket. */
static inline uint32_t ov_group_bucket(uint64_t hash, uint32_t bits) {
    return (uint32_t)(hash >> (64 - bits)) & ~(uint32_t)(OV_GROUP_BUCKET - 1);
}

static inline void ov_group_add64(uint8_t *to, uint64_t v) {
    v += ov_load64(to);
    memcpy(to, &v, 8);
}

/* The key's row, and a new one where it has none yet, however far it is from its bucket. */
uint8_t *ov_group_row(ov_groups *g, const ov_group_shape *s, uint64_t hash, const uint8_t *key);

#endif
