/* A plan file in memory (docs/plan-file.md): what it holds, checked, so that nothing that uses it need look again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_PLAN_FILE_H
#define OV_PLAN_FILE_H

#include "shape.h"

/* What went wrong, for people: a stable code, a colon, the message. */
typedef struct ov_trouble {
    char text[640];
} ov_trouble;

/* Writes the message; answers false, so that it can be returned. */
bool ov_say(ov_trouble *trouble, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum { OV_NODE_FIELD = 1, OV_NODE_GROUP = 2, OV_NODE_LIST = 3 };
enum { OV_POLICY_REPORT = 0, OV_POLICY_THROW = 1, OV_POLICY_NULL = 2 };

/* A node of the schema; nodes lie in the order of a walk, children right behind their parent. */
typedef struct ov_node {
    int32_t kind;
    int32_t children;
    const char *name; /* ends in a zero */
    const char *path; /* the copybook's, ends in a zero */
    int32_t column, type, precision, scale;
    int32_t select; /* the SELECT frame that says whether it is there; -1: always */
    int32_t frame, space, size;
    int32_t next; /* the node behind everything in this one */
} ov_node;

typedef struct ov_plan_file {
    uint8_t *bytes; /* all of the file; the rest points into it */
    ov_plan plan;
    ov_shape shape;
    bool filtered;
    ov_plan filter; /* makes no columns; its SELECT frame filter_frame tells which records are wanted */
    ov_shape filter_shape;
    int32_t filter_frame;
    int32_t framing[8];
    uint64_t skip, limit; /* limit UINT64_MAX: none */
    int32_t policy;
    uint32_t most_faults; /* bad values whose details a scan keeps */
    ov_node *nodes;       /* nodes[0]: the record, a group */
    int32_t node_count;
} ov_plan_file;

/* Takes the file's bytes over (malloc; freed on failure too). Checks every word: after true nothing in it can make a
 * reader reach outside of its buffers, nor make text that is not UTF-8. */
bool ov_plan_file_open(uint8_t *bytes, size_t length, ov_plan_file *file, ov_trouble *trouble);
void ov_plan_file_close(ov_plan_file *file);

/* In schema.c: checks the tree of nodes against the plan. */
bool ov_schema_check(const ov_plan_file *file, ov_trouble *trouble);

#endif
