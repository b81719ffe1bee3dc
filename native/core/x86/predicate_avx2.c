/* Conditions on keys with AVX2: four rows at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define VEC __m256i
#define LANES 4
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define SET(x) _mm256_set1_epi64x((long long)(x))
#define AND(a, b) _mm256_and_si256(a, b)
#define OR(a, b) _mm256_or_si256(a, b)
#define XOR(a, b) _mm256_xor_si256(a, b)
#define ADD(a, b) _mm256_add_epi64(a, b)
#define SUB(a, b) _mm256_sub_epi64(a, b)
#define SHL(a, n) _mm256_sll_epi64(a, _mm_cvtsi32_si128(n))
#define SHR(a, n) _mm256_srl_epi64(a, _mm_cvtsi32_si128(n))
#define SWAP(a)                                                                                                        \
    _mm256_shuffle_epi8(                                                                                               \
        a, _mm256_broadcastsi128_si256(_mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)))
#define EQ(a, b) ((unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(a, b))))
#define GT(a, b) ((unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(a, b))))

#include "../predicate_lanes.h"

const ov_key_kernels ov_keys_avx2 = {lanes_packed, lanes_zoned, lanes_plain};
#endif
