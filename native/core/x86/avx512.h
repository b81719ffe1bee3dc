/* The instruction sets of the level avx512: cpu.c asks for the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_X86_AVX512_H
#define OV_X86_AVX512_H

#include <immintrin.h>

#define TARGET                                                                                                         \
    __attribute__((                                                                                                    \
        target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,avx512ifma,bmi,bmi2,lzcnt,popcnt")))
#define INLINE TARGET static inline __attribute__((always_inline))

#endif
