/* Conditions on keys with AVX-512: eight rows at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define VEC __m512i
#define LANES 8
#define LOAD(p) _mm512_loadu_si512(p)
#define SET(x) _mm512_set1_epi64((long long)(x))
#define AND(a, b) _mm512_and_si512(a, b)
#define OR(a, b) _mm512_or_si512(a, b)
#define XOR(a, b) _mm512_xor_si512(a, b)
#define ADD(a, b) _mm512_add_epi64(a, b)
#define SUB(a, b) _mm512_sub_epi64(a, b)
#define SHL(a, n) _mm512_sll_epi64(a, _mm_cvtsi32_si128(n))
#define SHR(a, n) _mm512_srl_epi64(a, _mm_cvtsi32_si128(n))
#define SWAP(a)                                                                                                        \
    _mm512_shuffle_epi8(a, _mm512_broadcast_i32x4(_mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)))
#define EQ(a, b) ((unsigned)_mm512_cmpeq_epi64_mask(a, b))
#define GT(a, b) ((unsigned)_mm512_cmpgt_epi64_mask(a, b))

#include "../predicate_lanes.h"

const ov_key_kernels ov_keys_avx512 = {lanes_packed, lanes_zoned, lanes_plain};
#endif
