/* Binding a program; see bind.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bind.h"

static size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

static bool is_number(int32_t op) { return op == OV_WRITE_NUMBER; }

static const int32_t *words_of(const ov_writer *writer, int32_t index) {
    return writer->code + OV_PROGRAM_HEADER + (size_t)index * OV_PROGRAM_WIDTH;
}

static size_t template_size(const int32_t *w) {
    /* a quote or a comma may be added to each, and a sign to a prefix */
    return round_up((size_t)w[OV_P_PREFIX_LENGTH] + 34) + round_up((size_t)w[OV_P_NOTHING_LENGTH] + 34);
}

static size_t extra_size(const int32_t *w) {
    return is_number(w[OV_P_OP]) ? 2 * sizeof(ov_digits) : w[OV_P_OP] == OV_WRITE_TEXT ? 256 : 0;
}

size_t ov_bound_size(const ov_writer *writer) {
    const int32_t count = writer->code[OV_PROGRAMW_INSTRUCTIONS];
    size_t size = round_up(sizeof(ov_bound)) + round_up((size_t)count * sizeof(ov_op));
    for (int32_t i = 0; i < count; i++) size += template_size(words_of(writer, i)) + extra_size(words_of(writer, i));
    return size + OV_DIRECT_TEXT_MOST + OV_WRITE_SLACK;
}

static const uint8_t *add_template(uint8_t **free, const uint8_t *from, uint32_t length, const char *more,
                                   uint32_t *total) {
    uint8_t *to = *free;
    if (length > 0) memcpy(to, from, length);
    *total = length;
    if (*more) to[(*total)++] = (uint8_t)*more;
    to[*total] = '-';
    *free += round_up((size_t)length + 34);
    return to;
}

static void bind_field(const ov_writer *writer, const ov_decoder *decoder, const uint8_t *slab, const int32_t *w,
                       ov_op *op) {
    const int32_t *plan = decoder->plan->code, *f = ov_instruction(plan + OV_PLAN_HEADER, w[OV_P_FIELD]);
    const int32_t *place =
        decoder->table + (size_t)plan[OV_PLANW_FRAMES] * OV_FRAME_WIDTH + (size_t)f[OV_W_TARGET] * OV_COLUMN_WIDTH;
    static const uint8_t nothing[1] = {0};
    const uint8_t *pool = decoder->plan->pool ? decoder->plan->pool : nothing;
    op->field = (ov_field){f[OV_W_OP],    f[OV_W_LENGTH], f[OV_W_DIGITS],     f[OV_W_UP],
                           f[OV_W_FLAGS], f[OV_W_TYPE],   pool + f[OV_W_POOL]};
    op->type = f[OV_W_TYPE];
    op->offset = (uint32_t)f[OV_W_OFFSET];
    op->length = (uint32_t)f[OV_W_LENGTH];
    op->latin1 = f[OV_W_FLAGS] & OV_FLAG_LATIN1;
    op->values = slab + place[OV_COLUMN_VALUES];
    op->validity = slab + place[OV_COLUMN_VALIDITY];
    if (op->type == OV_TYPE_UTF8) {
        op->data = slab + place[OV_COLUMN_DATA];
        op->data_length = (uint32_t)place[OV_COLUMN_DATA_LENGTH];
    }
    const bool is_csv = writer->code[OV_PROGRAMW_FORMAT] == OV_FORMAT_CSV;
    if (is_csv || op->op == OV_WRITE_TEXT || (op->flags & OV_WRITEFLAG_QUOTED)) {
        op->suffix = is_csv ? ',' : '"';
        op->suffix_length = 1;
    }
}

/* The frame's instruction. */
static const int32_t *frame_words(const ov_plan *plan, int32_t frame) {
    const int32_t *w = plan->code + OV_PLAN_HEADER;
    while (w[OV_W_OP] > OV_OP_SELECT || w[OV_W_TARGET] != frame) w += OV_WIDTH;
    return w;
}

