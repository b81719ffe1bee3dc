/* Sorts keys. Bits in which all keys agree are left out (pext), so that most keys need few; as many as fit are put
 * above the number of their key in an entry of 64 bits. Where entries are too many for the cache they are first spread
 * by the first ten bits, which need no room in them then; what fits the cache is sorted from the last bits to the
 * first. Keys that agree in all bits so far are sorted by the next ones, and so on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>

#include "decimal.h"

/* Bits of a key above the number of the key. */
typedef uint64_t entry;

typedef struct sorted_keys {
    const uint8_t *keys;
    size_t stride, width;
} sorted_keys;

/* Up to 64 varying bits of the key, out of a few of its words. */
enum { LEVEL_WORDS = 8 };
typedef struct level {
    uint32_t words, bits;
    uint32_t at[LEVEL_WORDS];
    uint64_t mask[LEVEL_WORDS];
} level;

enum {
    FEW = 24,         /* sorted by insertion */
    CACHED = 1 << 15, /* entries, twice, in the second-level cache */
    FIRST_BITS = 10,
    SMALL = 2048, /* from here on digits of 11 bits rather than 8 */
    MOST_PASSES = 8
};

static inline uint32_t bits_of(uint64_t mask) {
    uint32_t bits = 0;
    for (; mask; mask &= mask - 1) bits++;
    return bits;
}

/* Eight bytes of the key from `at` on, the first one highest; zeros behind its end. */
static inline uint64_t load_word(const uint8_t *key, size_t width, size_t at) {
    if (at + 8 <= width) return ov_swap64(ov_load64(key + at));
    if (width >= 8) return ov_swap64(ov_load64(key + width - 8)) << 8 * (at + 8 - width);
    uint64_t v = 0;
    for (size_t i = at; i < at + 8; i++) v = v << 8 | (i < width ? key[i] : 0);
    return v;
}

/* The bits of v under mask, put together. */
static inline uint64_t extract_portable(uint64_t v, uint64_t mask) {
    uint64_t out = 0;
    while (mask) { /* a run of ones at a time, from the top */
        const int top = __builtin_clzll(mask);
        const uint64_t rest = ~(mask << top);
        const int length = rest ? __builtin_clzll(rest) : 64;
        if (length == 64) return v;
        out = out << length | (v << top) >> (64 - length);
        mask &= ~(uint64_t)0 >> 1 >> (top + length - 1);
    }
    return out;
}

#define ALWAYS __attribute__((always_inline)) static inline

/* Where an entry's number comes from and where its bits go: `again`: out of the entry as it is. */
typedef struct numbering {
    uint32_t bits;
    bool again, left_out;
} numbering;

ALWAYS entry numbered(const numbering *n, uint64_t v, uint32_t number) {
    return n->left_out ? v : v << n->bits | number;
}

ALWAYS uint32_t number_of(const numbering *n, const entry *entries, size_t i) {
    return n->again ? (uint32_t)(entries[i] & (((uint64_t)1 << n->bits) - 1)) : (uint32_t)i;
}

static void fill_portable(const sorted_keys *s, const level *l, entry *entries, size_t count, const numbering *n) {
    const uint8_t *keys = s->keys;
    const size_t width = s->width, stride = s->stride;
    for (size_t i = 0; i < count; i++) {
        const uint32_t number = number_of(n, entries, i);
        const uint8_t *key = keys + number * stride;
        uint64_t v = extract_portable(load_word(key, width, l->at[0]), l->mask[0]);
        for (uint32_t w = 1; w < l->words; w++) {
            const uint64_t mask = l->mask[w];
            v = v << bits_of(mask) | extract_portable(load_word(key, width, l->at[w]), mask);
        }
        entries[i] = numbered(n, v, number);
    }
}

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>
__attribute__((target("bmi,bmi2,popcnt"))) static void fill_bmi2(const sorted_keys *s, const level *l, entry *entries,
                                                                 size_t count, const numbering *n) {
    const uint8_t *keys = s->keys;
    const size_t width = s->width, stride = s->stride;
    for (size_t i = 0; i < count; i++) {
        const uint32_t number = number_of(n, entries, i);
        const uint8_t *key = keys + number * stride;
        uint64_t v = _pext_u64(load_word(key, width, l->at[0]), l->mask[0]);
        for (uint32_t w = 1; w < l->words; w++) {
            const uint64_t mask = l->mask[w];
            v = v << __builtin_popcountll(mask) | _pext_u64(load_word(key, width, l->at[w]), mask);
        }
        entries[i] = numbered(n, v, number);
    }
}
#endif

