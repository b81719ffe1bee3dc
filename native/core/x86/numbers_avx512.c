/* Zoned and packed decimals, eight items a step with AVX-512: eight plain loads make one register (a gather is slower),
 * digits are put together by multiply-add, and lanes that fail a check are looked at again by the portable code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#include "../decimal.h"
#include "../kernels.h"
#include "numbers.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,lzcnt")))
#define INLINE TARGET static inline __attribute__((always_inline))

/* Up to eight items from k on; behind the last one it is repeated, `lanes` tells how many there are. */
typedef struct group {
    const uint8_t *item[8];
    __mmask8 lanes;
} group;

INLINE group group_of(const ov_items *items, uint32_t k) {
    group g;
    uint32_t left = items->count - k;
    if (__builtin_expect(left >= 8, 1)) {
        for (uint32_t i = 0; i < 8; i++) g.item[i] = ov_item(items, k + i);
        g.lanes = 0xFF;
    } else {
        for (uint32_t i = 0; i < 8; i++) g.item[i] = ov_item(items, k + (i < left ? i : left - 1));
        g.lanes = (__mmask8)((1u << left) - 1);
    }
    return g;
}

INLINE __m512i load(const group *g, ptrdiff_t at) {
    __m128i a =
        _mm_insert_epi64(_mm_loadl_epi64((const __m128i *)(g->item[0] + at)), (long long)ov_load64(g->item[1] + at), 1);
    __m128i b =
        _mm_insert_epi64(_mm_loadl_epi64((const __m128i *)(g->item[2] + at)), (long long)ov_load64(g->item[3] + at), 1);
    __m128i c =
        _mm_insert_epi64(_mm_loadl_epi64((const __m128i *)(g->item[4] + at)), (long long)ov_load64(g->item[5] + at), 1);
    __m128i d =
        _mm_insert_epi64(_mm_loadl_epi64((const __m128i *)(g->item[6] + at)), (long long)ov_load64(g->item[7] + at), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1)),
                              _mm256_inserti128_si256(_mm256_castsi128_si256(c), d, 1), 1);
}

/* Writes the lanes of `ok` as values and looks again at the others. */
INLINE void finish(const ov_field *field, const group *g, uint8_t *out, uint32_t k, __m512i low, __m512i high,
                   __mmask8 ok, int32_t type, ov_value_of *slow, ov_bits *valid, ov_bits *bad) {
    low = _mm512_maskz_mov_epi64(ok, low);
    if (type == OV_TYPE_INT32) {
        _mm256_mask_storeu_epi32(out + (size_t)k * 4, g->lanes, _mm512_cvtepi64_epi32(low));
    } else if (type == OV_TYPE_INT64) {
        _mm512_mask_storeu_epi64(out + (size_t)k * 8, g->lanes, low);
    } else {
        const __m512i first = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0),
                      second = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
        high = _mm512_maskz_mov_epi64(ok, high);
        uint32_t words = _pdep_u32(g->lanes, 0x5555) * 3;
        _mm512_mask_storeu_epi64(out + (size_t)k * 16, (__mmask8)words, _mm512_permutex2var_epi64(low, first, high));
        _mm512_mask_storeu_epi64(out + (size_t)k * 16 + 64, (__mmask8)(words >> 8),
                                 _mm512_permutex2var_epi64(low, second, high));
    }
    ((uint8_t *)valid->words)[k / 8] = (uint8_t)ok;
    if (__builtin_expect(ok != g->lanes, 0))
        ov_look_again(field, g->item, (unsigned)(g->lanes & ~ok), k, out, slow, valid, bad);
}

INLINE __m512i negate_where(__mmask8 negative, __m512i v) {
    return _mm512_mask_sub_epi64(v, negative, _mm512_setzero_si512(), v);
}

/* Negates 128-bit numbers. */
INLINE void negate_wide(__mmask8 negative, __m512i *low, __m512i *high) {
    __mmask8 zero = _mm512_testn_epi64_mask(*low, *low);
    __m512i ones = _mm512_set1_epi64(-1);
    *high = _mm512_mask_xor_epi64(*high, negative, *high, ones);
    *high = _mm512_mask_add_epi64(*high, negative & zero, *high, _mm512_set1_epi64(1));
    *low = negate_where(negative, *low);
}

