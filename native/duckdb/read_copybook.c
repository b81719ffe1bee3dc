/* The table function read_copybook: arguments, columns, and the calls that fill vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _POSIX_C_SOURCE 200809L
#include "read_copybook.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"

enum { MOST_PLAN = 1 << 28, STEP_BYTES = 1 << 18, MOST_THREADS = 256 };

typedef struct binding {
    char *path;
    ov_plan_file file;
    uint64_t first, count;     /* records, count UINT64_MAX: all */
    int32_t columns;           /* of the record */
    int32_t *nodes;            /* of each column */
    int32_t record_at, bad_at; /* the columns of that name, or -1 */
    ov_ledger *ledger;
} binding;

static void forget_binding(void *one) {
    binding *b = one;
    ov_plan_file_close(&b->file);
    free(b->path);
    free(b->nodes);
    free(b);
}

/* ---- Arguments ---- */

static char *copy_text(duck_value value) {
    char *given = duck_get_varchar(value), *own = given ? strdup(given) : NULL;
    duck_free(given);
    return own;
}

static bool plan_of_file(const char *path, uint8_t **bytes, size_t *length, ov_trouble *trouble) {
    const uint64_t size = ov_input_size(path);
    FILE *file = fopen(path, "rb");
    if (!file) {
        return ov_say(trouble, "OVP_IO_PLAN: the plan %.400s could not be read%s", path,
                      errno == ENOENT ? ": there is no such file (overpunch plan COPYBOOK -o FILE makes one)" : "");
    }
    *length = size <= MOST_PLAN ? (size_t)size : 0;
    *bytes = malloc(*length + 1);
    const bool good = *bytes && *length > 0 && fread(*bytes, 1, *length, file) == *length;
    fclose(file);
    if (good) return true;
    free(*bytes);
    return ov_say(trouble, "OVP_PLAN_FILE: %.400s is no plan file", path);
}

static bool open_plan(duck_bind bind, binding *b, ov_trouble *trouble) {
    duck_value value = duck_named_parameter(bind, "plan");
    uint8_t *bytes = NULL;
    size_t length = 0;
    bool good;
    duck_type type = value ? duck_value_type(value) : NULL; /* the value's own, not to be destroyed */
    if (value && !duck_is_null(value) && duck_type_kind(type) == DUCK_BLOB) {
        duck_blob blob = duck_get_blob(value);
        length = blob.size;
        bytes = malloc(length + 1);
        good = bytes || ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory for the plan");
        if (good && length > 0) memcpy(bytes, blob.data, length);
        duck_free(blob.data);
    } else {
        char *path = NULL;
        if (value && !duck_is_null(value)) {
            path = copy_text(value);
        } else if ((path = malloc(strlen(b->path) + 6))) {
            strcpy(path, b->path);
            strcat(path, ".plan"); /* beside the data */
        }
        good = path ? plan_of_file(path, &bytes, &length, trouble)
                    : ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory for the plan");
        free(path);
    }
    if (value) duck_destroy_value(&value);
    return good && ov_plan_file_open(bytes, length, &b->file, trouble);
}

static bool whole_number(duck_bind bind, const char *name, uint64_t *out, ov_trouble *trouble) {
    duck_value value = duck_named_parameter(bind, name);
    if (!value) return true;
    const bool given = !duck_is_null(value);
    const int64_t number = given ? duck_get_int64(value) : 0;
    duck_destroy_value(&value);
    if (given && number < 0) return ov_say(trouble, "OVP_OPTION_VALUE: read_copybook: %s must be 0 or more", name);
    if (given) *out = (uint64_t)number;
    return true;
}

static bool flag(duck_bind bind, const char *name) {
    duck_value value = duck_named_parameter(bind, name);
    const bool yes = value && !duck_is_null(value) && duck_get_bool(value);
    if (value) duck_destroy_value(&value);
    return yes;
}

/* ---- Columns ---- */

static duck_type type_of(const ov_plan_file *file, int32_t at);

static duck_type struct_of(const ov_plan_file *file, int32_t at) {
    const ov_node *n = &file->nodes[at];
    duck_type *members = malloc((size_t)n->children * sizeof *members);
    const char **names = malloc((size_t)n->children * sizeof *names);
    duck_type type = NULL;
    if (members && names) {
        int32_t child = at + 1;
        for (int32_t i = 0; i < n->children; i++) {
            members[i] = type_of(file, child);
            names[i] = file->nodes[child].name;
            child = file->nodes[child].next;
        }
        type = duck_struct_type(members, names, (uint64_t)n->children);
        for (int32_t i = 0; i < n->children; i++) duck_destroy_type(&members[i]);
    }
    free(members);
    free(names);
    return type;
}

