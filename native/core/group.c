/* Groups: rows that hold key and sums, in order of their first records, and a table of hashes that finds them. So
 * a table grows without its rows, and what is read at the end has no gaps. Where the table is larger than a cache,
 * its entries and the rows of a few dozen records are fetched before the first of them is looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>

#include "hash.h"

enum { TOGETHER = 32, LINE = 64, MOST_LINES = 4, LIKELY = 4, LEAST_BITS = 2, CACHED_BITS = 13 };

#define ALWAYS __attribute__((always_inline)) static inline

/* Into the second-level cache, which can wait for about twice as many lines at a time as the first. */
#define FETCH(place) __builtin_prefetch(place, 0, 2)

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

/* Whether all of a round's values are there. */
static inline bool all_valid(const aggregate *a, uint32_t from, uint32_t count) {
    return count == 32 && from % 8 == 0 && ov_load32(a->validity + from / 8) == UINT32_MAX;
}

ALWAYS void add_whole(const aggregate *a, uint8_t *const *rows, uint32_t from, uint32_t count, int32_t type, bool all) {
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t i = from + k;
        if (!all && !bit(a->validity, i)) continue;
        uint8_t *state = rows[k] + a->state;
        add64(state, 1);
        if (type == OV_TYPE_DECIMAL128) {
            const uint8_t *v = a->values + (size_t)i * 16;
            add_wide(state + 8, ov_load64(v), (int64_t)ov_load64(v + 8));
        } else {
            const int64_t v = type == OV_TYPE_INT32 ? (int32_t)ov_load32(a->values + (size_t)i * 4)
                                                    : (int64_t)ov_load64(a->values + (size_t)i * 8);
            add_wide(state + 8, (uint64_t)v, v >> 63);
        }
    }
}