/* Packed digits as 64-bit numbers, the first in the highest nibble. */
INLINE __m512i packed_digits(__m512i x) {
    const __m512i nibble = _mm512_set1_epi8(15);
    __m512i high = _mm512_and_si512(_mm512_srli_epi16(x, 4), nibble);
    __m512i six = _mm512_add_epi8(_mm512_slli_epi16(high, 1), _mm512_slli_epi16(high, 2));
    __m512i v = _mm512_sub_epi8(x, six);
    v = _mm512_maddubs_epi16(v, _mm512_set1_epi16(100 << 8 | 1));
    v = _mm512_madd_epi16(v, _mm512_set1_epi32(10000 << 16 | 1));
    return _mm512_add_epi64(_mm512_and_si512(v, _mm512_set1_epi64(0xFFFFFFFF)),
                            _mm512_mul_epu32(_mm512_srli_epi64(v, 32), _mm512_set1_epi64(100000000)));
}

INLINE __m512i packed_wrong(__m512i x) {
    __m512i four = _mm512_slli_epi64(_mm512_and_si512(x, _mm512_set1_epi8(0x44)), 1);
    __m512i two = _mm512_slli_epi64(_mm512_and_si512(x, _mm512_set1_epi8(0x22)), 2);
    return _mm512_and_si512(_mm512_and_si512(x, _mm512_set1_epi8((char)0x88)), _mm512_or_si512(four, two));
}

INLINE __m512i swap_bytes(__m512i x) {
    return _mm512_shuffle_epi8(x, _mm512_set4_epi32(0x08090A0B, 0x0C0D0E0F, 0x00010203, 0x04050607));
}

INLINE void packed(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad,
                   int32_t type, int two) {
    const int32_t length = field->length, tail = two ? 8 : length, head = length - tail;
    const __m512i keep_tail = _mm512_set1_epi64((long long)(~(uint64_t)0 >> (64 - 8 * tail)));
    const __m512i keep_head = _mm512_set1_epi64(two ? (long long)(~(uint64_t)0 >> (64 - 8 * head)) : 0);
    const __m512i unused =
        _mm512_set1_epi64(field->digits & 1 ? 0 : (long long)((uint64_t)0xF0 << (8 * ((two ? head : tail) - 1))));
    const __m512i sign_nibble = _mm512_set1_epi64(15), nine = _mm512_set1_epi64(9);
    const __mmask8 may_be_negative = field->flags & OV_FLAG_SIGNED ? 0xFF : 0;
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k += 8) {
        group g = group_of(items, k);
        __m512i x = _mm512_and_si512(swap_bytes(load(&g, length - 8)), keep_tail);
        __m512i sign = _mm512_and_si512(x, sign_nibble), digits = _mm512_srli_epi64(x, 4);
        __m512i wrong = packed_wrong(digits), h = _mm512_setzero_si512();
        if (two) {
            h = _mm512_and_si512(swap_bytes(load(&g, length - 16)), keep_head);
            wrong = _mm512_or_si512(wrong, packed_wrong(h));
        }
        wrong = _mm512_or_si512(wrong, _mm512_and_si512(two ? h : x, unused));
        __mmask8 negative =
            _mm512_cmpeq_epi64_mask(sign, _mm512_set1_epi64(11)) | _mm512_cmpeq_epi64_mask(sign, _mm512_set1_epi64(13));
        __mmask8 ok = _mm512_testn_epi64_mask(wrong, wrong) & _mm512_cmpgt_epi64_mask(sign, nine) &
                      (may_be_negative | (__mmask8)~negative) & g.lanes;
        __m512i low = packed_digits(digits), high;
        if (two && type == OV_TYPE_DECIMAL128) {
            /* h * 10^15 + low: h below 2^54, 10^15 = 232830 * 2^32 + 2764472320 */
            __m512i n = packed_digits(h), n_high = _mm512_srli_epi64(n, 32);
            const __m512i c_low = _mm512_set1_epi64(2764472320), c_high = _mm512_set1_epi64(232830);
            __m512i base = _mm512_mul_epu32(n, c_low);
            __m512i middle = _mm512_add_epi64(_mm512_mul_epu32(n, c_high), _mm512_mul_epu32(n_high, c_low));
            __m512i sum = _mm512_add_epi64(base, _mm512_slli_epi64(middle, 32));
            __m512i all = _mm512_add_epi64(sum, low);
            high = _mm512_add_epi64(_mm512_mul_epu32(n_high, c_high), _mm512_srli_epi64(middle, 32));
            high = _mm512_mask_add_epi64(high, _mm512_cmplt_epu64_mask(sum, base), high, _mm512_set1_epi64(1));
            high = _mm512_mask_add_epi64(high, _mm512_cmplt_epu64_mask(all, low), high, _mm512_set1_epi64(1));
            low = all;
            negate_wide(negative, &low, &high);
        } else {
            if (two)
                low = _mm512_add_epi64(low, _mm512_mullo_epi64(packed_digits(h), _mm512_set1_epi64(1000000000000000)));
            low = negate_where(negative, low);
            high = _mm512_srai_epi64(low, 63);
        }
        finish(field, &g, out, k, low, high, ok, type, ov_packed_value, valid, bad);
    }
}

