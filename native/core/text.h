/* What the kernels of text share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_TEXT_H
#define OV_TEXT_H

#include "decimal.h"
#include "kernels.h"

/* Only x'00', or only x'FF'. */
static inline int ov_is_nothing(const uint8_t *p, int32_t n) {
    return (p[0] == 0 || p[0] == 0xFF) && ov_is_blank(p, n, p[0]);
}

/* Appends one item's text at data + *end and moves *end. */
typedef ov_outcome ov_text_one(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t *end);

/* A text kernel, item by item. */
static inline void ov_each_text(ov_text_one *one, const ov_field *field, const ov_items *items, int32_t *offsets,
                                uint8_t *data, ov_bits *valid, ov_bits *bad) {
    ov_bits_clear(valid);
    ov_bits_clear(bad);
    int32_t end = offsets[0];
    for (uint32_t k = 0; k < items->count; k++) {
        const ov_outcome outcome = one(field, ov_item(items, k), data, &end);
        if (outcome == OV_VALUE)
            ov_bits_set(valid, k);
        else if (outcome == OV_BAD)
            ov_bits_set(bad, k);
        offsets[k + 1] = end;
    }
}

#endif