static void fill(const sorted_keys *s, const level *l, entry *entries, size_t count, numbering n) {
#if defined(__GNUC__) && defined(__x86_64__)
    if (ov_get_level() >= OV_LEVEL_AVX2) {
        fill_bmi2(s, l, entries, count, &n);
        return;
    }
#endif
    fill_portable(s, l, entries, count, &n);
}

/* Takes at most `most` of the next bits of *mask, the varying bits of the word at *at that are left; false where none
 * are. */
static bool next_level(const uint8_t *varying, size_t width, uint32_t most, size_t *at, uint64_t *mask, level *l) {
    l->words = l->bits = 0;
    while (l->words < LEVEL_WORDS && l->bits < most) {
        if (*mask == 0) {
            *at += 8;
            if (*at >= width) break;
            *mask = load_word(varying + width, width, *at) & ~load_word(varying, width, *at);
            if (*at + 8 > width) *mask &= ~(uint64_t)0 << 8 * (*at + 8 - width);
            continue;
        }
        uint64_t taken = *mask;
        while (bits_of(taken) > most - l->bits) taken &= taken - 1; /* the lowest bits stay for the next level */
        *mask &= ~taken;
        l->at[l->words] = (uint32_t)*at;
        l->mask[l->words++] = taken;
        l->bits += bits_of(taken);
    }
    return l->bits > 0;
}

static void insertion(entry *a, size_t count) {
    for (size_t i = 1; i < count; i++) {
        const entry e = a[i];
        size_t k = i;
        for (; k > 0 && a[k - 1] > e; k--) a[k] = a[k - 1];
        a[k] = e;
    }
}

/* Sorts by bits [low, low + bits) from the last digit to the first; answers where the result is. */
static entry *by_digits(entry *a, entry *b, uint32_t count, uint32_t low, uint32_t bits) {
    uint32_t counts[MOST_PASSES * 256 > 6 * 2048 ? MOST_PASSES * 256 : 6 * 2048];
    const uint32_t digit = count < SMALL ? 8 : 11, passes = (bits + digit - 1) / digit;
    const uint32_t digits = (uint32_t)1 << digit, mask = digits - 1;
    memset(counts, 0, (size_t)passes * digits * sizeof *counts);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t v = a[i] >> low;
        for (uint32_t p = 0; p < passes; p++, v >>= digit) counts[p * digits + (v & mask)]++;
    }
    for (uint32_t p = 0; p < passes; p++) {
        uint32_t *at = counts + p * digits, shift = low + p * digit;
        if (at[a[0] >> shift & mask] == count) continue;
        for (uint32_t d = 0, sum = 0; d < digits; d++) {
            const uint32_t n = at[d];
            at[d] = sum;
            sum += n;
        }
        for (uint32_t i = 0; i < count; i++) b[at[a[i] >> shift & mask]++] = a[i];
        entry *swap = a;
        a = b;
        b = swap;
    }
    return a;
}

/* Sorts a by bits [low, top) of the keys, which agree in those above; the result is in b or, without `over`, in a. */
static void radix(entry *a, entry *b, uint32_t count, uint32_t low, uint32_t top, bool over) {
    while (top > low && count > CACHED) {
        uint32_t ends[1 << FIRST_BITS];
        const uint32_t digit = top - low < FIRST_BITS ? top - low : FIRST_BITS, shift = top - digit;
        const uint32_t digits = (uint32_t)1 << digit, mask = digits - 1;
        memset(ends, 0, digits * sizeof *ends);
        for (uint32_t i = 0; i < count; i++) ends[a[i] >> shift & mask]++;
        if (ends[a[0] >> shift & mask] == count) {
            top = shift;
            continue;
        }
        for (uint32_t d = 0, sum = 0; d < digits; d++) {
            const uint32_t n = ends[d];
            ends[d] = sum;
            sum += n;
        }
        for (uint32_t i = 0; i < count; i++) b[ends[a[i] >> shift & mask]++] = a[i];
        for (uint32_t d = 0, start = 0; d < digits; start = ends[d++])
            radix(b + start, a + start, ends[d] - start, low, shift, !over);
        return;
    }
    entry *sorted = a;
    if (count > 1 && top > low) {
        if (count <= FEW)
            insertion(a, count);
        else
            sorted = by_digits(a, b, count, low, top - low);
    }
    entry *wanted = over ? b : a;
    if (sorted != wanted) memcpy(wanted, sorted, count * sizeof *a);
}

static inline bool is_tied(const uint8_t *ties, uint32_t i) { return ties[i >> 3] >> (i & 7) & 1; }

