/* Finds groups' rows. Included once for each instruction set, with these defined: TARGET, and SAME(bucket, hash, mask),
 * a bit for each of a bucket's entries whose bits under the mask are the hash's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "group.h"

enum { TOGETHER = OV_GROUP_TOGETHER, LINE = 64, MOST_LINES = 4 };

/* Into the second-level cache, which can wait for about twice as many lines at a time as the first. */
#define FETCH(place) __builtin_prefetch(place, 0, 2)

/* Of a key of 8 to 16 bytes its first and its last word are all. */
TARGET OV_ALWAYS bool is_row_of(const uint8_t *row, const uint8_t *key, size_t width, bool is_short) {
    const uint8_t *a = row + OV_GROUPROW_KEY;
    if (!is_short) return memcmp(a, key, width) == 0;
    return ((ov_load64(a) ^ ov_load64(key)) | (ov_load64(a + width - 8) ^ ov_load64(key + width - 8))) == 0;
}

/* Entries of the table are fetched two rounds ahead and rows one; how far to look in a bucket can't be foreseen, so
 * that all of it is looked at: no branch depends on it. */
TARGET OV_ALWAYS void find_rows(ov_groups *g, const ov_group_shape *s, const uint8_t *keys, uint32_t from,
                                uint32_t some, uint32_t count, ov_group_ahead *a, uint8_t **rows, bool is_short,
                                bool is_far) {
    const size_t width = s->key_width, row_width = s->row_width;
    const size_t lines = row_width < LINE * MOST_LINES ? row_width : LINE * MOST_LINES;
    const uint32_t left = count - from, bits = g->bits, numbers = ((uint32_t)1 << bits) - 1;
    const uint32_t hash_to = !is_far ? from + some : left < 3 * TOGETHER ? count : from + 3 * TOGETHER;
    const uint32_t find_to = !is_far ? from + some : left < 2 * TOGETHER ? count : from + 2 * TOGETHER;
    const uint32_t *const table = g->table;
    uint8_t *const before = g->rows - row_width; /* rows are numbered from 1 */
    for (uint32_t i = a->hashed; i < hash_to; i++) {
        const uint8_t *key = keys + i * width;
        const uint64_t hash = is_short ? ov_hash_short(key, width) : ov_hash(key, width);
        a->hashes[i % (4 * TOGETHER)] = hash;
        if (is_far) FETCH(table + ov_group_bucket(hash, bits));
    }
    if (a->hashed < hash_to) a->hashed = hash_to;
    for (uint32_t i = a->found; i < find_to; i++) {
        const uint64_t hash = a->hashes[i % (4 * TOGETHER)];
        const uint32_t *bucket = table + ov_group_bucket(hash, bits);
        const uint32_t same = SAME(bucket, (uint32_t)hash, ~numbers);
        const uint32_t number = same == 0 ? 0 : bucket[__builtin_ctz(same)] & numbers;
        a->likely[i % (2 * TOGETHER)] = number;
        if (!is_far || number == 0) continue;
        const uint8_t *row = before + number * row_width;
        for (size_t at = 0; at < lines; at += LINE) FETCH(row + at);
        FETCH(row + lines - 1);
    }
    if (a->found < find_to) a->found = find_to;
    for (uint32_t k = 0; k < some; k++) {
        const uint32_t number = a->likely[(from + k) % (2 * TOGETHER)];
        const uint8_t *key = keys + (from + k) * width;
        uint8_t *row = before + number * row_width;
        if (number == 0 || !is_row_of(row, key, width, is_short))
            row = ov_group_row(g, s, a->hashes[(from + k) % (4 * TOGETHER)], key);
        rows[k] = row;
        ov_group_add64(row + OV_GROUPROW_RECORDS, 1);
    }
}

#define FINDER(name, is_short, is_far)                                                                                 \
    TARGET static void name(ov_groups *g, const ov_group_shape *s, const uint8_t *keys, uint32_t from, uint32_t some,  \
                            uint32_t count, ov_group_ahead *a, uint8_t **rows) {                                       \
        find_rows(g, s, keys, from, some, count, a, rows, is_short, is_far);                                           \
    }
FINDER(short_near, true, false)
FINDER(short_far, true, true)
FINDER(long_near, false, false)
FINDER(long_far, false, true)
