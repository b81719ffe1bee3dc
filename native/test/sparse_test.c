/* Tiles with dead slots at every level: what is picked, and what comes back to which slot, against loops over bits. For
 * the sanitizer each piece of memory is as long as its contract says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "check.h"
#include "random.h"
#include "sparse.h"

static choices c;

typedef struct tile {
    ov_level level;
    uint32_t from, count, live;
    uint64_t bits[OV_TILE / 64];
} tile;

static bool is_live(const tile *t, uint32_t slot) { return ov_get_bit(t->bits, slot); }

/* Slots of which some are dead and some live. */
static tile some_tile(ov_level level) {
    tile t = {.level = level, .from = choose(&c, 3) * 256, .count = 2 + choose(&c, OV_TILE - 1)};
    const uint32_t one_in = 1 + choose(&c, 12);
    for (uint32_t i = 0; i < t.count; i++) {
        if (choose(&c, 13) >= one_in) ov_set_bit(t.bits, i);
    }
    ov_set_bit(t.bits, choose(&c, t.count));
    uint32_t dead = choose(&c, t.count);
    t.bits[dead / 64] &= ~((uint64_t)1 << dead % 64);
    for (uint32_t i = 0; i < t.count; i++) t.live += is_live(&t, i);
    if (t.live == 0) ov_set_bit(t.bits, (dead + 1) % t.count), t.live = 1;
    return t;
}

static void check_pick(const tile *t) {
    uint32_t *from = malloc(t->count * sizeof *from), *to = malloc(t->count * sizeof *to + OV_SLACK), next = 0;
    for (uint32_t i = 0; i < t->count; i++) from[i] = choose(&c, 1u << 31);
    CHECK_EQUAL(ov_pick(t->level, t->bits, from, t->count, to), t->live);
    for (uint32_t i = 0; i < t->count; i++) {
        if (is_live(t, i)) CHECK_EQUAL(to[next++], from[i]);
    }
    free(from);
    free(to);
}

/* The tile of a SELECT, or of a table's items that has no bitmap. */
static void make(const tile *t, bool is_select, ov_sparse *sparse) {
    const uint32_t slots = t->from + t->count, first = choose(&c, 40), cursor = choose(&c, 5);
    uint32_t *positions = malloc(slots * sizeof *positions), *rows = malloc((cursor + t->live) * sizeof *rows);
    uint8_t *validity = calloc(1, (first + slots) / 8 + 1 + OV_SLACK);
    uint32_t live = cursor;
    for (uint32_t i = 0; i < slots; i++) positions[i] = choose(&c, 1u << 30);
    for (uint32_t i = 0; i < cursor; i++) rows[i] = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        if (is_live(t, i)) rows[live++] = t->from + i;
    }
    ov_append_bits(validity, first + t->from, t->bits, t->count);
    ov_frame f = {.op = is_select ? OV_OP_SELECT : OV_OP_TABLE,
                  .first = first,
                  .slots = slots,
                  .live = live,
                  .rows = rows,
                  .positions = positions,
                  .validity = is_select ? validity : NULL};
    const ov_run run = {.level = t->level, .frames = &f};
    ov_sparse_make(sparse, &run, 0, t->from, t->count, cursor);
    CHECK_EQUAL(sparse->live, t->live);
    for (uint32_t i = 0; i < t->live; i++) CHECK_EQUAL(sparse->positions[i], positions[rows[cursor + i]]);
    free(positions);
    free(rows);
    free(validity);
}

static void check_bits(const tile *t, const ov_sparse *sparse) {
    const uint32_t kind = choose(&c, 4); /* none, all, any */
    ov_bits bits = {{0}};
    for (uint32_t i = 0; i < t->live; i++) {
        if (kind == 1 || (kind > 1 && choose(&c, 3) > 0)) ov_set_bit(bits.words, i);
    }
    const ov_bits items = bits;
    ov_sparse_bits(sparse, &bits);
    uint32_t item = 0;
    for (uint32_t i = 0; i < OV_TILE; i++) {
        const bool live = i < t->count && is_live(t, i);
        CHECK_EQUAL(ov_get_bit(bits.words, i), live && ov_get_bit(items.words, item));
        item += live;
    }
}

static void check_values(const tile *t, const ov_sparse *sparse) {
    const uint32_t width = 4u << choose(&c, 3);
    uint8_t values[(OV_TILE + 1) * 16] = {0}, *out = malloc(t->count * width);
    static const uint8_t zeros[16] = {0};
    random_bytes(&c, values + width, t->live * width);
    ov_sparse_values(sparse, values, width, t->count, out);
    const uint8_t *next = values + width;
    for (uint32_t i = 0; i < t->count; i++) {
        CHECK(memcmp(out + i * width, is_live(t, i) ? next : zeros, width) == 0);
        next += is_live(t, i) ? width : 0;
    }
    free(out);
}

static void check_offsets(const tile *t, const ov_sparse *sparse) {
    int32_t *some = malloc((t->live + 1) * sizeof *some + OV_SLACK), *offsets = malloc(t->count * sizeof *offsets);
    some[0] = (int32_t)choose(&c, 1000);
    for (uint32_t i = 0; i < t->live; i++) some[i + 1] = some[i] + (int32_t)choose(&c, 20);
    ov_sparse_offsets(sparse, some, t->count, offsets);
    for (uint32_t i = 0, item = 0; i < t->count; i++) {
        item += is_live(t, i);
        CHECK_EQUAL(offsets[i], some[item]);
    }
    free(some);
    free(offsets);
}

int main(void) {
    const ov_level best = ov_get_level();
    for (uint32_t round = 0; round < 4000; round++) {
        c.seed = round;
        const tile t = some_tile((ov_level)(round % ((uint32_t)best + 1)));
        ov_sparse sparse;
        make(&t, choose(&c, 2) == 0, &sparse);
        check_pick(&t);
        check_bits(&t, &sparse);
        check_values(&t, &sparse);
        check_offsets(&t, &sparse);
    }
    return checks_failed();
}
