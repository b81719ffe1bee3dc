/* Text writers for wider registers; NULL where this level or processor has none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_X86_WRITERS_H
#define OV_X86_WRITERS_H

#include "../write.h"

#if defined(__GNUC__) && defined(__x86_64__)
ov_row_writer *ov_avx512_row_writer(void);
ov_record_writer *ov_avx512_record_writer(void);

static inline ov_row_writer *ov_x86_row_writer(ov_level level) {
    return level >= OV_LEVEL_AVX512 ? ov_avx512_row_writer() : NULL;
}
static inline ov_record_writer *ov_x86_record_writer(ov_level level) {
    return level >= OV_LEVEL_AVX512 ? ov_avx512_record_writer() : NULL;
}
#else
static inline ov_row_writer *ov_x86_row_writer(ov_level level) { return (void)level, (ov_row_writer *)NULL; }
static inline ov_record_writer *ov_x86_record_writer(ov_level level) { return (void)level, (ov_record_writer *)NULL; }
#endif

#endif
