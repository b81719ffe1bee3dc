/* The kernels of each concept, for the table in kernels.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_KERNELS_H
#define OV_KERNELS_H

#include "kernel.h"

/* One item by the letter of the rules: what fast paths fall back to, and what operands are read by. */
ov_outcome ov_zoned_value(const ov_field *field, const uint8_t *p, ov_int128 *value);
ov_outcome ov_packed_value(const ov_field *field, const uint8_t *p, ov_int128 *value);
ov_outcome ov_edited_value(const ov_field *field, const uint8_t *p, ov_int128 *value);
ov_outcome ov_wide_value(const ov_field *field, const uint8_t *p, ov_int128 *value);
ov_outcome ov_binary_value(const ov_field *field, const uint8_t *p, ov_int128 *value);
double ov_float_value(const ov_field *field, const uint8_t *p);
/* Appends one item's text at data + *end and moves *end. */
ov_outcome ov_text_value(const ov_field *field, const uint8_t *p, uint8_t *data, int32_t *end);

ov_number_kernel *ov_zoned_kernel(const ov_field *field, ov_level level);
ov_number_kernel *ov_packed_kernel(const ov_field *field, ov_level level);
ov_number_kernel *ov_binary_kernel(const ov_field *field);
ov_number_kernel ov_float_kernel;
ov_number_kernel ov_edited_kernel;
ov_number_kernel ov_wide_kernel;
ov_text_kernel *ov_text_kernel_at(const ov_field *field, ov_level level);
ov_text_kernel ov_national_kernel;
ov_text_kernel ov_mixed_kernel;
ov_text_kernel ov_dbcs_kernel;
ov_text_kernel ov_utf8_kernel;

#endif