/* Eight digits of a byte each, the first in the lowest byte. */
INLINE __m512i zoned_digits(__m512i x) {
    __m512i v = _mm512_and_si512(x, _mm512_set1_epi8(15));
    v = _mm512_maddubs_epi16(v, _mm512_set1_epi16(1 << 8 | 10));
    v = _mm512_madd_epi16(v, _mm512_set1_epi32(1 << 16 | 100));
    return _mm512_add_epi64(_mm512_mul_epu32(v, _mm512_set1_epi64(10000)), _mm512_srli_epi64(v, 32));
}

INLINE __m512i zoned_wrong(__m512i x) {
    const __m512i zones = _mm512_set1_epi8((char)0xF0);
    __m512i zone = _mm512_andnot_si512(x, zones);
    __m512i digit = _mm512_and_si512(_mm512_add_epi8(_mm512_andnot_si512(zones, x), _mm512_set1_epi8(6)), zones);
    return _mm512_or_si512(zone, digit);
}

INLINE void zoned(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad,
                  int32_t type, int32_t chunks) {
    const int32_t length = field->length, head = length - 8 * (chunks - 1);
    const uint64_t keep = ~(uint64_t)0 << (64 - 8 * head);
    const __m512i keep_head = _mm512_set1_epi64((long long)keep),
                  zeros = _mm512_set1_epi64((long long)(0xF0F0F0F0F0F0F0F0u & ~keep));
    const __m512i last_zone = _mm512_set1_epi64((long long)((uint64_t)0xF0 << 56));
    const __mmask8 may_be_negative = field->flags & OV_FLAG_SIGNED ? 0xFF : 0;
    const __m512i scale = _mm512_set1_epi64(100000000);
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    for (uint32_t k = 0; k < items->count; k += 8) {
        group g = group_of(items, k);
        __m512i last = load(&g, length - 8);
        if (chunks == 1) last = _mm512_or_si512(_mm512_and_si512(last, keep_head), zeros);
        __m512i zone = _mm512_srli_epi64(last, 60);
        last = _mm512_or_si512(last, last_zone);
        __m512i wrong = zoned_wrong(last), low = zoned_digits(last);
        if (chunks > 1) {
            __m512i x = load(&g, length - 16);
            if (chunks == 2) x = _mm512_or_si512(_mm512_and_si512(x, keep_head), zeros);
            wrong = _mm512_or_si512(wrong, zoned_wrong(x));
            __m512i upper = zoned_digits(x);
            if (chunks > 2) {
                x = _mm512_or_si512(_mm512_and_si512(load(&g, length - 24), keep_head), zeros);
                wrong = _mm512_or_si512(wrong, zoned_wrong(x));
                upper = _mm512_add_epi64(upper, _mm512_mul_epu32(zoned_digits(x), scale));
                low = _mm512_add_epi64(low, _mm512_mullo_epi64(upper, scale));
            } else {
                low = _mm512_add_epi64(low, _mm512_mul_epu32(upper, scale));
            }
        }
        __mmask8 negative =
            _mm512_cmpeq_epi64_mask(zone, _mm512_set1_epi64(11)) | _mm512_cmpeq_epi64_mask(zone, _mm512_set1_epi64(13));
        __mmask8 ok = _mm512_testn_epi64_mask(wrong, wrong) & _mm512_cmpgt_epi64_mask(zone, _mm512_set1_epi64(9)) &
                      (may_be_negative | (__mmask8)~negative) & g.lanes;
        low = negate_where(negative, low);
        finish(field, &g, out, k, low, _mm512_srai_epi64(low, 63), ok, type, ov_zoned_value, valid, bad);
    }
}

OV_NUMBER_KERNELS

ov_number_kernel *ov_avx512_packed(const ov_field *field) { return packed_for(field); }
ov_number_kernel *ov_avx512_zoned(const ov_field *field) { return zoned_for(field); }

#endif
