/* Framings and bytes from a fuzzer: what a scan finds lies inside, in order, and is the same however the bytes come in
 * pieces and however few records are taken at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz.h"

enum { MOST = 1 << 12 };

typedef struct result {
    uint32_t starts[MOST], ends[MOST];
    size_t count;
    int32_t state[OV_SCAN_STATE];
} result;

/* Scans pieces that grow by `piece` bytes, `capacity` records at a time. */
static void scan_all(const int32_t *framing, const uint8_t *data, size_t length, size_t piece, size_t capacity,
                     result *r) {
    memset(r, 0, sizeof *r);
    size_t to = piece < length ? piece : length, from = 0, last = 0;
    for (;;) {
        r->state[OV_SCANW_FINAL] = to == length;
        const size_t room = MOST - r->count < capacity ? MOST - r->count : capacity;
        size_t found = MOST + 1;
        const ov_status status =
            ov_scan(framing, data, from, to, r->starts + r->count, r->ends + r->count, room, r->state, &found);
        hold(status == OV_OK && found <= room, "status, and records as many as asked for");
        for (size_t i = r->count; i < r->count + found; i++) {
            hold(r->starts[i] >= last && r->ends[i] >= r->starts[i] && r->ends[i] <= to, "records in order and inside");
            last = r->ends[i];
        }
        r->count += found;
        const size_t next = (size_t)r->state[OV_SCANW_NEXT];
        hold(next >= from && next <= to, "the next scan begins inside");
        from = next;
        if (r->state[OV_SCANW_STATUS] == OV_SCAN_FAULT || r->count == MOST) return;
        if (r->state[OV_SCANW_STATUS] == OV_SCAN_FULL) continue;
        if (to == length) {
            hold(from == length, "all bytes are used up at the end");
            return;
        }
        to = length - to < piece ? length : to + piece;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static result whole, pieces;
    if (size < 8) return 0;
    const int32_t framing[8] = {1 + data[0] % 3,     0,          data[1] & 1, (int8_t)data[2] / 8, data[3] & 1,
                                (int8_t)data[4] / 8, data[5] & 1};
    const size_t piece = 1 + data[6], capacity = 1 + data[7] % 9, length = size - 8;
    uint8_t *bytes = guarded(length, data[1] & 2);
    memcpy(bytes, data + 8, length);
    if (data[5] & 2) { /* lengths that fit, now and then */
        for (size_t i = 0; i + 4 <= length; i += 4 + data[5] / 4) {
            memset(bytes + i, 0, 4);
            bytes[i + !framing[2]] = (uint8_t)(4 + data[5] / 4);
        }
    }
    scan_all(framing, bytes, length, length + 1, MOST, &whole);
    scan_all(framing, bytes, length, piece, capacity, &pieces);
    guarded_free(bytes, length, data[1] & 2);
    hold(whole.count == pieces.count, "as many records in pieces");
    hold(memcmp(whole.starts, pieces.starts, whole.count * 4) == 0, "starts in pieces");
    hold(memcmp(whole.ends, pieces.ends, whole.count * 4) == 0, "ends in pieces");
    whole.state[OV_SCANW_FINAL] = pieces.state[OV_SCANW_FINAL]; /* a fault may be found before the end */
    if (whole.count < MOST) hold(memcmp(whole.state, pieces.state, sizeof whole.state) == 0, "the state in pieces");
    return 0;
}

#ifdef OV_FUZZ_MAIN
#include "replay.h"
#endif
