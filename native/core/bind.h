/* Binding a checked program: its instructions with the places of what they read, prepared in scratch for a slab.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_BIND_H
#define OV_BIND_H

#include "write.h"

typedef struct ov_bound {
    /* What it was prepared for. */
    const int32_t *code, *table;
    const uint8_t *slab;
    int32_t level; /* + 1; 0 in scratch that was not used yet */

    ov_op *ops;
    uint8_t *texts;
    uint64_t reserve;
    bool is_direct;   /* records can be written straight from their bytes */
    int64_t shortest; /* ... those of so many bytes at least */
    int64_t exact;    /* ... and, where it is not -1, of exactly so many */
} ov_bound;

/* Bytes of scratch for it. */
size_t ov_bound_size(const ov_writer *writer);

/* Prepares it, unless it was done for the same. */
ov_bound *ov_bind(const ov_writer *writer, const ov_decoder *decoder, const uint8_t *slab, ov_level level,
                  uint8_t *scratch);

/* How an instruction's field is written straight from records: fills op->kind and what that kind reads. `digits` and
 * `table`: room for them. */
void ov_bind_direct(ov_op *op, bool is_csv, ov_digits *digits, uint8_t *table);

/* How digits of a register are written: `count` of them from byte `first` on, followed by `up` zeros. */
void ov_lay_digits(ov_digits *d, int32_t first, int32_t count, int32_t up, int32_t scale, const ov_op *op);

#endif
