/* Writer programs from a fuzzer's bytes, for a random plan: one that is valid, or one with some words changed. Whatever
 * the core accepts must write inside its buffers, and the same text at every level and whatever room there is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"
#include "programs.h"

static void change(program_builder *p, choices *c) {
    const uint32_t words = (uint32_t)program_size(p);
    for (uint32_t n = 1 + choose(c, 4); n > 0; n--) {
        const uint32_t at =
            choose(c, 8) ? OV_PROGRAM_HEADER + choose(c, words - OV_PROGRAM_HEADER) : choose(c, OV_PROGRAM_HEADER);
        if (at == OV_PROGRAMW_INSTRUCTIONS || at == OV_PROGRAMW_POOL) continue;
        int32_t *word = &p->code[at];
        switch (choose(c, 5)) {
        case 0: *word += 1; break;
        case 1: *word -= 1; break;
        case 2: *word = (int32_t)choose(c, 64) - 2; break;
        case 3: *word = (int32_t)(choose(c, 1 << 16) << 16 | choose(c, 1 << 16)); break;
        default: *word ^= 1 << choose(c, 31); break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static plan_builder b;
    static program_builder p;
    if (size < 2) return 0;
    choices c = fuzz_choices(data, size);
    random_plan(&b, &c);
    random_program(&p, &b, &c);
    if (data[0] % 3) change(&p, &c);
    hold_all(program_round(&p, &b, &c));
    return 0;
}

#ifdef OV_FUZZ_MAIN
#include "replay.h"
#endif
