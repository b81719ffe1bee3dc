/* Text at 32 bytes a step with AVX2: a row of sixteen characters is one shuffle, and twelve rows (x'40' to x'FF') are
 * tried for every byte. What is not ASCII, lies below x'40' or too near the end of the data goes through the portable
 * code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#include "../decimal.h"
#include "../kernels.h"

#define TARGET __attribute__((target("avx2,bmi2,lzcnt")))
#define FIRST_ROW 4
#define ROWS 12

typedef struct table {
    __m256i row[ROWS];
} table;

TARGET static inline __attribute__((always_inline)) __m256i translate(const table *t, __m256i x) {
    const __m256i gap = _mm256_set1_epi8(0x70);
    __m256i y = _mm256_setzero_si256();
    for (int r = 0; r < ROWS; r++) {
        /* 0x70 + low nibble in this row, bit 7 set (which shuffles to 0) in all others */
        __m256i index = _mm256_adds_epu8(_mm256_xor_si256(x, _mm256_set1_epi8((char)((r + FIRST_ROW) << 4))), gap);
        y = _mm256_or_si256(y, _mm256_shuffle_epi8(t->row[r], index));
    }
    return y;
}

TARGET static inline uint32_t bytes_equal(__m256i a, __m256i b) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
}

TARGET static void wide_text(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data,
                             ov_bits *valid, ov_bits *bad) {
    table t;
    for (int r = 0; r < ROWS; r++)
        t.row[r] = _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i *)(field->pool + OV_TEXT_POOL + 16 * (r + FIRST_ROW))));
    const __m256i pads = _mm256_set1_epi8((char)ov_pad(field)), zero = _mm256_setzero_si256();
    const uint32_t length = (uint32_t)field->length;
    const int trims = (field->flags & OV_FLAG_TRIM_RIGHT) != 0, latin1 = (field->flags & OV_FLAG_LATIN1) != 0;
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    int32_t end = offsets[0];
    for (uint32_t k = 0; k < items->count; k++) {
        const uint8_t *p = ov_item(items, k);
        const uint32_t reach = (length + 31) & ~31u;
        int easy = (size_t)(items->high - p) >= reach && p[0] != 0 && p[0] != 0xFF;
        if (easy) {
            uint32_t kept = length;
            for (uint32_t at = reach - 32; trims && kept > 0; at -= 32) {
                __m256i x = _mm256_loadu_si256((const __m256i *)(p + at));
                uint32_t text = ~(bytes_equal(x, pads) | bytes_equal(x, zero));
                if (kept - at < 32) text &= (1u << (kept - at)) - 1;
                kept = at + 32 - _lzcnt_u32(text);
                if (text || at == 0) break;
            }
            for (uint32_t at = 0; at < kept; at += 32) {
                __m256i x = _mm256_loadu_si256((const __m256i *)(p + at));
                __m256i y = translate(&t, x);
                _mm256_storeu_si256((__m256i *)(data + end + at), y);
                uint32_t other = (latin1 ? 0 : (uint32_t)_mm256_movemask_epi8(y)) | bytes_equal(y, zero);
                if (kept - at < 32) other &= (1u << (kept - at)) - 1;
                if (other) {
                    easy = 0;
                    break;
                }
            }
            if (easy) {
                end += (int32_t)kept;
                ov_bits_set(valid, k);
            }
        }
        if (!easy) {
            int32_t slow_end = end; /* end itself stays in a register */
            ov_outcome outcome = ov_text_value(field, p, data, &slow_end);
            end = slow_end;
            if (outcome == OV_VALUE)
                ov_bits_set(valid, k);
            else if (outcome == OV_BAD)
                ov_bits_set(bad, k);
        }
        offsets[k + 1] = end;
    }
}

ov_text_kernel *ov_avx2_text(const ov_field *field) { return field->flags & OV_FLAG_TRIM_LEFT ? NULL : wide_text; }

#endif
