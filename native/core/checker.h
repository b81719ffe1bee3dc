/* Checking a plan: what is known while its instructions are gone through.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_CHECKER_H
#define OV_CHECKER_H

#include "common.h"
#include "frames.h"

/* What is known of a frame. */
typedef struct ov_frame_info {
    int32_t at;       /* its instruction */
    int16_t parent;   /* as in ov_frame */
    int16_t home;     /* as in ov_frame */
    int16_t selector; /* innermost SELECT of the same space that governs it, or -1 */
    int16_t after;
    bool real;       /* not in a virtual table */
    uint8_t depth;   /* measured tables around its slots */
    uint32_t offset; /* farthest position from its home's */
    uint32_t reach;  /* farthest position from the record's start */
} ov_frame_info;

typedef struct ov_checker {
    const int32_t *code;
    const uint8_t *pool;
    int32_t instructions, frames, spaces, columns, pool_length;
    int32_t frame_count, space_count;
    uint32_t reach, text_most; /* as in ov_plan */
    ov_error *error;
    ov_frame_info info[OV_MAX_FRAMES];
    uint8_t seen[OV_MAX_COLUMNS / 8];
    int32_t doubles[3]; /* POOL, POOL_LENGTH and DIGITS of the double-byte tables that were good last */
} ov_checker;

static inline bool ov_refuse(ov_checker *c, int32_t at, int32_t word) {
    c->error->at = at;
    c->error->word = word;
    return false;
}

#define NEED(condition, word)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) return ov_refuse(c, at, word);                                                               \
    } while (0)

/* Does the instruction name at least so many bytes, all of them in the pool? */
static inline bool ov_in_pool(const ov_checker *c, const int32_t *w, int64_t least) {
    const int64_t at = w[OV_W_POOL], length = w[OV_W_POOL_LENGTH];
    return at >= 0 && length >= least && at + length <= c->pool_length;
}

/* Checks the words of a field; all frames before it are known. */
bool ov_check_field(ov_checker *c, const int32_t *w, int32_t at);

#endif
