/* For tests and fuzzers: plans put together by hand, slabs laid out as src/engine/slab.ts does it, and what is in them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_TEST_PLANS_H
#define OV_TEST_PLANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "opcodes.h"
#include "overpunch.h"

enum { MOST_INSTRUCTIONS = 512, MOST_POOL = 1 << 15 };

typedef struct plan_builder {
    int32_t code[OV_PLAN_HEADER + MOST_INSTRUCTIONS * OV_WIDTH];
    uint8_t pool[MOST_POOL];
} plan_builder;

/* An instruction by its words. */
typedef struct step {
    int32_t op, frame, offset, length, target, digits, up, flags, type, counter, pool, pool_length;
} step;

void plan_begin(plan_builder *b); /* with the ROOT */
int32_t *plan_words(plan_builder *b, int32_t index);
int32_t plan_add(plan_builder *b, step s); /* index of the instruction */
int32_t plan_constant(plan_builder *b, const void *bytes, size_t length);
size_t plan_size(const plan_builder *b); /* words */

/* The number of the frame. length 0: measured, by plan_measured once the frames inside are there. */
int32_t plan_table(plan_builder *b, int32_t parent, int32_t offset, int32_t length, int32_t most, int32_t counter,
                   int32_t flags, bool real);
void plan_measured(plan_builder *b, int32_t table, int32_t last, int32_t rest);
int32_t plan_after(plan_builder *b, int32_t table);
int32_t plan_select(plan_builder *b, int32_t frame, int32_t first); /* first instruction of the predicate */
/* Fields become the next column; with `operand` none. Index of the instruction. */
int32_t plan_field(plan_builder *b, bool operand, step s);
int32_t plan_text(plan_builder *b, int32_t frame, int32_t offset, int32_t length, int32_t flags, int32_t pool);
int32_t plan_binary(plan_builder *b, bool operand, int32_t frame, int32_t offset, int32_t length, int32_t flags);
int32_t plan_zoned(plan_builder *b, bool operand, int32_t frame, int32_t offset, int32_t digits, int32_t flags);
int32_t plan_packed(plan_builder *b, bool operand, int32_t frame, int32_t offset, int32_t digits, int32_t flags);
int32_t plan_compare_text(plan_builder *b, int32_t frame, int32_t offset, int32_t length, int32_t cmp,
                          const char *ebcdic, size_t literal, int32_t flags);
int32_t plan_compare_number(plan_builder *b, int32_t operand, int32_t cmp, int64_t constant);
int32_t plan_compare_float(plan_builder *b, int32_t operand, int32_t cmp, double constant);
int32_t plan_logic(plan_builder *b, int32_t op);
void plan_extent(plan_builder *b, int32_t frame, int32_t offset);

/* Pools for TEXT: letters, digits and space of code page 037, the rest without a character but for x'51' (e acute). */
int32_t plan_code_page(plan_builder *b);
/* A page of single bytes and pairs; its place in the pool. x'4141' is U+03B1, x'4142' U+0041, x'4143' U+4E00, x'4144'
 * U+2000B (an extra), x'4040' U+3000. */
enum { PLAN_MIXED_PAGE = OV_DOUBLE_TABLES + 3 * OV_DOUBLE_TABLE };
int32_t plan_mixed_page(plan_builder *b);

/* The slab. capacities: one a space. Returns its length; table: FRAME_WIDTH and COLUMN_WIDTH words a row and the
 * capacities; *words: how many. table may be NULL. */
size_t slab_layout(const int32_t *code, const int32_t *capacities, int32_t *table, size_t *words);

/* A checked plan with everything that decoding needs, in memory with guard pages around it. */
typedef struct decoding {
    plan_builder *b;
    ov_plan plan;
    ov_decoder decoder;
    int32_t *table;
    size_t words, slab_length, scratch_length;
    uint8_t *slab, *scratch;
    bool front;
} decoding;

/* Whether guard pages lie right before the memory of decodings, not right behind it. */
extern bool plans_guard_front;

/* Checks plan and slab; false where either is refused. */
bool decoding_begin(decoding *d, plan_builder *b, const int32_t *capacities);
void decoding_end(decoding *d);
/* Decodes `count` records of equal length, or with ends records that follow one another. */
ov_status decode_strided(decoding *d, const uint8_t *data, size_t length, uint32_t stride, uint32_t count);
ov_status decode_records(decoding *d, const uint8_t *data, size_t length, const uint32_t *starts, const uint32_t *ends,
                         uint32_t count);

int32_t head_of(const decoding *d, int32_t word);
int32_t slots_of(const decoding *d, int32_t space);
int32_t absent_of(const decoding *d, int32_t column);
int32_t bad_of(const decoding *d, int32_t column);
int32_t faults_of(const decoding *d, int32_t frame);
const void *frame_part(const decoding *d, int32_t frame, int32_t word);
const void *column_part(const decoding *d, int32_t column, int32_t word);
bool has_value(const decoding *d, int32_t column, size_t slot);
bool is_bad(const decoding *d, int32_t column, size_t slot);
bool bit_of(const void *bitmap, size_t bit);
int64_t integer_at(const decoding *d, int32_t column, size_t slot); /* any integer type; aborts if it is wider */
bool text_is(const decoding *d, int32_t column, size_t slot, const char *expected);
int32_t position_at(const decoding *d, int32_t frame, size_t slot);
int32_t list_at(const decoding *d, int32_t frame, size_t slot);

/* Memory with a page behind it, and before it, that must not be touched: `length` bytes end (or, with `front`, begin)
 * right there. */
uint8_t *guarded(size_t length, bool front);
void guarded_free(uint8_t *memory, size_t length, bool front);

#endif
