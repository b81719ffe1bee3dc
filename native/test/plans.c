/* See plans.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */
#endif
#if !defined(_DARWIN_C_SOURCE)
#define _DARWIN_C_SOURCE 1
#endif

#include "plans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#include <unistd.h>
#define HAS_PAGES 1
#endif

static void need(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "test plan: %s\n", what);
    abort();
}

int32_t *plan_words(plan_builder *b, int32_t index) { return b->code + OV_PLAN_HEADER + (size_t)index * OV_WIDTH; }

size_t plan_size(const plan_builder *b) { return OV_PLAN_HEADER + (size_t)b->code[OV_PLANW_INSTRUCTIONS] * OV_WIDTH; }

int32_t plan_add(plan_builder *b, step s) {
    const int32_t index = b->code[OV_PLANW_INSTRUCTIONS]++;
    need(index < MOST_INSTRUCTIONS, "too many instructions");
    memcpy(plan_words(b, index), &s, sizeof s);
    return index;
}

void plan_begin(plan_builder *b) {
    memset(b->code, 0, sizeof b->code);
    b->code[OV_PLANW_MAGIC] = OV_PLAN_MAGIC;
    b->code[OV_PLANW_VERSION] = OV_PLAN_VERSION;
    b->code[OV_PLANW_FRAMES] = b->code[OV_PLANW_SPACES] = 1;
    plan_add(b, (step){.op = OV_OP_ROOT, .frame = -1});
}

int32_t plan_constant(plan_builder *b, const void *bytes, size_t length) {
    const int32_t at = b->code[OV_PLANW_POOL];
    need((size_t)at + length <= MOST_POOL, "the pool is full");
    memcpy(b->pool + at, bytes, length);
    b->code[OV_PLANW_POOL] += (int32_t)((length + 3) / 4 * 4);
    return at;
}

static int32_t frame_index(plan_builder *b, int32_t frame) {
    for (int32_t i = 0; i < b->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = plan_words(b, i);
        if (w[OV_W_OP] <= OV_OP_SELECT && w[OV_W_TARGET] == frame) return i;
    }
    abort();
}

int32_t plan_table(plan_builder *b, int32_t parent, int32_t offset, int32_t length, int32_t most, int32_t counter,
                   int32_t flags, bool real) {
    const int32_t frame = b->code[OV_PLANW_FRAMES]++;
    plan_add(b, (step){.op = OV_OP_TABLE,
                       .frame = parent,
                       .offset = offset,
                       .length = length,
                       .target = frame,
                       .digits = most,
                       .flags = flags,
                       .type = real ? b->code[OV_PLANW_SPACES]++ : -1,
                       .counter = counter});
    return frame;
}

void plan_measured(plan_builder *b, int32_t table, int32_t last, int32_t rest) {
    int32_t *w = plan_words(b, frame_index(b, table));
    w[OV_W_POOL] = last;
    w[OV_W_POOL_LENGTH] = rest;
}

int32_t plan_after(plan_builder *b, int32_t table) {
    const int32_t frame = b->code[OV_PLANW_FRAMES]++;
    plan_add(b, (step){.op = OV_OP_AFTER, .frame = table, .target = frame});
    return frame;
}

int32_t plan_select(plan_builder *b, int32_t from, int32_t first) {
    const int32_t frame = b->code[OV_PLANW_FRAMES]++;
    plan_add(b, (step){.op = OV_OP_SELECT, .frame = from, .target = frame, .pool = first});
    return frame;
}

int32_t plan_field(plan_builder *b, bool operand, step s) {
    s.target = operand ? -1 : b->code[OV_PLANW_COLUMNS]++;
    return plan_add(b, s);
}

int32_t plan_text(plan_builder *b, int32_t frame, int32_t offset, int32_t length, int32_t flags, int32_t pool) {
    return plan_field(b, false,
                      (step){.op = OV_OP_TEXT,
                             .frame = frame,
                             .offset = offset,
                             .length = length,
                             .digits = flags & OV_FLAG_LATIN1 ? 1 : 2,
                             .flags = flags,
                             .type = OV_TYPE_UTF8,
                             .pool = pool,
                             .pool_length = OV_TEXT_POOL + OV_TEXT_POOL_LATIN1});
}

