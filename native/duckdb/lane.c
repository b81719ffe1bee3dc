/* What one thread does: takes records, leaves out those that the condition does not select, decodes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"

enum { TYPICAL_ITEMS = 4, MOST_SLAB = 1 << 29, READ_AT_ONCE = 8192 };

static bool no_memory(ov_trouble *trouble) {
    return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory for decoding");
}

static uint8_t *aligned(size_t bytes) {
    void *memory = NULL;
    return posix_memalign(&memory, 64, bytes > 0 ? bytes : 64) == 0 ? memory : NULL;
}

/* Slots of every space where space 0 has so many: all of fixed tables, a guess for counted ones (at least what is there
 * already, where `grow`). False: beyond what 31 bits count. */
static bool guess_capacities(ov_unit *unit, uint32_t records, bool grow) {
    unit->capacities[0] = (int32_t)records;
    for (int32_t space = 1; space < unit->plan->code[OV_PLANW_SPACES]; space++) {
        const int32_t frame = unit->shape->space_table[space];
        const int32_t *w = ov_words(unit->plan, unit->shape->frame_at[frame]);
        const int64_t outer = unit->capacities[unit->shape->frame_space[unit->shape->frame_parent[frame]]];
        const int64_t most = outer * w[OV_W_DIGITS];
        int64_t slots = most;
        if (w[OV_W_COUNTER] >= 0) {
            const int64_t before = grow ? unit->capacities[space] : 0;
            slots = TYPICAL_ITEMS * outer > before ? TYPICAL_ITEMS * outer : before;
            if (slots > most) slots = most;
        }
        if (slots > INT32_MAX) return false;
        unit->capacities[space] = (int32_t)slots;
    }
    return true;
}

/* Memory for the capacities at hand. *fits false: they ask for too much. */
static bool place(ov_unit *unit, bool *fits, ov_trouble *trouble) {
    const uint64_t bytes = ov_table_lay(unit->plan, unit->shape, unit->capacities, unit->table);
    *fits = bytes <= MOST_SLAB;
    if (!*fits) return true;
    free(unit->slab);
    unit->slab = aligned(bytes);
    if (!unit->slab) return no_memory(trouble);
    memset(unit->scratch, 0, ov_scratch_size(unit->plan)); /* what was prepared was for other places */
    ov_error error;
    if (ov_decoder_check(unit->plan, unit->table, ov_table_words(unit->plan), bytes, &unit->decoder, &error) != OV_OK)
        return ov_say(trouble, "OVP_ENGINE_STATUS: the slab does not fit the plan (word %d)", (int)error.at);
    return true;
}

bool ov_unit_make(ov_unit *unit, const ov_plan *plan, const ov_shape *shape, uint32_t records, ov_trouble *trouble) {
    const size_t words = ov_table_words(plan), spaces = (size_t)plan->code[OV_PLANW_SPACES];
    unit->plan = plan;
    unit->shape = shape;
    unit->table = malloc((words + spaces) * sizeof(int32_t));
    unit->scratch = aligned(ov_scratch_size(plan));
    if (!unit->table || !unit->scratch) return no_memory(trouble);
    unit->capacities = unit->table + words;
    bool fits = false;
    if (guess_capacities(unit, records, false) && !place(unit, &fits, trouble)) return false;
    return fits || ov_say(trouble, "OVP_PLAN_TOO_LARGE: records of this copybook need more memory than is given for a "
                                   "batch; name fewer columns");
}

void ov_unit_free(ov_unit *unit) {
    free(unit->table);
    free(unit->slab);
    free(unit->scratch);
    memset(unit, 0, sizeof *unit);
}

bool ov_lane_make(ov_lane *lane, const ov_query *query, ov_trouble *trouble) {
    memset(lane, 0, sizeof *lane);
    lane->per_call = query->step;
    if (!ov_reader_make(&lane->reader, &query->input, READ_AT_ONCE)) return no_memory(trouble);
    if (!query->file->filtered) return true;
    lane->starts = malloc(query->step * (2 * sizeof(uint32_t) + sizeof(uint64_t)) + 8);
    if (!lane->starts) return no_memory(trouble);
    lane->numbers = (uint64_t *)(void *)lane->starts;
    lane->starts = (uint32_t *)(void *)(lane->numbers + query->step);
    lane->ends = lane->starts + query->step;
    return ov_unit_make(&lane->filter, &query->file->filter, &query->file->filter_shape, query->step, trouble);
}

void ov_lane_free(ov_lane *lane) {
    ov_reader_free(&lane->reader);
    free(lane->numbers);
    ov_unit_free(&lane->filter);
    for (int i = 0; i < OV_UNITS; i++) ov_unit_free(&lane->units[i]);
    free(lane->faults);
}

/* Records [from, from + count) of these. */
static ov_records slice(const ov_records *records, uint32_t from, uint32_t count) {
    ov_records part = *records;
    part.first += records->starts ? from : from * records->stride;
    part.count = count;
    return part;
}

