/* What decoding messages needs of other files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_MESSAGE_H
#define OV_MESSAGE_H

#include "overpunch.h"

/* Translates `length` bytes by a table of 256; up to 64 bytes behind them are read and written too. */
void ov_translate(ov_level level, const uint8_t *table, const uint8_t *from, uint8_t *to, size_t length);

#endif
