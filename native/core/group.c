/* Groups: rows that hold key and sums, in order of their first records, and a table that finds them (group.h). So a
 * table grows without its rows, and what is read at the end has no gaps. Where the table is larger than a cache, its
 * entries and the rows of a few dozen records are fetched before the first of them is looked at (group_find.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "group.h"

enum { CACHED_BITS = 13 };

typedef struct aggregate {
    int32_t kind, type;
    const uint8_t *values, *validity;
    size_t state, at, width;
} aggregate;

typedef ov_group_shape shape;

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

/* Adds a number of 128 bits to one of 192. */
static inline void add_wide(uint8_t *state, uint64_t low, int64_t high) {
    const uint64_t sign = (uint64_t)(high >> 63), top = ov_load64(state + 16);
#if defined(__SIZEOF_INT128__)
    unsigned __int128 sum;
    memcpy(&sum, state, 16);
    const unsigned __int128 value = (unsigned __int128)(uint64_t)high << 64 | low;
    sum += value;
    memcpy(state, &sum, 16);
    ov_store64(state + 16, top + sign + (sum < value));
#else
    const uint64_t a = ov_load64(state), b = ov_load64(state + 8), sum = a + low, carry = sum < a;
    const uint64_t middle = b + (uint64_t)high, next = middle + carry;
    ov_store64(state, sum);
    ov_store64(state + 8, next);
    ov_store64(state + 16, top + sign + (middle < b) + (next < middle));
#endif
}

/* Whether all of a round's values are there. */
static inline bool all_valid(const aggregate *a, uint32_t from, uint32_t count) {
    return count == 32 && from % 8 == 0 && ov_load32(a->validity + from / 8) == UINT32_MAX;
}

OV_ALWAYS void add_whole(const aggregate *a, uint8_t *const *rows, uint32_t from, uint32_t count, int32_t type,
                         bool all) {
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t i = from + k;
        uint8_t *state = rows[k] + a->state;
        if (!all && !bit(a->validity, i)) {
            ov_group_add64(state, 1);
            continue;
        }
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
        uint8_t *state = rows[k] + a->state;
        if (!bit(a->validity, i)) {
            ov_group_add64(state, 1);
            continue;
        }
        double sum, value;
        if (a->type == OV_TYPE_FLOAT32) {
            float narrow;
            memcpy(&narrow, a->values + (size_t)i * 4, 4);
            value = narrow;
        } else {
            memcpy(&value, a->values + (size_t)i * 8, 8);
        }
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
        for (uint32_t k = 0; k < count; k++) ov_group_add64(rows[k] + a->state, bit(a->validity, from + k));
        return;
    case OV_AGGREGATE_SUM: add_sums(a, rows, from, count); return;
    case OV_AGGREGATE_SUM_FLOAT: add_floats(a, rows, from, count); return;
    default: keep_extremes(a, rows, extremes, stride, from, count);
    }
}

/* Entries that a table may hold: never all, so that every search ends, and few buckets are full. */
static uint32_t room(uint32_t bits) { return ((uint32_t)1 << bits) / 8 * 5; }

/* A new key's part in what all keys have in common: eight bytes at a time, the last eight overlap those before. */
static void see_key(uint8_t *varying, const uint8_t *key, size_t width) {
    if (width < 8) {
        for (size_t i = 0; i < width; i++) {
            varying[i] &= key[i];
            varying[width + i] |= key[i];
        }
        return;
    }
    for (size_t at = 0;; at = at + 16 <= width ? at + 8 : width - 8) {
        const uint64_t v = ov_load64(key + at);
        ov_store64(varying + at, ov_load64(varying + at) & v);
        ov_store64(varying + width + at, ov_load64(varying + width + at) | v);
        if (at + 8 == width) return;
    }
}

