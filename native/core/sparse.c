/* Tiles with dead slots; see sparse.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sparse.h"

static const uint64_t ones = 0x0101010101010101u;

/* A byte of 0 or 1 for each of eight bits. */
static inline uint64_t bytes_of(uint32_t bits) {
    const uint64_t one_each = (bits * ones) & 0x8040201008040201u;
    return ((one_each + 0x7F7F7F7F7F7F7F7Fu) >> 7) & ones;
}

static void make_ranks(ov_sparse *sparse, uint32_t count) {
    uint64_t before = 0; /* live slots, in every byte */
    for (uint32_t i = 0; i < count; i += 8) {
        const uint64_t live = bytes_of(sparse->bits.words[i >> 6] >> (i & 63) & 0xFF);
        const uint64_t ranks = live * ones + before;
        ov_store64(sparse->rank + i, ranks);
        ov_store64(sparse->place + i, ranks & live * 0xFF);
        before = (ranks >> 56) * ones;
    }
}

void ov_sparse_make(ov_sparse *sparse, const ov_frame *f, int32_t frame, uint32_t from, uint32_t count,
                    uint32_t cursor) {
    const uint32_t *slots = f->rows + cursor, most = ov_min32(f->live - cursor, count);
    uint32_t live = 0;
    memset(&sparse->bits, 0, sizeof sparse->bits);
    for (; live < most && slots[live] < from + count; live++) {
        sparse->positions[live] = f->positions[slots[live]];
        ov_set_bit(sparse->bits.words, slots[live] - from);
    }
    sparse->frame = frame;
    sparse->from = from;
    sparse->live = live;
    sparse->slots = slots;
    make_ranks(sparse, count);
}

void ov_sparse_bits(const ov_sparse *sparse, ov_bits *bits) {
    uint64_t any = 0, missing = 0;
    for (uint32_t i = 0; i < OV_TILE_BITS / 64; i++) {
        const uint32_t left = sparse->live > i * 64 ? sparse->live - i * 64 : 0;
        any |= bits->words[i];
        missing |= ~bits->words[i] & (left >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << left) - 1);
    }
    if (!any) return;
    if (!missing) {
        *bits = sparse->bits;
        return;
    }
    const ov_bits from = *bits;
    memset(bits, 0, sizeof *bits);
    for (uint32_t j = 0; j < sparse->live; j++) {
        const uint32_t bit = sparse->slots[j] - sparse->from;
        bits->words[bit >> 6] |= (uint64_t)ov_get_bit(from.words, j) << (bit & 63);
    }
}

void ov_sparse_values(const ov_sparse *sparse, const uint8_t *values, uint32_t width, uint32_t count, uint8_t *out) {
    const uint8_t *place = sparse->place;
    switch (width) { /* lengths that the compiler knows */
    case 4:
        for (uint32_t i = 0; i < count; i++) memcpy(out + (size_t)i * 4, values + (size_t)place[i] * 4, 4);
        break;
    case 8:
        for (uint32_t i = 0; i < count; i++) memcpy(out + (size_t)i * 8, values + (size_t)place[i] * 8, 8);
        break;
    default:
        for (uint32_t i = 0; i < count; i++) memcpy(out + (size_t)i * 16, values + (size_t)place[i] * 16, 16);
        break;
    }
}

void ov_sparse_offsets(const ov_sparse *sparse, const int32_t *some, uint32_t count, int32_t *offsets) {
    for (uint32_t i = 0; i < count; i++) offsets[i] = some[sparse->rank[i]];
}
