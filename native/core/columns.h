/* Columns: what decoding a field needs, and decoding it for a block whose frames are built.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_COLUMNS_H
#define OV_COLUMNS_H

#include "frames.h"

typedef union ov_kernel {
    ov_number_kernel *number;
    ov_text_kernel *text;
} ov_kernel;

/* A field's instruction with its kernels, and its column's places in the slab. */
typedef struct ov_column {
    ov_field field;
    ov_kernel kernel, few; /* for tiles, and for a few items */
    int32_t frame, offset;
    int64_t need; /* bytes from the frame's position to the field's end */
    ov_level level;
    uint32_t width;     /* bytes of a value; 0: text */
    uint32_t item_most; /* text: most bytes of one item */
    uint64_t data_length;
    uint8_t *values, *validity, *bad, *data;
    int32_t *counts; /* in the header: absent, bad */
} ov_column;

/* Fills the list, in the order of the instructions. */
void ov_columns_prepare(const ov_run *run, const ov_plan *plan, const int32_t *table, ov_column *columns);

/* Decodes the block. False where a column's data has no room: never in a slab whose table was checked. */
bool ov_columns_decode(ov_run *run, const ov_column *columns, int32_t count);

#endif
