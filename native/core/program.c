/* Checks a writer program against its plan, so that writing can trust every word of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "write.h"

enum { MAX_SCALE = 38 };

typedef struct frame_info {
    const int32_t *words;
    int16_t parent, space;
} frame_info;

/* A LIST, SELECT or OPEN that is not closed. */
typedef struct open_part {
    int32_t op;
    int16_t space; /* around it */
} open_part;

typedef struct checker {
    const ov_plan *plan;
    const int32_t *code;
    int32_t instructions, pool_length;
    ov_error *error;
    int16_t space;
    int32_t depth;
    open_part open[OV_PROGRAM_DEPTH];
    frame_info frames[OV_MAX_FRAMES];
} checker;

static bool refuse(checker *c, int32_t at, int32_t word) {
    c->error->at = at;
    c->error->word = word;
    return false;
}

#define NEED(condition, word)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) return refuse(c, at, word);                                                                  \
    } while (0)

static void gather_frames(checker *c) {
    const int32_t *w = c->plan->code + OV_PLAN_HEADER;
    for (int32_t i = 0; i < c->plan->code[OV_PLANW_INSTRUCTIONS]; i++, w += OV_WIDTH) {
        if (w[OV_W_OP] > OV_OP_SELECT) continue;
        frame_info *f = &c->frames[w[OV_W_TARGET]];
        *f = (frame_info){w, -1, 0};
        if (w[OV_W_OP] == OV_OP_ROOT) continue;
        f->parent = w[OV_W_OP] == OV_OP_AFTER ? c->frames[w[OV_W_FRAME]].parent : (int16_t)w[OV_W_FRAME];
        f->space = w[OV_W_OP] == OV_OP_TABLE ? (int16_t)w[OV_W_TYPE] : c->frames[f->parent].space;
    }
}

static bool in_pool(const checker *c, int32_t at, int32_t length) {
    return at >= 0 && length >= 0 && (int64_t)at + length <= c->pool_length;
}

/* The field of this kind in the current space that an instruction reads. */
static bool check_field(checker *c, const int32_t *w, int32_t at) {
    NEED(w[OV_P_FIELD] >= 0 && w[OV_P_FIELD] < c->plan->code[OV_PLANW_INSTRUCTIONS], OV_P_FIELD);
    const int32_t *field = ov_instruction(c->plan->code + OV_PLAN_HEADER, w[OV_P_FIELD]);
    NEED(field[OV_W_OP] >= OV_OP_TEXT && field[OV_W_TARGET] >= 0, OV_P_FIELD);
    NEED(c->frames[field[OV_W_FRAME]].space == c->space, OV_P_FIELD);
    const int32_t type = field[OV_W_TYPE];
    const bool is_float = type == OV_TYPE_FLOAT32 || type == OV_TYPE_FLOAT64;
    switch (w[OV_P_OP]) {
    case OV_WRITE_TEXT: NEED(type == OV_TYPE_UTF8, OV_P_FIELD); break;
    case OV_WRITE_FLOAT: NEED(is_float, OV_P_FIELD); break;
    default: NEED(type != OV_TYPE_UTF8 && !is_float, OV_P_FIELD);
    }
    NEED(w[OV_P_SCALE] >= 0 && w[OV_P_SCALE] <= MAX_SCALE, OV_P_SCALE);
    const int32_t both = OV_WRITEFLAG_QUOTED | OV_WRITEFLAG_QUOTED_BEYOND;
    NEED((w[OV_P_FLAGS] & ~(both | OV_WRITEFLAG_NAMES)) == 0 && (w[OV_P_FLAGS] & both) != both, OV_P_FLAGS);
    return true;
}

static bool open_one(checker *c, int32_t op, int32_t at) {
    NEED(c->depth < OV_PROGRAM_DEPTH, OV_P_OP);
    c->open[c->depth++] = (open_part){op, c->space};
    return true;
}

static bool close_one(checker *c, int32_t op, int32_t at) {
    NEED(c->depth > 0 && c->open[c->depth - 1].op == op, OV_P_OP);
    c->space = c->open[--c->depth].space;
    return true;
}

static const frame_info *frame_of(const checker *c, const int32_t *w) {
    const int32_t frame = w[OV_P_FRAME];
    return frame > 0 && frame < c->plan->code[OV_PLANW_FRAMES] ? &c->frames[frame] : NULL;
}

