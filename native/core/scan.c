/* Finds records in bytes: RDW and BDW descriptors (IBM, z/OS DFSMS Using Data Sets, "Variable-Length Record Formats")
 * and text lines. The words of framing and state are described in src/framing/framing.ts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common.h"
#include "opcodes.h"
#include "overpunch.h"

typedef struct scanner {
    const int32_t *framing;
    const uint8_t *data;
    size_t to;
    uint32_t *starts, *ends;
    size_t capacity, found;
    int32_t *state;
} scanner;

static void stop(scanner *s, int32_t status, size_t next) {
    s->state[OV_SCANW_STATUS] = status;
    s->state[OV_SCANW_NEXT] = (int32_t)next;
}

static void fail(scanner *s, int32_t fault, size_t at, size_t value) {
    stop(s, OV_SCAN_FAULT, at);
    s->state[OV_SCANW_FAULT] = fault;
    s->state[OV_SCANW_FAULT_AT] = (int32_t)at;
    s->state[OV_SCANW_FAULT_VALUE] = (int32_t)value;
}

/* The data ends inside what begins at `at`. */
static void run_out(scanner *s, size_t at) {
    if (at < s->to && s->state[OV_SCANW_FINAL] != 0) {
        fail(s, OV_SCANFAULT_TRUNCATED, at, s->to - at);
    } else {
        stop(s, OV_SCAN_MORE, at);
    }
}

static void add(scanner *s, size_t start, size_t end) {
    s->starts[s->found] = (uint32_t)start;
    s->ends[s->found++] = (uint32_t)end;
}

static uint32_t big16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

static uint32_t little16(const uint8_t *p) { return (uint32_t)p[1] << 8 | p[0]; }

/* Low byte first, in the first two bytes or, where those are zero, in the last two. */
static uint32_t little_length(const uint8_t *p) { return little16(p) ? little16(p) : little16(p + 2); }

/* A big-endian BDW: 15 bits in the first two bytes, or with the top bit set 31 bits. */
static uint32_t big_block_length(const uint8_t *p) {
    return p[0] < 0x80 ? big16(p) : (big16(p) & 0x7fff) << 16 | big16(p + 2);
}

/* Records behind plain descriptors, as nearly all are: up to the first that needs another look. Returns where that is.
 */
static size_t scan_plain(scanner *s, size_t at) {
    const uint8_t *data = s->data;
    const size_t to = s->to, capacity = s->capacity;
    size_t found = s->found;
    for (; found < capacity && to - at >= 4; found++) {
        const uint32_t length = big16(data + at);
        if (length < 4 || length > to - at || little16(data + at + 2) != 0) break;
        s->starts[found] = (uint32_t)at + 4;
        at += length;
        s->ends[found] = (uint32_t)at;
    }
    s->found = found;
    return at;
}

