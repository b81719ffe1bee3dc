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
#if defined(__GNUC__) && defined(__x86_64__)
    if (sparse->level >= OV_LEVEL_AVX512) {
        ov_avx512_ranks(sparse->bits.words, count, sparse->rank, sparse->place);
        return;
    }
#endif
    uint64_t before = 0; /* live slots, in every byte */
    for (uint32_t i = 0; i < count; i += 8) {
        const uint64_t live = bytes_of(sparse->bits.words[i >> 6] >> (i & 63) & 0xFF), ranks = live * ones;
        ov_store64(sparse->rank + i, before + ranks);
        ov_store64(sparse->place + i, (before + ranks) & live * 0xFF);
        before += (ranks >> 56) * ones;
    }
}

uint32_t ov_pick(ov_level level, const uint64_t *bits, const uint32_t *from, uint32_t count, uint32_t *to) {
#if defined(__GNUC__) && defined(__x86_64__)
    if (level >= OV_LEVEL_AVX512) return ov_avx512_pick(bits, from, count, to);
#endif
    (void)level;
    uint32_t picked = 0;
    for (uint32_t i = 0; i < count; i += 64) {
        for (uint64_t left = bits[i / 64]; left != 0; left &= left - 1)
            to[picked++] = from[i + (uint32_t)__builtin_ctzll(left)];
    }
    return picked;
}

/* Bits of the live slots among [from, from + count). */
static ov_bits live_bits(const ov_frame *f, uint32_t from, uint32_t count, uint32_t cursor) {
    ov_bits bits = {{0}};
    if (f->op == OV_OP_SELECT) {
        ov_read_bits(f->validity, (size_t)f->first + from, count, bits.words);
        return bits;
    }
    for (uint32_t i = cursor; i < f->live && f->rows[i] < from + count; i++) ov_set_bit(bits.words, f->rows[i] - from);
    return bits;
}

void ov_sparse_make(ov_sparse *sparse, const ov_run *run, int32_t frame, uint32_t from, uint32_t count,
                    uint32_t cursor) {
    const ov_frame *f = &run->frames[frame];
    sparse->frame = frame;
    sparse->from = from;
    sparse->level = run->level;
    sparse->bits = live_bits(f, from, count, cursor);
    sparse->live = ov_pick(run->level, sparse->bits.words, f->positions + from, count, sparse->positions);
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
    uint32_t item = 0;
    for (uint32_t i = 0; i < OV_TILE_BITS / 64; i++) {
        for (uint64_t left = sparse->bits.words[i]; left != 0; left &= left - 1, item++)
            if (ov_get_bit(from.words, item)) bits->words[i] |= left & (0 - left);
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
#if defined(__GNUC__) && defined(__x86_64__)
    if (sparse->level >= OV_LEVEL_AVX512) {
        ov_avx512_offsets(sparse->rank, some, count, offsets);
        return;
    }
#endif
    for (uint32_t i = 0; i < count; i++) offsets[i] = some[sparse->rank[i]];
}