static bool check_select(checker *c, const int32_t *w, int32_t at) {
    const frame_info *f = frame_of(c, w);
    NEED(f && f->words[OV_W_OP] == OV_OP_SELECT && f->space == c->space, OV_P_FRAME);
    return open_one(c, OV_WRITE_SELECT, at);
}

static bool check_list(checker *c, const int32_t *w, int32_t at) {
    const frame_info *f = frame_of(c, w);
    NEED(f && f->words[OV_W_OP] == OV_OP_TABLE && f->space >= 0, OV_P_FRAME);
    NEED(c->frames[f->parent].space == c->space, OV_P_FRAME);
    NEED(w[OV_P_SIZE] == (f->words[OV_W_COUNTER] < 0 ? f->words[OV_W_DIGITS] : -1), OV_P_SIZE);
    NEED(w[OV_P_MOST] >= 0, OV_P_MOST);
    NEED(w[OV_P_COLUMNS] >= 0, OV_P_COLUMNS);
    if (!open_one(c, OV_WRITE_LIST, at)) return false;
    c->space = f->space;
    return true;
}

static bool check_one(checker *c, const int32_t *w, int32_t at) {
    NEED(in_pool(c, w[OV_P_PREFIX], w[OV_P_PREFIX_LENGTH]), OV_P_PREFIX);
    NEED(in_pool(c, w[OV_P_NOTHING], w[OV_P_NOTHING_LENGTH]), OV_P_NOTHING);
    switch (w[OV_P_OP]) {
    case OV_WRITE_TEXT:
    case OV_WRITE_NUMBER:
    case OV_WRITE_FLOAT: return check_field(c, w, at);
    case OV_WRITE_SELECT: return check_select(c, w, at);
    case OV_WRITE_OPEN: return open_one(c, OV_WRITE_OPEN, at);
    case OV_WRITE_LIST: return check_list(c, w, at);
    case OV_WRITE_END_SELECT: return close_one(c, OV_WRITE_SELECT, at);
    case OV_WRITE_CLOSE: return close_one(c, OV_WRITE_OPEN, at);
    case OV_WRITE_END_LIST: return close_one(c, OV_WRITE_LIST, at);
    case OV_WRITE_END: NEED(at == c->instructions - 1 && c->depth == 0, OV_P_OP); return true;
    default: return refuse(c, at, OV_P_OP);
    }
}

static bool check(checker *c, size_t words) {
    const int32_t at = -1, *header = c->code; /* for NEED: the header */
    NEED(words >= OV_PROGRAM_HEADER && header[OV_PROGRAMW_MAGIC] == OV_PROGRAM_MAGIC, OV_PROGRAMW_MAGIC);
    NEED(header[OV_PROGRAMW_VERSION] == OV_PROGRAM_VERSION, OV_PROGRAMW_VERSION);
    NEED(header[OV_PROGRAMW_POOL] == c->pool_length, OV_PROGRAMW_POOL);
    NEED(header[OV_PROGRAMW_FORMAT] == OV_FORMAT_JSON || header[OV_PROGRAMW_FORMAT] == OV_FORMAT_CSV,
         OV_PROGRAMW_FORMAT);
    c->instructions = header[OV_PROGRAMW_INSTRUCTIONS];
    NEED(c->instructions > 0 && (uint64_t)c->instructions * OV_PROGRAM_WIDTH + OV_PROGRAM_HEADER == (uint64_t)words,
         OV_PROGRAMW_INSTRUCTIONS);
    const int32_t *w = c->code + OV_PROGRAM_HEADER;
    for (int32_t i = 0; i < c->instructions; i++, w += OV_PROGRAM_WIDTH) {
        if (!check_one(c, w, i)) return false;
    }
    NEED(w[OV_P_OP - OV_PROGRAM_WIDTH] == OV_WRITE_END, OV_PROGRAMW_INSTRUCTIONS);
    return true;
}

ov_status ov_writer_check(const ov_plan *plan, const int32_t *code, size_t words, const uint8_t *pool,
                          size_t pool_length, ov_writer *writer, ov_error *error) {
    if (!plan || !code || !writer || !error || (!pool && pool_length > 0)) return OV_BAD_ARGUMENT;
    *error = (ov_error){-1, -1};
    if (words > INT32_MAX || pool_length > INT32_MAX) return OV_BAD_PROGRAM;
    checker c = {.plan = plan, .code = code, .pool_length = (int32_t)pool_length, .error = error};
    gather_frames(&c);
    if (!check(&c, words)) return OV_BAD_PROGRAM;
    *writer = (ov_writer){plan, code, pool, pool_length};
    return OV_OK;
}