/* Marks in entries from..to-1 those whose bits so far are those of the one before; true if there are any. */
static bool mark_ties(const entry *entries, uint32_t from, uint32_t to, uint32_t number_bits, uint8_t *ties) {
    bool any = false;
    for (uint32_t i = from; i < to; i++) {
        const bool same = i > from && (entries[i] ^ entries[i - 1]) >> number_bits == 0;
        ties[i >> 3] = (uint8_t)((ties[i >> 3] & ~(1 << (i & 7))) | same << (i & 7));
        any |= same;
    }
    return any;
}

/* Whether there are more entries than the cache has room for. */
static inline bool is_spread(uint32_t count) { return count > CACHED; }

/* What the steps of a sort share; each works it out of the job again. */
typedef struct sorting {
    sorted_keys keys;
    level first, second; /* the second has no bits where there is none */
    entry *a, *b;
    uint8_t *ties;
    uint32_t *counts; /* of each part, how many keys begin with which bits */
    uint32_t count, number_bits, digits, parts;
    size_t at;
    uint64_t mask;
} sorting;

static void plan_sorting(const ov_sort_job *job, uint32_t parts, sorting *s) {
    const uint32_t count = job->count, number_bits = count < 2 ? 0 : 32 - (uint32_t)__builtin_clz(count - 1);
    *s = (sorting){.keys = {job->keys, job->stride, job->width},
                   .a = (entry *)(void *)job->scratch,
                   .count = count,
                   .number_bits = number_bits,
                   .parts = parts,
                   .at = (size_t)0 - 8};
    s->b = s->a + count;
    s->counts = (uint32_t *)(void *)(s->b + count);
    s->ties = (uint8_t *)(s->counts + (is_spread(count) ? OV_SORT_PARTS << FIRST_BITS : 0));
    if (count < 2 || job->width == 0) return;
    const uint32_t room = 64 - number_bits, more = is_spread(count) ? FIRST_BITS : 0;
    if (!next_level(job->varying, job->width, room + more, &s->at, &s->mask, &s->first)) return;
    next_level(job->varying, job->width, room, &s->at, &s->mask, &s->second);
    s->digits = s->first.bits < FIRST_BITS ? s->first.bits : FIRST_BITS;
}

static inline uint32_t part_start(uint32_t count, uint32_t part, uint32_t parts) {
    return (uint32_t)((uint64_t)count * part / parts);
}

/* Puts the bits of a part of the keys into a, and counts by how they begin. */
static void fill_part(const sorting *s, uint32_t part) {
    const uint32_t from = part_start(s->count, part, s->parts), to = part_start(s->count, part + 1, s->parts);
    uint32_t *counts = s->counts + ((size_t)part << FIRST_BITS);
    sorted_keys keys = s->keys;
    keys.keys += from * keys.stride;
    fill(&keys, &s->first, s->a + from, to - from, (numbering){s->number_bits, false, true});
    memset(counts, 0, sizeof *counts << FIRST_BITS);
    for (uint32_t i = from; i < to; i++) counts[s->a[i] >> (s->first.bits - s->digits)]++;
}

/* Where each beginning's entries of a part go; ends of all parts with part == s->parts. */
static void find_places(const sorting *s, uint32_t part, uint32_t *places) {
    for (uint32_t d = 0, sum = 0; d < (uint32_t)1 << s->digits; d++) {
        uint32_t before = 0, all = 0;
        for (uint32_t p = 0; p < s->parts; p++) {
            const uint32_t n = s->counts[((size_t)p << FIRST_BITS) + d];
            before += p < part ? n : 0;
            all += n;
        }
        places[d] = sum + before;
        sum += all;
    }
}

/* Spreads a part of a to b by the first bits, which are then left out. */
static void spread_part(const sorting *s, uint32_t part) {
    uint32_t places[(uint32_t)1 << FIRST_BITS];
    const uint32_t from = part_start(s->count, part, s->parts), to = part_start(s->count, part + 1, s->parts);
    const uint32_t shift = s->first.bits - s->digits, number_bits = s->number_bits;
    const uint64_t rest = ((uint64_t)1 << shift) - 1;
    const entry *a = s->a;
    entry *b = s->b;
    find_places(s, part, places);
    for (uint32_t i = from; i < to; i++) b[places[a[i] >> shift]++] = (a[i] & rest) << number_bits | i;
}

/* Sorts what begins with the same bits, from b to a: those of which most are in this part of all entries. Marks ties
 * where it is the only part: those of several could be in one byte. */
