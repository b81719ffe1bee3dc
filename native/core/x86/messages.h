/* Readers of messages' fields for wider registers; NULL where this level or processor has none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_X86_MESSAGES_H
#define OV_X86_MESSAGES_H

#include "../message.h"

#if defined(__GNUC__) && defined(__x86_64__)
ov_message_texts ov_avx512_message_texts;
ov_message_decimals ov_avx512_message_decimals;

static inline ov_message_texts *ov_x86_message_texts(ov_level level) {
    return level >= OV_LEVEL_AVX512 ? ov_avx512_message_texts : NULL;
}
static inline ov_message_decimals *ov_x86_message_decimals(ov_level level) {
    return level >= OV_LEVEL_AVX512 ? ov_avx512_message_decimals : NULL;
}
#else
static inline ov_message_decimals *ov_x86_message_decimals(ov_level level) {
    return (void)level, (ov_message_decimals *)NULL;
}
static inline ov_message_texts *ov_x86_message_texts(ov_level level) { return (void)level, (ov_message_texts *)NULL; }
#endif

#endif