static void scan_descriptors(scanner *s, size_t at) {
    const int32_t *f = s->framing;
    const bool blocked = f[OV_FRAMINGW_FORMAT] == OV_FRAMING_BDW_RDW;
    const bool little = f[OV_FRAMINGW_RDW_LITTLE] != 0, block_little = f[OV_FRAMINGW_BDW_LITTLE] != 0;
    const int64_t adjust = f[OV_FRAMINGW_RDW_ADJUST], block_adjust = f[OV_FRAMINGW_BDW_ADJUST];
    int64_t left = blocked ? s->state[OV_SCANW_BLOCK_LEFT] : 0;
    if (!blocked && !little && adjust == 0) at = scan_plain(s, at);
    for (;;) {
        const uint8_t *p = s->data + at;
        const size_t rest = s->to - at;
        if (blocked && left == 0) {
            if (rest < 4) {
                run_out(s, at);
                break;
            }
            const uint32_t length = block_little ? little_length(p) : big_block_length(p);
            if (length + block_adjust < 8) {
                fail(s, OV_SCANFAULT_BDW_TOO_SMALL, at, length);
                break;
            }
            if (s->found == s->capacity) {
                stop(s, OV_SCAN_FULL, at);
                break;
            }
            left = length + block_adjust - 4;
            if (left > INT32_MAX) left = INT32_MAX; /* it is carried in a word */
            at += 4;
            continue;
        }
        if (blocked && left < 4) {
            fail(s, OV_SCANFAULT_BLOCK_REST, at, (size_t)left);
            break;
        }
        if (rest == 0) {
            /* A block that ends early is cut off too, though no byte of its next record is there. */
            if (blocked && s->state[OV_SCANW_FINAL] != 0) {
                fail(s, OV_SCANFAULT_TRUNCATED, at, 0);
            } else {
                stop(s, OV_SCAN_MORE, at);
            }
            break;
        }
        if (s->found == s->capacity) {
            stop(s, OV_SCAN_FULL, at);
            break;
        }
        if (rest < 4) {
            run_out(s, at);
            break;
        }
        const uint32_t length = little ? little_length(p) : big16(p);
        const int64_t bytes = length + adjust;
        if (!little && (p[2] | p[3]) != 0) {
            fail(s, OV_SCANFAULT_RDW_NOT_ZERO, at, length);
            break;
        }
        if (bytes < 4) {
            fail(s, OV_SCANFAULT_RDW_TOO_SMALL, at, length);
            break;
        }
        if (blocked && bytes > left) {
            fail(s, OV_SCANFAULT_RECORD_BEYOND_BLOCK, at, length);
            break;
        }
        if ((uint64_t)bytes > rest) {
            run_out(s, at);
            break;
        }
        add(s, at + 4, at + (size_t)bytes);
        at += (size_t)bytes;
        left -= bytes;
    }
    s->state[OV_SCANW_BLOCK_LEFT] = blocked ? (int32_t)left : 0;
}

/* Has a byte of x the value 0? */
static uint64_t has_zero(uint64_t x) { return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u; }

/* The first byte at or behind p that is one of the two, or `to`. */
static const uint8_t *find(const uint8_t *p, const uint8_t *to, uint8_t one, uint8_t other) {
    const uint64_t ones = one * 0x0101010101010101u, others = other * 0x0101010101010101u;
    for (; to - p >= 8; p += 8) {
        const uint64_t x = ov_load64(p);
        if (has_zero(x ^ ones) | has_zero(x ^ others)) break;
    }
    while (p < to && *p != one && *p != other) p++;
    return p;
}

static void scan_lines(scanner *s, size_t at) {
    const bool ascii = s->framing[OV_FRAMINGW_ASCII] != 0;
    const uint8_t one = ascii ? 0x0a : 0x15, other = ascii ? 0x0a : 0x25;
    s->state[OV_SCANW_PENDING_CR] = 0;
    for (;;) {
        if (at == s->to) {
            stop(s, OV_SCAN_MORE, at);
            return;
        }
        if (s->found == s->capacity) {
            stop(s, OV_SCAN_FULL, at);
            return;
        }
        const size_t end = (size_t)(find(s->data + at, s->data + s->to, one, other) - s->data);
        if (end == s->to) {
            const bool last = s->state[OV_SCANW_FINAL] != 0;
            if (last) add(s, at, end);
            stop(s, OV_SCAN_MORE, last ? end : at);
            return;
        }
        add(s, at, end > at && s->data[end - 1] == 0x0d ? end - 1 : end);
        at = end + 1;
    }
}

ov_status ov_scan(const int32_t *framing, const uint8_t *data, size_t from, size_t to, uint32_t *starts, uint32_t *ends,
                  size_t capacity, int32_t *state, size_t *found) {
    static const uint8_t nothing[1] = {0};
    if (!framing || !state || !found || ((!starts || !ends) && capacity > 0)) return OV_BAD_ARGUMENT;
    if (from > to || to > OV_MAX_DATA || (!data && to > 0)) return OV_BAD_ARGUMENT;
    state[OV_SCANW_FAULT] = state[OV_SCANW_FAULT_AT] = state[OV_SCANW_FAULT_VALUE] = 0;
    scanner s = {framing, data ? data : nothing, to, starts, ends, capacity, 0, state};
    switch (framing[OV_FRAMINGW_FORMAT]) {
    case OV_FRAMING_RDW:
    case OV_FRAMING_BDW_RDW: scan_descriptors(&s, from); break;
    case OV_FRAMING_LINES: scan_lines(&s, from); break;
    default: return OV_BAD_ARGUMENT;
    }
    *found = s.found;
    return OV_OK;
}