static void add_sums(const aggregate *a, uint8_t *const *rows, uint32_t from, uint32_t count) {
    const bool all = all_valid(a, from, count);
    if (all && a->type == OV_TYPE_DECIMAL128)
        add_whole(a, rows, from, count, OV_TYPE_DECIMAL128, true);
    else if (all && a->type == OV_TYPE_INT64)
        add_whole(a, rows, from, count, OV_TYPE_INT64, true);
    else if (all)
        add_whole(a, rows, from, count, OV_TYPE_INT32, true);
    else
        add_whole(a, rows, from, count, a->type, false);
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

/* An entry of the table: the upper half of the hash, and the row's number + 1. */
#define HALF ((uint64_t)UINT32_MAX << 32)

/* The first of a few places of one cache line. */
static inline uint64_t place_of(uint64_t hash, uint32_t bits) { return hash >> (64 - bits) & ~(uint64_t)(LIKELY - 1); }

static inline bool same_key(const uint8_t *a, const uint8_t *b, size_t width) {
    if (width < 8) return memcmp(a, b, width) == 0;
    uint64_t differ = ov_load64(a + width - 8) ^ ov_load64(b + width - 8);
    for (size_t i = 0; i + 8 < width; i += 8) differ |= ov_load64(a + i) ^ ov_load64(b + i);
    return differ == 0;
}

static inline uint8_t *row_at(const ov_groups *g, const shape *s, uint64_t entry) {
    return g->rows + ((entry & UINT32_MAX) - 1) * s->row_width;
}

/* The key's row; a new one where it has none yet. */
static inline uint8_t *row_of(ov_groups *g, const shape *s, uint64_t hash, const uint8_t *key) {
    const uint64_t mask = ((uint64_t)1 << g->bits) - 1;
    for (uint64_t place = place_of(hash, g->bits);; place = (place + 1) & mask) {
        const uint64_t entry = g->table[place];
        if (entry == 0) {
            g->table[place] = (hash & HALF) | ++g->used;
            uint8_t *row = row_at(g, s, g->used);
            memcpy(row + OV_GROUPROW_HASH, &hash, 8);
            memcpy(row + OV_GROUPROW_KEY, key, s->key_width);
            return row;
        }
        if ((entry ^ hash) >> 32 != 0) continue;
        uint8_t *row = row_at(g, s, entry);
        if (same_key(row + OV_GROUPROW_KEY, key, s->key_width)) return row;
    }
}

/* Entries that a table may hold: never all, so that every search ends. */
static uint64_t room(uint32_t bits) {
    const uint64_t entries = (uint64_t)1 << bits;
    return bits < LEAST_BITS ? 0 : entries - entries / 8 * 3 - (entries < 8);
}

/* The entry that the hash seems to be of, if it is among the first few places; 0 where none is. How far to look can't
 * be foreseen, so that all of them are looked at: no branch depends on it. */
static inline uint64_t likely_entry(const uint64_t *places, uint64_t hash) {
    const uint32_t half = (uint32_t)(hash >> 32);
    uint32_t same = 0;
    for (uint32_t i = 0; i < LIKELY; i++) same |= (uint32_t)((uint32_t)(places[i] >> 32) == half) << i;
    return same == 0 ? 0 : places[__builtin_ctz(same)];
}

/* What is known of records ahead: hashes of those before `hashed`, numbers of likely rows of those before `found`. */
typedef struct ahead {
    uint32_t hashed, found;
    uint64_t hashes[4 * TOGETHER];
    uint32_t likely[2 * TOGETHER];
} ahead;

/* Of a key of 8 to 16 bytes its first and its last word are all. */
#define SHORT(width) ((width) >= 8 && (width) <= 16)

ALWAYS bool is_row_of(const uint8_t *row, const uint8_t *key, size_t width, bool is_short) {
    const uint8_t *a = row + OV_GROUPROW_KEY;
    if (!is_short) return same_key(a, key, width);
    return ((ov_load64(a) ^ ov_load64(key)) | (ov_load64(a + width - 8) ^ ov_load64(key + width - 8))) == 0;
}

/* Finds the rows of a round. Where the table outgrows the first cache (`is_large`), entries of the table are fetched
 * two rounds ahead and rows one. */
ALWAYS void find_rows(ov_groups *g, const shape *s, const uint8_t *keys, uint32_t from, uint32_t some, uint32_t count,
                      ahead *a, uint8_t **rows, bool is_short, bool is_large) {
    const size_t width = s->key_width, row_width = s->row_width;
    const size_t lines = row_width < LINE * MOST_LINES ? row_width : LINE * MOST_LINES;
    const uint32_t left = count - from, bits = g->bits;
    const uint32_t hash_to = !is_large ? from + some : left < 3 * TOGETHER ? count : from + 3 * TOGETHER;
    const uint32_t find_to = !is_large ? from + some : left < 2 * TOGETHER ? count : from + 2 * TOGETHER;
    const uint64_t *const table = g->table;
    uint8_t *const before = g->rows - row_width; /* rows are numbered from 1 */
    for (uint32_t i = a->hashed; i < hash_to; i++) {
        const uint8_t *key = keys + i * width;
        const uint64_t hash = is_short ? ov_hash_short(key, width) : ov_hash(key, width);
        a->hashes[i % (4 * TOGETHER)] = hash;
        if (is_large) FETCH(table + place_of(hash, bits));
    }
    if (a->hashed < hash_to) a->hashed = hash_to;
    for (uint32_t i = a->found; i < find_to; i++) {
        const uint64_t hash = a->hashes[i % (4 * TOGETHER)], entry = likely_entry(table + place_of(hash, bits), hash);
        a->likely[i % (2 * TOGETHER)] = (uint32_t)entry;
        if (!is_large || (uint32_t)entry == 0) continue;
        const uint8_t *row = before + (uint32_t)entry * row_width;
        for (size_t at = 0; at < lines; at += LINE) FETCH(row + at);
        FETCH(row + lines - 1);
    }
    if (a->found < find_to) a->found = find_to;
    for (uint32_t k = 0; k < some; k++) {
        const uint32_t number = a->likely[(from + k) % (2 * TOGETHER)];
        const uint8_t *key = keys + (from + k) * width;
        uint8_t *row = before + number * row_width;
        if (number == 0 || !is_row_of(row, key, width, is_short))
            row = row_of(g, s, a->hashes[(from + k) % (4 * TOGETHER)], key);
        rows[k] = row;
        add64(row + OV_GROUPROW_RECORDS, 1);
    }
}

typedef void finder(ov_groups *g, const shape *s, const uint8_t *keys, uint32_t from, uint32_t some, uint32_t count,
                    ahead *a, uint8_t **rows);

#define FINDER(name, is_short, is_large)                                                                               \
    static void name(ov_groups *g, const shape *s, const uint8_t *keys, uint32_t from, uint32_t some, uint32_t count,  \
                     ahead *a, uint8_t **rows) {                                                                       \
        find_rows(g, s, keys, from, some, count, a, rows, is_short, is_large);                                         \
    }
FINDER(find_short, true, false)
FINDER(find_short_far, true, true)
FINDER(find_long, false, false)
FINDER(find_long_far, false, true)

static finder *finder_for(const ov_groups *g, size_t key_width) {
    const bool is_large = g->bits > CACHED_BITS;
    if (SHORT(key_width)) return is_large ? find_short_far : find_short;
    return is_large ? find_long_far : find_long;
}

static bool is_sound(const ov_groups *g, shape *s) {
    return g && g->table && (g->rows || g->capacity == 0) && g->bits <= 32 && g->used <= g->capacity &&
           g->used <= room(g->bits) && g->capacity < UINT32_MAX && read_shape(g->program, g->words, s);
}

ov_status ov_group_add(ov_groups *g, const uint8_t *slab, size_t slab_length, const uint8_t *keys,
                       const uint8_t *extremes, uint32_t from, uint32_t count, uint32_t *taken) {
    shape s;
    if (!taken || from > count || !is_sound(g, &s) || (!keys && s.key_width > 0) || (!extremes && s.extremes > 0) ||
        !slab)
        return OV_BAD_ARGUMENT;
    for (int32_t i = 0; i < s.count; i++) {
        aggregate a;
        if (!read_aggregate(s.words + (size_t)i * OV_AGGREGATE_WORDS, slab, slab_length, count, &a))
            return OV_BAD_ARGUMENT;
    }
    const uint64_t most = room(g->bits) < g->capacity ? room(g->bits) : g->capacity;
    finder *const find = finder_for(g, s.key_width);
    ahead next;
    next.hashed = next.found = from;
    while (from < count) {
        uint32_t some = count - from < TOGETHER ? count - from : TOGETHER;
        if (some > most - g->used) some = (uint32_t)(most - g->used); /* each may be a new group */
        if (some == 0) break;
        uint8_t *rows[TOGETHER];
        find(g, &s, keys, from, some, count, &next, rows);
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

ov_status ov_group_index(const ov_groups *g) {
    shape s;
    if (!is_sound(g, &s)) return OV_BAD_ARGUMENT;
    const uint64_t mask = ((uint64_t)1 << g->bits) - 1;
    for (uint32_t i = 0; i < g->used; i++) {
        const uint64_t hash = ov_load64(g->rows + i * s.row_width + OV_GROUPROW_HASH);
        uint64_t place = place_of(hash, g->bits);
        while (g->table[place] != 0) place = (place + 1) & mask;
        g->table[place] = (hash & HALF) | (i + 1);
    }
    return OV_OK;
}
