/* Runs a plan over records, block by block: frames first, then column by column in tiles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columns.h"

/* What the columns and frames in scratch were prepared for: they are kept from call to call, which for single records
 * is half of the work. */
typedef struct preparation {
    const ov_plan *plan;
    const int32_t *code, *table;
    const uint8_t *slab;
    int32_t level; /* + 1; 0 in scratch that was not used yet */
} preparation;

typedef struct block {
    uint32_t starts[OV_BLOCK], ends[OV_BLOCK];
    uint32_t shortest;
} block;

static size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

static size_t frames_size(const ov_plan *plan) {
    return round_up((size_t)plan->code[OV_PLANW_FRAMES] * sizeof(ov_frame));
}

static size_t columns_size(const ov_plan *plan) {
    return round_up((size_t)plan->code[OV_PLANW_COLUMNS] * sizeof(ov_column));
}

/* Room for a text of a predicate, and what kernels may write behind it. */
static size_t text_room(const ov_plan *plan) {
    return plan->text_most > 0 ? round_up((size_t)plan->text_most + OV_SLACK) : 0;
}

/* In this order. */
size_t ov_scratch_size(const ov_plan *plan) {
    return round_up(sizeof(preparation)) + round_up(sizeof(block)) + frames_size(plan) + columns_size(plan) +
           round_up(ov_tests_size(plan)) + 2 * text_room(plan);
}

/* Where the block's records lie, copied so that what is checked is what is used. Returns their number, or less: the
 * first that is not inside the data. */
static uint32_t load_block(const ov_records *r, uint32_t done, uint32_t count, block *b) {
    if (!r->starts) {
        const uint64_t begin = r->first + (uint64_t)done * r->stride;
        b->shortest = r->stride;
        const uint64_t left = r->length > begin ? r->length - begin : 0;
        if (r->stride > 0 && count > left / r->stride) return (uint32_t)(left / r->stride);
        if (begin > r->length) return 0;
        const uint32_t stride = r->stride;
        uint32_t start = (uint32_t)begin;
        for (uint32_t i = 0; i < count; i++, start += stride) {
            b->starts[i] = start;
            b->ends[i] = start + stride;
        }
        return count;
    }
    const size_t first = (size_t)r->first + done;
    const uint32_t length = (uint32_t)r->length;
    uint32_t shortest = UINT32_MAX, wrong = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t start = r->starts[first + i], end = r->ends[first + i];
        wrong |= (start > end) | (end > length);
        b->starts[i] = start;
        b->ends[i] = end;
        shortest = ov_min32(shortest, end - start);
    }
    b->shortest = shortest;
    for (uint32_t i = 0; wrong && i < count; i++) {
        if (b->starts[i] > b->ends[i] || b->ends[i] > length) return i;
    }
    return count;
}

enum { TOUCH_GAP = 256, LINE = 64, PAGE = 4096 };

static inline void touch_lines(const uint8_t *p, const uint8_t *end) {
    for (; p < end; p += LINE) (void)*(const volatile uint8_t *)p;
}

/* Fetches a line of each page that the next block is likely to be in. What the processor fetches by itself ends with
 * the page, and where the next one lies it has to look up first. */
static void fetch_pages(const ov_run *run) {
    const size_t from = run->starts[0], to = run->ends[run->count - 1];
    if (to < from) return;
    const size_t end = 2 * to - from < run->data_length ? 2 * to - from : run->data_length;
    for (size_t at = to; at < end; at += PAGE) __builtin_prefetch(run->data + at, 0, 2);
}

/* Reads a byte of every cache line of the block: the columns then find them near, where each for itself would wait for
 * memory line by line. */
static void touch(const ov_run *run, uint32_t reach) {
    fetch_pages(run);
    /* a few lines that nobody wants are cheaper than a gap in what the processor fetches ahead */
    if (run->stride > 0 && run->stride <= reach + TOUCH_GAP) {
        touch_lines(run->data + run->starts[0], run->data + run->ends[run->count - 1]);
        return;
    }
    for (uint32_t i = 0; i < run->count; i++) {
        const uint32_t start = run->starts[i], length = run->ends[i] - start;
        touch_lines(run->data + start, run->data + start + (length <= reach + TOUCH_GAP ? length : reach));
    }
}