static int32_t type_for(int32_t digits) {
    return digits <= 9 ? OV_TYPE_INT32 : digits <= 18 ? OV_TYPE_INT64 : OV_TYPE_DECIMAL128;
}

int32_t plan_binary(plan_builder *b, bool operand, int32_t frame, int32_t offset, int32_t length, int32_t flags) {
    const bool is_signed = flags & OV_FLAG_SIGNED;
    const int32_t type = length < 4 || (length == 4 && is_signed)   ? OV_TYPE_INT32
                         : length < 8 || (length == 8 && is_signed) ? OV_TYPE_INT64
                                                                    : OV_TYPE_DECIMAL128;
    return plan_field(
        b, operand,
        (step){.op = OV_OP_BINARY, .frame = frame, .offset = offset, .length = length, .flags = flags, .type = type});
}

int32_t plan_zoned(plan_builder *b, bool operand, int32_t frame, int32_t offset, int32_t digits, int32_t flags) {
    return plan_field(b, operand,
                      (step){.op = OV_OP_ZONED,
                             .frame = frame,
                             .offset = offset,
                             .length = digits + (flags & OV_FLAG_SEPARATE ? 1 : 0),
                             .digits = digits,
                             .flags = flags,
                             .type = type_for(digits)});
}

int32_t plan_packed(plan_builder *b, bool operand, int32_t frame, int32_t offset, int32_t digits, int32_t flags) {
    return plan_field(b, operand,
                      (step){.op = OV_OP_PACKED,
                             .frame = frame,
                             .offset = offset,
                             .length = flags & OV_FLAG_NO_SIGN ? (digits + 1) / 2 : digits / 2 + 1,
                             .digits = digits,
                             .flags = flags,
                             .type = type_for(digits)});
}

int32_t plan_compare_text(plan_builder *b, int32_t frame, int32_t offset, int32_t length, int32_t cmp,
                          const char *ebcdic, size_t literal, int32_t flags) {
    const int32_t pool = plan_constant(b, ebcdic, literal);
    return plan_add(b, (step){.op = OV_OP_COMPARE_TEXT,
                              .frame = frame,
                              .offset = offset,
                              .length = length,
                              .digits = cmp,
                              .up = 0x40,
                              .flags = flags,
                              .counter = -1,
                              .pool = pool,
                              .pool_length = (int32_t)literal});
}

int32_t plan_compare_number(plan_builder *b, int32_t operand, int32_t cmp, int64_t constant) {
    const int64_t words[2] = {constant, constant < 0 ? -1 : 0};
    const int32_t pool = plan_constant(b, words, sizeof words);
    return plan_add(
        b, (step){.op = OV_OP_COMPARE_NUMBER, .digits = cmp, .counter = operand, .pool = pool, .pool_length = 16});
}

int32_t plan_compare_float(plan_builder *b, int32_t operand, int32_t cmp, double constant) {
    const int32_t pool = plan_constant(b, &constant, sizeof constant);
    return plan_add(
        b, (step){.op = OV_OP_COMPARE_FLOAT, .digits = cmp, .counter = operand, .pool = pool, .pool_length = 8});
}

int32_t plan_logic(plan_builder *b, int32_t op) { return plan_add(b, (step){.op = op, .counter = -1}); }

void plan_extent(plan_builder *b, int32_t frame, int32_t offset) {
    plan_add(b, (step){.op = OV_OP_EXTENT, .frame = frame, .offset = offset});
}

int32_t plan_code_page(plan_builder *b) {
    uint8_t pool[OV_TEXT_POOL + OV_TEXT_POOL_LATIN1] = {0};
    static const struct {
        uint8_t from;
        char first;
        uint8_t count;
    } runs[] = {{0xc1, 'A', 9}, {0xd1, 'J', 9}, {0xe2, 'S', 8},  {0x81, 'a', 9},
                {0x91, 'j', 9}, {0xa2, 's', 8}, {0xf0, '0', 10}, {0x40, ' ', 1}};
    for (size_t r = 0; r < sizeof runs / sizeof *runs; r++) {
        for (uint8_t i = 0; i < runs[r].count; i++) {
            const uint8_t byte = (uint8_t)(runs[r].from + i);
            pool[4 * byte] = 1;
            pool[4 * byte + 1] = pool[OV_TEXT_POOL + byte] = (uint8_t)(runs[r].first + i);
        }
    }
    memcpy(pool + 4 * 0x51, "\x02\xc3\xa9", 3);
    pool[OV_TEXT_POOL + 0x51] = 0xe9;
    return plan_constant(b, pool, sizeof pool);
}

