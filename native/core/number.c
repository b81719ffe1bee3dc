/* Numbers as text: integers of up to 128 bits with a decimal point, and the doubles of float columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "write.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/* The eight digits of n < 10^8, the first in the lowest byte. */
static inline uint64_t eight_apart(uint32_t n) {
    const uint64_t fours = n / 10000 | (uint64_t)(n % 10000) << 32;
    const uint64_t hundreds = fours * 10486 >> 20 & 0x0000007F0000007Fu; /* 10486 / 2^20 for 1 / 100 */
    const uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    const uint64_t tens = twos * 103 >> 10 & 0x000F000F000F000Fu; /* 103 / 2^10 for 1 / 10 */
    return tens | (twos - tens * 10) << 8;
}

/* The sixteen digits of n < 10^16. */
static inline void sixteen_apart(uint64_t n, uint64_t *first, uint64_t *second) {
    const uint32_t high = (uint32_t)(n / 100000000), low = (uint32_t)(n % 100000000);
#if defined(__SSE2__)
    const uint32_t a = high / 10000, c = low / 10000;
    const uint64_t left = a | (uint64_t)(high - 10000 * a) << 32, right = c | (uint64_t)(low - 10000 * c) << 32;
    const __m128i fours = _mm_unpacklo_epi64(_mm_cvtsi64_si128((int64_t)left), _mm_cvtsi64_si128((int64_t)right));
    const __m128i hundreds =
        _mm_srli_epi16(_mm_mulhi_epu16(fours, _mm_set1_epi32(5243)), 3); /* 5243 / 2^19 for 1 / 100 */
    const __m128i rest = _mm_sub_epi16(fours, _mm_mullo_epi16(hundreds, _mm_set1_epi32(100)));
    const __m128i twos = _mm_or_si128(hundreds, _mm_slli_epi32(rest, 16));
    const __m128i tens = _mm_mulhi_epu16(twos, _mm_set1_epi16(6554)); /* 6554 / 2^16 for 1 / 10 */
    const __m128i ones = _mm_sub_epi16(twos, _mm_mullo_epi16(tens, _mm_set1_epi16(10)));
    const __m128i digits = _mm_or_si128(tens, _mm_slli_epi16(ones, 8));
    *first = (uint64_t)_mm_cvtsi128_si64(digits);
    *second = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(digits, digits));
#else
    *first = eight_apart(high);
    *second = eight_apart(low);
#endif
}

/* Bytes of a word that are zero, counted from the lowest one. */
static inline int32_t zero_bytes(uint64_t x) {
#if defined(__GNUC__)
    return x ? __builtin_ctzll(x) >> 3 : 8;
#else
    int32_t n = 0;
    for (; n < 8 && !(x & 255); n++) x >>= 8;
    return n;
#endif
}

/* Sixteen digits without the first `skip` of them (0 to 15); what is behind them is not said. */
static inline void put_behind(uint8_t *at, uint64_t first, uint64_t second, int32_t skip) {
    const int32_t shift = 8 * (skip & 7);
    const uint64_t moved = first >> shift | (shift ? second << (64 - shift) : 0);
    ov_store64(at, skip < 8 ? moved : second >> shift);
    ov_store64(at + 8, second >> shift);
}

/* Below 10^16 and with fewer than 16 digits behind the point, as nearly all numbers are: everything stays in registers.
 */
static inline uint8_t *write_sixteen(uint64_t n, int32_t scale, uint8_t *at) {
    uint64_t first, second;
    sixteen_apart(n, &first, &second);
    const uint64_t ascii = 0x3030303030303030u;
    const int32_t zeros = first ? zero_bytes(first) : 8 + zero_bytes(second), most = 15 - scale;
    const int32_t skip = zeros < most ? zeros : most;
    put_behind(at, first | ascii, second | ascii, skip);
    at += 16 - scale - skip;
    if (scale == 0) return at;
    *at = '.';
    put_behind(at + 1, first | ascii, second | ascii, 16 - scale);
    return at + 1 + scale;
}

/* Up to 35 digits into field[FIELD - 40, FIELD); answers the first that is not 0, or NULL for a number with more. */
static inline uint8_t *write_forty(uint8_t *field, uint64_t high, uint64_t low) {
    const uint64_t ten16 = 10000000000000000u, ascii = 0x3030303030303030u;
    uint64_t upper, rest = low;
    if (high) {
        const uint64_t quotient = divide(high, low, &rest);
        if (quotient >= ten16) return NULL;
        upper = quotient * 1000 + rest / ten16;
    } else {
        upper = low / ten16;
    }
    const uint64_t middle = upper % ten16, lower = rest % ten16;
    const uint64_t top = eight_apart((uint32_t)(upper / ten16));
    uint64_t a, b, c, d;
    sixteen_apart(middle, &a, &b);
    sixteen_apart(lower, &c, &d);
    uint8_t *const first = field + FIELD - 40;
    ov_store64(first, top | ascii);
    ov_store64(first + 8, a | ascii);
    ov_store64(first + 16, b | ascii);
    ov_store64(first + 24, c | ascii);
    ov_store64(first + 32, d | ascii);
    if (top) return first + zero_bytes(top);
    if (a) return first + 8 + zero_bytes(a);
    if (b) return first + 16 + zero_bytes(b);
    if (c) return first + 24 + zero_bytes(c);
    return first + (d ? 32 + zero_bytes(d) : 39);
}

uint8_t *ov_write_digits(uint64_t high, uint64_t low, bool negative, int32_t scale, uint8_t *at) {
    *at = '-'; /* signs are random: no branch */
    at += negative;
    if (!high && low < 10000000000000000u && scale < 16) return write_sixteen(low, scale, at);
    uint8_t field[2 * FIELD];
    uint8_t *const end = field + FIELD, *first;
    memset(field, '0', FIELD - 40);
    first = write_forty(field, high, low);
    if (!first) {
        uint64_t rest;
        memset(field, '0', FIELD);
        const uint64_t quotient = divide(high, low, &rest);
        digits_before(end, rest);
        first = digits_before(end - 19, quotient);
    }
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