/* Takes the block's slots and counts into the header. */
static void commit(ov_run *run, const ov_plan *plan) {
    int32_t *faults = run->head + OV_HEAD_SPACES + plan->code[OV_PLANW_SPACES] + 2 * plan->code[OV_PLANW_COLUMNS];
    run->head[OV_HEAD_RECORDS] += (int32_t)run->count;
    run->head[OV_HEAD_SPACES] += (int32_t)run->count;
    for (uint32_t i = 1; i < run->frame_count; i++) {
        const ov_frame *f = &run->frames[i];
        if (f->op != OV_OP_TABLE) continue;
        if (f->space >= 0) run->head[OV_HEAD_SPACES + f->space] = (int32_t)(f->first + f->slots);
        faults[i] += (int32_t)f->fault_count;
    }
}

static void clear_behind(uint8_t *bitmap, uint32_t bits) {
    if (bits % 8 != 0) bitmap[bits / 8] &= (uint8_t)((1u << bits % 8) - 1);
}

/* Leaves no bit of a block that was not taken. */
static void abandon(ov_run *run) {
    run->head[OV_HEAD_STATUS] = OV_FULL;
    run->head[OV_HEAD_FULL_FRAME] = run->full_frame;
    run->head[OV_HEAD_FULL_SLOTS] = run->full_slots > INT32_MAX ? INT32_MAX : (int32_t)run->full_slots;
    for (uint32_t i = 1; i < run->frame_count; i++) {
        const ov_frame *f = &run->frames[i];
        const int32_t space = run->frames[f->parent].space;
        if (space < 0) continue;
        const uint32_t slots = (uint32_t)run->head[OV_HEAD_SPACES + space];
        if (f->validity) clear_behind(f->validity, slots);
        if (f->faults) clear_behind(f->faults, slots);
    }
}

static void count_extents(ov_run *run, const ov_plan *plan) {
    uint32_t shorter = 0, longer = 0;
    for (int32_t i = 0; i < plan->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = ov_instruction(run->code, i);
        if (w[OV_W_OP] == OV_OP_EXTENT) ov_frames_extent(run, w, &shorter, &longer);
    }
    run->head[OV_HEAD_SHORT] += (int32_t)shorter;
    run->head[OV_HEAD_LONG] += (int32_t)longer;
}

/* A plan that only tells which records are wanted has so little to do for a block that waiting for memory is most of
 * it: of small blocks the next one's lines are on their way meanwhile. */
enum { FEW_RECORDS = 64 };

static bool is_only_selection(const int32_t *header) {
    return header[OV_PLANW_COLUMNS] == 0 && header[OV_PLANW_SPACES] == 1;
}

static bool is_good(const ov_decoder *decoder, const ov_records *r, const uint8_t *slab, const uint8_t *scratch) {
    if (!decoder || !r || !slab || !scratch) return false;
    if ((uintptr_t)slab % 8 != 0 || (uintptr_t)scratch % 64 != 0) return false;
    if (r->length > OV_MAX_DATA || (!r->data && r->length > 0) || (!r->starts) != (!r->ends)) return false;
    return r->count <= INT32_MAX;
}

/* Prepares frames and columns, unless the last call did it for the same. */
static void prepare(ov_run *run, const ov_decoder *decoder, preparation *done, ov_column *columns, ov_test *tests) {
    const ov_plan *plan = decoder->plan;
    const preparation wanted = {plan, plan->code, decoder->table, run->slab, (int32_t)run->level + 1};
    if (done->level != wanted.level || done->slab != wanted.slab || done->plan != wanted.plan ||
        done->code != wanted.code || done->table != wanted.table) {
        ov_frames_prepare(run, plan, decoder->table, tests);
        ov_columns_prepare(run, plan, decoder->table, columns);
        *done = wanted;
    }
    for (int32_t i = 0; i < plan->code[OV_PLANW_COLUMNS]; i++) {
        if (columns[i].width == 0) memset(columns[i].values, 0, sizeof(int32_t));
    }
    for (uint32_t i = 1; i < run->frame_count; i++) {
        if (run->frames[i].list_out) run->frames[i].list_out[0] = 0;
    }
}

