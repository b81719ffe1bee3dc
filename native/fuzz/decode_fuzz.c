/* Plans, slabs and records from a fuzzer's bytes. The first byte says how: a valid random plan; one with some words and
 * constants changed; or the bytes as words. Whatever the core accepts must decode, inside its buffers, to the same at
 * every level and however the records are put together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz.h"

static int32_t other_word(choices *c, int32_t before) {
    switch (choose(c, 6)) {
    case 0: return before + 1;
    case 1: return before - 1;
    case 2: return (int32_t)choose(c, 256) - 2;
    case 3: return (int32_t)(choose(c, 1 << 16) << 16 | choose(c, 1 << 16));
    case 4: return before ^ 1 << choose(c, 31);
    default: return (int32_t)choose(c, 40);
    }
}

static void change(plan_builder *b, choices *c) {
    const uint32_t words = (uint32_t)plan_size(b);
    for (uint32_t n = 1 + choose(c, 4); n > 0; n--) {
        /* Mostly words behind the header, which decide more. */
        const uint32_t at =
            choose(c, 8) ? OV_PLAN_HEADER + choose(c, words - OV_PLAN_HEADER) : choose(c, OV_PLAN_HEADER);
        if (at != OV_PLANW_INSTRUCTIONS) b->code[at] = other_word(c, b->code[at]);
    }
    for (uint32_t n = choose(c, 4); n > 0; n--) b->pool[choose(c, (uint32_t)MOST_POOL)] = (uint8_t)choose(c, 256);
    if (choose(c, 3) == 0) {
        int32_t one[OV_WIDTH], *first = plan_words(b, (int32_t)choose(c, (uint32_t)b->code[OV_PLANW_INSTRUCTIONS]));
        int32_t *second = plan_words(b, (int32_t)choose(c, (uint32_t)b->code[OV_PLANW_INSTRUCTIONS]));
        memcpy(one, first, sizeof one);
        memmove(first, second, sizeof one);
        memcpy(second, one, sizeof one);
    }
}

static void raw(plan_builder *b, const uint8_t *data, size_t size) {
    memset(b, 0, sizeof *b);
    const size_t words = size / 4 < MOST_INSTRUCTIONS * OV_WIDTH ? size / 4 : MOST_INSTRUCTIONS * OV_WIDTH;
    memcpy(b->code, data, words * 4);
    b->code[OV_PLANW_MAGIC] = OV_PLAN_MAGIC;
    b->code[OV_PLANW_VERSION] = OV_PLAN_VERSION;
    b->code[OV_PLANW_INSTRUCTIONS] = words > OV_PLAN_HEADER ? (int32_t)((words - OV_PLAN_HEADER) / OV_WIDTH) : 0;
    b->code[OV_PLANW_POOL] = MOST_POOL;
}

/* A slab's table with a word changed: refused, or as good as the one before. */
static void change_table(plan_builder *b, const ov_plan *plan, choices *c) {
    static int32_t table[1 << 14];
    int32_t capacities[OV_MAX_FRAMES];
    for (int32_t i = 0; i < b->code[OV_PLANW_SPACES]; i++) capacities[i] = (int32_t)choose(c, 300);
    size_t words;
    if (slab_layout(b->code, capacities, NULL, &words) > 1 << 24 || words > 1 << 14) return;
    const size_t length = slab_layout(b->code, capacities, table, &words);
    for (uint32_t n = 1 + choose(c, 2); n > 0; n--) {
        const size_t at = choose(c, (uint32_t)words);
        table[at] = choose(c, 2) ? table[at] + 64 * ((int32_t)choose(c, 9) - 4) : other_word(c, table[at]);
    }
    ov_decoder decoder;
    ov_error error;
    if (ov_decoder_check(plan, table, words, length, &decoder, &error) != OV_OK) return;
    uint8_t *slab = guarded(length, false), data[600];
    const size_t scratch_length = ov_scratch_size(plan);
    uint8_t *scratch = guarded(scratch_length, false);
    memset(scratch, 0, scratch_length);
    random_bytes(c, data, sizeof data);
    const uint32_t stride = 1 + choose(c, 64), count = (uint32_t)sizeof data / stride;
    ov_decode(&decoder, &(ov_records){.data = data, .length = sizeof data, .stride = stride, .count = count}, slab,
              scratch, &error);
    guarded_free(slab, length, false);
    guarded_free(scratch, scratch_length, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static plan_builder b;
    if (size < 2) return 0;
    choices c = fuzz_choices(data, size);
    if (data[0] % 4 == 0) {
        hold_all(random_round(&c));
        return 0;
    }
    if (data[0] % 4 == 1) {
        raw(&b, data + 1, size - 1);
        c.length = 0;
    } else {
        random_plan(&b, &c);
        change(&b, &c);
    }
    ov_plan plan;
    ov_error error;
    if (ov_plan_check(b.code, plan_size(&b), b.pool, (size_t)b.code[OV_PLANW_POOL], &plan, &error) != OV_OK) return 0;
    if (data[0] % 4 == 3 && !plan_is_slow(&b)) change_table(&b, &plan, &c);
    hold_all(plan_round(&b, &c));
    return 0;
}

#ifdef OV_FUZZ_MAIN
#include "replay.h"
#endif
