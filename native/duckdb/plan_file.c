/* Reads and checks a plan file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file's words; all of it is little-endian. */
enum {
    AT_VERSION = 2,
    AT_LENGTH = 3,
    AT_CHECK = 4,
    AT_POLICY = 5,
    AT_FRAMING = 6,
    AT_CODE = 14,
    AT_POOL = 15,
    AT_FILTER = 16,
    AT_FILTER_POOL = 17,
    AT_FILTER_FRAME = 18,
    AT_NODES = 19,
    AT_STRINGS = 20,
    AT_FAULTS = 21,
    AT_SKIP = 22,
    AT_LIMIT = 24,
    HEADER_WORDS = 32,
    NODE_WORDS = 16,
    FILE_VERSION = 1,
    MOST_BYTES = 1 << 28,
    MOST_NODES = 1 << 18
};

static const uint8_t MAGIC[8] = {'O', 'V', 'P', 'P', 'L', 'A', 'N', 0};

bool ov_say(ov_trouble *trouble, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trouble->text, sizeof trouble->text, format, arguments);
    va_end(arguments);
    return false;
}

static bool refuse(ov_trouble *trouble, const char *what) {
    return ov_say(trouble, "OVP_PLAN_FILE: the plan file is damaged or not one: %s", what);
}

/* CRC-32 (ISO 3309, as in zip and PNG). */
static uint32_t crc32(const uint8_t *bytes, size_t length) {
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < length; i++) crc = table[(crc ^ bytes[i]) & 0xFF] ^ crc >> 8;
    return ~crc;
}

/* Is this exactly one or more characters of UTF-8? */
static bool is_utf8(const uint8_t *s, int32_t length) {
    for (int32_t i = 0; i < length;) {
        const uint8_t b = s[i];
        const int32_t more = b < 0x80                ? 0
                             : b >= 0xC2 && b < 0xE0 ? 1
                             : b >= 0xE0 && b < 0xF0 ? 2
                             : b >= 0xF0 && b < 0xF5 ? 3
                                                     : -1;
        if (more < 0 || i + more >= length) return false;
        for (int32_t k = 1; k <= more; k++) {
            if ((s[i + k] & 0xC0) != 0x80) return false;
        }
        if ((b == 0xE0 && s[i + 1] < 0xA0) || (b == 0xED && s[i + 1] > 0x9F) || (b == 0xF0 && s[i + 1] < 0x90) ||
            (b == 0xF4 && s[i + 1] > 0x8F))
            return false;
        i += more + 1;
    }
    return true;
}

/* Text columns: the core trusts the pool to hold UTF-8, DuckDB trusts us. */
static bool check_texts(const ov_plan *plan, ov_trouble *trouble) {
    int32_t good[2] = {-1, -1}; /* the pool that was good last, and its operation */
    for (int32_t i = 0; i < plan->code[OV_PLANW_INSTRUCTIONS]; i++) {
        const int32_t *w = ov_words(plan, i);
        if (w[OV_W_OP] < OV_OP_TEXT || w[OV_W_TARGET] < 0 || w[OV_W_TYPE] != OV_TYPE_UTF8) continue;
        if (w[OV_W_FLAGS] & OV_FLAG_LATIN1) return refuse(trouble, "its text is not UTF-8");
        const bool pairs = w[OV_W_OP] == OV_OP_TEXT_MIXED || w[OV_W_OP] == OV_OP_TEXT_DBCS;
        if (w[OV_W_OP] != OV_OP_TEXT && !pairs) continue;
        if (good[0] == w[OV_W_POOL] && good[1] == w[OV_W_OP]) continue;
        const uint8_t *pool = plan->pool + w[OV_W_POOL];
        for (int32_t b = 0; b < OV_TEXT_POOL; b += 4) {
            if (!is_utf8(pool + b + 1, pool[b]))
                return refuse(trouble, "a code page has characters that are not UTF-8");
        }
        for (int32_t lead = OV_DOUBLE_WARDS; pairs && lead < OV_DOUBLE_TABLES; lead++) {
            if (pool[lead] == 0) continue;
            const uint8_t *unit = pool + OV_DOUBLE_TABLES + (size_t)(pool[lead] - 1) * OV_DOUBLE_TABLE;
            for (const uint8_t *stop = unit + OV_DOUBLE_TABLE; unit < stop; unit += 2) {
                const int32_t extra = (unit[0] | unit[1] << 8) - 0xD800;
                if (extra < 0 || extra > 0x7FF) continue;
                const uint8_t *place = pool + OV_DOUBLE_TABLES + (size_t)extra * OV_DOUBLE_EXTRA;
                if (!is_utf8(place + 1, place[0]))
                    return refuse(trouble, "a code page has characters that are not UTF-8");
            }
        }
        good[0] = w[OV_W_POOL];
        good[1] = w[OV_W_OP];
    }
    return true;
}