/* More slots where the last call found none for a single block. */
static bool make_room(ov_lane *lane, ov_unit *unit, uint32_t count, ov_trouble *trouble) {
    const int32_t *head = ov_head(unit);
    if (head[OV_HEAD_STATUS] != OV_FULL || head[OV_HEAD_FULL_FRAME] < 1)
        return ov_say(trouble, "OVP_ENGINE_STATUS: decoding stopped with status %d", (int)head[OV_HEAD_STATUS]);
    const int32_t space = unit->shape->frame_space[head[OV_HEAD_FULL_FRAME]];
    const int32_t before = unit->capacities[space], needed = head[OV_HEAD_FULL_SLOTS];
    int64_t slots = 2 * (int64_t)before > needed ? 2 * (int64_t)before : needed;
    if (slots > INT32_MAX) slots = INT32_MAX;
    unit->capacities[space] = (int32_t)slots;
    bool fits = false;
    if (guess_capacities(unit, (uint32_t)unit->capacities[0], true) && !place(unit, &fits, trouble)) return false;
    if (fits) return true;
    unit->capacities[space] = before;
    if (count <= 1)
        return ov_say(trouble,
                      "OVP_DATA_TABLE: a record would have %d items in one table, more than memory is given for",
                      (int)needed);
    lane->per_call = (count < OV_BLOCK ? count : OV_BLOCK) / 2;
    guess_capacities(unit, (uint32_t)unit->capacities[0], true);
    return place(unit, &fits, trouble) && (fits || no_memory(trouble));
}

static bool decode(ov_lane *lane, ov_unit *unit, const ov_records *records, uint32_t *taken, ov_trouble *trouble) {
    ov_error error;
    const ov_status status = ov_decode(&unit->decoder, records, unit->slab, unit->scratch, &error);
    if (status != OV_OK) return ov_say(trouble, "OVP_ENGINE_STATUS: decoding failed with status %d", (int)status);
    *taken = (uint32_t)ov_head(unit)[OV_HEAD_RECORDS];
    return *taken > 0 || make_room(lane, unit, records->count, trouble);
}

/* Where record i begins and ends. */
static void extent(const ov_records *r, uint32_t i, uint32_t *start, uint32_t *end) {
    *start = r->starts ? r->starts[r->first + i] : r->first + i * r->stride;
    *end = r->starts ? r->ends[r->first + i] : *start + r->stride;
}

/* The next records of the block that the condition selects become the part; perhaps none. */
static bool select_some(ov_query *query, ov_lane *lane, ov_trouble *trouble) {
    const uint32_t left = lane->block.records.count - lane->block_done;
    ov_unit *unit = &lane->filter;
    ov_records some = lane->block.records;
    uint32_t taken = 0, found = 0;
    while (taken == 0) {
        some = slice(&lane->block.records, lane->block_done, left < lane->per_call ? left : lane->per_call);
        if (!decode(lane, unit, &some, &taken, trouble)) return false;
    }
    const uint8_t *bits = unit->slab + ov_frame_row(unit, query->file->filter_frame)[OV_FRAME_VALIDITY];
    for (uint32_t at = 0; at < taken; at += 64) {
        uint64_t word;
        memcpy(&word, bits + at / 8, sizeof word);
        if (taken - at < 64) word &= ((uint64_t)1 << (taken - at)) - 1;
        for (; word; word &= word - 1) {
            const uint32_t i = at + (uint32_t)__builtin_ctzll(word);
            if (query->limited && found == query->left) break;
            extent(&some, i, &lane->starts[found], &lane->ends[found]);
            lane->numbers[found++] = lane->block.record + lane->block_done + i;
        }
    }
    if (query->limited) query->left -= found;
    lane->block_done += taken;
    lane->part = (ov_records){some.data, some.length, lane->starts, lane->ends, 0, found, 0};
    lane->part_done = 0;
    lane->numbered = true;
    return true;
}

ov_next ov_lane_fill(ov_query *query, ov_lane *lane, ov_trouble *trouble) {
    while (lane->part_done >= lane->part.count) {
        if (query->limited && query->left == 0) return OV_NEXT_END;
        if (lane->block_done >= lane->block.records.count) {
            const bool bytes = query->decodes || query->file->filtered;
            const ov_next next = ov_input_next(&query->input, &lane->reader, bytes, &lane->block, trouble);
            if (next != OV_NEXT_BLOCK) return next;
            lane->block_done = 0;
        }
        if (query->file->filtered) {
            if (!select_some(query, lane, trouble)) return OV_NEXT_TROUBLE;
            continue;
        }
        lane->part = lane->block.records;
        lane->part_done = 0;
        lane->record = lane->block.record;
        lane->block_done = lane->block.records.count;
    }
    return OV_NEXT_BLOCK;
}

bool ov_lane_decode(ov_query *query, ov_lane *lane, ov_unit *unit, uint32_t most, uint32_t *taken,
                    ov_trouble *trouble) {
    const uint32_t left = lane->part.count - lane->part_done;
    uint32_t count = left < most ? left : most;
    if (count > lane->per_call) count = lane->per_call;
    *taken = 0;
    if (!unit->plan && !ov_unit_make(unit, &query->projection.plan, &query->shape, query->step, trouble)) return false;
    const ov_records some = slice(&lane->part, lane->part_done, count);
    return decode(lane, unit, &some, taken, trouble);
}