static duck_type type_of(const ov_plan_file *file, int32_t at) {
    const ov_node *n = &file->nodes[at];
    if (n->kind == OV_NODE_GROUP) return struct_of(file, at);
    if (n->kind == OV_NODE_LIST) {
        duck_type element = type_of(file, at + 1), list = duck_list_type(element);
        duck_destroy_type(&element);
        return list;
    }
    switch (n->type) {
    case OV_TYPE_INT32: return duck_simple_type(DUCK_INTEGER);
    case OV_TYPE_INT64: return duck_simple_type(DUCK_BIGINT);
    case OV_TYPE_FLOAT32: return duck_simple_type(DUCK_FLOAT);
    case OV_TYPE_FLOAT64: return duck_simple_type(DUCK_DOUBLE);
    case OV_TYPE_DECIMAL128: return duck_decimal_type((uint8_t)n->precision, (uint8_t)n->scale);
    default: return duck_simple_type(DUCK_VARCHAR);
    }
}

static void add_column(duck_bind bind, const char *name, duck_type type) {
    duck_add_column(bind, name, type);
    duck_destroy_type(&type);
}

static bool add_columns(duck_bind bind, binding *b, ov_trouble *trouble) {
    b->columns = b->file.nodes[0].children;
    b->nodes = malloc((size_t)b->columns * sizeof(int32_t));
    if (!b->nodes) return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory for the columns");
    int32_t node = 1;
    for (int32_t i = 0; i < b->columns; i++) {
        b->nodes[i] = node;
        add_column(bind, b->file.nodes[node].name, type_of(&b->file, node));
        node = b->file.nodes[node].next;
    }
    b->record_at = b->bad_at = -1;
    int32_t next = b->columns;
    if (flag(bind, "record_number")) {
        b->record_at = next++;
        add_column(bind, "_record", duck_simple_type(DUCK_BIGINT));
    }
    if (flag(bind, "bad")) {
        b->bad_at = next++;
        duck_type text = duck_simple_type(DUCK_VARCHAR);
        add_column(bind, "_bad", duck_list_type(text));
        duck_destroy_type(&text);
    }
    return true;
}

/* Which records: those of the plan, and of these the ones that start and count say. */
static bool choose_records(duck_bind bind, binding *b, ov_trouble *trouble) {
    uint64_t start = 0, count = UINT64_MAX;
    if (!whole_number(bind, "start", &start, trouble) || !whole_number(bind, "count", &count, trouble)) return false;
    const ov_plan_file *file = &b->file;
    b->first = file->skip + start;
    b->count = count;
    if (file->filtered) return true; /* its limit counts selected records */
    const uint64_t left = file->limit > start ? file->limit - start : 0;
    if (file->limit != UINT64_MAX && left < count) b->count = left;
    return true;
}

static void tell_cardinality(duck_bind bind, const binding *b) {
    const uint64_t size = ov_input_size(b->path);
    const bool is_fixed = b->file.framing[OV_FRAMINGW_FORMAT] == OV_FRAMING_FIXED;
    uint64_t length =
        is_fixed ? (uint64_t)b->file.framing[OV_FRAMINGW_LRECL] : (uint64_t)b->file.plan.code[OV_PLANW_LENGTH] / 2 + 4;
    uint64_t rows = size / length;
    rows = rows > b->first ? rows - b->first : 0;
    if (b->count < rows) rows = b->count;
    duck_set_cardinality(bind, rows, is_fixed && !b->file.filtered);
}

static bool bind_all(duck_bind bind, binding *b, ov_trouble *trouble) {
    duck_value path = duck_parameter(bind, 0);
    if (path && !duck_is_null(path)) b->path = copy_text(path);
    if (path) duck_destroy_value(&path);
    if (!b->path || !*b->path) return ov_say(trouble, "OVP_OPTION_VALUE: read_copybook needs the path of a file");
    return open_plan(bind, b, trouble) && choose_records(bind, b, trouble) && add_columns(bind, b, trouble);
}

static void bind_function(duck_bind bind) {
    ov_trouble trouble = {"OVP_ENGINE_MEMORY: there is no memory"};
    binding *b = calloc(1, sizeof *b);
    if (b && bind_all(bind, b, &trouble)) {
        b->ledger = duck_bind_extra(bind);
        tell_cardinality(bind, b);
        duck_set_bind_data(bind, b, forget_binding);
        return;
    }
    if (b) forget_binding(b);
    duck_bind_fail(bind, trouble.text);
}

/* ---- A query begins ---- */

static void forget_query(void *one) {
    ov_query *q = one;
    ov_input_close(&q->input);
    ov_projection_free(&q->projection);
    ov_shape_free(&q->shape);
    if (q->entry) ov_entry_release(q->entry);
    free(q->wanted);
    free(q);
}

