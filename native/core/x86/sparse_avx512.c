/* Tiles with dead slots, sixteen slots at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../sparse.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include "avx512.h"

/* The lanes that are left of sixteen. */
INLINE __mmask16 left_of(uint32_t count) { return (__mmask16)_bzhi_u32(0xFFFF, ov_min32(count, 16)); }

TARGET uint32_t ov_avx512_pick(const uint64_t *bits, const uint32_t *from, uint32_t count, uint32_t *to) {
    uint32_t picked = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        const __mmask16 mask = (__mmask16)(bits[i >> 6] >> (i & 63));
        const __m512i x = _mm512_maskz_loadu_epi32(left_of(count - i), from + i);
        _mm512_storeu_si512(to + picked, _mm512_maskz_compress_epi32(mask, x));
        picked += (uint32_t)_mm_popcnt_u32(mask);
    }
    return picked;
}

/* Lanes moved up by so many, zeros behind them. */
#define MOVED_UP(x, lanes) _mm512_alignr_epi64(x, _mm512_setzero_si512(), 8 - (lanes))

TARGET void ov_avx512_ranks(const uint64_t *bits, uint32_t count, uint8_t *rank, uint8_t *place) {
    const __m512i ones = _mm512_set1_epi8(1);
    const __m512i first = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0808080808080808, 0));
    uint32_t before = 0; /* live slots */
    for (uint32_t i = 0; i < count; i += 64) {
        const __mmask64 live = bits[i / 64];
        /* sums in groups of eight, then those of the groups before */
        const __m512i in_group = _mm512_mullo_epi64(_mm512_maskz_mov_epi8(live, ones), ones);
        const __m512i one = _mm512_srli_epi64(in_group, 56), two = _mm512_add_epi64(one, MOVED_UP(one, 1));
        const __m512i four = _mm512_add_epi64(two, MOVED_UP(two, 2));
        const __m512i groups = MOVED_UP(_mm512_add_epi64(four, MOVED_UP(four, 4)), 1);
        const __m512i base = _mm512_add_epi8(_mm512_shuffle_epi8(groups, first), _mm512_set1_epi8((char)before));
        const __m512i ranks = _mm512_add_epi8(in_group, base);
        _mm512_storeu_si512(rank + i, ranks);
        _mm512_storeu_si512(place + i, _mm512_maskz_mov_epi8(live, ranks));
        before += (uint32_t)_mm_popcnt_u64(live);
    }
}

TARGET void ov_avx512_offsets(const uint8_t *rank, const int32_t *some, uint32_t count, int32_t *offsets) {
    uint32_t before = 0; /* live slots */
    for (uint32_t i = 0; i < count; i += 16) {
        const __m512i ranks = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)(rank + i)));
        const __m512i place = _mm512_sub_epi32(ranks, _mm512_set1_epi32((int32_t)before + 1));
        const __m512i ends = _mm512_loadu_si512(some + before + 1);
        const __m512i x = _mm512_mask_permutexvar_epi32(_mm512_set1_epi32(some[before]),
                                                        _mm512_movepi32_mask(place) ^ 0xFFFF, place, ends);
        _mm512_mask_storeu_epi32(offsets + i, left_of(count - i), x);
        before = rank[i + 15];
    }
}

#endif
