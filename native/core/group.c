/* Groups: a hash table whose rows hold key and sums, one after another in memory, so that a record costs one row. The
 * rows of a few dozen records are fetched into the cache before the first of them is looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>

#include "hash.h"

enum { TOGETHER = 64, LINE = 64, MOST_LINES = 4 };

typedef struct aggregate {
    int32_t kind, type;
    const uint8_t *values, *validity;
    size_t state, at, width;
} aggregate;

/* What a program says, once it is known to be sound. */
typedef struct shape {
    size_t key_width, row_width, extremes;
    int32_t count;
    const int32_t *words;
} shape;

static size_t up8(size_t bytes) { return (bytes + 7) & ~(size_t)7; }

static size_t state_width(const int32_t *w) {
    switch (w[OV_AGGREGATEW_KIND]) {
    case OV_AGGREGATE_COUNT: return 8;
    case OV_AGGREGATE_SUM: return 32;
    case OV_AGGREGATE_SUM_FLOAT: return 16;
    default: return up8((size_t)w[OV_AGGREGATEW_WIDTH]);
    }
}

static bool check_aggregate(const int32_t *w, const shape *s) {
    const int32_t kind = w[OV_AGGREGATEW_KIND], type = w[OV_AGGREGATEW_TYPE], width = w[OV_AGGREGATEW_WIDTH];
    if (kind < OV_AGGREGATE_COUNT || kind > OV_AGGREGATE_MAX) return false;
    const bool whole = type == OV_TYPE_INT32 || type == OV_TYPE_INT64 || type == OV_TYPE_DECIMAL128;
    const bool real = type == OV_TYPE_FLOAT32 || type == OV_TYPE_FLOAT64;
    if ((kind == OV_AGGREGATE_SUM && !whole) || (kind == OV_AGGREGATE_SUM_FLOAT && !real)) return false;
    if (kind >= OV_AGGREGATE_MIN) {
        const int32_t at = w[OV_AGGREGATEW_AT];
        if (at < 0 || width < 1 || width > OV_MAX_KEY || (size_t)at + (size_t)width > s->extremes) return false;
    }
    const int32_t state = w[OV_AGGREGATEW_STATE];
    return state >= 0 && state % 8 == 0 && (size_t)state >= OV_GROUPROW_KEY + s->key_width &&
           (size_t)state + state_width(w) <= s->row_width;
}

static bool read_shape(const int32_t *program, size_t words, shape *s) {
    if (!program || words < OV_GROUP_HEADER) return false;
    const int32_t key = program[OV_GROUPW_KEY_WIDTH], row = program[OV_GROUPW_ROW_WIDTH];
    const int32_t count = program[OV_GROUPW_AGGREGATES], extremes = program[OV_GROUPW_EXTREMES];
    if (key < 0 || key > OV_MAX_KEY || row % 8 != 0 || row < OV_GROUPROW_KEY + key || row > 1 << 24 || extremes < 0 ||
        count < 0 || words != OV_GROUP_HEADER + (size_t)count * OV_AGGREGATE_WORDS)
        return false;
    *s = (shape){(size_t)key, (size_t)row, (size_t)extremes, count, program + OV_GROUP_HEADER};
    for (int32_t i = 0; i < count; i++)
        if (!check_aggregate(s->words + (size_t)i * OV_AGGREGATE_WORDS, s)) return false;
    return true;
}

static bool inside(int32_t place, uint64_t bytes, size_t length) {
    return place >= 0 && (uint64_t)place + bytes <= length;
}

static bool read_aggregate(const int32_t *w, const uint8_t *slab, size_t slab_length, uint32_t count, aggregate *a) {
    static const uint8_t widths[7] = {0, 4, 8, 16, 4, 8, 4};
    const int32_t kind = w[OV_AGGREGATEW_KIND], type = w[OV_AGGREGATEW_TYPE];
    *a = (aggregate){kind,
                     type,
                     NULL,
                     NULL,
                     (size_t)w[OV_AGGREGATEW_STATE],
                     (size_t)w[OV_AGGREGATEW_AT],
                     (size_t)w[OV_AGGREGATEW_WIDTH]};
    if (kind >= OV_AGGREGATE_MIN) return true;
    if (!inside(w[OV_AGGREGATEW_VALIDITY], ((uint64_t)count + 7) / 8, slab_length)) return false;
    a->validity = slab + w[OV_AGGREGATEW_VALIDITY];
    if (kind == OV_AGGREGATE_COUNT) return true;
    if (!inside(w[OV_AGGREGATEW_VALUES], (uint64_t)count * widths[type], slab_length)) return false;
    a->values = slab + w[OV_AGGREGATEW_VALUES];
    return true;
}

static inline bool bit(const uint8_t *bitmap, uint32_t row) { return bitmap[row >> 3] >> (row & 7) & 1; }

