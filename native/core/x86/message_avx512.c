/* Fields of messages with AVX-512.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "messages.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#include "../text.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi,lzcnt")))

TARGET const ov_message_field *ov_avx512_message_texts(const ov_message_field *f, const ov_message_field *end,
                                                       const uint8_t *record, uint8_t *image) {
    for (; f < end; f++) {
        const uint8_t *p = record + f->offset;
        /* x'00' and x'FF' throughout may be absent */
        if (f->whole_text == 0 || (uint8_t)(p[0] + 1) < 2) break;
        /* a pad has one bit set: what has any other is neither pad nor x'00' */
        const char not_pad = (char)~ov_pad(&f->field);
        uint64_t length;
        if (f->field.length <= 32) {
            const __m256i x = _mm256_maskz_loadu_epi8((__mmask32)f->whole_text, p);
            length = 32 - _lzcnt_u32(_mm256_test_epi8_mask(x, _mm256_set1_epi8(not_pad)));
        } else {
            const __m512i x = _mm512_maskz_loadu_epi8(f->whole_text, p);
            length = 64 - _lzcnt_u64(_mm512_test_epi8_mask(x, _mm512_set1_epi8(not_pad)));
        }
        const uint64_t range = (uint32_t)f->text | ((uint32_t)f->text + length) << 32;
        memcpy(image + f->place, &range, sizeof range);
    }
    return f;
}

static inline __attribute__((always_inline)) TARGET __m256i load(const uint8_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

TARGET const ov_message_field *ov_avx512_message_decimals(const ov_message_field *f, const ov_message_field *end,
                                                          const uint8_t *record, uint8_t *out, uint8_t *image) {
    for (; f < end; f++) {
        const ov_digits *d = f->digits;
        if (!d) break;
        const int32_t bytes = f->field.length;
        const uint8_t *p = record + f->offset;
        const __m128i x = _mm_maskz_loadu_epi8((__mmask16)d->loads, p + (ptrdiff_t)bytes - 16);
        /* of each four bytes eight nibbles, the high one of a byte first */
        const __m256i nibbles = _mm256_and_si256(
            _mm256_multishift_epi64_epi8(_mm256_set1_epi64x(0x181C1014080C0004), _mm256_cvtepu32_epi64(x)),
            _mm256_set1_epi8(15));
        const uint32_t sign = p[bytes - 1] & 15;
        if (_mm256_cmpgt_epu8_mask(nibbles, load(d->most)) | (d->wrong_signs >> sign & 1)) break;
        __m256i y = _mm256_maskz_permutexvar_epi8((__mmask32)d->digits, load(d->place), nibbles);
        const uint32_t some = _mm256_test_epi8_mask(nibbles, nibbles) & d->significant;
        const uint32_t first = (uint32_t)_tzcnt_u64(some | d->keep) - d->skip;
        y = _mm256_or_si256(y, load(d->constant));
        /* as at the other levels: without a point the digits end a byte earlier */
        const uint32_t end_at = (uint32_t)(f->text - (f->scale == 0)), start = end_at - d->length + first;
        _mm256_storeu_si256((__m256i *)(void *)(out + end_at - d->length), y);
        out[start - 1] = '-';
        const uint32_t negative = (0x2800u >> sign & 1) & (some != 0);
        const uint64_t range = (start - negative) | (uint64_t)end_at << 32;
        memcpy(image + f->place, &range, sizeof range);
    }
    return f;
}

#endif
