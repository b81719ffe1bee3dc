/* Zoned and packed decimals, four items a step with AVX2: as numbers_avx512.c, in half the width.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#include "../decimal.h"
#include "../kernels.h"
#include "numbers.h"

#define TARGET __attribute__((target("avx2,bmi2,lzcnt")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define LANES 4

/* Up to four items; behind the last one it is repeated, bit i of `lanes` says that there is an item i. */
typedef struct group {
    const uint8_t *item[LANES];
    unsigned lanes;
} group;

INLINE group group_of(const ov_items *items, uint32_t k) {
    group g;
    uint32_t left = items->count - k;
    g.lanes = left >= LANES ? 15 : (1u << left) - 1;
    for (uint32_t i = 0; i < LANES; i++) g.item[i] = ov_item(items, k + (i < left ? i : left - 1));
    return g;
}

INLINE __m256i load(const group *g, ptrdiff_t at) {
    return _mm256_set_epi64x((long long)ov_load64(g->item[3] + at), (long long)ov_load64(g->item[2] + at),
                             (long long)ov_load64(g->item[1] + at), (long long)ov_load64(g->item[0] + at));
}

INLINE unsigned lane_mask(__m256i v) { return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(v)); }

INLINE __m256i set1(uint64_t v) { return _mm256_set1_epi64x((long long)v); }

INLINE __m256i negate_where(__m256i negative, __m256i v) {
    return _mm256_sub_epi64(_mm256_xor_si256(v, negative), negative);
}

INLINE __m256i below_unsigned(__m256i a, __m256i b) {
    const __m256i top = set1((uint64_t)1 << 63);
    return _mm256_cmpgt_epi64(_mm256_xor_si256(b, top), _mm256_xor_si256(a, top));
}

/* Writes the lanes of `ok` (all bits set) as values and looks again at the others. */
INLINE void finish(const ov_field *field, const group *g, uint8_t *out, uint32_t k, __m256i low, __m256i high,
                   __m256i ok, int32_t type, ov_value_of *slow, ov_bits *valid, ov_bits *bad) {
    unsigned good = lane_mask(ok) & g->lanes;
    low = _mm256_and_si256(low, ok);
    high = _mm256_and_si256(high, ok);
    uint64_t lows[LANES], highs[LANES];
    if (__builtin_expect(g->lanes == 15, 1)) {
        /* behind the tile's last items there is room for no more than 64 bytes, and here none is needed */
        if (type == OV_TYPE_INT32) {
            __m256i packed = _mm256_permutevar8x32_epi32(low, _mm256_set_epi32(7, 5, 3, 1, 6, 4, 2, 0));
            _mm_storeu_si128((__m128i *)(out + (size_t)k * 4), _mm256_castsi256_si128(packed));
        } else if (type == OV_TYPE_INT64) {
            _mm256_storeu_si256((__m256i *)(out + (size_t)k * 8), low);
        } else {
            __m256i even = _mm256_unpacklo_epi64(low, high), odd = _mm256_unpackhi_epi64(low, high);
            _mm256_storeu_si256((__m256i *)(out + (size_t)k * 16), _mm256_permute2x128_si256(even, odd, 0x20));
            _mm256_storeu_si256((__m256i *)(out + (size_t)k * 16 + 32), _mm256_permute2x128_si256(even, odd, 0x31));
        }
    } else {
        _mm256_storeu_si256((__m256i *)lows, low);
        _mm256_storeu_si256((__m256i *)highs, high);
        for (uint32_t i = 0; g->lanes >> i; i++)
            ov_store_integer(type, out, k + i, (ov_int128){lows[i], (int64_t)highs[i]});
    }
    valid->words[k / 64] |= (uint64_t)good << (k & 63);
    if (__builtin_expect(good != g->lanes, 0))
        ov_look_again(field, g->item, g->lanes & ~good, k, out, slow, valid, bad);
}