static void bind_frame(const ov_decoder *decoder, const uint8_t *slab, const int32_t *w, ov_op *op) {
    const int32_t *plan = decoder->plan->code, *place = decoder->table + (size_t)w[OV_P_FRAME] * OV_FRAME_WIDTH;
    if (op->op == OV_WRITE_SELECT) {
        op->validity = slab + place[OV_FRAME_VALIDITY];
        return;
    }
    const int32_t *f = frame_words(decoder->plan, w[OV_P_FRAME]);
    const int32_t *capacities = decoder->table + (size_t)plan[OV_PLANW_FRAMES] * OV_FRAME_WIDTH +
                                (size_t)plan[OV_PLANW_COLUMNS] * OV_COLUMN_WIDTH;
    op->capacity = (uint32_t)capacities[f[OV_W_TYPE]];
    op->offset = (uint32_t)f[OV_W_OFFSET];
    op->length = (uint32_t)f[OV_W_LENGTH];
    if (op->size < 0) op->list = (const int32_t *)(const void *)(slab + place[OV_FRAME_LIST_OFFSETS]);
}

/* Whether all that the plan decodes lies at fixed places of a record and is written; and how long such records are. */
static void find_direct(const ov_writer *writer, ov_bound *bound) {
    const int32_t *plan = writer->plan->code, *w = plan + OV_PLAN_HEADER;
    int64_t farthest[OV_MAX_FRAMES]; /* farthest position of a frame */
    int32_t fields = 0;
    bound->is_direct = false;
    bound->shortest = 0;
    bound->exact = -1;
    for (int32_t i = 0; i < plan[OV_PLANW_INSTRUCTIONS]; i++, w += OV_WIDTH) {
        const int32_t frame = w[OV_W_FRAME], op = w[OV_W_OP];
        if (op == OV_OP_ROOT) {
            farthest[0] = 0;
        } else if (op == OV_OP_TABLE) {
            if (w[OV_W_COUNTER] >= 0 || w[OV_W_LENGTH] == 0 || w[OV_W_TYPE] < 0) return;
            const int64_t last = w[OV_W_DIGITS] > 0 ? (int64_t)(w[OV_W_DIGITS] - 1) * w[OV_W_LENGTH] : 0;
            farthest[w[OV_W_TARGET]] = farthest[frame] + w[OV_W_OFFSET] + last;
            if (farthest[w[OV_W_TARGET]] > OV_MAX_RECORD_LENGTH) return;
        } else if (op == OV_OP_EXTENT) {
            if (frame != 0 || (bound->exact >= 0 && bound->exact != w[OV_W_OFFSET])) return;
            bound->exact = w[OV_W_OFFSET];
        } else if (op >= OV_OP_TEXT && w[OV_W_TARGET] >= 0) {
            if (w[OV_W_TYPE] == OV_TYPE_UTF8 && w[OV_W_LENGTH] > OV_DIRECT_TEXT) return;
            const int64_t end = farthest[frame] + w[OV_W_OFFSET] + w[OV_W_LENGTH];
            if (end > bound->shortest) bound->shortest = end;
        } else {
            return;
        }
    }
    for (int32_t i = 0; i < writer->code[OV_PROGRAMW_INSTRUCTIONS]; i++) {
        const int32_t op = words_of(writer, i)[OV_P_OP];
        fields += op == OV_WRITE_TEXT || op == OV_WRITE_NUMBER || op == OV_WRITE_FLOAT;
    }
    bound->is_direct = fields == plan[OV_PLANW_COLUMNS];
}

static uint8_t structure_kind(int32_t op) {
    switch (op) {
    case OV_WRITE_OPEN: return OV_DIRECT_OPEN;
    case OV_WRITE_CLOSE: return OV_DIRECT_CLOSE;
    case OV_WRITE_LIST: return OV_DIRECT_LIST;
    case OV_WRITE_END_LIST: return OV_DIRECT_END_LIST;
    case OV_WRITE_END: return OV_DIRECT_END;
    default: return OV_DIRECT_NONE;
    }
}

