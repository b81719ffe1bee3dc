/* Packed decimals (COMP-3): two digits a byte, the sign in the last nibble; without one (COMP-6) digits only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "kernels.h"
#include "levels.h"

ov_outcome ov_packed_value(const ov_field *field, const uint8_t *p, ov_int128 *value) {
    const int32_t length = field->length, flags = field->flags;
    if ((flags & OV_FLAG_ABSENT) && ov_is_blank(p, length, ov_pad(field))) return OV_ABSENT;
    const int has_sign = !(flags & OV_FLAG_NO_SIGN);
    const int32_t nibbles = 2 * length - has_sign;
    int negative = 0;
    ov_wide wide = {0, 0};
    for (int32_t i = 0; i < nibbles; i++) {
        uint8_t digit = (p[i >> 1] >> (i & 1 ? 0 : 4)) & 15;
        if (digit > 9 || (i == 0 && digit != 0 && nibbles > field->digits)) return OV_BAD;
        wide = ov_wide_step(wide, 10, digit);
    }
    if (has_sign) {
        uint8_t sign = p[length - 1] & 15;
        if (sign < 10) return OV_BAD;
        negative = sign == 11 || sign == 13;
        if (negative && !(flags & OV_FLAG_SIGNED)) return OV_BAD;
    }
    *value = ov_wide_signed(ov_wide_scale(wide, field->up), negative);
    return OV_VALUE;
}

static void any(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k++) {
        ov_int128 value = {0, 0};
        ov_outcome outcome = ov_packed_value(field, ov_item(items, k), &value);
        ov_put(field, out, k, outcome, value, valid, bad);
    }
}

/* The n (1 to 8) bytes at p as a big-endian number; memory from low on can be read. */
static inline uint64_t load_big(const uint8_t *p, int32_t n, const uint8_t *low) {
    if ((size_t)(p - low) + (size_t)n >= 8) return ov_swap64(ov_load64(p + n - 8)) & (~(uint64_t)0 >> (64 - 8 * n));
    uint64_t v = 0;
    for (int32_t i = 0; i < n; i++) v = v << 8 | p[i];
    return v;
}

/* Not zero where one of sixteen nibbles is above 9. */
static inline uint64_t not_digits(uint64_t x) {
    return x & ((x & 0x4444444444444444u) << 1 | (x & 0x2222222222222222u) << 2) & 0x8888888888888888u;
}

/* Sixteen nibbles, the first digit in the highest, as a number. */
static inline uint64_t sixteen_digits(uint64_t x) {
    x = (x & 0x0F0F0F0F0F0F0F0Fu) + 10 * (x >> 4 & 0x0F0F0F0F0F0F0F0Fu);
    x = (x & 0x00FF00FF00FF00FFu) + 100 * (x >> 8 & 0x00FF00FF00FF00FFu);
    x = (x & 0x0000FFFF0000FFFFu) + 10000 * (x >> 16 & 0x0000FFFF0000FFFFu);
    return (x & 0xFFFFFFFFu) + 100000000u * (x >> 32);
}

/* With a sign, up to 31 digits: fifteen and the sign from the last eight bytes, sixteen from those before. */
static inline void fast(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad,
                        int32_t type, int two) {
    const int32_t tail = two ? 8 : field->length, head = field->length - tail;
    const int is_signed = field->flags & OV_FLAG_SIGNED;
    /* an even number of digits leaves the first nibble unused: it must be 0 */
    const uint64_t unused = field->digits & 1 ? 0 : (uint64_t)0xF0 << (8 * ((two ? head : tail) - 1));
    ov_bits_fill(valid, items->count);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k++) {
        const uint8_t *p = ov_item(items, k);
        uint64_t x = load_big(p + head, tail, items->low), h = two ? load_big(p, head, items->low) : 0;
        unsigned sign = x & 15;
        int negative = sign == 11 || sign == 13;
        if (not_digits(x >> 4) | not_digits(h) | ((two ? h : x) & unused) | (sign < 10) | (negative && !is_signed)) {
            ov_int128 value = {0, 0};
            ov_outcome outcome = ov_packed_value(field, p, &value);
            ov_put_again(field, out, k, outcome, value, valid, bad);
            continue;
        }
        uint64_t low = sixteen_digits(x >> 4);
        ov_int128 value;
        if (two) {
            ov_wide wide = ov_wide_step((ov_wide){sixteen_digits(h), 0}, 1000000000000000u, low);
            value = ov_wide_signed(wide, negative);
        } else {
            int64_t v = negative ? -(int64_t)low : (int64_t)low;
            value = (ov_int128){(uint64_t)v, v >> 63};
        }
        ov_store_integer(type, out, k, value);
    }
}

#define FAST(name, type, two)                                                                                          \
    static void name(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {       \
        fast(field, items, out, valid, bad, type, two);                                                                \
    }
FAST(int32_one, OV_TYPE_INT32, 0)
FAST(int64_one, OV_TYPE_INT64, 0)
FAST(int64_two, OV_TYPE_INT64, 1)
FAST(decimal_one, OV_TYPE_DECIMAL128, 0)
FAST(decimal_two, OV_TYPE_DECIMAL128, 1)

ov_number_kernel *ov_packed_kernel(const ov_field *field, ov_level level) {
    ov_number_kernel *wide = field->up == 0 ? ov_wide_packed(field, level) : NULL;
    if (wide) return wide;
    if ((field->flags & OV_FLAG_NO_SIGN) || field->up != 0 || field->length > 16) return any;
    const int two = field->length > 8;
    switch (field->type) {
    case OV_TYPE_INT32: return int32_one;
    case OV_TYPE_INT64: return two ? int64_two : int64_one;
    default: return two ? decimal_two : decimal_one;
    }
}
