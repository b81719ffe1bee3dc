/* One use of read_copybook in a query: what is wanted of which file, shared by its threads, and what each thread has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_QUERY_H
#define OV_QUERY_H

#include "input.h"
#include "ledger.h"

/* Columns that are not the record's. */
enum { OV_COLUMN_NONE = -1, OV_COLUMN_RECORD = -2, OV_COLUMN_BAD_FIELDS = -3 };
/* Rows of a vector, and units that a thread fills for one. */
enum { OV_ROWS = 2048, OV_UNITS = 8 };

typedef struct ov_query {
    const ov_plan_file *file;
    ov_input input;
    ov_projection projection;
    ov_shape shape;  /* of the projection's plan */
    int32_t *wanted; /* by output column: the node, or one of the above */
    uint32_t wanted_count;
    bool decodes;   /* some column is made */
    bool lists_bad; /* OV_COLUMN_BAD_FIELDS is wanted */
    uint64_t left;  /* records that a limit behind a condition leaves; one thread then */
    bool limited;
    uint32_t step; /* records decoded at a time */
    ov_entry *entry;
} ov_query;

/* A slab with its decoder. */
typedef struct ov_unit {
    const ov_plan *plan;
    const ov_shape *shape;
    ov_decoder decoder;
    int32_t *table, *capacities;
    uint8_t *slab, *scratch;
} ov_unit;

typedef struct ov_lane {
    ov_reader reader;
    ov_block block;
    uint32_t block_done;
    ov_unit filter;
    uint32_t *starts, *ends; /* of the records that the condition selected */
    uint64_t *numbers;
    ov_records part; /* records to decode, the first of them number `record`, or as numbers says */
    uint32_t part_done;
    uint64_t record;
    bool numbered;
    uint32_t per_call; /* fewer than a step only where tables are too large */
    ov_unit units[OV_UNITS];
    ov_fault *faults; /* of the unit at hand */
    uint32_t fault_count, fault_room;
} ov_lane;

bool ov_unit_make(ov_unit *unit, const ov_plan *plan, const ov_shape *shape, uint32_t records, ov_trouble *trouble);
void ov_unit_free(ov_unit *unit);

bool ov_lane_make(ov_lane *lane, const ov_query *query, ov_trouble *trouble);
void ov_lane_free(ov_lane *lane);
/* Makes lane->part hold records. */
ov_next ov_lane_fill(ov_query *query, ov_lane *lane, ov_trouble *trouble);
/* Decodes up to `most` records of the part into the unit: *taken; 0 with room to be tried again. */
bool ov_lane_decode(ov_query *query, ov_lane *lane, ov_unit *unit, uint32_t most, uint32_t *taken, ov_trouble *trouble);
/* Number of the part's record i, from 0. */
static inline uint64_t ov_lane_number(const ov_lane *lane, uint32_t i) {
    return lane->numbered ? lane->numbers[i] : lane->record + i;
}

static inline int32_t *ov_head(const ov_unit *unit) { return (int32_t *)(void *)unit->slab; }
static inline const int32_t *ov_frame_row(const ov_unit *unit, int32_t frame) {
    return unit->table + (size_t)frame * OV_FRAME_WIDTH;
}
static inline const int32_t *ov_column_row(const ov_unit *unit, int32_t column) {
    return unit->table + (size_t)unit->plan->code[OV_PLANW_FRAMES] * OV_FRAME_WIDTH + (size_t)column * OV_COLUMN_WIDTH;
}

/* In fill.c: puts the unit's rows into the vectors of a chunk, behind `at` rows that are there. Text of more than 12
 * bytes stays in the unit, which must not be used for anything else while the chunk is. */
void ov_fill(const ov_query *query, const ov_lane *lane, const ov_unit *unit, duck_chunk chunk, uint64_t at,
             uint32_t rows);

/* In faults.c: bad values and counters of a unit. */
uint64_t ov_faults_count(const ov_unit *unit);
/* Lists them all in lane->faults, in order of rows. The unit holds records part_done... of the part. False: no memory.
 */
bool ov_faults_list(const ov_query *query, ov_lane *lane, const ov_unit *unit);

#endif
