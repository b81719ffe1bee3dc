/* The part of a plan that makes some of its columns: instructions that these do not need are left out, and what is left
 * is numbered anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "shape.h"

typedef struct cut {
    const ov_plan *plan;
    const ov_shape *shape;
    bool *instruction; /* kept */
    bool *frame;       /* kept */
    bool *real;        /* tables: with a space of its own */
    bool changed;
} cut;

static void keep(cut *c, bool *one) {
    if (*one) return;
    *one = true;
    c->changed = true;
}

/* The frame, and the tables around its slots as real ones. */
static void keep_real(cut *c, int32_t frame) {
    keep(c, &c->frame[frame]);
    for (int32_t f = frame; f > 0; f = c->shape->frame_parent[f]) {
        if (ov_words(c->plan, c->shape->frame_at[f])[OV_W_OP] == OV_OP_TABLE) {
            keep(c, &c->frame[f]);
            keep(c, &c->real[f]);
        }
    }
}

static bool is_predicate(int32_t op) { return op >= OV_OP_COMPARE_TEXT && op <= OV_OP_IS_TRUE; }

/* Does the predicate's COUNTER name an operand? Of others the word means nothing, and nobody has checked it. */
static bool has_operand(int32_t op) { return op > OV_OP_COMPARE_TEXT && op < OV_OP_AND; }

/* What the kept instruction needs. */
static void follow(cut *c, int32_t at) {
    const int32_t *w = ov_words(c->plan, at);
    const int32_t op = w[OV_W_OP];
    if (op == OV_OP_ROOT) return;
    if (op == OV_OP_SELECT) {
        keep_real(c, w[OV_W_FRAME]);
        for (int32_t i = w[OV_W_POOL]; i < at; i++) keep(c, &c->instruction[i]);
    } else if (is_predicate(op)) {
        if (op == OV_OP_COMPARE_TEXT) keep_real(c, w[OV_W_FRAME]);
        if (has_operand(op)) keep(c, &c->instruction[w[OV_W_COUNTER]]);
        if (op == OV_OP_COMPARE_FIELDS) keep(c, &c->instruction[w[OV_W_POOL]]);
    } else {
        keep(c, &c->frame[w[OV_W_FRAME]]);
        if (op == OV_OP_TABLE && w[OV_W_COUNTER] >= 0) keep(c, &c->instruction[w[OV_W_COUNTER]]);
        if (op == OV_OP_TABLE && w[OV_W_LENGTH] == 0) keep(c, &c->frame[w[OV_W_POOL]]);
    }
}

static void close_over(cut *c) {
    const int32_t instructions = c->plan->code[OV_PLANW_INSTRUCTIONS];
    do {
        c->changed = false;
        for (int32_t at = instructions - 1; at >= 0; at--) {
            const int32_t *w = ov_words(c->plan, at);
            if (w[OV_W_OP] >= OV_OP_ROOT && w[OV_W_OP] <= OV_OP_SELECT && c->frame[w[OV_W_TARGET]])
                keep(c, &c->instruction[at]);
            if (c->instruction[at]) follow(c, at);
        }
    } while (c->changed);
    for (int32_t at = 0; at < instructions; at++) {
        const int32_t *w = ov_words(c->plan, at);
        if (w[OV_W_OP] == OV_OP_EXTENT && c->frame[w[OV_W_FRAME]]) c->instruction[at] = true;
    }
}

/* One kept instruction with its new numbers. `at[]`: old instruction -> new. */
static void rewrite(const cut *c, ov_projection *p, const int32_t *at, const bool *columns, int32_t old, int32_t *w) {
    memcpy(w, ov_words(c->plan, old), OV_WIDTH * sizeof(int32_t));
    const int32_t op = w[OV_W_OP];
    if (w[OV_W_FRAME] > 0 && (op <= OV_OP_COMPARE_TEXT || op >= OV_OP_TEXT)) w[OV_W_FRAME] = p->frames[w[OV_W_FRAME]];
    if (op >= OV_OP_TEXT) {
        const int32_t column = w[OV_W_TARGET];
        w[OV_W_TARGET] = column >= 0 && columns[column] ? p->columns[column] : -1;
        return;
    }
    if (op == OV_OP_TABLE) {
        if (w[OV_W_TYPE] >= 0) w[OV_W_TYPE] = c->real[w[OV_W_TARGET]] ? p->spaces[w[OV_W_TYPE]] : -1;
        if (w[OV_W_COUNTER] >= 0) w[OV_W_COUNTER] = at[w[OV_W_COUNTER]];
        if (w[OV_W_LENGTH] == 0) w[OV_W_POOL] = p->frames[w[OV_W_POOL]];
    } else if (op == OV_OP_SELECT) {
        w[OV_W_POOL] = at[w[OV_W_POOL]];
    } else if (is_predicate(op)) {
        if (has_operand(op)) w[OV_W_COUNTER] = at[w[OV_W_COUNTER]];
        if (op == OV_OP_COMPARE_FIELDS) w[OV_W_POOL] = at[w[OV_W_POOL]];
    }
    if (op <= OV_OP_SELECT) w[OV_W_TARGET] = p->frames[w[OV_W_TARGET]];
}