/* Everything that a node needs of the plan. */
static void mark(const ov_plan_file *file, int32_t node, bool *columns, bool *frames) {
    for (int32_t at = node; at < file->nodes[node].next; at++) {
        const ov_node *n = &file->nodes[at];
        if (n->select >= 0) frames[n->select] = true;
        if (n->kind == OV_NODE_FIELD) columns[n->column] = true;
        if (n->kind == OV_NODE_LIST) frames[n->frame] = true;
    }
}

static bool project(ov_query *q, const binding *b, ov_trouble *trouble) {
    const ov_plan *plan = &b->file.plan;
    const size_t columns = (size_t)plan->code[OV_PLANW_COLUMNS], frames = (size_t)plan->code[OV_PLANW_FRAMES];
    bool *flags = calloc(columns + frames, sizeof(bool));
    if (!flags) return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory");
    for (uint32_t i = 0; i < q->wanted_count; i++) {
        if (q->wanted[i] >= 0) mark(&b->file, q->wanted[i], flags, flags + columns);
        if (q->wanted[i] != OV_COLUMN_BAD_FIELDS) continue;
        q->lists_bad = true; /* it tells of all columns, so all are read */
        mark(&b->file, 0, flags, flags + columns);
    }
    for (size_t column = 0; column < columns; column++) q->decodes |= flags[column];
    const bool good = ov_project(plan, &b->file.shape, flags, flags + columns, &q->projection) &&
                      ov_shape_make(&q->projection.plan, &q->shape);
    free(flags);
    return good || ov_say(trouble, "OVP_PLAN_INVALID: the plan can't be cut down to the columns that are asked for");
}

/* Records decoded at a time: their bytes stay in the second-level cache. */
static uint32_t step_of(const binding *b) {
    const bool is_fixed = b->file.framing[OV_FRAMINGW_FORMAT] == OV_FRAMING_FIXED;
    uint32_t length = (uint32_t)(is_fixed ? b->file.framing[OV_FRAMINGW_LRECL] : b->file.plan.code[OV_PLANW_LENGTH]);
    uint32_t fit = STEP_BYTES / (length > 0 ? length : 1) / OV_BLOCK * OV_BLOCK;
    return fit < OV_BLOCK ? OV_BLOCK : fit > OV_ROWS ? OV_ROWS : fit;
}

static bool want(ov_query *q, const binding *b, duck_init init, ov_trouble *trouble) {
    const uint64_t count = duck_wanted_count(init);
    q->wanted = malloc((size_t)count * sizeof(int32_t) + 4);
    if (!q->wanted) return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory");
    q->wanted_count = (uint32_t)count;
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t column = duck_wanted_column(init, i);
        q->wanted[i] = OV_COLUMN_NONE;
        if (column < (uint64_t)b->columns)
            q->wanted[i] = b->nodes[column];
        else if (b->record_at >= 0 && column == (uint64_t)b->record_at)
            q->wanted[i] = OV_COLUMN_RECORD;
        else if (b->bad_at >= 0 && column == (uint64_t)b->bad_at)
            q->wanted[i] = OV_COLUMN_BAD_FIELDS;
    }
    return true;
}

static void tell_threads(duck_init init, const ov_query *q) {
    uint64_t threads = MOST_THREADS;
    if (q->input.lrecl > 0) {
        const uint64_t end = q->input.end < q->input.whole ? q->input.end : q->input.whole;
        const uint64_t records = end > q->input.first ? end - q->input.first : 0;
        threads = (records + q->input.morsel - 1) / q->input.morsel;
    } else {
        threads = q->input.size >> 20;
    }
    if (q->limited || threads < 1) threads = 1;
    duck_set_threads(init, threads < MOST_THREADS ? threads : MOST_THREADS);
}

static void begin(duck_init init) {
    const binding *b = duck_init_bind_data(init);
    ov_trouble trouble = {"OVP_ENGINE_MEMORY: there is no memory"};
    ov_query *q = calloc(1, sizeof *q);
    if (!q || !ov_input_open(&q->input, b->path, b->file.framing, b->first, b->count, &trouble)) {
        free(q);
        duck_init_fail(init, trouble.text);
        return;
    }
    q->file = &b->file;
    q->limited = b->file.filtered && b->file.limit != UINT64_MAX;
    q->left = b->file.limit;
    q->step = step_of(b);
    if (want(q, b, init, &trouble) && project(q, b, &trouble) &&
        (q->entry = ov_entry_make(b->ledger, b->path, b->file.most_faults))) {
        tell_threads(init, q);
        duck_set_init_data(init, q, forget_query);
        return;
    }
    forget_query(q);
    duck_init_fail(init, trouble.text);
}

/* ---- A thread ---- */

typedef struct thread {
    ov_lane lane;
    bool made;
} thread;

static void forget_thread(void *one) {
    thread *t = one;
    if (t->made) ov_lane_free(&t->lane);
    free(t);
}

