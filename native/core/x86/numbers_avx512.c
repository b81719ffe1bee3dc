/* Zoned and packed decimals, eight items a step with AVX-512: eight plain loads make one register (a gather is slower).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include "../decimal.h"
#include "avx512.h"

#define LANES 8
typedef __m512i lanes;
typedef __mmask8 signs;

INLINE lanes lane_set(uint64_t x) { return _mm512_set1_epi64((long long)x); }

INLINE __m128i two(uint64_t a, uint64_t b) {
    return _mm_insert_epi64(_mm_cvtsi64_si128((long long)a), (long long)b, 1);
}

INLINE lanes lane_of(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
    const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(two(a, b)), two(c, d), 1);
    const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(two(e, f)), two(g, h), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

INLINE lanes lane_and(lanes a, lanes b) { return _mm512_and_si512(a, b); }
INLINE lanes lane_add(lanes a, lanes b) { return _mm512_add_epi64(a, b); }
INLINE lanes lane_shift_left(lanes x, unsigned bits) { return _mm512_slli_epi64(x, bits); }
INLINE lanes lane_shift_right(lanes x, unsigned bits) { return _mm512_srli_epi64(x, bits); }
INLINE lanes lane_move_up(lanes x, int bits) { return _mm512_sll_epi64(x, _mm_cvtsi32_si128(bits)); }
INLINE lanes lane_pick(lanes x, lanes flip, lanes keep) { return _mm512_ternarylogic_epi64(x, flip, keep, 0x28); }
INLINE lanes lane_mark(lanes x, lanes keep, lanes more) { return _mm512_ternarylogic_epi64(x, keep, more, 0xEA); }
INLINE lanes lane_or3(lanes a, lanes b, lanes c) { return _mm512_ternarylogic_epi64(a, b, c, 0xFE); }
INLINE lanes lane_above(lanes x, lanes most) { return _mm512_subs_epu8(x, most); }
INLINE lanes lane_high(lanes x) { return _mm512_srli_epi64(x, 32); }
INLINE lanes lane_low(lanes x, lanes f) { return _mm512_mul_epu32(x, f); }
INLINE lanes lane_times(lanes x, uint64_t f) { return _mm512_mullo_epi64(x, lane_set(f)); }

INLINE lanes lane_table(const uint8_t *table) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table));
}
INLINE lanes lane_look(lanes table, lanes x) { return _mm512_shuffle_epi8(table, x); }

INLINE lanes lane_tens(lanes ones, lanes tens) {
    const __m512i ten = _mm512_set4_epi32(0, 0x5A50, 0x463C3228, 0x1E140A00);
    return _mm512_add_epi8(ones, _mm512_shuffle_epi8(ten, tens));
}

INLINE lanes lane_pairs(lanes x) {
    const __m512i four = _mm512_maddubs_epi16(x, _mm512_set1_epi16(1 << 8 | 100));
    return _mm512_madd_epi16(four, _mm512_set1_epi32(1 << 16 | 10000));
}

INLINE lanes lane_digits(lanes x) {
    const __m512i pairs = _mm512_maddubs_epi16(x, _mm512_set1_epi16(1 << 8 | 10));
    const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(1 << 16 | 100));
    return lane_add(_mm512_mul_epu32(fours, lane_set(10000)), lane_high(fours));
}

INLINE signs lane_signs(lanes x) { return _mm512_movepi64_mask(x); }
INLINE lanes lane_negate(signs negative, lanes x) {
    return _mm512_mask_sub_epi64(x, negative, _mm512_setzero_si512(), x);
}
INLINE lanes lane_extend(lanes x) { return _mm512_srai_epi64(x, 63); }
INLINE unsigned lane_good(lanes x, lanes mask) { return _mm512_testn_epi64_mask(x, mask); }

INLINE void lane_store32(uint8_t *to, lanes x) { _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi64_epi32(x)); }
INLINE void lane_store64(uint8_t *to, lanes x) { _mm512_storeu_si512(to, x); }
INLINE void lane_store128(uint8_t *to, lanes low, lanes high) {
    _mm512_storeu_si512(to, _mm512_unpacklo_epi64(low, high));
    _mm512_storeu_si512(to + 64, _mm512_unpackhi_epi64(low, high));
}

/* Words of 52 bits, as the multiply-add of that width makes them. */
#define OV_OWN_WIDE
typedef struct wide {
    lanes word[3];
} wide;

INLINE wide wide_begin(lanes x) {
    const wide w = {{x, _mm512_setzero_si512(), _mm512_setzero_si512()}};
    return w;
}

/* power: 15, 16, 23, 24, 31 or 32 */
INLINE void wide_add(wide *w, lanes x, int power) {
    static const uint64_t words[6][3] = {{1000000000000000u, 0, 0},
                                         {992800745259008u, 2u, 0},
                                         {2218036916387840u, 22204460u, 0},
                                         {4165970654396416u, 222044604u, 0},
                                         {364103705034752u, 2220446049250313u, 0},
                                         {3641037050347520u, 4190061983021146u, 4u}};
    const uint64_t *factor = words[OV_POWER(power)];
    w->word[0] = _mm512_madd52lo_epu64(w->word[0], x, lane_set(factor[0]));
    w->word[1] = _mm512_madd52hi_epu64(w->word[1], x, lane_set(factor[0]));
    if (factor[1] == 0) return;
    w->word[1] = _mm512_madd52lo_epu64(w->word[1], x, lane_set(factor[1]));
    w->word[2] = _mm512_madd52hi_epu64(w->word[2], x, lane_set(factor[1]));
    if (factor[2] == 0) return;
    w->word[2] = _mm512_madd52lo_epu64(w->word[2], x, lane_set(factor[2]));
}

INLINE void wide_end(wide w, signs negative, lanes *low, lanes *high) {
    const lanes most = lane_set(((uint64_t)1 << 52) - 1);
    for (int i = 0; i < 3; i++) w.word[i] = lane_negate(negative, w.word[i]);
    for (int i = 0; i < 2; i++) w.word[i + 1] = lane_add(w.word[i + 1], _mm512_srai_epi64(w.word[i], 52));
    *low = lane_mark(w.word[0], most, _mm512_slli_epi64(w.word[1], 52));
    *high = lane_add(_mm512_srli_epi64(lane_and(w.word[1], most), 12), _mm512_slli_epi64(w.word[2], 40));
}

#include "../lanes.h"

ov_number_kernel *ov_avx512_packed(const ov_field *field) { return packed_for(field); }
ov_number_kernel *ov_avx512_zoned(const ov_field *field) { return zoned_for(field); }

#endif
