/* Message programs from a fuzzer's bytes, for a random plan: programs that should be valid, and some with words
 * changed. Whatever the core accepts must stay inside its buffers, say the same at every level and of copies of the
 * record, and have a text of the image's ranges. Columns of numbers as text too, whatever the numbers are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz.h"

enum { MOST_FIELDS = 96, NUMBERS = 64, ROOM = 48 };

typedef struct program {
    int32_t words[MOST_FIELDS * OV_MESSAGE_WIDTH];
    uint32_t fields, image_length;
} program;

/* The shows that a column of this type can have, by chance one that it can't. */
static int32_t show_of(int32_t type, choices *c) {
    if (choose(c, 16) == 0) return (int32_t)choose(c, 8) - 1;
    switch (type) {
    case OV_TYPE_UTF8: return OV_SHOW_TEXT;
    case OV_TYPE_INT32: return choose(c, 2) ? OV_SHOW_INT32 : OV_SHOW_DOUBLE;
    case OV_TYPE_INT64: return choose(c, 2) ? OV_SHOW_INT64 : OV_SHOW_DOUBLE;
    case OV_TYPE_DECIMAL128: return choose(c, 3) ? OV_SHOW_DECIMAL : OV_SHOW_INT128;
    default: return OV_SHOW_DOUBLE;
    }
}

static void random_program(program *p, plan_builder *b, choices *c) {
    p->fields = 0;
    uint32_t place = 16;
    for (int32_t i = 1; i < b->code[OV_PLANW_INSTRUCTIONS] && p->fields < MOST_FIELDS; i++) {
        const int32_t *step = plan_words(b, i);
        const int32_t op = step[OV_W_OP];
        const bool is_field = op == OV_OP_TEXT || op == OV_OP_ZONED || op == OV_OP_PACKED || op == OV_OP_BINARY ||
                              op == OV_OP_FLOAT || op == OV_OP_EDITED;
        if (!is_field && choose(c, 32)) continue;
        int32_t *w = p->words + OV_MESSAGE_WIDTH * p->fields++;
        memset(w, 0, OV_MESSAGE_WIDTH * sizeof *w);
        place = (place + 15) / 16 * 16;
        w[OV_MESSAGEW_INSTRUCTION] = i;
        w[OV_MESSAGEW_OFFSET] = choose(c, 4) ? step[OV_W_OFFSET] : (int32_t)choose(c, 600);
        w[OV_MESSAGEW_SHOW] = show_of(step[OV_W_TYPE], c);
        w[OV_MESSAGEW_SCALE] = (int32_t)choose(c, choose(c, 4) ? 4 : 39);
        w[OV_MESSAGEW_PLACE] = (int32_t)place;
        place += 16;
    }
    p->image_length = place;
}

static void change(program *p, choices *c) {
    for (uint32_t n = 1 + choose(c, 3); n > 0; n--) {
        int32_t *word = &p->words[choose(c, p->fields * OV_MESSAGE_WIDTH)];
        switch (choose(c, 5)) {
        case 0: *word += 1; break;
        case 1: *word -= 8; break;
        case 2: *word = (int32_t)choose(c, 64) - 2; break;
        case 3: *word = (int32_t)(choose(c, 1 << 16) << 16 | choose(c, 1 << 16)); break;
        default: *word ^= 1 << choose(c, 31); break;
        }
    }
    if (choose(c, 8) == 0) p->image_length = choose(c, p->image_length + 1) / 8 * 8;
}

/* Ranges of text lie in it, and those of the same image in another text say the same. */
static void check_ranges(const program *p, const uint8_t *image, const uint8_t *text, size_t text_length,
                         const uint8_t *other) {
    for (uint32_t k = 0; k < p->fields; k++) {
        const int32_t *w = p->words + OV_MESSAGE_WIDTH * k;
        if (!(image[k >> 3] >> (k & 7) & 1)) continue;
        if (w[OV_MESSAGEW_SHOW] != OV_SHOW_TEXT && w[OV_MESSAGEW_SHOW] != OV_SHOW_DECIMAL) continue;
        int32_t range[2];
        memcpy(range, image + w[OV_MESSAGEW_PLACE], sizeof range);
        if (range[0] < 0 || range[1] < range[0] || (size_t)range[1] > text_length) fail("a range outside the text");
        if (other && memcmp(text + range[0], other + range[0], (size_t)(range[1] - range[0])) != 0)
            fail("levels say different texts");
    }
}

/* The same record twice, as several: both say what it says alone (`text` is NULL where it was not taken). */
static void read_many(const program *p, const ov_message *message, const uint8_t *text, size_t text_length,
                      const uint8_t *image, const uint8_t *record, size_t length) {
    const uint32_t starts[2] = {0, 0}, ends[2] = {(uint32_t)length, (uint32_t)length};
    const ov_records twice = {record, length, starts, ends, 0, 2, 0};
    const size_t room = ov_messages_room(message, 2);
    uint8_t *images = guarded(2 * (size_t)p->image_length, false), *texts = guarded(room, false);
    uint32_t taken;
    size_t one;
    ov_error error;
    if (ov_messages_decode(message, &twice, images, p->image_length, texts, &taken, &one, &error) != OV_OK)
        fail("several records are refused");
    if (taken != (text ? 2 : 0) || (text && one != text_length)) fail("several records are read as one is not");
    for (uint32_t k = 0; k < taken; k++) {
        const uint8_t *own = images + k * (size_t)p->image_length;
        if (memcmp(own, image, (p->fields + 63) / 64 * 8) != 0) fail("one of several has other values");
        check_ranges(p, own, texts + k * one, one, text);
    }
    guarded_free(images, 2 * (size_t)p->image_length, false);
    guarded_free(texts, room, false);
}