int32_t plan_mixed_page(plan_builder *b) {
    uint8_t pool[PLAN_MIXED_PAGE] = {0};
    memcpy(pool, b->pool + plan_code_page(b), OV_TEXT_POOL);
    uint8_t *extras = pool + OV_DOUBLE_TABLES, *letters = extras + OV_DOUBLE_TABLE, *spaces = letters + OV_DOUBLE_TABLE;
    memcpy(extras, "\x04\xf0\xa0\x80\x8b", 5);
    pool[OV_DOUBLE_WARDS + 0x40] = 3;
    pool[OV_DOUBLE_WARDS + 0x41] = 2;
    memcpy(letters + 2 * 0x41, "\xb1\x03\x41\x00\x00\x4e\x00\xd8", 8);
    memcpy(spaces + 2 * 0x40, "\x00\x30", 2);
    return plan_constant(b, pool, sizeof pool);
}

/* The slab. */

typedef struct layout {
    int32_t *table;
    size_t end;
} layout;

static void put_part(layout *l, size_t word, size_t bytes) {
    if (l->table) l->table[word] = (int32_t)l->end;
    l->end += (bytes + 64 + 63) / 64 * 64;
}

size_t slab_layout(const int32_t *code, const int32_t *capacities, int32_t *table, size_t *words) {
    static const uint8_t widths[7] = {0, 4, 8, 16, 4, 8, 4};
    const size_t frames = (size_t)code[OV_PLANW_FRAMES], columns = (size_t)code[OV_PLANW_COLUMNS];
    const size_t spaces = (size_t)code[OV_PLANW_SPACES], columns_at = frames * OV_FRAME_WIDTH;
    *words = columns_at + columns * OV_COLUMN_WIDTH + spaces;
    if (table) memset(table, 0xff, *words * sizeof *table);
    layout l = {table, ((OV_HEAD_SPACES + spaces + 2 * columns + frames) * 4 + 64 + 63) / 64 * 64};
    int32_t space_of[OV_MAX_FRAMES], parent_of[OV_MAX_FRAMES];
    bool rows[OV_MAX_FRAMES];
    for (int pass = 0; pass < 2; pass++) { /* the bytes of texts come last */
        for (int32_t i = 0; i < code[OV_PLANW_INSTRUCTIONS]; i++) {
            const int32_t *w = code + OV_PLAN_HEADER + (size_t)i * OV_WIDTH;
            const int32_t op = w[OV_W_OP], target = w[OV_W_TARGET];
            if (op >= OV_OP_TEXT && target >= 0) {
                const size_t slots = (size_t)capacities[space_of[w[OV_W_FRAME]]];
                const size_t at = columns_at + (size_t)target * OV_COLUMN_WIDTH;
                const bool text = w[OV_W_TYPE] == OV_TYPE_UTF8;
                if (pass == 0) {
                    put_part(&l, at + OV_COLUMN_VALUES, (slots + text) * widths[w[OV_W_TYPE]]);
                    put_part(&l, at + OV_COLUMN_VALIDITY, (slots + 7) / 8);
                    put_part(&l, at + OV_COLUMN_BAD, (slots + 7) / 8);
                } else if (text) {
                    const size_t bytes = slots * (size_t)(op == OV_OP_NATIONAL ? w[OV_W_LENGTH] / 2 * 3
                                                                               : w[OV_W_LENGTH] * w[OV_W_DIGITS]);
                    if (table) table[at + OV_COLUMN_DATA_LENGTH] = (int32_t)bytes;
                    put_part(&l, at + OV_COLUMN_DATA, bytes);
                }
                continue;
            }
            if (op > OV_OP_SELECT || pass > 0) continue;
            if (op == OV_OP_ROOT) {
                space_of[0] = 0;
                rows[0] = false;
                continue;
            }
            const size_t at = (size_t)target * OV_FRAME_WIDTH;
            const int32_t parent = op == OV_OP_AFTER ? parent_of[w[OV_W_FRAME]] : w[OV_W_FRAME];
            const bool is_table = op == OV_OP_TABLE, select = op == OV_OP_SELECT;
            const bool counted = is_table && w[OV_W_COUNTER] >= 0;
            const size_t outer = space_of[parent] < 0 ? 0 : (size_t)capacities[space_of[parent]];
            parent_of[target] = parent;
            space_of[target] = is_table ? w[OV_W_TYPE] : space_of[parent];
            rows[target] = select || (rows[parent] && !counted);
            if (counted && space_of[parent] >= 0) put_part(&l, at + OV_FRAME_FAULTS, (outer + 7) / 8);
            if (space_of[target] < 0) continue;
            const size_t slots = (size_t)capacities[space_of[target]];
            if (!select) put_part(&l, at + OV_FRAME_POSITIONS, slots * 4);
            if (select || (is_table && rows[target])) put_part(&l, at + OV_FRAME_ROWS, slots * 4);
            if (select) put_part(&l, at + OV_FRAME_VALIDITY, (slots + 7) / 8);
            if (counted) put_part(&l, at + OV_FRAME_LIST_OFFSETS, (outer + 1) * 4);
        }
    }
    if (table) memcpy(table + *words - spaces, capacities, spaces * sizeof *table);
    return l.end;
}