INLINE __m256i packed_digits(__m256i x) {
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(15));
    __m256i six = _mm256_add_epi8(_mm256_slli_epi16(high, 1), _mm256_slli_epi16(high, 2));
    __m256i v = _mm256_sub_epi8(x, six);
    v = _mm256_maddubs_epi16(v, _mm256_set1_epi16(100 << 8 | 1));
    v = _mm256_madd_epi16(v, _mm256_set1_epi32(10000 << 16 | 1));
    return _mm256_add_epi64(_mm256_and_si256(v, set1(0xFFFFFFFF)),
                            _mm256_mul_epu32(_mm256_srli_epi64(v, 32), set1(100000000)));
}

INLINE __m256i packed_wrong(__m256i x) {
    __m256i four = _mm256_slli_epi64(_mm256_and_si256(x, _mm256_set1_epi8(0x44)), 1);
    __m256i two = _mm256_slli_epi64(_mm256_and_si256(x, _mm256_set1_epi8(0x22)), 2);
    return _mm256_and_si256(_mm256_and_si256(x, _mm256_set1_epi8((char)0x88)), _mm256_or_si256(four, two));
}

INLINE __m256i swap_bytes(__m256i x) {
    return _mm256_shuffle_epi8(
        x, _mm256_set_epi64x(0x08090A0B0C0D0E0F, 0x0001020304050607, 0x08090A0B0C0D0E0F, 0x0001020304050607));
}

INLINE void packed(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad,
                   int32_t type, int two) {
    const int32_t length = field->length, tail = two ? 8 : length, head = length - tail;
    const __m256i keep_tail = set1(~(uint64_t)0 >> (64 - 8 * tail)),
                  keep_head = set1(two ? ~(uint64_t)0 >> (64 - 8 * head) : 0);
    const __m256i unused = set1(field->digits & 1 ? 0 : (uint64_t)0xF0 << (8 * ((two ? head : tail) - 1)));
    const __m256i zero = _mm256_setzero_si256();
    const __m256i refused = field->flags & OV_FLAG_SIGNED ? zero : set1(~(uint64_t)0);
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k += LANES) {
        group g = group_of(items, k);
        __m256i x = _mm256_and_si256(swap_bytes(load(&g, length - 8)), keep_tail);
        __m256i sign = _mm256_and_si256(x, set1(15)), digits = _mm256_srli_epi64(x, 4);
        __m256i wrong = packed_wrong(digits), h = zero;
        if (two) {
            h = _mm256_and_si256(swap_bytes(load(&g, length - 16)), keep_head);
            wrong = _mm256_or_si256(wrong, packed_wrong(h));
        }
        wrong = _mm256_or_si256(wrong, _mm256_and_si256(two ? h : x, unused));
        __m256i negative = _mm256_or_si256(_mm256_cmpeq_epi64(sign, set1(11)), _mm256_cmpeq_epi64(sign, set1(13)));
        wrong = _mm256_or_si256(wrong, _mm256_and_si256(negative, refused));
        __m256i ok = _mm256_and_si256(_mm256_cmpeq_epi64(wrong, zero), _mm256_cmpgt_epi64(sign, set1(9)));
        __m256i low = packed_digits(digits), high = negative;
        if (two) {
            /* n * 10^15 + low, as in numbers_avx512.c */
            __m256i n = packed_digits(h), n_high = _mm256_srli_epi64(n, 32);
            const __m256i c_low = set1(2764472320), c_high = set1(232830);
            __m256i base = _mm256_mul_epu32(n, c_low);
            __m256i middle = _mm256_add_epi64(_mm256_mul_epu32(n, c_high), _mm256_mul_epu32(n_high, c_low));
            __m256i sum = _mm256_add_epi64(base, _mm256_slli_epi64(middle, 32)), all = _mm256_add_epi64(sum, low);
            high = _mm256_add_epi64(_mm256_mul_epu32(n_high, c_high), _mm256_srli_epi64(middle, 32));
            high = _mm256_sub_epi64(high, below_unsigned(sum, base));
            high = _mm256_sub_epi64(high, below_unsigned(all, low));
            __m256i none = _mm256_cmpeq_epi64(all, zero);
            high = _mm256_sub_epi64(_mm256_xor_si256(high, negative), _mm256_and_si256(negative, none));
            low = negate_where(negative, all);
        } else {
            low = negate_where(negative, low);
            high = _mm256_cmpgt_epi64(zero, low);
        }
        finish(field, &g, out, k, low, high, ok, type, ov_packed_value, valid, bad);
    }
}

