/* Random plans that are valid, random records, and the properties that decoding them must have. The choices come from
 * bytes, so that a fuzzer can steer them, or from a seed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_TEST_RANDOM_H
#define OV_TEST_RANDOM_H

#include "plans.h"

typedef struct choices {
    const uint8_t *bytes; /* taken first; then the seed goes on */
    size_t length;
    uint64_t seed;
} choices;

uint32_t choose(choices *c, uint32_t below);

void random_plan(plan_builder *b, choices *c);
/* Bytes as records have them: digits, packed numbers, runs of blanks. */
void random_bytes(choices *c, uint8_t *data, size_t length);
/* Has it tables with so many items in all that decoding would take long? */
bool plan_is_slow(plan_builder *b);

/* Decodes random records by a plan that was checked, at every level, together and one by one, by stride and by places.
 * Answers NULL, or which property does not hold. Plans that take long or much memory are passed over. */
const char *plan_round(plan_builder *b, choices *c);

/* The same with a random plan. */
const char *random_round(choices *c);

#endif
