/* Zoned and packed decimals, four items a step with AVX2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#include "../decimal.h"

#define TARGET __attribute__((target("avx2,bmi,bmi2,lzcnt")))
#define INLINE TARGET static inline __attribute__((always_inline))

#define LANES 4
typedef __m256i lanes;
typedef __m256i signs; /* all bits of a lane */

INLINE lanes lane_set(uint64_t x) { return _mm256_set1_epi64x((long long)x); }

INLINE __m128i two(uint64_t a, uint64_t b) {
    return _mm_insert_epi64(_mm_cvtsi64_si128((long long)a), (long long)b, 1);
}

INLINE lanes lane_of(uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(two(a, b)), two(c, d), 1);
}

INLINE lanes lane_and(lanes a, lanes b) { return _mm256_and_si256(a, b); }
INLINE lanes lane_add(lanes a, lanes b) { return _mm256_add_epi64(a, b); }
INLINE lanes lane_shift_left(lanes x, int bits) { return _mm256_slli_epi64(x, bits); }
INLINE lanes lane_shift_right(lanes x, int bits) { return _mm256_srli_epi64(x, bits); }
INLINE lanes lane_move_up(lanes x, int bits) { return _mm256_sll_epi64(x, _mm_cvtsi32_si128(bits)); }
INLINE lanes lane_pick(lanes x, lanes flip, lanes keep) { return _mm256_and_si256(_mm256_xor_si256(x, flip), keep); }
INLINE lanes lane_mark(lanes x, lanes keep, lanes more) { return _mm256_or_si256(_mm256_and_si256(x, keep), more); }
INLINE lanes lane_or3(lanes a, lanes b, lanes c) { return _mm256_or_si256(_mm256_or_si256(a, b), c); }
INLINE lanes lane_above(lanes x, lanes most) { return _mm256_subs_epu8(x, most); }
INLINE lanes lane_high(lanes x) { return _mm256_srli_epi64(x, 32); }
INLINE lanes lane_low(lanes x, lanes f) { return _mm256_mul_epu32(x, f); }

/* By halves: the factor is known, and so are those of them that are 0. */
INLINE lanes lane_times(lanes x, uint64_t f) {
    const lanes crossed = lane_add(lane_low(lane_high(x), lane_set(f & 0xFFFFFFFF)), lane_low(x, lane_set(f >> 32)));
    return lane_add(lane_low(x, lane_set(f & 0xFFFFFFFF)), lane_shift_left(crossed, 32));
}

INLINE lanes lane_table(const uint8_t *table) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}
INLINE lanes lane_look(lanes table, lanes x) { return _mm256_shuffle_epi8(table, x); }

INLINE lanes lane_tens(lanes ones, lanes tens) {
    const __m256i ten = _mm256_broadcastsi128_si256(_mm_set_epi32(0, 0x5A50, 0x463C3228, 0x1E140A00));
    return _mm256_add_epi8(ones, _mm256_shuffle_epi8(ten, tens));
}

INLINE lanes lane_pairs(lanes x) {
    const __m256i four = _mm256_maddubs_epi16(x, _mm256_set1_epi16(1 << 8 | 100));
    return _mm256_madd_epi16(four, _mm256_set1_epi32(1 << 16 | 10000));
}

INLINE lanes lane_digits(lanes x) {
    const __m256i pairs = _mm256_maddubs_epi16(x, _mm256_set1_epi16(1 << 8 | 10));
    const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(1 << 16 | 100));
    return lane_add(_mm256_mul_epu32(fours, lane_set(10000)), lane_high(fours));
}

INLINE signs lane_signs(lanes x) { return _mm256_cmpgt_epi64(_mm256_setzero_si256(), x); }
INLINE lanes lane_negate(signs negative, lanes x) { return _mm256_sub_epi64(_mm256_xor_si256(x, negative), negative); }
INLINE lanes lane_extend(lanes x) { return lane_signs(x); }
INLINE void lane_negate_wide(signs negative, lanes *low, lanes *high) {
    const lanes none = _mm256_cmpeq_epi64(*low, _mm256_setzero_si256());
    *high = _mm256_sub_epi64(_mm256_xor_si256(*high, negative), _mm256_and_si256(negative, none));
    *low = lane_negate(negative, *low);
}

INLINE unsigned lane_good(lanes x, lanes mask) {
    const __m256i good = _mm256_cmpeq_epi64(_mm256_and_si256(x, mask), _mm256_setzero_si256());
    return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(good));
}

INLINE void lane_store32(uint8_t *to, lanes x) {
    const __m256i low = _mm256_permutevar8x32_epi32(x, _mm256_set_epi32(7, 5, 3, 1, 6, 4, 2, 0));
    _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(low));
}
INLINE void lane_store64(uint8_t *to, lanes x) { _mm256_storeu_si256((__m256i *)to, x); }
INLINE void lane_store128(uint8_t *to, lanes low, lanes high) {
    _mm256_storeu_si256((__m256i *)to, _mm256_unpacklo_epi64(low, high));
    _mm256_storeu_si256((__m256i *)(to + 32), _mm256_unpackhi_epi64(low, high));
}

#include "../lanes.h"

ov_number_kernel *ov_avx2_packed(const ov_field *field) { return packed_for(field); }
ov_number_kernel *ov_avx2_zoned(const ov_field *field) { return zoned_for(field); }

#endif