INLINE __m256i zoned_digits(__m256i x) {
    __m256i v = _mm256_and_si256(x, _mm256_set1_epi8(15));
    v = _mm256_maddubs_epi16(v, _mm256_set1_epi16(1 << 8 | 10));
    v = _mm256_madd_epi16(v, _mm256_set1_epi32(1 << 16 | 100));
    return _mm256_add_epi64(_mm256_mul_epu32(v, set1(10000)), _mm256_srli_epi64(v, 32));
}

INLINE __m256i zoned_wrong(__m256i x) {
    const __m256i zones = _mm256_set1_epi8((char)0xF0);
    __m256i digit = _mm256_and_si256(_mm256_add_epi8(_mm256_andnot_si256(zones, x), _mm256_set1_epi8(6)), zones);
    return _mm256_or_si256(_mm256_andnot_si256(x, zones), digit);
}

INLINE void zoned(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad,
                  int32_t type, int32_t chunks) {
    const int32_t length = field->length, head = length - 8 * (chunks - 1);
    const uint64_t keep = ~(uint64_t)0 << (64 - 8 * head);
    const __m256i keep_head = set1(keep), zeros = set1(0xF0F0F0F0F0F0F0F0u & ~keep), scale = set1(100000000);
    const __m256i zero = _mm256_setzero_si256();
    const __m256i refused = field->flags & OV_FLAG_SIGNED ? zero : set1(~(uint64_t)0);
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k += LANES) {
        group g = group_of(items, k);
        __m256i last = load(&g, length - 8);
        if (chunks == 1) last = _mm256_or_si256(_mm256_and_si256(last, keep_head), zeros);
        __m256i zone = _mm256_srli_epi64(last, 60);
        last = _mm256_or_si256(last, set1((uint64_t)0xF0 << 56));
        __m256i wrong = zoned_wrong(last), low = zoned_digits(last);
        if (chunks > 1) {
            __m256i x = load(&g, length - 16);
            if (chunks == 2) x = _mm256_or_si256(_mm256_and_si256(x, keep_head), zeros);
            wrong = _mm256_or_si256(wrong, zoned_wrong(x));
            __m256i upper = zoned_digits(x);
            if (chunks > 2) {
                /* at most two digits more: upper stays below 10^10, its product with 10^8 below 2^63 */
                x = _mm256_or_si256(_mm256_and_si256(load(&g, length - 24), keep_head), zeros);
                wrong = _mm256_or_si256(wrong, zoned_wrong(x));
                upper = _mm256_add_epi64(upper, _mm256_mul_epu32(zoned_digits(x), scale));
                __m256i carried = _mm256_mul_epu32(_mm256_srli_epi64(upper, 32), scale);
                low = _mm256_add_epi64(low, _mm256_slli_epi64(carried, 32));
            }
            low = _mm256_add_epi64(low, _mm256_mul_epu32(upper, scale));
        }
        __m256i negative = _mm256_or_si256(_mm256_cmpeq_epi64(zone, set1(11)), _mm256_cmpeq_epi64(zone, set1(13)));
        wrong = _mm256_or_si256(wrong, _mm256_and_si256(negative, refused));
        __m256i ok = _mm256_and_si256(_mm256_cmpeq_epi64(wrong, zero), _mm256_cmpgt_epi64(zone, set1(9)));
        low = negate_where(negative, low);
        finish(field, &g, out, k, low, _mm256_cmpgt_epi64(zero, low), ok, type, ov_zoned_value, valid, bad);
    }
}

OV_NUMBER_KERNELS

ov_number_kernel *ov_avx2_packed(const ov_field *field) { return packed_for(field); }
ov_number_kernel *ov_avx2_zoned(const ov_field *field) { return zoned_for(field); }

#endif
