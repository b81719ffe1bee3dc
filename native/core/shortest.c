/* A double as JavaScript writes it: the fewest digits that read back as the same double, of those the nearest to it
 * (R. Giulietti, "The Schubfach way to render doubles"), and ECMAScript's Number::toString for where the point goes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decimal.h"
#include "powers.h"
#include "write.h"

/* An integer of up to 17 digits and a power of ten. */
typedef struct shortest {
    uint64_t digits;
    int32_t exponent;
} shortest;

/* floor(log10(2^e)), floor(log10(3/4 * 2^e)), floor(log2(10^e)); exact for all exponents of doubles. */
static inline int32_t log10_of_2(int32_t e) { return (e * 1262611) >> 22; }
static inline int32_t log10_of_2_closer(int32_t e) { return (e * 1262611 - 524031) >> 22; }
static inline int32_t log2_of_10(int32_t e) { return (e * 1741647) >> 19; }

/* The high word of power * n, with its lowest bit set where what is cut off is more than the power's own error. */
static inline uint64_t multiply_to_odd(const uint64_t power[2], uint64_t n) {
    const ov_wide low = ov_wide_multiply(power[1], n);
    ov_wide high = ov_wide_multiply(power[0], n);
    high.low += low.high;
    high.high += high.low < low.high;
    return high.high | (high.low > 1);
}

static shortest shortest_of(uint64_t bits) {
    const uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    const int32_t biased = (int32_t)(bits >> 52 & 0x7FF);
    const uint64_t c = biased ? fraction | (uint64_t)1 << 52 : fraction;
    const int32_t q = (biased ? biased : 1) - 1075;
    if (biased && q <= 0 && q > -53 && (c & (((uint64_t)1 << -q) - 1)) == 0) return (shortest){c >> -q, 0};
    /* below a power of two doubles are twice as close */
    const bool closer = fraction == 0 && biased > 1;
    const int32_t k = closer ? log10_of_2_closer(q) : log10_of_2(q);
    const int32_t h = q + log2_of_10(-k) + 1;
    const uint64_t *power = ov_powers[-k - OV_POWERS_FIRST];
    const uint64_t below = multiply_to_odd(power, (4 * c - 2 + closer) << h);
    const uint64_t value = multiply_to_odd(power, (4 * c) << h);
    const uint64_t above = multiply_to_odd(power, (4 * c + 2) << h);
    /* what lies halfway reads back as the double with the even fraction */
    const uint64_t odd = c & 1, lower = below + odd, upper = above - odd;
    const uint64_t s = value / 4;
    if (s >= 10) {
        const uint64_t tens = s / 10;
        const bool down = lower <= 40 * tens, up = 40 * tens + 40 <= upper;
        if (down != up) return (shortest){tens + up, k + 1};
    }
    const bool down = lower <= 4 * s, up = 4 * s + 4 <= upper;
    if (down != up) return (shortest){s + up, k};
    const uint64_t middle = 4 * s + 2;
    return (shortest){s + (value > middle || (value == middle && (s & 1))), k};
}

static uint8_t *zeros(uint8_t *at, int32_t count) {
    memset(at, '0', (size_t)count);
    return at + count;
}

static uint8_t *copy(uint8_t *at, const uint8_t *digits, int32_t count) {
    memcpy(at, digits, (size_t)count);
    return at + count;
}

uint8_t *ov_write_double(double value, uint8_t *at) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const bool negative = bits >> 63;
    bits &= ~(uint64_t)0 >> 1;
    if (bits > (uint64_t)0x7FF << 52) return copy(at, (const uint8_t *)"NaN", 3);
    if (bits == 0) return copy(at, (const uint8_t *)"0", 1);
    if (negative) *at++ = '-';
    if (bits == (uint64_t)0x7FF << 52) return copy(at, (const uint8_t *)"Infinity", 8);
    shortest s = shortest_of(bits);
    uint8_t buffer[24], *digits = buffer + sizeof buffer;
    while (s.digits % 10 == 0) {
        s.digits /= 10;
        s.exponent++;
    }
    for (; s.digits; s.digits /= 10) *--digits = (uint8_t)('0' + s.digits % 10);
    const int32_t count = (int32_t)(buffer + sizeof buffer - digits), point = count + s.exponent;
    if (point >= count && point <= 21) return zeros(copy(at, digits, count), point - count);
    if (point > 0 && point <= 21) {
        at = copy(at, digits, point);
        *at++ = '.';
        return copy(at, digits + point, count - point);
    }
    if (point > -6 && point <= 0) {
        at = zeros(copy(at, (const uint8_t *)"0.", 2), -point);
        return copy(at, digits, count);
    }
    *at++ = *digits;
    if (count > 1) {
        *at++ = '.';
        at = copy(at, digits + 1, count - 1);
    }
    int32_t exponent = point - 1;
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    if (exponent < 0) exponent = -exponent;
    if (exponent >= 100) *at++ = (uint8_t)('0' + exponent / 100);
    if (exponent >= 10) *at++ = (uint8_t)('0' + exponent / 10 % 10);
    *at++ = (uint8_t)('0' + exponent % 10);
    return at;
}