static bool sort_part(const sorting *s, uint32_t part, bool to_sort, bool to_mark) {
    uint32_t ends[(uint32_t)1 << FIRST_BITS];
    const uint32_t top = s->number_bits + s->first.bits - s->digits;
    const uint32_t first = part_start(s->count, part, s->parts), last = part_start(s->count, part + 1, s->parts);
    bool any = false;
    find_places(s, s->parts, ends);
    for (uint32_t d = 0, start = 0; d < (uint32_t)1 << s->digits; start = ends[d++]) {
        const uint32_t middle = start + (ends[d] - start) / 2;
        if (start == ends[d] || middle < first || middle >= last) continue;
        if (to_sort) radix(s->b + start, s->a + start, ends[d] - start, s->number_bits, top, true);
        if (to_mark) any |= mark_ties(s->a, start, ends[d], s->number_bits, s->ties);
    }
    return any;
}

/* Sorts what agrees in the first bits by those that follow, as long as there are some. */
static void sort_ties(const ov_sort_job *job, sorting *s) {
    const uint32_t count = s->count, number_bits = s->number_bits;
    level next = s->second;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t from = 0, to; from < count; from = to) {
            for (to = from + 1; to < count && is_tied(s->ties, to);) to++;
            if (to - from < 2) continue;
            fill(&s->keys, &next, s->a + from, to - from, (numbering){number_bits, true, false});
            radix(s->a + from, s->b + from, to - from, number_bits, number_bits + next.bits, false);
            more |= mark_ties(s->a, from, to, number_bits, s->ties);
        }
        more = more && next_level(job->varying, job->width, 64 - number_bits, &s->at, &s->mask, &next);
    }
}

/* After several parts, whose ties nobody has marked yet. */
static void sort_all_ties(const ov_sort_job *job, sorting *s) {
    bool any = false;
    for (uint32_t part = 0; part < s->parts; part++) any |= sort_part(s, part, false, true);
    if (any) sort_ties(job, s);
}

static void sort_small(const ov_sort_job *job, sorting *s) {
    fill(&s->keys, &s->first, s->a, s->count, (numbering){s->number_bits, false, false});
    radix(s->a, s->b, s->count, s->number_bits, s->number_bits + s->first.bits, false);
    if (s->second.bits > 0 && mark_ties(s->a, 0, s->count, s->number_bits, s->ties)) sort_ties(job, s);
}

static void put_order(const ov_sort_job *job, const sorting *s, uint32_t part) {
    const uint64_t numbers = ((uint64_t)1 << s->number_bits) - 1;
    const uint32_t from = part_start(s->count, part, s->parts), to = part_start(s->count, part + 1, s->parts);
    for (uint32_t i = from; i < to; i++) job->order[i] = s->first.bits == 0 ? i : (uint32_t)(s->a[i] & numbers);
}

size_t ov_sort_scratch(uint32_t count) {
    const size_t counts = is_spread(count) ? sizeof(uint32_t) * (OV_SORT_PARTS << FIRST_BITS) : 0;
    return (size_t)count * 2 * sizeof(entry) + counts + ((size_t)count + 7) / 8;
}

ov_status ov_sort_step(const ov_sort_job *job, ov_sort_steps step, uint32_t part, uint32_t parts) {
    if (!job || part >= parts || parts > OV_SORT_PARTS || job->width > OV_MAX_KEY || job->stride < job->width ||
        (job->count > 0 && (!job->order || !job->scratch || (!job->keys && job->width > 0))) ||
        (!job->varying && job->width > 0))
        return OV_BAD_ARGUMENT;
    sorting s;
    plan_sorting(job, parts, &s);
    const bool has_bits = s.first.bits > 0, is_large = has_bits && is_spread(s.count);
    const bool has_ties = s.second.bits > 0;
    switch (step) {
    case OV_SORT_FILL:
        if (is_large)
            fill_part(&s, part);
        else if (has_bits && part == 0)
            sort_small(job, &s);
        return OV_OK;
    case OV_SORT_SPREAD:
        if (is_large) spread_part(&s, part);
        return OV_OK;
    case OV_SORT_SORT:
        if (is_large && sort_part(&s, part, true, has_ties && parts == 1)) sort_ties(job, &s);
        return OV_OK;
    case OV_SORT_TIES:
        if (!is_large || !has_ties || parts == 1 || part > 0) return OV_OK;
        sort_all_ties(job, &s);
        return OV_OK;
    case OV_SORT_ORDER: put_order(job, &s, part); return OV_OK;
    default: return OV_BAD_ARGUMENT;
    }
}

ov_status ov_sort(const uint8_t *keys, size_t stride, size_t width, uint32_t count, const uint8_t *varying,
                  uint32_t *order, uint8_t *scratch) {
    const ov_sort_job job = {keys, stride, width, count, varying, order, scratch};
    for (int step = OV_SORT_FILL; step <= OV_SORT_ORDER; step++) {
        const ov_status status = ov_sort_step(&job, (ov_sort_steps)step, 0, 1);
        if (status != OV_OK) return status;
    }
    return OV_OK;
}
