/* What the fuzzers have in common: choices from an input's bytes, and an end that a fuzzer sees.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_FUZZ_FUZZ_H
#define OV_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "random.h"

/* The bytes behind the first one, then a seed made of all of them. */
static inline choices fuzz_choices(const uint8_t *data, size_t size) {
    uint64_t seed = size;
    for (size_t i = 0; i < size; i++) seed = (seed ^ data[i]) * 0x100000001b3u;
    return (choices){data + 1, size - 1, seed};
}

static inline void fail(const char *wrong) {
    fprintf(stderr, "%s\n", wrong);
    abort();
}

static inline void hold(bool good, const char *what) {
    if (!good) fail(what);
}

/* `wrong` is NULL, or what did not hold. */
static inline void hold_all(const char *wrong) {
    if (wrong) fail(wrong);
}

#endif
