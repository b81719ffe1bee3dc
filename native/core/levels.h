/* Kernels for wider registers. Each answer is NULL where this level, field or processor has none: then the portable one
 * is used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_LEVELS_H
#define OV_LEVELS_H

#include "kernel.h"

#if defined(__GNUC__) && defined(__x86_64__)
ov_number_kernel *ov_avx2_zoned(const ov_field *field);
ov_number_kernel *ov_avx2_packed(const ov_field *field);
ov_text_kernel *ov_avx2_text(const ov_field *field);
ov_number_kernel *ov_avx512_zoned(const ov_field *field);
ov_number_kernel *ov_avx512_packed(const ov_field *field);
ov_text_kernel *ov_avx512_text(const ov_field *field);
void ov_avx512_translate(const uint8_t *table, const uint8_t *from, uint8_t *to, size_t length);

static inline ov_number_kernel *ov_wide_zoned(const ov_field *field, ov_level level) {
    return level >= OV_LEVEL_AVX512 ? ov_avx512_zoned(field) : level >= OV_LEVEL_AVX2 ? ov_avx2_zoned(field) : NULL;
}
static inline ov_number_kernel *ov_wide_packed(const ov_field *field, ov_level level) {
    return level >= OV_LEVEL_AVX512 ? ov_avx512_packed(field) : level >= OV_LEVEL_AVX2 ? ov_avx2_packed(field) : NULL;
}
static inline ov_text_kernel *ov_wide_text(const ov_field *field, ov_level level) {
    ov_text_kernel *widest = level >= OV_LEVEL_AVX512 ? ov_avx512_text(field) : NULL;
    return widest ? widest : level >= OV_LEVEL_AVX2 ? ov_avx2_text(field) : NULL;
}
#elif defined(__GNUC__) && defined(__aarch64__)
ov_number_kernel *ov_neon_zoned(const ov_field *field);
ov_number_kernel *ov_neon_packed(const ov_field *field);
ov_text_kernel *ov_neon_text(const ov_field *field);

static inline ov_number_kernel *ov_wide_zoned(const ov_field *field, ov_level level) {
    return level == OV_LEVEL_NEON ? ov_neon_zoned(field) : NULL;
}
static inline ov_number_kernel *ov_wide_packed(const ov_field *field, ov_level level) {
    return level == OV_LEVEL_NEON ? ov_neon_packed(field) : NULL;
}
static inline ov_text_kernel *ov_wide_text(const ov_field *field, ov_level level) {
    return level == OV_LEVEL_NEON ? ov_neon_text(field) : NULL;
}
#else
static inline ov_number_kernel *ov_wide_zoned(const ov_field *field, ov_level level) {
    return (void)field, (void)level, (ov_number_kernel *)NULL;
}
static inline ov_number_kernel *ov_wide_packed(const ov_field *field, ov_level level) {
    return (void)field, (void)level, (ov_number_kernel *)NULL;
}
static inline ov_text_kernel *ov_wide_text(const ov_field *field, ov_level level) {
    return (void)field, (void)level, (ov_text_kernel *)NULL;
}
#endif

#endif