static void bind_all(const ov_writer *writer, const ov_decoder *decoder, const uint8_t *slab, ov_bound *bound,
                     uint8_t *free) {
    const int32_t count = writer->code[OV_PROGRAMW_INSTRUCTIONS];
    const bool is_csv = writer->code[OV_PROGRAMW_FORMAT] == OV_FORMAT_CSV;
    uint32_t open[OV_PROGRAM_DEPTH], depth = 0;
    bound->reserve = OV_WRITE_SLACK;
    for (int32_t i = 0; i < count; i++) {
        const int32_t *w = words_of(writer, i);
        ov_op *op = &bound->ops[i];
        *op = (ov_op){.op = (uint8_t)w[OV_P_OP],
                      .kind = structure_kind(w[OV_P_OP]),
                      .flags = w[OV_P_FLAGS],
                      .scale = w[OV_P_SCALE],
                      .size = w[OV_P_SIZE],
                      .most = (uint32_t)w[OV_P_MOST],
                      .columns = (uint32_t)w[OV_P_COLUMNS]};
        const bool is_field = op->op <= OV_WRITE_FLOAT;
        if (is_field) bind_field(writer, decoder, slab, w, op);
        if (op->op == OV_WRITE_SELECT || op->op == OV_WRITE_LIST) bind_frame(decoder, slab, w, op);
        const char *quote = is_field && !is_csv && op->suffix_length ? "\"" : "";
        op->prefix = add_template(&free, writer->pool + w[OV_P_PREFIX], (uint32_t)w[OV_P_PREFIX_LENGTH], quote,
                                  &op->prefix_length);
        op->nothing = add_template(&free, writer->pool + w[OV_P_NOTHING], (uint32_t)w[OV_P_NOTHING_LENGTH],
                                   is_field && is_csv ? "," : "", &op->nothing_length);
        bound->reserve += (uint64_t)op->prefix_length + op->nothing_length + OV_NUMBER_MOST;
        if (is_field) {
            ov_digits *digits = (ov_digits *)(void *)free;
            if (is_number(op->op)) {
                /* rows: sixteen digits, or thirty-two */
                ov_lay_digits(&digits[1], 0, op->type == OV_TYPE_INT32 ? 16 : 32, 0, op->scale, op);
                op->digits = &digits[1];
            }
            ov_bind_direct(op, is_csv, digits, free);
            free += extra_size(w);
        }
        switch (op->op) {
        case OV_WRITE_OPEN:
            op->end = depth;
            open[depth++] = (uint32_t)i;
            break;
        case OV_WRITE_SELECT:
        case OV_WRITE_LIST: open[depth++] = (uint32_t)i; break;
        case OV_WRITE_CLOSE: op->end = --depth; break;
        case OV_WRITE_END_SELECT:
        case OV_WRITE_END_LIST: bound->ops[open[--depth]].end = (uint32_t)i; break;
        default: break;
        }
    }
    bound->texts = free;
}

ov_bound *ov_bind(const ov_writer *writer, const ov_decoder *decoder, const uint8_t *slab, ov_level level,
                  uint8_t *scratch) {
    ov_bound *bound = (ov_bound *)(void *)scratch;
    if (bound->code == writer->code && bound->table == decoder->table && bound->slab == slab &&
        bound->level == (int32_t)level + 1)
        return bound;
    const size_t count = (size_t)writer->code[OV_PROGRAMW_INSTRUCTIONS];
    bound->ops = (ov_op *)(void *)(scratch + round_up(sizeof(ov_bound)));
    find_direct(writer, bound);
    bind_all(writer, decoder, slab, bound, scratch + round_up(sizeof(ov_bound)) + round_up(count * sizeof(ov_op)));
    bound->code = writer->code;
    bound->table = decoder->table;
    bound->slab = slab;
    bound->level = (int32_t)level + 1;
    return bound;
}
