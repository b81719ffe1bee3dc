/* Zoned decimals (DISPLAY): a digit a byte in its low nibble, the sign in the zone of the last or first byte or in a
 * byte of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "kernels.h"
#include "levels.h"

/* The digit and sign of a byte that may carry one: digit, + 16 where it is negative; 255: no signed digit. */
static inline uint8_t signed_digit(uint8_t c, int32_t flags) {
    if (!(flags & OV_FLAG_ASCII)) {
        uint8_t zone = c >> 4, digit = c & 15;
        if (digit > 9 || zone < 10) return 255;
        return zone == 11 || zone == 13 ? digit | 16 : digit;
    }
    if (c >= '0' && c <= '9') return c - '0';
    if (flags & OV_FLAG_ASCII_PY) return c >= 0x70 && c <= 0x79 ? (c - 0x70) | 16 : 255;
    if (c == '{') return 0;
    if (c >= 'A' && c <= 'I') return c - 'A' + 1;
    if (c == '}') return 16;
    if (c >= 'J' && c <= 'R') return (c - 'J' + 1) | 16;
    return 255;
}

ov_outcome ov_zoned_value(const ov_field *field, const uint8_t *p, ov_int128 *value) {
    const int32_t flags = field->flags;
    const uint8_t pad = ov_pad(field), zone = flags & OV_FLAG_ASCII ? 0x30 : 0xF0;
    int32_t count = field->length;
    int negative = 0;
    if ((flags & OV_FLAG_ABSENT) && ov_is_blank(p, count, pad)) return OV_ABSENT;

    if (flags & OV_FLAG_SEPARATE) {
        const uint8_t plus = flags & OV_FLAG_ASCII ? 0x2B : 0x4E, minus = flags & OV_FLAG_ASCII ? 0x2D : 0x60;
        uint8_t sign = flags & OV_FLAG_LEADING ? *p++ : p[count - 1];
        count--;
        negative = sign == minus;
        if (!negative && sign != plus && !((flags & OV_FLAG_LENIENT) && (sign == pad || sign == 0))) return OV_BAD;
    }
    if (flags & OV_FLAG_LENIENT) {
        while (count > 0 && (p[count - 1] == pad || p[count - 1] == 0)) count--;
        while (count > 0 && (p[0] == pad || p[0] == 0)) {
            p++;
            count--;
        }
    }
    int32_t at = flags & OV_FLAG_SEPARATE ? -1 : flags & OV_FLAG_LEADING ? 0 : count - 1;
    ov_wide wide = {0, 0};
    for (int32_t i = 0; i < count; i++) {
        uint8_t digit = (uint8_t)(p[i] - zone);
        if (i == at) {
            digit = signed_digit(p[i], flags);
            if (digit == 255) return OV_BAD;
            negative = digit >> 4;
            digit &= 15;
        } else if (digit > 9) {
            return OV_BAD;
        }
        wide = ov_wide_step(wide, 10, digit);
    }
    if (negative && !(flags & OV_FLAG_SIGNED)) return OV_BAD;
    *value = ov_wide_signed(ov_wide_scale(wide, field->up), negative);
    return OV_VALUE;
}

static void any(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k++) {
        ov_int128 value = {0, 0};
        ov_outcome outcome = ov_zoned_value(field, ov_item(items, k), &value);
        ov_put(field, out, k, outcome, value, valid, bad);
    }
}

#define ZONES 0xF0F0F0F0F0F0F0F0u
#define SIXES 0x0606060606060606u

/* Not zero where one of eight bytes is no x'F0' to x'F9'. */
static inline uint64_t not_digits(uint64_t x) { return ((x & ZONES) ^ ZONES) | (((x & ~ZONES) + SIXES) & ZONES); }

