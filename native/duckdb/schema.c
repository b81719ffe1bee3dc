/* Checks a plan file's tree of nodes: it is a tree, and what it says of columns and frames is what the plan makes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan_file.h"

enum { DEEPEST = 200, MOST_DIGITS = 38 };

static bool refuse(ov_trouble *trouble, const char *path, const char *what) {
    return ov_say(trouble, "OVP_PLAN_FILE: the plan file is damaged: %.200s %s", path, what);
}

/* Decimal digits that an instruction's values can have. */
static int32_t digits_of(const int32_t *w, const ov_plan *plan) {
    static const int32_t binary[9] = {0, 3, 5, 8, 10, 13, 15, 17, 19};
    int32_t digits = w[OV_W_DIGITS];
    if (w[OV_W_OP] == OV_OP_BINARY && !(w[OV_W_FLAGS] & OV_FLAG_LIMITED)) {
        digits = w[OV_W_LENGTH] == 8 && !(w[OV_W_FLAGS] & OV_FLAG_SIGNED) ? 20 : binary[w[OV_W_LENGTH]];
    } else if (w[OV_W_OP] == OV_OP_EDITED) {
        digits = 0;
        const uint8_t *position = plan->pool + w[OV_W_POOL];
        for (int32_t i = 0; i < w[OV_W_POOL_LENGTH]; i += 3) digits += position[i] <= OV_EDIT_FLOATING;
    }
    return digits + w[OV_W_UP];
}

static bool check_field(const ov_plan_file *file, const ov_node *n, int32_t space, ov_trouble *trouble) {
    if (n->column < 0 || n->column >= file->plan.code[OV_PLANW_COLUMNS])
        return refuse(trouble, n->path, "has no column");
    const int32_t *w = ov_words(&file->plan, file->shape.column_at[n->column]);
    if (w[OV_W_TYPE] != n->type) return refuse(trouble, n->path, "is of another type than its column");
    if (file->shape.frame_space[w[OV_W_FRAME]] != space) return refuse(trouble, n->path, "lies in another table");
    if (n->type != OV_TYPE_DECIMAL128) return true;
    if (n->precision < 1 || n->precision > MOST_DIGITS || n->scale < 0 || n->scale > n->precision)
        return refuse(trouble, n->path, "has impossible digits");
    if (n->precision < MOST_DIGITS && n->precision < digits_of(w, &file->plan))
        return refuse(trouble, n->path, "has fewer digits than its values");
    return true;
}

static bool check_select(const ov_plan_file *file, const ov_node *n, int32_t space, ov_trouble *trouble) {
    if (n->select == -1) return true;
    if (n->select < 1 || n->select >= file->plan.code[OV_PLANW_FRAMES] ||
        ov_words(&file->plan, file->shape.frame_at[n->select])[OV_W_OP] != OV_OP_SELECT ||
        file->shape.frame_space[n->select] != space)
        return refuse(trouble, n->path, "is selected by nothing");
    return true;
}

static bool check_list(const ov_plan_file *file, const ov_node *n, int32_t space, ov_trouble *trouble) {
    if (n->frame < 1 || n->frame >= file->plan.code[OV_PLANW_FRAMES] || n->children != 1)
        return refuse(trouble, n->path, "is no table");
    const int32_t *w = ov_words(&file->plan, file->shape.frame_at[n->frame]);
    if (w[OV_W_OP] != OV_OP_TABLE || w[OV_W_TYPE] < 1 || w[OV_W_TYPE] != n->space ||
        file->shape.frame_space[file->shape.frame_parent[n->frame]] != space)
        return refuse(trouble, n->path, "is no table");
    if (n->size != (w[OV_W_COUNTER] >= 0 ? -1 : w[OV_W_DIGITS])) return refuse(trouble, n->path, "has another size");
    return true;
}

/* Node `at` and what is in it; answers the node behind, -1: bad. */
static int32_t check(const ov_plan_file *file, int32_t at, int32_t space, int depth, ov_trouble *trouble) {
    if (at >= file->node_count || depth > DEEPEST) {
        refuse(trouble, "its schema", "is no tree");
        return -1;
    }
    ov_node *n = &file->nodes[at];
    bool good = check_select(file, n, space, trouble);
    int32_t inner = space;
    if (good && n->kind == OV_NODE_FIELD) {
        good = check_field(file, n, space, trouble) && (n->children == 0 || refuse(trouble, n->path, "has children"));
    } else if (good && n->kind == OV_NODE_LIST) {
        good = check_list(file, n, space, trouble);
        inner = n->space;
    } else if (good) {
        good =
            (n->kind == OV_NODE_GROUP && n->children >= 1) || refuse(trouble, n->path, "is empty or of no known kind");
    }
    if (!good) return -1;
    int32_t next = at + 1;
    for (int32_t child = 0; child < n->children; child++) {
        next = check(file, next, inner, depth + 1, trouble);
        if (next < 0) return -1;
    }
    return n->next = next;
}

bool ov_schema_check(const ov_plan_file *file, ov_trouble *trouble) {
    if (file->nodes[0].kind != OV_NODE_GROUP || file->nodes[0].select != -1)
        return refuse(trouble, "its record", "is no group");
    const int32_t end = check(file, 0, 0, 0, trouble);
    return end >= 0 && (end == file->node_count || refuse(trouble, "its schema", "is no tree"));
}