uint8_t *ov_group_row(ov_groups *g, const shape *s, uint64_t hash, const uint8_t *key) {
    const uint32_t numbers = ((uint32_t)1 << g->bits) - 1, tag = (uint32_t)hash & ~numbers;
    for (uint32_t place = ov_group_bucket(hash, g->bits);; place = (place + 1) & numbers) {
        const uint32_t entry = g->table[place], number = entry & numbers;
        uint8_t *row = g->rows + (size_t)(number - 1) * s->row_width;
        if (number == 0) {
            g->table[place] = tag | ++g->used;
            row = g->rows + (size_t)(g->used - 1) * s->row_width;
            memcpy(row + OV_GROUPROW_HASH, &hash, 8);
            memcpy(row + OV_GROUPROW_KEY, key, s->key_width);
            see_key(g->varying, key, s->key_width);
            return row;
        }
        if ((entry & ~numbers) == tag && memcmp(row + OV_GROUPROW_KEY, key, s->key_width) == 0) return row;
    }
}

#if defined(__GNUC__) && defined(__SSE2__)
#include <emmintrin.h>
static inline uint32_t same_portable(const uint32_t *bucket, uint32_t hash, uint32_t mask) {
    const __m128i wanted = _mm_set1_epi32((int32_t)hash), bits = _mm_set1_epi32((int32_t)mask);
    __m128i same[4];
    for (int i = 0; i < 4; i++) {
        const __m128i differ = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(const void *)(bucket + 4 * i)), wanted);
        same[i] = _mm_cmpeq_epi32(_mm_and_si128(differ, bits), _mm_setzero_si128());
    }
    const __m128i low = _mm_packs_epi32(same[0], same[1]), high = _mm_packs_epi32(same[2], same[3]);
    return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
}
#else
static inline uint32_t same_portable(const uint32_t *bucket, uint32_t hash, uint32_t mask) {
    uint32_t same = 0;
    for (uint32_t i = 0; i < OV_GROUP_BUCKET; i++) same |= (uint32_t)(((bucket[i] ^ hash) & mask) == 0) << i;
    return same;
}
#endif

#define TARGET
#define SAME(bucket, hash, mask) same_portable(bucket, hash, mask)
#include "group_find.h"

static ov_group_finder *finder_for(const ov_groups *g, size_t key_width) {
    static const ov_group_finders portable = {short_near, short_far, long_near, long_far};
    const ov_group_finders *f = &portable;
#if defined(__GNUC__) && defined(__x86_64__)
    if (ov_get_level() >= OV_LEVEL_AVX512) f = &ov_avx512_finders;
#endif
    const bool is_far = g->bits > CACHED_BITS;
    if (key_width >= 8 && key_width <= 16) return is_far ? f->short_far : f->short_near;
    return is_far ? f->long_far : f->long_near;
}

static bool is_sound(const ov_groups *g, shape *s) {
    return g && g->table && g->varying && (g->rows || g->capacity == 0) && g->bits >= OV_GROUP_LEAST_BITS &&
           g->bits <= OV_GROUP_MOST_BITS && g->used <= g->capacity && g->used <= room(g->bits) &&
           g->capacity < UINT32_MAX && read_shape(g->program, g->words, s);
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
    const uint32_t most = ov_min32(room(g->bits), g->capacity);
    ov_group_finder *const find = finder_for(g, s.key_width);
    ov_group_ahead next;
    next.hashed = next.found = from;
    while (from < count) {
        uint32_t some = count - from < TOGETHER ? count - from : TOGETHER;
        if (some > most - g->used) some = most - g->used; /* each may be a new group */
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
    enum { AHEAD = 32 };
    shape s;
    if (!is_sound(g, &s)) return OV_BAD_ARGUMENT;
    const uint32_t numbers = ((uint32_t)1 << g->bits) - 1;
    for (uint32_t i = 0; i < g->used; i++) {
        const uint8_t *row = g->rows + i * s.row_width;
        if (g->used - i > AHEAD)
            FETCH(g->table + ov_group_bucket(ov_load64(row + AHEAD * s.row_width + OV_GROUPROW_HASH), g->bits));
        const uint64_t hash = ov_load64(row + OV_GROUPROW_HASH);
        uint32_t place = ov_group_bucket(hash, g->bits);
        while (g->table[place] != 0) place = (place + 1) & numbers;
        g->table[place] = ((uint32_t)hash & ~numbers) | (i + 1);
    }
    return OV_OK;
}