/* Takes one block. OV_OK with run->full_frame >= 0: it has no room. */
static ov_status take_block(ov_run *run, const ov_plan *plan, ov_column *columns, uint32_t done, uint32_t shortest) {
    run->full_frame = -1;
    if ((uint64_t)done + run->count > (uint64_t)run->capacities[0]) {
        run->full_frame = 0;
        run->full_slots = (uint64_t)done + run->count;
        return OV_OK;
    }
    run->shortest = shortest;
    run->all_long = shortest >= plan->reach;
    if (plan->dense && run->count > 1) touch(run, plan->reach);
    if (!ov_frames_build(run)) return OV_OK;
    count_extents(run, plan);
    if (!ov_columns_decode(run, columns, plan->code[OV_PLANW_COLUMNS])) return OV_BAD_SLAB;
    commit(run, plan);
    return OV_OK;
}

ov_status ov_decode(const ov_decoder *decoder, const ov_records *records, uint8_t *slab, uint8_t *scratch,
                    ov_error *error) {
    if (!error || !is_good(decoder, records, slab, scratch)) return OV_BAD_ARGUMENT;
    static const uint8_t nothing[1] = {0};
    const ov_plan *plan = decoder->plan;
    const int32_t *header = plan->code;
    const size_t frames = (size_t)header[OV_PLANW_FRAMES], columns = (size_t)header[OV_PLANW_COLUMNS];
    uint8_t *const block_place = scratch + round_up(sizeof(preparation));
    uint8_t *const frames_place = block_place + round_up(sizeof(block));
    block *b = (block *)(void *)block_place;
    uint8_t *const columns_place = frames_place + frames_size(plan), *const tests_place =
                                                                         columns_place + columns_size(plan);
    ov_column *column_list = (ov_column *)(void *)columns_place;
    ov_run run = {
        .code = header + OV_PLAN_HEADER,
        .pool = plan->pool ? plan->pool : nothing,
        .data = records->data ? records->data : nothing,
        .data_length = records->length,
        .stride = records->starts ? 0 : records->stride,
        .level = ov_get_level(),
        .slab = slab,
        .head = (int32_t *)(void *)slab,
        .capacities = decoder->table + frames * OV_FRAME_WIDTH + columns * OV_COLUMN_WIDTH,
        .frames = (ov_frame *)(void *)frames_place,
        .frame_count = (uint32_t)frames,
        .texts = tests_place + round_up(ov_tests_size(plan)),
        .text_room = text_room(plan),
        .seen = ov_predicate_seen(plan, tests_place),
        .starts = b->starts,
        .ends = b->ends,
    };
    memset(run.head, 0, (OV_HEAD_SPACES + (size_t)header[OV_PLANW_SPACES] + 2 * columns + frames) * sizeof(int32_t));
    prepare(&run, decoder, (preparation *)(void *)scratch, column_list, ov_predicate_tests(plan, tests_place));

    *error = (ov_error){-1, -1};
    const uint32_t most = is_only_selection(header) ? FEW_RECORDS : OV_BLOCK;
    for (uint32_t done = 0; done < records->count; done += run.count) {
        run.count = ov_min32(most, records->count - done);
        const uint32_t good = load_block(records, done, run.count, b);
        if (good < run.count) {
            error->at = (int32_t)(done + good);
            return OV_BAD_RECORDS;
        }
        const ov_status status = take_block(&run, plan, column_list, done, b->shortest);
        if (status != OV_OK) return status;
        if (run.full_frame >= 0) {
            abandon(&run);
            break;
        }
    }
    return OV_OK;
}