static inline void add64(uint8_t *to, uint64_t v) {
    v += ov_load64(to);
    memcpy(to, &v, 8);
}

/* Adds a number of 128 bits to one of 192. */
static inline void add_wide(uint8_t *state, uint64_t low, int64_t high) {
    const uint64_t a = ov_load64(state), b = ov_load64(state + 8), sign = (uint64_t)(high >> 63);
    const uint64_t sum = a + low, carry = sum < a;
    const uint64_t middle = b + (uint64_t)high, middle_carry = middle < b;
    const uint64_t next = middle + carry, next_carry = next < middle;
    const uint64_t top = ov_load64(state + 16) + sign + middle_carry + next_carry;
    memcpy(state, &sum, 8);
    memcpy(state + 8, &next, 8);
    memcpy(state + 16, &top, 8);
}

static void add_sums(const aggregate *a, uint8_t *const *rows, uint32_t from, uint32_t count) {
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t i = from + k;
        if (!bit(a->validity, i)) continue;
        uint8_t *state = rows[k] + a->state;
        add64(state, 1);
        if (a->type == OV_TYPE_DECIMAL128) {
            const uint8_t *v = a->values + (size_t)i * 16;
            add_wide(state + 8, ov_load64(v), (int64_t)ov_load64(v + 8));
        } else {
            const int64_t v = a->type == OV_TYPE_INT32 ? (int32_t)ov_load32(a->values + (size_t)i * 4)
                                                       : (int64_t)ov_load64(a->values + (size_t)i * 8);
            add_wide(state + 8, (uint64_t)v, v >> 63);
        }
    }
}

static void add_floats(const aggregate *a, uint8_t *const *rows, uint32_t from, uint32_t count) {
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t i = from + k;
        if (!bit(a->validity, i)) continue;
        double sum, value;
        if (a->type == OV_TYPE_FLOAT32) {
            float narrow;
            memcpy(&narrow, a->values + (size_t)i * 4, 4);
            value = narrow;
        } else {
            memcpy(&value, a->values + (size_t)i * 8, 8);
        }
        uint8_t *state = rows[k] + a->state;
        add64(state, 1);
        memcpy(&sum, state + 8, 8);
        sum += value;
        memcpy(state + 8, &sum, 8);
    }
}

static void keep_extremes(const aggregate *a, uint8_t *const *rows, const uint8_t *extremes, size_t stride,
                          uint32_t from, uint32_t count) {
    for (uint32_t k = 0; k < count; k++) {
        const uint8_t *part = extremes + (size_t)(from + k) * stride + a->at;
        if (part[0] != OV_KEYCLASS_VALUE) continue;
        uint8_t *state = rows[k] + a->state;
        const int order = state[0] == 0 ? 0 : memcmp(part, state, a->width);
        if (state[0] == 0 || (a->kind == OV_AGGREGATE_MIN ? order < 0 : order > 0)) memcpy(state, part, a->width);
    }
}

static void add_aggregate(const aggregate *a, uint8_t *const *rows, const uint8_t *extremes, size_t stride,
                          uint32_t from, uint32_t count) {
    switch (a->kind) {
    case OV_AGGREGATE_COUNT:
        for (uint32_t k = 0; k < count; k++) add64(rows[k] + a->state, bit(a->validity, from + k));
        return;
    case OV_AGGREGATE_SUM: add_sums(a, rows, from, count); return;
    case OV_AGGREGATE_SUM_FLOAT: add_floats(a, rows, from, count); return;
    default: keep_extremes(a, rows, extremes, stride, from, count);
    }
}

/* Rows have a hash that is not 0 where they are in use. */
static inline uint64_t hash_of(const uint8_t *key, size_t width) {
    const uint64_t hash = ov_hash(key, width);
    return hash ? hash : 1;
}

static inline uint64_t place_of(uint64_t hash, uint32_t bits) { return bits == 0 ? 0 : hash >> (64 - bits); }

static inline bool same_key(const uint8_t *a, const uint8_t *b, size_t width) {
    if (width < 8) return memcmp(a, b, width) == 0;
    uint64_t differ = ov_load64(a + width - 8) ^ ov_load64(b + width - 8);
    for (size_t i = 0; i + 8 < width; i += 8) differ |= ov_load64(a + i) ^ ov_load64(b + i);
    return differ == 0;
}

/* The key's row; a new one where it has none yet. */
static inline uint8_t *row_of(ov_groups *g, const shape *s, uint64_t hash, const uint8_t *key) {
    const uint64_t mask = ((uint64_t)1 << g->bits) - 1;
    for (uint64_t place = place_of(hash, g->bits);; place = (place + 1) & mask) {
        uint8_t *row = g->table + place * s->row_width;
        const uint64_t found = ov_load64(row + OV_GROUPROW_HASH);
        if (found == hash && same_key(row + OV_GROUPROW_KEY, key, s->key_width)) return row;
        if (found == 0) {
            memcpy(row + OV_GROUPROW_HASH, &hash, 8);
            memcpy(row + OV_GROUPROW_KEY, key, s->key_width);
            g->used++;
            return row;
        }
    }
}

