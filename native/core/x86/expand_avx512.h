/* Characters of one to three bytes in UTF-8: a table for each of their bytes, and what is missing pressed out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_X86_EXPAND_AVX512_H
#define OV_X86_EXPAND_AVX512_H

#include "../text.h"
#include "avx512.h"

/* The n-th byte of each character, 0 where it has fewer. */
typedef struct expander {
    int planes; /* 0: not made yet; -1: there are characters that this can't do */
    uint8_t plane[3][256];
} expander;

/* Makes the tables from the pool's 256 entries of a length and three bytes, when they are needed first. */
TARGET __attribute__((noinline)) static int expander_make(expander *e, const ov_field *field) {
    const int planes = field->digits > 2 ? 3 : 2;
    __mmask16 lost = 0;
    for (int at = 0; at < 256; at += 16) {
        const __m512i entry = _mm512_loadu_si512(field->pool + 4 * at);
        const __m512i length = _mm512_and_si512(entry, _mm512_set1_epi32(255));
        for (int i = 0; i < 3; i++) {
            const __m512i byte =
                _mm512_and_si512(_mm512_srli_epi32(entry, 8 * (unsigned)(i + 1)), _mm512_set1_epi32(255));
            const __mmask16 has = _mm512_cmpgt_epi32_mask(length, _mm512_set1_epi32(i));
            /* of longer characters no byte may be 0: it would be pressed out */
            lost |= has & _mm512_testn_epi32_mask(byte, byte) & _mm512_cmpgt_epi32_mask(length, _mm512_set1_epi32(1));
            if (i >= planes)
                lost |= has;
            else
                _mm_storeu_si128((__m128i *)(e->plane[i] + at),
                                 _mm512_cvtepi32_epi8(_mm512_maskz_mov_epi32(has, byte)));
        }
    }
    e->planes = lost ? -1 : planes;
    return !lost;
}

INLINE int expander_ready(expander *e, const ov_field *field) {
    return e->planes > 0 || (e->planes == 0 && !(field->flags & OV_FLAG_LATIN1) && expander_make(e, field));
}

INLINE __m512i expand_lookup(const uint8_t *plane, __m512i x) {
    const __m512i low = _mm512_permutex2var_epi8(_mm512_loadu_si512(plane), x, _mm512_loadu_si512(plane + 64));
    const __m512i high = _mm512_permutex2var_epi8(_mm512_loadu_si512(plane + 128), x, _mm512_loadu_si512(plane + 192));
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high);
}

/* Writes the bytes of a register's first characters that are there; returns how many. `units`: bytes of those. */
INLINE int32_t expand_press(__m512i bytes, uint64_t units, uint8_t *to) {
    const __mmask64 there = _mm512_test_epi8_mask(bytes, bytes) & units;
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi8(there, bytes));
    return (int32_t)_mm_popcnt_u64(there);
}

/* Writes the text of x's first `length` (up to 64) bytes and returns its length; up to 64 bytes behind it are
 * overwritten. -1: there is a byte without a character, or x'00' as one. */
INLINE int32_t expand(const expander *e, __m512i x, uint32_t length, uint8_t *to) {
    const __m512i first = expand_lookup(e->plane[0], x), second = expand_lookup(e->plane[1], x);
    if (_bzhi_u64(_mm512_testn_epi8_mask(first, first), length) != 0) return -1;
    int32_t size = 0;
    if (e->planes == 2) {
        for (int i = 0; i < 2; i++) {
            const uint32_t done = 32 * (uint32_t)i;
            if (i > 0 && length <= done) break;
            const __m256i a = i ? _mm512_extracti64x4_epi64(first, 1) : _mm512_castsi512_si256(first);
            const __m256i b = i ? _mm512_extracti64x4_epi64(second, 1) : _mm512_castsi512_si256(second);
            const __m512i pair =
                _mm512_or_si512(_mm512_cvtepu8_epi16(a), _mm512_slli_epi16(_mm512_cvtepu8_epi16(b), 8));
            size += expand_press(pair, _bzhi_u64(~(uint64_t)0, ov_min32(2 * (length - done), 64)), to + size);
        }
        return size;
    }
    const __m512i third = expand_lookup(e->plane[2], x);
    uint8_t bytes[3][64];
    _mm512_storeu_si512(bytes[0], first);
    _mm512_storeu_si512(bytes[1], second);
    _mm512_storeu_si512(bytes[2], third);
    for (uint32_t done = 0; done < length; done += 16) {
        const __m512i a = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(bytes[0] + done)));
        const __m512i b = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(bytes[1] + done)));
        const __m512i c = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(bytes[2] + done)));
        const __m512i quad = _mm512_or_si512(a, _mm512_or_si512(_mm512_slli_epi32(b, 8), _mm512_slli_epi32(c, 16)));
        size += expand_press(quad, _bzhi_u64(~(uint64_t)0, ov_min32(4 * (length - done), 64)), to + size);
    }
    return size;
}

#endif
