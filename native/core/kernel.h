/* What field kernels are: one field decoded over up to OV_TILE items that lie wholly inside the data. The engine
 * (engine.c) takes care of everything else: dead slots, records that end early, bitmaps at odd bit offsets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_KERNEL_H
#define OV_KERNEL_H

#include "overpunch.h"

#define OV_TILE_BITS 256

/* A field's instruction, unpacked. */
typedef struct ov_field {
    int32_t op, length, digits, up, flags, type;
    const uint8_t *pool;
} ov_field;

/* Among the flags of a text field whose record ends inside it: half a character at its end is left out. No plan has it.
 */
#define OV_FIELD_CUT (1 << 30)
/* The same: a text field's pool has its second table too. */
#define OV_FIELD_BOTH_TABLES (1 << 29)

/* The field's bytes in each item: origin + positions[k], or origin + k * stride where positions is NULL; `length` bytes
 * of each are inside [low, high), the memory that may be read. */
typedef struct ov_items {
    const uint8_t *origin;
    const uint32_t *positions;
    size_t stride;
    uint32_t count; /* 1..256 */
    const uint8_t *low, *high;
} ov_items;

/* One bit an item, lowest first; bits from count on are 0. */
typedef struct ov_bits {
    uint64_t words[OV_TILE_BITS / 64];
} ov_bits;

/* Writes count values of the field's type to out (64 bytes behind them may be overwritten), zeros where there is no
 * value; sets *valid and *bad (never both; neither: absent). QUIET is the engine's affair. out is aligned to its type's
 * width at least for 32- and 64-bit types, to 8 for DECIMAL128. */
typedef void ov_number_kernel(const ov_field *field, const ov_items *items, uint8_t *out, ov_bits *valid, ov_bits *bad);

/* Appends the text of each item to data + offsets[0], and writes offsets[1..count]. There is room for the worst case
 * (and 64 bytes behind it may be overwritten). A null item appends nothing. */
typedef void ov_text_kernel(const ov_field *field, const ov_items *items, int32_t *offsets, uint8_t *data,
                            ov_bits *valid, ov_bits *bad);

/* The kernel for a field at a level; NULL where op is no number (no text) field. */
ov_number_kernel *ov_number_kernel_for(const ov_field *field, ov_level level);
ov_text_kernel *ov_text_kernel_for(const ov_field *field, ov_level level);

/* A 128-bit integer as two words (MSVC has no __int128). */
typedef struct ov_int128 {
    uint64_t low;
    int64_t high;
} ov_int128;

typedef enum ov_outcome { OV_VALUE = 0, OV_ABSENT = 1, OV_BAD = 2 } ov_outcome;

/* One integer (operand of a counter or comparison): the field's bytes at p, all of them readable, UP applied. */
ov_outcome ov_read_integer(const ov_field *field, const uint8_t *p, ov_int128 *value);
ov_outcome ov_read_float(const ov_field *field, const uint8_t *p, double *value);
int ov_int128_compare(ov_int128 a, ov_int128 b); /* <0, 0, >0 */

#endif
