/* A plan's frames and columns by their numbers, where its slab's parts lie, and the part of it that makes some columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_SHAPE_H
#define OV_SHAPE_H

#include <stdbool.h>

#include "../core/opcodes.h"
#include "overpunch.h"

/* The words of instruction `at` of a plan. */
static inline const int32_t *ov_words(const ov_plan *plan, int32_t at) {
    return plan->code + OV_PLAN_HEADER + (size_t)at * OV_WIDTH;
}

typedef struct ov_shape {
    int32_t *frame_at;     /* its instruction */
    int32_t *frame_space;  /* -1: only measured */
    int32_t *frame_parent; /* of AFTER that of its table; -1: ROOT */
    int32_t *column_at;    /* its instruction */
    int32_t *space_table;  /* the table's frame; -1 for space 0 */
} ov_shape;

/* Of a checked plan. False: no memory. */
bool ov_shape_make(const ov_plan *plan, ov_shape *shape);
void ov_shape_free(ov_shape *shape);

/* Words of a slab's table of this plan. */
size_t ov_table_words(const ov_plan *plan);

/* Lays out a slab with room for capacities[space] slots of each space, as src/engine/slab.ts does. Answers its bytes;
 * more than INT32_MAX is too many. */
uint64_t ov_table_lay(const ov_plan *plan, const ov_shape *shape, const int32_t *capacities, int32_t *table);

/* A plan that makes only some columns. Its code is memory of its own; the pool is borrowed. */
typedef struct ov_projection {
    ov_plan plan;
    int32_t *code;
    int32_t *columns; /* old number -> new, -1: left out */
    int32_t *frames;
    int32_t *spaces;
} ov_projection;

/* columns[c], frames[f]: which must be there (of tables and selections, those whose places are looked at). What they
 * need comes along; tables that are only in the way are measured and not kept. The result is checked like any plan.
 * False: no memory, or a plan that can't be cut. */
bool ov_project(const ov_plan *plan, const ov_shape *shape, const bool *columns, const bool *frames,
                ov_projection *projection);
void ov_projection_free(ov_projection *projection);

#endif