static bool check_framing(const int32_t *framing, ov_trouble *trouble) {
    const int32_t format = framing[OV_FRAMINGW_FORMAT], lrecl = framing[OV_FRAMINGW_LRECL];
    if (format < OV_FRAMING_FIXED || format > OV_FRAMING_LINES) return refuse(trouble, "its record format is unknown");
    if (format == OV_FRAMING_FIXED && (lrecl < 1 || lrecl > OV_MAX_RECORD_LENGTH))
        return refuse(trouble, "its record length is impossible");
    const int32_t most = 0xFFFF, rdw = framing[OV_FRAMINGW_RDW_ADJUST], bdw = framing[OV_FRAMINGW_BDW_ADJUST];
    if (rdw < -most || rdw > most || bdw < -most || bdw > most)
        return refuse(trouble, "its record format is impossible");
    return true;
}

static uint64_t pair_at(const int32_t *words) { return (uint32_t)words[0] | (uint64_t)(uint32_t)words[1] << 32; }

/* Nodes, with their names found among the strings (each ends in a zero). */
static bool read_nodes(ov_plan_file *file, const int32_t *words, const char *strings, size_t length,
                       ov_trouble *trouble) {
    file->nodes = calloc((size_t)file->node_count, sizeof(ov_node));
    if (!file->nodes) return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory for the plan");
    for (int32_t i = 0; i < file->node_count; i++, words += NODE_WORDS) {
        const uint32_t name = (uint32_t)words[1], path = (uint32_t)words[2];
        if (name >= length || path >= length) return refuse(trouble, "a name lies outside of it");
        file->nodes[i] = (ov_node){words[0], words[3], strings + name, strings + path, words[4],  words[5], words[6],
                                   words[7], words[8], words[9],       words[10],      words[11], 0};
        if (!is_utf8((const uint8_t *)strings + name, (int32_t)strlen(strings + name)) ||
            !is_utf8((const uint8_t *)strings + path, (int32_t)strlen(strings + path)))
            return refuse(trouble, "a name is not UTF-8");
    }
    return true;
}

