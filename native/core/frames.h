/* The state of a decode call: a block of records and the frames that were built of it. Inside a block, slots are
 * counted from the block's first slot of their space.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_FRAMES_H
#define OV_FRAMES_H

#include "common.h"
#include "kernel.h"
#include "opcodes.h"

/* Room of a frame where no record is too short for anything that is read. */
#define OV_ROOM_ALL INT64_MAX

/* An instruction of a predicate, prepared (predicate.h). */
typedef struct ov_test ov_test;
/* What a predicate looked at (predicate.c). */
typedef struct ov_seen ov_seen;

typedef struct ov_frame {
    const int32_t *words; /* its instruction */
    int32_t op;
    int32_t parent; /* TABLE, SELECT: the frame it is made of; AFTER: its table's parent; ROOT: -1 */
    int32_t home;   /* the frame that made its space, ROOT or a TABLE */
    int32_t space;  /* -1 in virtual tables */
    int32_t after;  /* TABLE: its AFTER, or -1 */
    /* The AFTERs of a home that a SELECT does not govern, in order: what is walked to measure an element. */
    int32_t first_after, next_after;
    int64_t need;   /* SELECT: bytes from its position that columns of it, and of SELECTs of it, read at most */
    bool selected;  /* a SELECT of the same space governs it */
    bool measuring; /* TABLE: one of its elements is being measured; `current` holds in frames of this home */
    uint32_t current;

    const ov_test *tests; /* SELECT: its predicate; the last one's words are the SELECT's own */

    /* Places in the slab. */
    uint32_t *positions_out, *rows_out;
    uint8_t *validity, *faults;
    int32_t *list_out;

    /* The current block. */
    uint32_t first; /* slots of the space before it */
    uint32_t slots; /* slots of the space in it */
    uint32_t live;
    uint32_t hint;             /* TABLE with a counter: parent slot that was looked for last */
    const uint32_t *rows;      /* the live slots in order; NULL where all are live */
    const uint32_t *positions; /* a slot; defined for live ones */
    const int32_t *list;       /* TABLE with a counter: list offsets, from the parent's first slot of the block on */
    int64_t room;              /* no live slot's position is closer than this to its record's end */
    uint32_t fault_count;
} ov_frame;

typedef struct ov_run {
    const int32_t *code; /* instructions */
    const uint8_t *pool;
    const uint8_t *data;
    size_t data_length;
    uint32_t stride; /* 0: records have starts and ends of their own */
    ov_level level;
    uint8_t *slab;
    int32_t *head;
    const int32_t *capacities;
    ov_frame *frames;
    uint32_t frame_count;
    uint8_t *texts; /* room for two texts of predicates, of text_room bytes each */
    size_t text_room;
    ov_seen *seen; /* NULL: there is no predicate */

    /* The current block. */
    uint32_t count;
    uint32_t shortest; /* record's length */
    bool all_long;     /* no record ends before anything that is read */
    const uint32_t *starts, *ends;

    /* The table that is being built, for a slot of its parent. */
    int32_t build_parent;
    uint32_t build_slot;
    uint32_t build_end; /* the record's end */

    /* FULL. */
    int32_t full_frame;
    uint64_t full_slots;
} ov_run;

/* What a tile's items have of a field. index: place in the list of items. */
typedef struct ov_gather {
    uint32_t full; /* items that have all of it */
    uint32_t cut;  /* items whose record ends inside it */
    uint32_t positions[OV_TILE];
    uint32_t cut_positions[OV_TILE];
    uint32_t cut_lengths[OV_TILE];
    uint8_t index[OV_TILE];
    uint8_t cut_index[OV_TILE];
} ov_gather;

static inline const int32_t *ov_instruction(const int32_t *code, int32_t index) {
    return code + (size_t)index * OV_WIDTH;
}

static inline ov_field ov_field_of(const ov_run *run, const int32_t *words) {
    const ov_field field = {words[OV_W_OP],    words[OV_W_LENGTH], words[OV_W_DIGITS],          words[OV_W_UP],
                            words[OV_W_FLAGS], words[OV_W_TYPE],   run->pool + words[OV_W_POOL]};
    return field;
}

/* Fills what does not change from block to block; `tests` has room for ov_tests_count(plan). */
void ov_frames_prepare(ov_run *run, const ov_plan *plan, const int32_t *table, ov_test *tests);

/* Makes a frame in the space of another, with its live slots. */
static inline void ov_share_slots(ov_frame *f, const ov_frame *from) {
    f->first = from->first;
    f->slots = from->slots;
    f->rows = from->rows;
    f->live = from->live;
    f->room = OV_ROOM_ALL;
}

/* Builds a TABLE, and its AFTER. False: the space would overflow. */
bool ov_table_build(ov_run *run, int32_t number);

/* Builds all frames of the block. False: a space would overflow (full_frame, full_slots). */
bool ov_frames_build(ov_run *run);

/* Counts the frame's live slots whose record ends before, and behind, position + offset. */
void ov_frames_extent(ov_run *run, const int32_t *words, uint32_t *shorter, uint32_t *longer);

/* The live slots among [from, from + count), count <= OV_TILE; cursor begins at 0 and goes with rising `from`. Returns
 * how many. */
uint32_t ov_tile_slots(const ov_frame *frame, uint32_t from, uint32_t count, uint32_t *cursor, uint32_t *slots);

/* Replaces slots of the frame's space (in ascending order) by those that enclose them in the space of `home`. */
void ov_climb(ov_run *run, int32_t frame, int32_t home, uint32_t *slots, uint32_t count);

/* Sorts the items at slots of the frame's own space by how much of the field's bytes is there. */
void ov_gather_items(ov_run *run, int32_t frame, int32_t offset, int32_t length, const uint32_t *slots, uint32_t count,
                     ov_gather *gather);

/* The items of `gather` for a kernel. */
static inline ov_items ov_gathered(const ov_run *run, const uint32_t *positions, uint32_t count) {
    const ov_items items = {run->data, positions, 0, count, run->data, run->data + run->data_length};
    return items;
}

/* Bytes of the prepared predicates of a plan, behind what they share. */
size_t ov_tests_size(const ov_plan *plan);

/* What predicates share of this place, and behind it the place of the first of them. */
ov_seen *ov_predicate_seen(const ov_plan *plan, uint8_t *place);
ov_test *ov_predicate_tests(const ov_plan *plan, uint8_t *place);

/* Another block begins. */
void ov_predicate_forget(ov_seen *seen);

/* Prepares the predicate of a SELECT; returns what is behind it. */
ov_test *ov_predicate_prepare(const ov_run *run, const int32_t *select, ov_test *tests);

/* Live slots of a frame in a tile, in order: all of [from, from + count) where `dense`. */
typedef struct ov_rows {
    int32_t frame;
    uint32_t from, count;
    bool dense;
    const uint32_t *slots;
} ov_rows;

/* Finds the rows of a SELECT's parent for which its predicate is true. */
void ov_predicate(ov_run *run, const ov_frame *select, const ov_rows *rows, ov_bits *yes);

#endif
