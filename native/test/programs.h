/* For tests and fuzzers: random writer programs for a plan, and the properties that writing by them must have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_TEST_PROGRAMS_H
#define OV_TEST_PROGRAMS_H

#include "random.h"

enum { MOST_PROGRAM = 1024, MOST_TEMPLATES = 4096 };

typedef struct program_builder {
    int32_t code[OV_PROGRAM_HEADER + MOST_PROGRAM * OV_PROGRAM_WIDTH];
    uint8_t pool[MOST_TEMPLATES];
} program_builder;

static inline int32_t *program_words(program_builder *p, int32_t index) {
    return p->code + OV_PROGRAM_HEADER + index * OV_PROGRAM_WIDTH;
}
static inline size_t program_size(const program_builder *p) {
    return OV_PROGRAM_HEADER + (size_t)p->code[OV_PROGRAMW_INSTRUCTIONS] * OV_PROGRAM_WIDTH;
}

void program_begin(program_builder *p, int32_t format);
/* Adds an instruction and returns its words. */
int32_t *program_add(program_builder *p, int32_t op, const char *prefix, const char *nothing);
void program_end(program_builder *p);

/* Writes every column of the plan, with lists, selections and objects. */
void random_program(program_builder *p, plan_builder *b, choices *c);

/* Writes random records by a program that was checked: the same at every level, whatever room there is, and by way of
 * the slab; and a slab of random bytes, inside the buffers given. Answers NULL, or which property does not hold. */
const char *program_round(program_builder *p, plan_builder *b, choices *c);

#endif