static bool write(const cut *c, ov_projection *p, const bool *columns, int32_t *at) {
    const int32_t instructions = c->plan->code[OV_PLANW_INSTRUCTIONS];
    int32_t kept = 0, frames = 0, spaces = 1, column_count = 0;
    p->spaces[0] = 0;
    for (int32_t i = 0; i < instructions; i++) {
        if (!c->instruction[i]) continue;
        const int32_t *w = ov_words(c->plan, i);
        at[i] = kept++;
        if (w[OV_W_OP] >= OV_OP_ROOT && w[OV_W_OP] <= OV_OP_SELECT) p->frames[w[OV_W_TARGET]] = frames++;
        if (w[OV_W_OP] == OV_OP_TABLE && w[OV_W_TYPE] >= 0 && c->real[w[OV_W_TARGET]])
            p->spaces[w[OV_W_TYPE]] = spaces++;
        if (w[OV_W_OP] >= OV_OP_TEXT && w[OV_W_TARGET] >= 0 && columns[w[OV_W_TARGET]])
            p->columns[w[OV_W_TARGET]] = column_count++;
    }
    const size_t words = OV_PLAN_HEADER + (size_t)kept * OV_WIDTH;
    p->code = malloc(words * sizeof(int32_t));
    if (!p->code) return false;
    memcpy(p->code, c->plan->code, OV_PLAN_HEADER * sizeof(int32_t));
    p->code[OV_PLANW_INSTRUCTIONS] = kept;
    p->code[OV_PLANW_FRAMES] = frames;
    p->code[OV_PLANW_SPACES] = spaces;
    p->code[OV_PLANW_COLUMNS] = column_count;
    for (int32_t i = 0, n = 0; i < instructions; i++) {
        if (c->instruction[i]) rewrite(c, p, at, columns, i, p->code + OV_PLAN_HEADER + (size_t)n++ * OV_WIDTH);
    }
    ov_error error;
    return ov_plan_check(p->code, words, c->plan->pool, c->plan->pool_length, &p->plan, &error) == OV_OK;
}

bool ov_project(const ov_plan *plan, const ov_shape *shape, const bool *columns, const bool *frames,
                ov_projection *projection) {
    const size_t instructions = (size_t)plan->code[OV_PLANW_INSTRUCTIONS];
    const size_t frame_count = (size_t)plan->code[OV_PLANW_FRAMES], spaces = (size_t)plan->code[OV_PLANW_SPACES];
    const size_t column_count = (size_t)plan->code[OV_PLANW_COLUMNS];
    memset(projection, 0, sizeof *projection);
    bool *flags = calloc(instructions + 2 * frame_count, sizeof(bool));
    int32_t *at = malloc(instructions * sizeof(int32_t));
    projection->columns = malloc((column_count + frame_count + spaces) * sizeof(int32_t));
    bool good = false;
    if (flags && at && projection->columns) {
        memset(projection->columns, 0xff, (column_count + frame_count + spaces) * sizeof(int32_t));
        projection->frames = projection->columns + column_count;
        projection->spaces = projection->frames + frame_count;
        cut c = {plan, shape, flags, flags + instructions, flags + instructions + frame_count, false};
        c.frame[0] = true;
        for (size_t f = 1; f < frame_count; f++) {
            if (frames[f]) keep_real(&c, (int32_t)f);
        }
        for (size_t column = 0; column < column_count; column++) {
            if (!columns[column]) continue;
            c.instruction[shape->column_at[column]] = true;
            keep_real(&c, ov_words(plan, shape->column_at[column])[OV_W_FRAME]);
        }
        close_over(&c);
        good = write(&c, projection, columns, at);
    }
    free(flags);
    free(at);
    if (!good) ov_projection_free(projection);
    return good;
}

void ov_projection_free(ov_projection *projection) {
    free(projection->code);
    free(projection->columns);
    memset(projection, 0, sizeof *projection);
}
