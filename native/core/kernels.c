/* Which kernel decodes which field.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "kernels.h"

#include "decimal.h"

static int is_wide(const ov_field *field) {
    return (field->op == OV_OP_ZONED || field->op == OV_OP_EDITED) && field->flags & OV_FLAG_WIDE;
}

ov_number_kernel *ov_number_kernel_for(const ov_field *field, ov_level level) {
    if (is_wide(field)) return ov_wide_kernel;
    switch (field->op) {
    case OV_OP_ZONED: return ov_zoned_kernel(field, level);
    case OV_OP_PACKED: return ov_packed_kernel(field, level);
    case OV_OP_BINARY: return ov_binary_kernel(field);
    case OV_OP_FLOAT: return ov_float_kernel;
    case OV_OP_EDITED: return ov_edited_kernel;
    default: return NULL;
    }
}

ov_text_kernel *ov_text_kernel_for(const ov_field *field, ov_level level) {
    switch (field->op) {
    case OV_OP_TEXT: return ov_text_kernel_at(field, level);
    case OV_OP_NATIONAL: return ov_national_kernel;
    case OV_OP_TEXT_MIXED: return ov_mixed_kernel;
    case OV_OP_TEXT_DBCS: return ov_dbcs_kernel;
    case OV_OP_TEXT_UTF8: return ov_utf8_kernel;
    default: return NULL;
    }
}

ov_outcome ov_read_integer(const ov_field *field, const uint8_t *p, ov_int128 *value) {
    if (is_wide(field)) return ov_wide_value(field, p, value);
    switch (field->op) {
    case OV_OP_ZONED: return ov_zoned_value(field, p, value);
    case OV_OP_PACKED: return ov_packed_value(field, p, value);
    case OV_OP_EDITED: return ov_edited_value(field, p, value);
    default: return ov_binary_value(field, p, value);
    }
}

ov_outcome ov_read_float(const ov_field *field, const uint8_t *p, double *value) {
    *value = ov_float_value(field, p);
    return OV_VALUE;
}

int ov_int128_compare(ov_int128 a, ov_int128 b) {
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}