/* Memory. */

#ifdef HAS_PAGES
static size_t pages(size_t length) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (length + page - 1) / page * page;
}

uint8_t *guarded(size_t length, bool front) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = pages(length);
    uint8_t *all = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(all != MAP_FAILED && mprotect(all + page, room ? room : page, PROT_READ | PROT_WRITE) == 0, "no memory");
    if (room == 0) mprotect(all + page, page, PROT_NONE);
    memset(all + page, 0xa5, room);
    return all + page + (front ? 0 : room - length);
}

void guarded_free(uint8_t *memory, size_t length, bool front) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = pages(length);
    munmap(memory - (front ? 0 : room - length) - page, room + 2 * page);
}
#else
uint8_t *guarded(size_t length, bool front) {
    uint8_t *all = malloc(length + 64);
    (void)front;
    need(all != NULL, "no memory");
    return all + (64 - (uintptr_t)all % 64);
}

void guarded_free(uint8_t *memory, size_t length, bool front) { (void)memory, (void)length, (void)front; }
#endif

/* Decoding. */

bool plans_guard_front;

bool decoding_begin(decoding *d, plan_builder *b, const int32_t *capacities) {
    ov_error error;
    memset(d, 0, sizeof *d);
    d->b = b;
    const ov_status status =
        ov_plan_check(b->code, plan_size(b), b->pool, (size_t)b->code[OV_PLANW_POOL], &d->plan, &error);
    if (status != OV_OK) {
        fprintf(stderr, "plan refused: status %d, instruction %d, word %d\n", status, error.at, error.word);
        return false;
    }
    slab_layout(b->code, capacities, NULL, &d->words);
    d->table = malloc(d->words * sizeof *d->table);
    need(d->table != NULL, "no memory");
    d->slab_length = slab_layout(b->code, capacities, d->table, &d->words);
    const ov_status good = ov_decoder_check(&d->plan, d->table, d->words, d->slab_length, &d->decoder, &error);
    if (good != OV_OK) {
        fprintf(stderr, "slab refused: status %d, word %d\n", good, error.at);
        free(d->table);
        d->table = NULL;
        return false;
    }
    d->scratch_length = ov_scratch_size(&d->plan);
    d->front = plans_guard_front;
    d->slab = guarded(d->slab_length, d->front);
    d->scratch = guarded(d->scratch_length, d->front);
    memset(d->scratch, 0, d->scratch_length);
    return true;
}

void decoding_end(decoding *d) {
    if (!d->table) return;
    guarded_free(d->slab, d->slab_length, d->front);
    guarded_free(d->scratch, d->scratch_length, d->front);
    free(d->table);
    d->table = NULL;
}