static bool open_parts(const int32_t *h, size_t length, ov_plan_file *file, ov_trouble *trouble) {
    const uint32_t sizes[6] = {(uint32_t)h[AT_CODE],        (uint32_t)h[AT_POOL],  (uint32_t)h[AT_FILTER],
                               (uint32_t)h[AT_FILTER_POOL], (uint32_t)h[AT_NODES], (uint32_t)h[AT_STRINGS]};
    static const uint32_t widths[6] = {4, 1, 4, 1, 4 * NODE_WORDS, 1};
    uint64_t at[7] = {4 * HEADER_WORDS};
    for (int i = 0; i < 6; i++) at[i + 1] = (at[i] + (uint64_t)sizes[i] * widths[i] + 3) / 4 * 4;
    if (at[6] != length) return refuse(trouble, "its parts are not as long as it is");
    if (sizes[4] < 2 || sizes[4] > MOST_NODES) return refuse(trouble, "it has no columns, or too many");
    const uint8_t *bytes = file->bytes;
    ov_error error;
    memcpy(file->framing, h + AT_FRAMING, sizeof file->framing);
    file->policy = h[AT_POLICY];
    file->most_faults = (uint32_t)h[AT_FAULTS];
    file->skip = pair_at(h + AT_SKIP);
    file->limit = pair_at(h + AT_LIMIT);
    if (file->policy < 0 || file->policy > OV_POLICY_NULL)
        return refuse(trouble, "what to do with bad data is unknown");
    if (file->skip > INT64_MAX) return refuse(trouble, "it leaves out more records than there can be");
    if (!check_framing(file->framing, trouble)) return false;
    if (ov_plan_check((const int32_t *)(const void *)(bytes + at[0]), sizes[0], bytes + at[1], sizes[1], &file->plan,
                      &error) != OV_OK)
        return ov_say(trouble, "OVP_PLAN_FILE: the plan file is damaged or of another version: instruction %d, word %d",
                      (int)error.at, (int)error.word);
    if (!ov_shape_make(&file->plan, &file->shape)) return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory");
    if (!check_texts(&file->plan, trouble)) return false;
    if (sizes[2] > 0) {
        if (ov_plan_check((const int32_t *)(const void *)(bytes + at[2]), sizes[2], bytes + at[3], sizes[3],
                          &file->filter, &error) != OV_OK)
            return refuse(trouble, "its condition can't be used");
        if (!ov_shape_make(&file->filter, &file->filter_shape))
            return ov_say(trouble, "OVP_ENGINE_MEMORY: there is no memory");
        file->filtered = true;
        file->filter_frame = h[AT_FILTER_FRAME];
        if (file->filter_frame < 1 || file->filter_frame >= file->filter.code[OV_PLANW_FRAMES] ||
            ov_words(&file->filter, file->filter_shape.frame_at[file->filter_frame])[OV_W_OP] != OV_OP_SELECT ||
            file->filter_shape.frame_space[file->filter_frame] != 0)
            return refuse(trouble, "its condition selects no records");
    }
    const char *strings = (const char *)bytes + at[5];
    if (sizes[5] == 0 || strings[sizes[5] - 1] != 0) return refuse(trouble, "its names do not end");
    file->node_count = (int32_t)sizes[4];
    return read_nodes(file, (const int32_t *)(const void *)(bytes + at[4]), strings, sizes[5], trouble) &&
           ov_schema_check(file, trouble);
}

static bool open_file(size_t length, ov_plan_file *file, ov_trouble *trouble) {
    if (length < sizeof MAGIC || memcmp(file->bytes, MAGIC, sizeof MAGIC) != 0)
        return ov_say(trouble, "OVP_PLAN_FILE: this is no plan file (overpunch plan COPYBOOK -o FILE makes one)");
    if (length < 4 * HEADER_WORDS || length > MOST_BYTES) return refuse(trouble, "its length is impossible");
    int32_t h[HEADER_WORDS];
    memcpy(h, file->bytes, sizeof h);
    if (h[AT_VERSION] != FILE_VERSION)
        return ov_say(trouble, "OVP_PLAN_FILE: the plan file has version %d, this extension reads %d; make it anew",
                      (int)h[AT_VERSION], FILE_VERSION);
    if ((uint32_t)h[AT_LENGTH] != length) return refuse(trouble, "it was cut off, or something was added");
    if ((uint32_t)h[AT_CHECK] != crc32(file->bytes + 4 * (AT_CHECK + 1), length - 4 * (AT_CHECK + 1)))
        return refuse(trouble, "its checksum is wrong");
    return open_parts(h, length, file, trouble);
}

bool ov_plan_file_open(uint8_t *bytes, size_t length, ov_plan_file *file, ov_trouble *trouble) {
    memset(file, 0, sizeof *file);
    file->bytes = bytes;
    if (open_file(length, file, trouble)) return true;
    ov_plan_file_close(file);
    return false;
}

void ov_plan_file_close(ov_plan_file *file) {
    ov_shape_free(&file->shape);
    ov_shape_free(&file->filter_shape);
    free(file->nodes);
    free(file->bytes);
    memset(file, 0, sizeof *file);
}
