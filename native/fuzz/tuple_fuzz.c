/* Tuples of programs and slabs that a fuzzer makes up: nothing outside the given memory is touched, whole rows come
 * out, and a second call behind a full output goes on where the first one stopped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz.h"

enum { SLAB = 512, EXTRA = 128, MOST_COLUMNS = 4, OUT = 4096 };

typedef struct input {
    const uint8_t *bytes;
    size_t length;
} input;

static uint8_t next(input *in) {
    if (in->length == 0) return 0;
    in->length--;
    return *in->bytes++;
}

/* Places that are mostly sound. */
static int32_t place(input *in, uint32_t most) {
    const uint8_t b = next(in);
    return b < 240 ? (int32_t)(b % (most / 4)) * 4 : (int32_t)((uint32_t)b * 16777259u);
}

static void make_column(input *in, int32_t *w) {
    static const int32_t scales[] = {0, 0, 0, 2, 5, 18, 38, 39};
    w[OV_TUPLEW_KIND] = 1 + next(in) % 3;
    const uint32_t most = w[OV_TUPLEW_KIND] == OV_TUPLEKIND_EXTRA ? EXTRA : SLAB;
    w[OV_TUPLEW_TYPE] = next(in) % 8;
    w[OV_TUPLEW_TARGET] = next(in) % 10;
    w[OV_TUPLEW_SCALE] = scales[next(in) % 8];
    w[OV_TUPLEW_MOST] = next(in) % 3 ? 0 : next(in) % 40;
    w[OV_TUPLEW_FLAGS] = next(in) % 8;
    for (int32_t k = OV_TUPLEW_VALUES; k <= OV_TUPLEW_DATA; k++) w[k] = place(in, most);
    if (most == EXTRA || next(in) % 2) w[OV_TUPLEW_VALIDITY] = -1;
    w[OV_TUPLEW_DATA_LENGTH] = next(in);
    w[OV_TUPLEW_SIZE] = (int32_t)(next(in) % 6) - 1;
    w[OV_TUPLEW_LIST] = place(in, SLAB);
    w[OV_TUPLEW_CAPACITY] = next(in) % 64;
    w[OV_TUPLEW_INNER] = next(in) % 4 ? 0 : next(in) % 4;
    w[OV_TUPLEW_SELECT] = next(in) % 2 ? -1 : place(in, SLAB);
    w[OV_TUPLEW_OID] = next(in);
    w[OV_TUPLEW_MAP] = next(in) % 3 ? -1 : place(in, EXTRA);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input in = {data, size};
    int32_t program[MOST_COLUMNS * OV_TUPLE_WORDS] = {0};
    const uint32_t columns = 1 + next(&in) % MOST_COLUMNS, last = next(&in) % 40, first = next(&in) % 40;
    for (uint32_t i = 0; i < columns; i++) make_column(&in, program + i * OV_TUPLE_WORDS);
    const size_t words = columns * OV_TUPLE_WORDS, room = next(&in) % 4 ? OUT : next(&in);
    uint8_t *slab = guarded(SLAB, false), *extra = guarded(EXTRA, false), *out = guarded(room, false);
    uint8_t *scratch = guarded((ov_tuples_scratch(words) + 7) & ~(size_t)7, false);
    memset(slab, 0, SLAB);
    memset(extra, 0, EXTRA);
    for (size_t i = 0; i < EXTRA && in.length > 0; i++) extra[i] = next(&in);
    for (size_t i = 0; i < SLAB && in.length > 0; i++) slab[i] = next(&in);
    int32_t written[OV_TUPLE_WRITTEN_WORDS];
    const ov_status status =
        ov_tuples(program, words, slab, SLAB, extra, EXTRA, first, last, scratch, out, room, written);
    hold(status == OV_OK || status == OV_BAD_ARGUMENT || status == OV_BAD_SLAB, "a status");
    if (status == OV_OK) {
        const uint32_t rows = (uint32_t)written[OV_TUPLEWRITTEN_ROWS];
        const size_t bytes = (size_t)written[OV_TUPLEWRITTEN_BYTES];
        hold(bytes <= room && first + rows <= last, "no more than there is");
        hold((written[OV_TUPLEWRITTEN_STATUS] == OV_TUPLESTATUS_ALL) == (first + rows == last), "all or not");
        /* walks the tuples */
        size_t at = 0;
        for (uint32_t row = 0; row < rows; row++) {
            hold(out[at] == 0 && out[at + 1] == columns, "as many columns as there are");
            at += 2;
            for (uint32_t i = 0; i < columns; i++) {
                const uint32_t length =
                    (uint32_t)out[at] << 24 | (uint32_t)out[at + 1] << 16 | (uint32_t)out[at + 2] << 8 | out[at + 3];
                at += 4 + (length == UINT32_MAX ? 0 : length);
                hold(at <= bytes, "values lie inside");
            }
        }
        hold(at == bytes, "whole rows");
    }
    guarded_free(scratch, (ov_tuples_scratch(words) + 7) & ~(size_t)7, false);
    guarded_free(slab, SLAB, false);
    guarded_free(extra, EXTRA, false);
    guarded_free(out, room, false);
    return 0;
}

#ifdef OV_FUZZ_MAIN
#include "replay.h"
#endif