static void decode(const program *p, const ov_plan *plan, size_t memory_length, choices *c) {
    const size_t count = (size_t)p->fields * OV_MESSAGE_WIDTH, length = choose(c, 700);
    const bool front = choose(c, 2);
    uint8_t *memory = guarded(memory_length, false), *record = guarded(length, front);
    uint8_t *image = guarded(p->image_length, false), *first = malloc(p->image_length);
    uint8_t *said = NULL;
    int taken = 0;
    random_bytes(c, record, length);
    hold(first, "no memory");
    const ov_level best = ov_set_level(OV_LEVEL_NEON);
    for (int level = OV_LEVEL_PORTABLE; level <= (int)OV_LEVEL_NEON; level++) {
        ov_set_level((ov_level)level);
        ov_message *message = ov_message_prepare(plan, p->words, count, p->image_length, memory);
        hold(message, "a program that was checked is refused");
        const uint8_t *text = NULL;
        size_t text_length = 0;
        memset(image, 0, p->image_length);
        const int found = ov_message_decode(message, record, length, image, &text, &text_length);
        read_many(p, message, found ? text : NULL, text_length, image, record, length);
        if (level == OV_LEVEL_PORTABLE) {
            taken = found;
            if (!found) continue;
            check_ranges(p, image, text, text_length, NULL);
            memcpy(first, image, p->image_length);
            said = malloc(text_length + 1);
            hold(said, "no memory");
            memcpy(said, text, text_length);
            continue;
        }
        if (found != taken) fail("levels do not agree on whether a record is read");
        if (!found) continue;
        if (memcmp(first, image, p->image_length) != 0) fail("levels fill different images");
        check_ranges(p, image, text, text_length, said);
    }
    ov_set_level(best);
    free(said);
    free(first);
    guarded_free(memory, memory_length, false);
    guarded_free(record, length, front);
    guarded_free(image, p->image_length, false);
}

/* Digits of any 128 bits that a column can hold: no more than 38 nines. */
static void write_numbers(choices *c) {
    const size_t from = choose(c, 9), count = choose(c, NUMBERS), slots = from + count;
    const int32_t scale = (int32_t)choose(c, 39);
    uint8_t *values = guarded(16 * slots, false), *validity = guarded((slots + 7) / 8, false);
    uint8_t *out = guarded(ROOM * count + 64, false), *ends = guarded(4 * (count + 1), false);
    random_bytes(c, validity, (slots + 7) / 8);
    for (size_t i = 0; i < slots; i++) {
        uint64_t words[2] = {0, 0};
        for (uint32_t n = choose(c, 5); n > 0; n--) words[0] = words[0] << 16 | choose(c, 1 << 16);
        if (choose(c, 2)) words[1] = (uint64_t)choose(c, 1 << 16) << choose(c, 46);
        if (choose(c, 2)) {
            words[0] = 0 - words[0];
            words[1] = ~words[1] + (words[0] == 0);
        }
        memcpy(values + 16 * i, words, sizeof words);
    }
    const size_t length = ov_decimals(values, validity, from, count, scale, out, (int32_t *)(void *)ends);
    int32_t before = 0;
    for (size_t k = 0; k <= count; k++) {
        int32_t end;
        memcpy(&end, ends + 4 * k, sizeof end);
        if (end < before || (size_t)end > length) fail("ends of numbers are not in order");
        const bool is_there = k > 0 && (validity[(from + k - 1) >> 3] >> ((from + k - 1) & 7) & 1);
        if (k > 0 && (end > before) != is_there) fail("a number is missing, or there without a value");
        for (int32_t i = before; i < end; i++) {
            if (out[i] == '-' ? i != before : out[i] == '.' ? i != end - scale - 1 : out[i] < '0' || out[i] > '9')
                fail("a number has something else than digits");
        }
        before = end;
    }
    guarded_free(values, 16 * slots, false);
    guarded_free(validity, (slots + 7) / 8, false);
    guarded_free(out, ROOM * count + 64, false);
    guarded_free(ends, 4 * (count + 1), false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static plan_builder b;
    static program p;
    if (size < 2) return 0;
    choices c = fuzz_choices(data, size);
    if (data[0] % 4 == 0) {
        write_numbers(&c);
        return 0;
    }
    random_plan(&b, &c);
    random_program(&p, &b, &c);
    if (p.fields == 0) return 0;
    if (data[0] % 4 == 1) change(&p, &c);
    ov_plan plan;
    ov_error error;
    if (ov_plan_check(b.code, plan_size(&b), b.pool, (size_t)b.code[OV_PLANW_POOL], &plan, &error) != OV_OK) return 0;
    size_t memory;
    const size_t count = (size_t)p.fields * OV_MESSAGE_WIDTH;
    if (ov_message_check(&plan, p.words, count, p.image_length, &memory, &error) != OV_OK) return 0;
    decode(&p, &plan, (memory + 63) / 64 * 64, &c);
    return 0;
}

#ifdef OV_FUZZ_MAIN
#include "replay.h"
#endif
