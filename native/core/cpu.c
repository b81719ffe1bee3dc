/* Which instruction sets this processor has, and which of them kernels may use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "overpunch.h"

static int level_in_force = -1;

static ov_level best(void) {
#if defined(__GNUC__) && defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vbmi") &&
        __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("bmi2"))
        return OV_LEVEL_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return OV_LEVEL_AVX2;
#endif
#if defined(__GNUC__) && defined(__aarch64__)
    return OV_LEVEL_NEON;
#else
    return OV_LEVEL_PORTABLE;
#endif
}

ov_level ov_get_level(void) {
    /* two threads that come here first write the same value */
    if (level_in_force < 0) level_in_force = (int)best();
    return (ov_level)level_in_force;
}

ov_level ov_set_level(ov_level level) {
    ov_level most = best();
    if (most == OV_LEVEL_NEON && level < most) level = OV_LEVEL_PORTABLE; /* the levels between are not of its kind */
    level_in_force = (int)(level < most ? level : most);
    return (ov_level)level_in_force;
}
