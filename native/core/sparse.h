/* Tiles some of whose slots are dead, as they are where records are of several types: the live ones side by side for a
 * kernel, and what it makes of them brought to their slots. Made once for all columns of a frame.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_SPARSE_H
#define OV_SPARSE_H

#include "frames.h"

typedef struct ov_sparse {
    int32_t frame; /* whose tile it is; -1: none */
    uint32_t from;
    uint32_t live; /* less than OV_TILE */
    ov_level level;
    ov_bits bits; /* of the live slots, counted from the tile's first */
    uint32_t positions[OV_TILE + OV_SLACK / 4];
    uint8_t rank[OV_TILE];  /* a slot: how many are live up to it, itself included */
    uint8_t place[OV_TILE]; /* the same of live slots; 0 of dead ones */
} ov_sparse;

/* Those of from[0, count) whose bit is set, in order; returns how many. Up to 64 bytes behind them may be overwritten.
 */
uint32_t ov_pick(ov_level level, const uint64_t *bits, const uint32_t *from, uint32_t count, uint32_t *to);

/* Makes it for the frame's slots [from, from + count), of which `cursor` is the place in its rows: there is a dead one
 * and a live one. */
void ov_sparse_make(ov_sparse *sparse, const ov_run *run, int32_t frame, uint32_t from, uint32_t count,
                    uint32_t cursor);

/* Bits of the live items as bits of the slots. */
void ov_sparse_bits(const ov_sparse *sparse, ov_bits *bits);

/* Values of the live items, behind one that is 0, as values of the slots. */
void ov_sparse_values(const ov_sparse *sparse, const uint8_t *values, uint32_t width, uint32_t count, uint8_t *out);

/* Offsets of the live items' text (64 bytes behind them may be read) as offsets of the slots', without the first. */
void ov_sparse_offsets(const ov_sparse *sparse, const int32_t *some, uint32_t count, int32_t *offsets);

#if defined(__GNUC__) && defined(__x86_64__)
uint32_t ov_avx512_pick(const uint64_t *bits, const uint32_t *from, uint32_t count, uint32_t *to);
void ov_avx512_ranks(const uint64_t *bits, uint32_t count, uint8_t *rank, uint8_t *place);
void ov_avx512_offsets(const uint8_t *rank, const int32_t *some, uint32_t count, int32_t *offsets);
#endif

#endif
