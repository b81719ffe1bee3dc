/* What the number kernels of both register widths share: the second look at lanes that failed, and the list of kernels
 * made of `packed` and `zoned`, each compiled for one type and size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_X86_NUMBERS_H
#define OV_X86_NUMBERS_H

#include "../decimal.h"
#include "../kernels.h"

typedef ov_outcome ov_value_of(const ov_field *field, const uint8_t *p, ov_int128 *value);

/* Items k + i for each bit i of `lanes`, by the letter of the rules. */
static inline void ov_look_again(const ov_field *field, const uint8_t *const *item, unsigned lanes, uint32_t k,
                                 uint8_t *out, ov_value_of *slow, ov_bits *valid, ov_bits *bad) {
    for (uint32_t i = 0; lanes >> i; i++) {
        if (!(lanes >> i & 1)) continue;
        ov_int128 value = {0, 0};
        ov_outcome outcome = slow(field, item[i], &value);
        ov_put(field, out, k + i, outcome, value, valid, bad);
    }
}

/* Loads of eight bytes that end with a field may begin before it: is there something to read before every item? */
static inline int ov_has_front(const ov_field *field, const ov_items *items) {
    size_t least = (size_t)(items->origin - items->low);
    if (items->positions) {
        uint32_t first = items->positions[0];
        for (uint32_t k = 1; k < items->count; k++) first = items->positions[k] < first ? items->positions[k] : first;
        least += first;
    }
    return least + (size_t)field->length >= 8 * (((size_t)field->length + 7) / 8);
}

/* Where the bytes before the first item can't be read, the portable kernel takes the tile. */
#define OV_KERNEL(name, call, portable)                                                                                \
    TARGET static void name(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid,                \
                            ov_bits *bad) {                                                                            \
        if (ov_has_front(field, items))                                                                                \
            call;                                                                                                      \
        else                                                                                                           \
            portable(field, OV_LEVEL_PORTABLE)(field, items, out, valid, bad);                                         \
    }
#define OV_PACKED(name, type, two) OV_KERNEL(name, packed(field, items, out, valid, bad, type, two), ov_packed_kernel)
#define OV_ZONED(name, type, chunks)                                                                                   \
    OV_KERNEL(name, zoned(field, items, out, valid, bad, type, chunks), ov_zoned_kernel)

/* Packed: up to 8 bytes, or up to 16. Zoned: 8 digits a chunk, up to 18 digits. */
#define OV_NUMBER_KERNELS                                                                                              \
    OV_PACKED(packed32, OV_TYPE_INT32, 0)                                                                              \
    OV_PACKED(packed64, OV_TYPE_INT64, 0)                                                                              \
    OV_PACKED(packed64_two, OV_TYPE_INT64, 1)                                                                          \
    OV_PACKED(packed128, OV_TYPE_DECIMAL128, 0)                                                                        \
    OV_PACKED(packed128_two, OV_TYPE_DECIMAL128, 1)                                                                    \
    OV_ZONED(zoned32_1, OV_TYPE_INT32, 1)                                                                              \
    OV_ZONED(zoned32_2, OV_TYPE_INT32, 2)                                                                              \
    OV_ZONED(zoned64_2, OV_TYPE_INT64, 2)                                                                              \
    OV_ZONED(zoned64_3, OV_TYPE_INT64, 3)                                                                              \
    OV_ZONED(zoned128_1, OV_TYPE_DECIMAL128, 1)                                                                        \
    OV_ZONED(zoned128_2, OV_TYPE_DECIMAL128, 2)                                                                        \
    OV_ZONED(zoned128_3, OV_TYPE_DECIMAL128, 3)                                                                        \
    static ov_number_kernel *packed_for(const ov_field *field) {                                                       \
        const int two = field->length > 8;                                                                             \
        if (field->type == OV_TYPE_INT32) return two ? NULL : packed32;                                                \
        if (field->type == OV_TYPE_INT64) return two ? packed64_two : packed64;                                        \
        return two ? packed128_two : packed128;                                                                        \
    }                                                                                                                  \
    static ov_number_kernel *zoned_for(const ov_field *field) {                                                        \
        const int32_t chunks = (field->length + 7) / 8;                                                                \
        if (field->length > 18) return NULL;                                                                           \
        if (field->type == OV_TYPE_INT32) return chunks == 1 ? zoned32_1 : chunks == 2 ? zoned32_2 : NULL;             \
        if (field->type == OV_TYPE_INT64) return chunks == 2 ? zoned64_2 : chunks == 3 ? zoned64_3 : NULL;             \
        return chunks == 1 ? zoned128_1 : chunks == 2 ? zoned128_2 : zoned128_3;                                       \
    }

#endif
