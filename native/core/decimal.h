/* 128-bit integers as two words, and unaligned loads and stores. Arithmetic wraps; callers keep values below 10^38.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_DECIMAL_H
#define OV_DECIMAL_H

#include "common.h"
#include "kernel.h"
#include "opcodes.h"

static inline uint32_t ov_load32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static inline uint64_t ov_swap64(uint64_t v) {
#if defined(__GNUC__)
    return __builtin_bswap64(v);
#else
    v = ((v & 0x00FF00FF00FF00FFu) << 8) | ((v >> 8) & 0x00FF00FF00FF00FFu);
    v = ((v & 0x0000FFFF0000FFFFu) << 16) | ((v >> 16) & 0x0000FFFF0000FFFFu);
    return (v << 32) | (v >> 32);
#endif
}

/* An unsigned 128-bit number while its digits are put together. */
typedef struct ov_wide {
    uint64_t low, high;
} ov_wide;

static inline ov_wide ov_wide_multiply(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
    unsigned __int128 product = (unsigned __int128)a * b;
    return (ov_wide){(uint64_t)product, (uint64_t)(product >> 64)};
#else
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t low = al * bl, mid1 = ah * bl, mid2 = al * bh;
    uint64_t carry = ((low >> 32) + (uint32_t)mid1 + (uint32_t)mid2) >> 32;
    return (ov_wide){low + (mid1 << 32) + (mid2 << 32), ah * bh + (mid1 >> 32) + (mid2 >> 32) + carry};
#endif
}

/* wide * factor + more */
static inline ov_wide ov_wide_step(ov_wide wide, uint64_t factor, uint64_t more) {
    ov_wide r = ov_wide_multiply(wide.low, factor);
    r.high += wide.high * factor;
    r.low += more;
    r.high += r.low < more;
    return r;
}

static const uint64_t ov_powers10[20] = {1u,
                                         10u,
                                         100u,
                                         1000u,
                                         10000u,
                                         100000u,
                                         1000000u,
                                         10000000u,
                                         100000000u,
                                         1000000000u,
                                         10000000000u,
                                         100000000000u,
                                         1000000000000u,
                                         10000000000000u,
                                         100000000000000u,
                                         1000000000000000u,
                                         10000000000000000u,
                                         100000000000000000u,
                                         1000000000000000000u,
                                         10000000000000000000u};

/* Of the powers of ten that eight digits of a longer number stand for, which: 15, 16, 23, 24, 31 or 32. */
#define OV_POWER(power) (((power) + 1) / 8 * 2 - 4 + ((power) % 8 == 0))

static inline ov_wide ov_wide_scale(ov_wide wide, int32_t up) {
    for (; up > 19; up -= 19) wide = ov_wide_step(wide, ov_powers10[19], 0);
    return up > 0 ? ov_wide_step(wide, ov_powers10[up], 0) : wide;
}

static inline ov_int128 ov_wide_signed(ov_wide wide, int negative) {
    if (negative) {
        wide.low = 0 - wide.low;
        wide.high = ~wide.high + (wide.low == 0);
    }
    return (ov_int128){wide.low, (int64_t)wide.high};
}

/* Stores an integer as slot k of a column of this type. */
static inline void ov_store_integer(int32_t type, uint8_t *out, uint32_t k, ov_int128 value) {
    if (type == OV_TYPE_INT32) {
        int32_t v = (int32_t)value.low;
        memcpy(out + (size_t)k * 4, &v, 4);
    } else if (type == OV_TYPE_INT64) {
        memcpy(out + (size_t)k * 8, &value.low, 8);
    } else {
        memcpy(out + (size_t)k * 16, &value.low, 8);
        memcpy(out + (size_t)k * 16 + 8, &value.high, 8);
    }
}

static inline const uint8_t *ov_item(const ov_items *items, uint32_t k) {
    return items->positions ? items->origin + items->positions[k] : items->origin + k * items->stride;
}

/* How many of the items, from the first on, are each followed by memory up to `reach` bytes from their start. */
static inline uint32_t ov_items_within(const ov_items *items, size_t reach) {
    const size_t there = (size_t)(items->high - items->origin);
    if (there < reach) return 0;
    const size_t last = there - reach;
    if (!items->positions) {
        if (items->stride == 0) return items->count;
        const size_t most = last / items->stride + 1;
        return most < items->count ? (uint32_t)most : items->count;
    }
    uint32_t farthest = 0;
    for (uint32_t k = 0; k < items->count; k++)
        farthest = items->positions[k] > farthest ? items->positions[k] : farthest;
    if (farthest <= last) return items->count;
    for (uint32_t k = 0; k < items->count; k++)
        if (items->positions[k] > last) return k;
    return items->count;
}

static inline void ov_bits_clear(ov_bits *bits) { memset(bits, 0, sizeof *bits); }

static inline void ov_bits_set(ov_bits *bits, uint32_t k) { bits->words[k >> 6] |= (uint64_t)1 << (k & 63); }

/* The first `count` bits, and no others. */
static inline void ov_bits_fill(ov_bits *bits, uint32_t count) {
    for (uint32_t w = 0; w < OV_TILE_BITS / 64; w++) {
        const uint32_t from = w * 64;
        bits->words[w] = count >= from + 64 ? ~(uint64_t)0 : count > from ? ((uint64_t)1 << (count - from)) - 1 : 0;
    }
}

/* Records what came of item k, and its value (0 where there is none). */
static inline void ov_put(const ov_field *field, uint8_t *out, uint32_t k, ov_outcome outcome, ov_int128 value,
                          ov_bits *valid, ov_bits *bad) {
    if (outcome == OV_VALUE) {
        ov_bits_set(valid, k);
    } else {
        value = (ov_int128){0, 0};
        if (outcome == OV_BAD) ov_bits_set(bad, k);
    }
    ov_store_integer(field->type, out, k, value);
}

/* The same where the item's bit says already that it is valid: loops without a store for each bit begin so. */
static inline void ov_put_again(const ov_field *field, uint8_t *out, uint32_t k, ov_outcome outcome, ov_int128 value,
                                ov_bits *valid, ov_bits *bad) {
    valid->words[k >> 6] &= ~((uint64_t)1 << (k & 63));
    ov_put(field, out, k, outcome, value, valid, bad);
}

/* All bytes the same as one of: the pad, x'00', x'FF'. */
static inline int ov_is_blank(const uint8_t *p, int32_t n, uint8_t pad) {
    uint8_t first = p[0];
    if (first != pad && first != 0 && first != 0xFF) return 0;
    for (int32_t i = 1; i < n; i++)
        if (p[i] != first) return 0;
    return 1;
}

static inline uint8_t ov_pad(const ov_field *field) { return field->flags & OV_FLAG_ASCII ? 0x20 : 0x40; }

/* Eight digits (values 0-9, the first in the lowest byte) as a number. */
static inline uint64_t ov_eight_digits(uint64_t x) {
    x = (x * 10 + (x >> 8)) & 0x00FF00FF00FF00FFu;
    x = (x * 100 + (x >> 16)) & 0x0000FFFF0000FFFFu;
    return (x * 10000 + (x >> 32)) & 0xFFFFFFFFu;
}

#endif