static void begin_thread(duck_init init) {
    thread *t = calloc(1, sizeof *t);
    if (!t)
        duck_init_fail(init, "OVP_ENGINE_MEMORY: there is no memory");
    else
        duck_set_init_data(init, t, forget_thread);
}

/* Counts what is bad in a unit, and keeps details as far as somebody wants them. */
static bool account(ov_query *q, ov_lane *lane, const ov_unit *unit, uint32_t rows, ov_trouble *trouble) {
    lane->fault_count = 0;
    atomic_fetch_add_explicit(&q->entry->records, rows, memory_order_relaxed);
    if (!q->decodes) return true;
    const int32_t *head = ov_head(unit);
    if (head[OV_HEAD_SHORT]) atomic_fetch_add(&q->entry->shorter, (uint64_t)head[OV_HEAD_SHORT]);
    if (head[OV_HEAD_LONG]) atomic_fetch_add(&q->entry->longer, (uint64_t)head[OV_HEAD_LONG]);
    const uint64_t bad = ov_faults_count(unit);
    if (bad == 0) return true;
    atomic_fetch_add(&q->entry->bad, bad);
    const bool wants = q->file->policy == OV_POLICY_REPORT && ov_entry_wants(q->entry);
    if (!wants && !q->lists_bad && q->file->policy != OV_POLICY_THROW) return true;
    if (!ov_faults_list(q, lane, unit)) return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory");
    if (wants && !ov_entry_add(q->entry, lane->faults, lane->fault_count))
        return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory");
    if (q->file->policy != OV_POLICY_THROW) return true;
    const ov_fault *first = lane->faults;
    if (lane->fault_count == 0) return ov_say(trouble, "OVP_DATA_BAD: a value is bad");
    return ov_say(trouble, "OVP_DATA_BAD: %s holds no value: x'%s' (record %" PRIu64 ", byte %" PRIu64 ")",
                  first->field, first->hex, first->record, first->offset);
}

/* Rows for one vector of each column. */
static bool fill(ov_query *q, ov_lane *lane, duck_chunk chunk, uint32_t *rows, ov_trouble *trouble) {
    *rows = 0;
    for (int u = 0; u < OV_UNITS && *rows < OV_ROWS; u++) {
        const ov_next next = ov_lane_fill(q, lane, trouble);
        if (next != OV_NEXT_BLOCK) return next == OV_NEXT_END;
        uint32_t taken = 0;
        const uint32_t left = lane->part.count - lane->part_done, room = OV_ROWS - *rows;
        if (!q->decodes) taken = left < room ? left : room;
        while (taken == 0) {
            if (!ov_lane_decode(q, lane, &lane->units[u], room, &taken, trouble)) return false;
        }
        if (!account(q, lane, &lane->units[u], taken, trouble)) return false;
        ov_fill(q, lane, &lane->units[u], chunk, *rows, taken);
        lane->part_done += taken;
        *rows += taken;
    }
    return true;
}

static void call(duck_call info, duck_chunk chunk) {
    ov_query *q = duck_call_init_data(info);
    thread *t = duck_call_local_data(info);
    ov_trouble trouble;
    uint32_t rows = 0;
    if (!t->made && !(t->made = ov_lane_make(&t->lane, q, &trouble))) {
        ov_lane_free(&t->lane);
        duck_call_fail(info, trouble.text);
    } else if (!fill(q, &t->lane, chunk, &rows, &trouble)) {
        duck_call_fail(info, trouble.text);
    } else {
        duck_set_size(chunk, rows);
    }
}

static void add_parameter(duck_function function, const char *name, int32_t kind) {
    duck_type type = duck_simple_type(kind);
    duck_add_named_parameter(function, name, type);
    duck_destroy_type(&type);
}

bool ov_read_copybook_register(duck_connection connection, ov_ledger *ledger) {
    duck_function function = duck_create_function();
    duck_type text = duck_simple_type(DUCK_VARCHAR);
    duck_set_name(function, "read_copybook");
    duck_add_parameter(function, text);
    duck_destroy_type(&text);
    add_parameter(function, "plan", DUCK_ANY);
    add_parameter(function, "start", DUCK_BIGINT);
    add_parameter(function, "count", DUCK_BIGINT);
    add_parameter(function, "record_number", DUCK_BOOLEAN);
    add_parameter(function, "bad", DUCK_BOOLEAN);
    duck_set_extra(function, ov_ledger_hold(ledger), ov_ledger_release);
    duck_set_bind(function, bind_function);
    duck_set_init(function, begin);
    duck_set_local_init(function, begin_thread);
    duck_set_call(function, call);
    duck_push_projection(function, true);
    const bool good = duck_register(connection, function) == 0;
    duck_destroy_function(&function);
    return good;
}