/* The n (1 to 8) bytes at p, the last in the highest byte, EBCDIC zeros below them; memory from low on can be read. */
static inline uint64_t load_tail(const uint8_t *p, int32_t n, const uint8_t *low) {
    if (n == 8) return ov_load64(p);
    if ((size_t)(p - low) + (size_t)n >= 8) {
        uint64_t keep = ~(uint64_t)0 << (64 - 8 * n);
        return (ov_load64(p + n - 8) & keep) | (ZONES & ~keep);
    }
    uint64_t x = ZONES;
    for (int32_t i = 0; i < n; i++) x = x >> 8 | (uint64_t)p[i] << 56;
    return x;
}

/* EBCDIC, strict, the sign over the last byte: eight digits at a time. What fails is looked at again, slowly. */
static inline void fast(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad,
                        int32_t type, int32_t chunks) {
    const int32_t n = field->length, head = n - 8 * (chunks - 1);
    const int is_signed = field->flags & OV_FLAG_SIGNED;
    ov_bits_fill(valid, items->count);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k++) {
        const uint8_t *p = ov_item(items, k);
        uint64_t x = load_tail(p, head, items->low), wrong = 0;
        uint64_t y = chunks > 1 ? ov_load64(p + head) : 0, z = chunks > 2 ? ov_load64(p + head + 8) : 0;
        uint64_t *last = chunks == 1 ? &x : chunks == 2 ? &y : &z;
        uint8_t zone = (uint8_t)(*last >> 60);
        *last |= (uint64_t)0xF0 << 56;
        wrong = not_digits(x) | (chunks > 1 ? not_digits(y) : 0) | (chunks > 2 ? not_digits(z) : 0);
        int negative = zone == 11 || zone == 13;
        if (wrong || zone < 10 || (negative && !is_signed)) {
            ov_int128 value = {0, 0};
            ov_outcome outcome = ov_zoned_value(field, p, &value);
            ov_put_again(field, out, k, outcome, value, valid, bad);
            continue;
        }
        uint64_t low = ov_eight_digits(x & ~ZONES);
        if (chunks > 1) low = low * 100000000u + ov_eight_digits(y & ~ZONES);
        ov_int128 value;
        if (chunks > 2) {
            value = ov_wide_signed(ov_wide_step((ov_wide){low, 0}, 100000000u, ov_eight_digits(z & ~ZONES)), negative);
        } else {
            int64_t v = negative ? -(int64_t)low : (int64_t)low;
            value = (ov_int128){(uint64_t)v, v >> 63};
        }
        ov_store_integer(type, out, k, value);
    }
}

#define FAST(name, type, chunks)                                                                                       \
    static void name(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad) {       \
        fast(field, items, out, valid, bad, type, chunks);                                                             \
    }
FAST(int32_8, OV_TYPE_INT32, 1)
FAST(int32_16, OV_TYPE_INT32, 2)
FAST(int64_16, OV_TYPE_INT64, 2)
FAST(int64_24, OV_TYPE_INT64, 3)
FAST(decimal_8, OV_TYPE_DECIMAL128, 1)
FAST(decimal_16, OV_TYPE_DECIMAL128, 2)
FAST(decimal_24, OV_TYPE_DECIMAL128, 3)

ov_number_kernel *ov_zoned_kernel(const ov_field *field, ov_level level) {
    const int32_t slow = OV_FLAG_ASCII | OV_FLAG_LEADING | OV_FLAG_SEPARATE | OV_FLAG_LENIENT;
    const int32_t chunks = (field->length + 7) / 8;
    ov_number_kernel *wide = field->up == 0 ? ov_wide_zoned(field, level) : NULL;
    if (wide) return wide;
    if ((field->flags & slow) || field->up != 0 || chunks > 3) return any;
    if (field->type == OV_TYPE_INT32) return chunks == 1 ? int32_8 : int32_16;
    if (field->type == OV_TYPE_INT64) return chunks == 1 ? any : chunks == 2 ? int64_16 : int64_24;
    return chunks == 1 ? decimal_8 : chunks == 2 ? decimal_16 : decimal_24;
}
