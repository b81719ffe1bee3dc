/* Kernels for wider registers. Each returns NULL where this level, field or processor has none: then the portable one
 * is used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_X86_LEVELS_H
#define OV_X86_LEVELS_H

#include "../kernel.h"

#if defined(__GNUC__) && defined(__x86_64__)
ov_number_kernel *ov_x86_zoned(const ov_field *field, ov_level level);
ov_number_kernel *ov_x86_packed(const ov_field *field, ov_level level);
ov_text_kernel *ov_x86_text(const ov_field *field, ov_level level);
#else
static inline ov_number_kernel *ov_x86_zoned(const ov_field *field, ov_level level) {
    return (void)field, (void)level, (ov_number_kernel *)0;
}
static inline ov_number_kernel *ov_x86_packed(const ov_field *field, ov_level level) {
    return (void)field, (void)level, (ov_number_kernel *)0;
}
static inline ov_text_kernel *ov_x86_text(const ov_field *field, ov_level level) {
    return (void)field, (void)level, (ov_text_kernel *)0;
}
#endif

#endif