static ov_status decode_all(decoding *d, const ov_records *records) {
    ov_error error;
    memset(d->slab, 0xa5, d->slab_length);
    return ov_decode(&d->decoder, records, d->slab, d->scratch, &error);
}

ov_status decode_strided(decoding *d, const uint8_t *data, size_t length, uint32_t stride, uint32_t count) {
    return decode_all(d, &(ov_records){.data = data, .length = length, .count = count, .stride = stride});
}

ov_status decode_records(decoding *d, const uint8_t *data, size_t length, const uint32_t *starts, const uint32_t *ends,
                         uint32_t count) {
    return decode_all(d, &(ov_records){.data = data, .length = length, .starts = starts, .ends = ends, .count = count});
}

/* Results. */

int32_t head_of(const decoding *d, int32_t word) { return ((const int32_t *)(const void *)d->slab)[word]; }

int32_t slots_of(const decoding *d, int32_t space) { return head_of(d, OV_HEAD_SPACES + space); }

int32_t absent_of(const decoding *d, int32_t column) {
    return head_of(d, OV_HEAD_SPACES + d->b->code[OV_PLANW_SPACES] + 2 * column);
}

int32_t bad_of(const decoding *d, int32_t column) {
    return head_of(d, OV_HEAD_SPACES + d->b->code[OV_PLANW_SPACES] + 2 * column + 1);
}

int32_t faults_of(const decoding *d, int32_t frame) {
    return head_of(d, OV_HEAD_SPACES + d->b->code[OV_PLANW_SPACES] + 2 * d->b->code[OV_PLANW_COLUMNS] + frame);
}

const void *frame_part(const decoding *d, int32_t frame, int32_t word) {
    return d->slab + d->table[frame * OV_FRAME_WIDTH + word];
}

const void *column_part(const decoding *d, int32_t column, int32_t word) {
    return d->slab + d->table[d->b->code[OV_PLANW_FRAMES] * OV_FRAME_WIDTH + column * OV_COLUMN_WIDTH + word];
}

bool bit_of(const void *bitmap, size_t bit) { return (((const uint8_t *)bitmap)[bit / 8] >> (bit % 8)) & 1; }

bool has_value(const decoding *d, int32_t column, size_t slot) {
    return bit_of(column_part(d, column, OV_COLUMN_VALIDITY), slot);
}

bool is_bad(const decoding *d, int32_t column, size_t slot) {
    return bit_of(column_part(d, column, OV_COLUMN_BAD), slot);
}

static int32_t type_of(const decoding *d, int32_t column) {
    for (int32_t i = 0; i < d->b->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = plan_words(d->b, i);
        if (w[OV_W_OP] >= OV_OP_TEXT && w[OV_W_TARGET] == column) return w[OV_W_TYPE];
    }
    abort();
}

int64_t integer_at(const decoding *d, int32_t column, size_t slot) {
    const uint8_t *values = column_part(d, column, OV_COLUMN_VALUES);
    int32_t small;
    int64_t words[2];
    switch (type_of(d, column)) {
    case OV_TYPE_INT32: memcpy(&small, values + 4 * slot, 4); return small;
    case OV_TYPE_INT64: memcpy(words, values + 8 * slot, 8); return words[0];
    default:
        memcpy(words, values + 16 * slot, 16);
        need(words[1] == (words[0] < 0 ? -1 : 0), "a value is wider than 64 bits");
        return words[0];
    }
}

bool text_is(const decoding *d, int32_t column, size_t slot, const char *expected) {
    const int32_t *offsets = column_part(d, column, OV_COLUMN_VALUES);
    const char *data = column_part(d, column, OV_COLUMN_DATA);
    const size_t length = (size_t)(offsets[slot + 1] - offsets[slot]);
    return length == strlen(expected) && memcmp(data + offsets[slot], expected, length) == 0;
}

int32_t position_at(const decoding *d, int32_t frame, size_t slot) {
    return ((const int32_t *)frame_part(d, frame, OV_FRAME_POSITIONS))[slot];
}

int32_t list_at(const decoding *d, int32_t frame, size_t slot) {
    return ((const int32_t *)frame_part(d, frame, OV_FRAME_LIST_OFFSETS))[slot];
}
