/* Numbers as text: integers of up to 128 bits with a decimal point, and the doubles of float columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "write.h"

/* Digits are written from the right into a field of zeros, so that none need be added before a point. */
enum { FIELD = 48 };

static inline uint8_t *two_digits(uint8_t *p, uint32_t n) {
    static const char pairs[] =
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
        "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
        "888990919293949596979899";
    memcpy(p - 2, pairs + 2 * n, 2);
    return p - 2;
}

/* Writes n before p. */
static inline uint8_t *digits_before(uint8_t *p, uint64_t n) {
    while (n >= 10000) {
        const uint32_t four = (uint32_t)(n % 10000);
        n /= 10000;
        p = two_digits(two_digits(p, four % 100), four / 100);
    }
    uint32_t rest = (uint32_t)n;
    if (rest >= 100) {
        p = two_digits(p, rest % 100);
        rest /= 100;
    }
    if (rest >= 10) return two_digits(p, rest);
    *--p = (uint8_t)('0' + rest);
    return p;
}

/* Divides a number below 2^127 by 10^19; the quotient fits a word. */
static inline uint64_t divide(uint64_t high, uint64_t low, uint64_t *rest) {
    const uint64_t ten19 = ov_powers10[19];
#if defined(__SIZEOF_INT128__)
    const unsigned __int128 n = (unsigned __int128)high << 64 | low;
    const uint64_t quotient = (uint64_t)(n / ten19);
    *rest = low - quotient * ten19;
    return quotient;
#else
    uint64_t quotient = 0;
    for (int32_t bit = 63; bit >= 0; bit--) {
        const uint64_t carry = high >> 63;
        high = high << 1 | (low >> bit & 1);
        if (!carry && high < ten19) continue;
        high -= ten19;
        quotient |= (uint64_t)1 << bit;
    }
    *rest = high;
    return quotient;
#endif
}

uint8_t *ov_write_digits(uint64_t high, uint64_t low, bool negative, int32_t scale, uint8_t *at) {
    uint8_t field[2 * FIELD];
    uint8_t *const end = field + FIELD, *first = end;
    memset(field, '0', FIELD);
    if (high) {
        uint64_t rest;
        const uint64_t quotient = divide(high, low, &rest);
        digits_before(end, rest);
        first = end - 19;
        low = quotient;
    }
    first = digits_before(first, low);
    if (negative) *at++ = '-';
    if (first > end - scale - 1) first = end - scale - 1;
    const size_t whole = (size_t)(end - scale - first);
    memcpy(at, first, 40);
    at += whole;
    if (scale == 0) return at;
    *at = '.';
    memcpy(at + 1, end - scale, 40);
    return at + 1 + scale;
}

uint8_t *ov_write_integer(const ov_op *op, ov_int128 value, uint8_t *at) {
    const bool negative = value.high < 0;
    uint64_t low = value.low, high = (uint64_t)value.high;
    if (negative) {
        low = 0 - low;
        high = ~high + (low == 0);
    }
    const bool quoted = (op->flags & OV_WRITEFLAG_QUOTED_BEYOND) && (high || low > OV_MOST_SAFE);
    at = ov_write_template(at, op->prefix, op->prefix_length);
    if (quoted) *at++ = '"';
    at = ov_write_digits(high, low, negative, op->scale, at);
    if (quoted) *at++ = '"';
    *at = op->suffix;
    return at + op->suffix_length;
}

uint8_t *ov_write_float(const ov_op *op, double value, uint8_t *at) {
    const bool finite = value - value == 0;
    if (!finite && !(op->flags & OV_WRITEFLAG_NAMES)) return ov_write_nothing(op, at);
    at = ov_write_double(value, ov_write_template(at, op->prefix, op->prefix_length));
    *at = op->suffix;
    return at + op->suffix_length;
}
