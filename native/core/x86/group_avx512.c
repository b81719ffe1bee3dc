/* Groups' rows with AVX-512: a bucket is one register.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2")))
#define SAME(bucket, hash, mask) same_avx512(bucket, hash, mask)

TARGET static inline uint32_t same_avx512(const uint32_t *bucket, uint32_t hash, uint32_t mask) {
    const __m512i differ = _mm512_xor_si512(_mm512_loadu_si512(bucket), _mm512_set1_epi32((int32_t)hash));
    return _mm512_testn_epi32_mask(differ, _mm512_set1_epi32((int32_t)mask));
}

#include "../group_find.h"

const ov_group_finders ov_avx512_finders = {short_near, short_far, long_near, long_far};
#endif