/* Rows that a table may hold: never all, so that every search ends. */
static uint64_t room(uint32_t bits) {
    const uint64_t rows = (uint64_t)1 << bits;
    return rows - rows / 8 * 3 - (rows < 8);
}

static void find_rows(ov_groups *g, const shape *s, const uint8_t *keys, uint32_t count, uint8_t **rows) {
    uint64_t hashes[TOGETHER];
    const size_t lines = s->row_width < LINE * MOST_LINES ? s->row_width : LINE * MOST_LINES;
    for (uint32_t k = 0; k < count; k++) {
        hashes[k] = hash_of(keys + k * s->key_width, s->key_width);
        const uint8_t *row = g->table + place_of(hashes[k], g->bits) * s->row_width;
        for (size_t i = 0; i < lines; i += LINE) __builtin_prefetch(row + i, 1);
        __builtin_prefetch(row + lines - 1, 1);
    }
    for (uint32_t k = 0; k < count; k++) {
        rows[k] = row_of(g, s, hashes[k], keys + k * s->key_width);
        add64(rows[k] + OV_GROUPROW_RECORDS, 1);
    }
}

ov_status ov_group_add(ov_groups *g, const uint8_t *slab, size_t slab_length, const uint8_t *keys,
                       const uint8_t *extremes, uint32_t from, uint32_t count, uint32_t *taken) {
    shape s;
    if (!g || !taken || !g->table || g->bits > 32 || from > count || !read_shape(g->program, g->words, &s) ||
        (!keys && s.key_width > 0) || (!extremes && s.extremes > 0) || !slab)
        return OV_BAD_ARGUMENT;
    for (int32_t i = 0; i < s.count; i++) {
        aggregate a;
        if (!read_aggregate(s.words + (size_t)i * OV_AGGREGATE_WORDS, slab, slab_length, count, &a))
            return OV_BAD_ARGUMENT;
    }
    while (from < count) {
        uint32_t some = count - from < TOGETHER ? count - from : TOGETHER;
        const uint64_t left = room(g->bits) > g->used ? room(g->bits) - g->used : 0;
        if (some > left) some = (uint32_t)left; /* each may be a new group */
        if (some == 0) break;
        uint8_t *rows[TOGETHER];
        find_rows(g, &s, keys + from * s.key_width, some, rows);
        for (int32_t i = 0; i < s.count; i++) {
            aggregate a;
            read_aggregate(s.words + (size_t)i * OV_AGGREGATE_WORDS, slab, slab_length, count, &a);
            add_aggregate(&a, rows, extremes, s.extremes, from, some);
        }
        from += some;
    }
    *taken = from;
    return OV_OK;
}

ov_status ov_group_move(const ov_groups *from, ov_groups *to) {
    shape s;
    if (!from || !to || !from->table || !to->table || from->bits > 32 || to->bits > 32 || to->used != 0 ||
        !read_shape(from->program, from->words, &s) || from->used > room(to->bits))
        return OV_BAD_ARGUMENT;
    const uint64_t rows = (uint64_t)1 << from->bits, mask = ((uint64_t)1 << to->bits) - 1;
    for (uint64_t i = 0; i < rows; i++) {
        const uint8_t *row = from->table + i * s.row_width;
        const uint64_t hash = ov_load64(row + OV_GROUPROW_HASH);
        if (hash == 0) continue;
        uint64_t place = place_of(hash, to->bits);
        while (ov_load64(to->table + place * s.row_width + OV_GROUPROW_HASH) != 0) place = (place + 1) & mask;
        memcpy(to->table + place * s.row_width, row, s.row_width);
    }
    to->used = from->used;
    return OV_OK;
}

ov_status ov_group_rows(const ov_groups *g, uint64_t *place, uint8_t *rows, uint32_t capacity, uint32_t *count) {
    shape s;
    if (!g || !place || !count || !g->table || g->bits > 32 || (!rows && capacity > 0) ||
        !read_shape(g->program, g->words, &s))
        return OV_BAD_ARGUMENT;
    const uint64_t all = (uint64_t)1 << g->bits;
    uint32_t found = 0;
    for (; *place < all && found < capacity; ++*place) {
        const uint8_t *row = g->table + *place * s.row_width;
        if (ov_load64(row + OV_GROUPROW_HASH) == 0) continue;
        memcpy(rows + (size_t)found++ * s.row_width, row, s.row_width);
    }
    *count = found;
    return OV_OK;
}
