/* One record of a fixed layout as an image of its numbers and one text, for hosts that make an object of it: what a
 * message needs, without columns in between. A value by the letter of the rules comes from the kernels' own functions;
 * the common forms are taken faster here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "message.h"

#include <stdbool.h>

#include "bind.h"
#include "decimal.h"
#include "kernels.h"
#include "records.h"
#include "text.h"
#include "x86/messages.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Most bytes of one number with a scale up to 38: sign, 39 digits and point, or sign, `0.` and 38 digits; rounded up.
 */
enum { OV_DIGITS_ROOM = 48, OV_MAX_SCALE = 38 };

/* Bytes before and behind a record that may be read, and behind a text that may be written. */
enum { OV_MESSAGE_SLACK = 128 };

/* How a field is read: OTHER by the letter, the rest faster where its bytes are in order. */
typedef enum reading {
    TEXT,
    PACKED_TEXT,
    ZONED_TEXT,
    PACKED_NUMBER,
    ZONED_NUMBER,
    BINARY,
    FLOAT,
    OTHER,
    READINGS
} reading;

/* Text fields one behind another in one code page: translated at once. */
typedef struct text_run {
    const uint8_t *table;
    int32_t offset, length, text;
} text_run;

/* In the caller's memory: this, the fields in the order of their readings (so that no jump depends on the field), the
 * runs, the record's copy and the text, with room around both. */
struct ov_message {
    uint32_t fields, runs;
    uint32_t ends[READINGS];
    int32_t need; /* bytes of the record that are read */
    int32_t
        letters; /* of the text: what is translated comes first, since digits are written with some more behind them */
    int32_t text_length;
    ov_message_field *field;
    ov_digits *digits; /* of the packed texts */
    text_run *run;
    uint8_t *copy, *text;
};

static size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

static bool is_plain_zoned(const ov_field *f) {
    const int32_t special = OV_FLAG_ASCII | OV_FLAG_LEADING | OV_FLAG_SEPARATE | OV_FLAG_LENIENT;
    return f->op == OV_OP_ZONED && !(f->flags & special) && f->up == 0 && f->length <= 16;
}

static bool is_plain_packed(const ov_field *f) {
    return f->op == OV_OP_PACKED && !(f->flags & OV_FLAG_NO_SIGN) && f->up == 0 && f->length <= 16;
}

static bool is_plain_binary(const ov_field *f) {
    return f->op == OV_OP_BINARY && !(f->flags & (OV_FLAG_LITTLE | OV_FLAG_LIMITED)) && f->up == 0;
}

static reading reading_of(const ov_field *f, int32_t show, int32_t scale) {
    if (f->op == OV_OP_TEXT) return TEXT;
    if (f->op == OV_OP_FLOAT) return FLOAT;
    if (f->op == OV_OP_BINARY)
        return is_plain_binary(f) && show < OV_SHOW_INT128 && show != OV_SHOW_DECIMAL ? BINARY : OTHER;
    if (show == OV_SHOW_DECIMAL) {
        if (is_plain_packed(f) && scale < 2 * f->length - 1) return PACKED_TEXT;
        return is_plain_zoned(f) && scale < f->length ? ZONED_TEXT : OTHER;
    }
    if (is_plain_packed(f) && f->length <= 8) return PACKED_NUMBER;
    return is_plain_zoned(f) ? ZONED_NUMBER : OTHER;
}

static bool shows(const ov_field *f, int32_t show) {
    if (f->op == OV_OP_TEXT) return show == OV_SHOW_TEXT;
    if (f->op == OV_OP_FLOAT) return show == OV_SHOW_DOUBLE;
    switch (show) {
    case OV_SHOW_INT32: return f->type == OV_TYPE_INT32;
    case OV_SHOW_DOUBLE: return f->type == OV_TYPE_INT32 || f->type == OV_TYPE_INT64;
    case OV_SHOW_INT64: return f->type == OV_TYPE_INT64;
    case OV_SHOW_INT128:
    case OV_SHOW_DECIMAL: return f->type == OV_TYPE_DECIMAL128;
    default: return false;
    }
}

static bool is_exact(const ov_field *f) {
    if (!(f->flags & OV_FLAG_LATIN1)) return false;
    for (int32_t i = 0; i < 256; i++)
        if (f->pool[4 * i] == 0) return false;
    return true;
}

/* The word of the field's program that is wrong, or -1; fills *f. */
static int32_t read_words(const ov_plan *plan, const int32_t *w, int64_t masks, int64_t image_length,
                          ov_message_field *f) {
    if (w[OV_MESSAGEW_INSTRUCTION] < 0 || w[OV_MESSAGEW_INSTRUCTION] >= plan->code[OV_PLANW_INSTRUCTIONS])
        return OV_MESSAGEW_INSTRUCTION;
    const int32_t *i = plan->code + OV_PLAN_HEADER + (size_t)w[OV_MESSAGEW_INSTRUCTION] * OV_WIDTH;
    const bool text = i[OV_W_OP] == OV_OP_TEXT && i[OV_W_POOL_LENGTH] >= OV_TEXT_POOL + OV_TEXT_POOL_LATIN1;
    if (!text && (i[OV_W_OP] < OV_OP_ZONED || i[OV_W_OP] > OV_OP_EDITED)) return OV_MESSAGEW_INSTRUCTION;
    *f = (ov_message_field){.field = {i[OV_W_OP], i[OV_W_LENGTH], i[OV_W_DIGITS], i[OV_W_UP], i[OV_W_FLAGS],
                                      i[OV_W_TYPE], plan->pool + i[OV_W_POOL]},
                            .offset = w[OV_MESSAGEW_OFFSET],
                            .show = w[OV_MESSAGEW_SHOW],
                            .scale = w[OV_MESSAGEW_SCALE],
                            .place = w[OV_MESSAGEW_PLACE]};
    if (f->offset < 0 || (int64_t)f->offset + f->field.length > OV_MAX_MESSAGE) return OV_MESSAGEW_OFFSET;
    if (!shows(&f->field, f->show)) return OV_MESSAGEW_SHOW;
    if (f->scale < 0 || f->scale > OV_MAX_SCALE) return OV_MESSAGEW_SCALE;
    if (f->place < masks || f->place % 8 != 0 || f->place > image_length - 16) return OV_MESSAGEW_PLACE;
    f->how = reading_of(&f->field, f->show, f->scale);
    return -1;
}

/* Whether a text field goes on where the run ends. */
static bool joins(const text_run *run, const ov_message_field *f) {
    return f->field.pool + OV_TEXT_POOL == run->table && f->offset == run->offset + run->length;
}

/* Places a field's part of the text, of which there are `letters` and `digits` so far. */
static void place_text(ov_message_field *f, int64_t *letters, int64_t *digits) {
    if (f->how == TEXT) {
        f->text = (int32_t)*letters;
        *letters += f->field.length;
    } else if (f->show == OV_SHOW_DECIMAL) {
        const int32_t stored = f->how == PACKED_TEXT ? 2 * f->field.length - 1 : f->field.length;
        f->whole = stored - f->scale;
        *digits += f->how == OTHER ? OV_DIGITS_ROOM : stored + 2; /* with sign and point */
        f->text = (int32_t)*digits;
    }
}

/* Measures a program; wrong: *error says where. */
static bool measure(const ov_plan *plan, const int32_t *words, size_t count, size_t image_length, ov_message *m,
                    ov_error *error) {
    const size_t fields = count / OV_MESSAGE_WIDTH;
    const int64_t masks = (int64_t)(fields + 63) / 64 * 8;
    int64_t letters = 0, digits = 0;
    *m = (ov_message){.fields = (uint32_t)fields};
    for (size_t k = 0; k < fields; k++) {
        ov_message_field f;
        const int32_t wrong = read_words(plan, words + k * OV_MESSAGE_WIDTH, masks, (int64_t)image_length, &f);
        if (wrong < 0) place_text(&f, &letters, &digits);
        if (wrong >= 0 || letters > OV_MAX_MESSAGE || digits > OV_MAX_MESSAGE) {
            *error = (ov_error){(int32_t)k, wrong >= 0 ? wrong : OV_MESSAGEW_SHOW};
            return false;
        }
        const int32_t end = f.offset + f.field.length;
        if (end > m->need) m->need = end;
        m->runs += f.how == TEXT; /* at most */
        m->ends[f.how]++;
    }
    for (int r = 1; r < READINGS; r++) m->ends[r] += m->ends[r - 1];
    m->letters = (int32_t)letters;
    m->text_length = (int32_t)(letters + digits);
    return true;
}

/* NULL: wide registers can't write them. */
static const ov_digits *wide_digits(const ov_message_field *f, ov_digits *digits) {
    ov_op op = {.field = f->field, .scale = f->scale};
    ov_bind_direct(&op, false, digits, NULL);
    return op.kind == OV_DIRECT_PACKED && digits->length <= 32 ? digits : NULL;
}

/* Fills the fields by their readings, then what is laid out in that order. */
static void fill(ov_message *m, const ov_plan *plan, const int32_t *words) {
    uint32_t next[READINGS] = {0};
    for (int r = 1; r < READINGS; r++) next[r] = m->ends[r - 1];
    for (uint32_t k = 0; k < m->fields; k++) {
        ov_message_field f;
        (void)read_words(plan, words + (size_t)k * OV_MESSAGE_WIDTH, 0, INT32_MAX, &f);
        f.number = (int32_t)k;
        m->field[next[f.how]++] = f;
    }
    int64_t letters = 0, digits = m->letters;
    ov_digits *digit = m->digits;
    m->runs = 0;
    for (uint32_t k = 0; k < m->fields; k++) {
        ov_message_field *f = &m->field[k];
        place_text(f, &letters, &digits);
        if (f->how == PACKED_TEXT) f->digits = wide_digits(f, digit++);
        if (f->how != TEXT) continue;
        f->exact = is_exact(&f->field);
        const int32_t trimmed = f->field.flags & (OV_FLAG_TRIM_RIGHT | OV_FLAG_TRIM_LEFT);
        if (f->exact && f->field.length <= 64 && trimmed == OV_FLAG_TRIM_RIGHT)
            f->whole_text = ~(uint64_t)0 >> (64 - f->field.length);
        if (m->runs == 0 || !joins(&m->run[m->runs - 1], f))
            m->run[m->runs++] = (text_run){f->field.pool + OV_TEXT_POOL, f->offset, 0, f->text};
        m->run[m->runs - 1].length += f->field.length;
    }
}

static size_t fields_size(const ov_message *m) { return round_up(m->fields * sizeof(ov_message_field)); }
static size_t digits_size(const ov_message *m) { return (m->ends[PACKED_TEXT] - m->ends[TEXT]) * sizeof(ov_digits); }
static size_t runs_size(const ov_message *m) { return round_up(m->runs * sizeof(text_run)); }
static size_t copy_size(const ov_message *m) { return round_up((size_t)m->need) + OV_MESSAGE_SLACK; }
static size_t text_size(const ov_message *m) { return round_up((size_t)m->text_length) + OV_MESSAGE_SLACK; }

ov_status ov_message_check(const ov_plan *plan, const int32_t *words, size_t count, size_t image_length, size_t *memory,
                           ov_error *error) {
    if (!plan || !memory || !error || (!words && count > 0)) return OV_BAD_ARGUMENT;
    *error = (ov_error){-1, -1};
    if (count == 0 || count % OV_MESSAGE_WIDTH != 0 || count / OV_MESSAGE_WIDTH > OV_MAX_MESSAGE)
        return OV_BAD_ARGUMENT;
    if (image_length < 24 || image_length > INT32_MAX) return OV_BAD_ARGUMENT;
    ov_message m;
    if (!measure(plan, words, count, image_length, &m, error)) return OV_BAD_ARGUMENT;
    *memory = round_up(sizeof m) + fields_size(&m) + digits_size(&m) + runs_size(&m) + copy_size(&m) + text_size(&m);
    return OV_OK;
}

ov_message *ov_message_prepare(const ov_plan *plan, const int32_t *words, size_t count, size_t image_length,
                               uint8_t *memory) {
    ov_error error;
    ov_message *m = (ov_message *)(void *)memory;
    if (!measure(plan, words, count, image_length, m, &error)) return NULL;
    uint8_t *at = memory + round_up(sizeof *m);
    m->field = (ov_message_field *)(void *)at;
    at += fields_size(m);
    m->digits = (ov_digits *)(void *)at;
    at += digits_size(m);
    m->run = (text_run *)(void *)at;
    at += runs_size(m);
    m->copy = at + 64;
    m->text = at + copy_size(m) + 64;
    memset(at, ' ', copy_size(m) + text_size(m));
    fill(m, plan, words);
    return m;
}

#if defined(__SSE2__)
/* A bit for each of the 16 bytes at p that is neither pad nor x'00'. */
static inline uint32_t text_bits(const uint8_t *p, __m128i pads) {
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i none = _mm_or_si128(_mm_cmpeq_epi8(x, pads), _mm_cmpeq_epi8(x, _mm_setzero_si128()));
    return ~(uint32_t)_mm_movemask_epi8(none) & 0xFFFF;
}

/* The n bytes at p without pads and x'00' at their end; there is memory before p. Lengths are random: a branch on one
 * would cost more than looking at 32 bytes always. */
static inline int32_t trim_right(const uint8_t *p, int32_t n, uint8_t pad) {
    const __m128i pads = _mm_set1_epi8((char)pad);
    for (; n > 0; n -= 32) {
        const uint32_t bits = text_bits(p + n - 16, pads) << 16 | text_bits(p + n - 32, pads);
        if (bits != 0) {
            n -= __builtin_clz(bits);
            return n < 0 ? 0 : n;
        }
    }
    return 0;
}

/* Sixteen nibbles, the first in the highest, as characters. */
static inline void spread(uint8_t *to, uint64_t nibbles) {
    const __m128i x = _mm_cvtsi64_si128((int64_t)ov_swap64(nibbles)), low = _mm_set1_epi8(15);
    const __m128i pairs = _mm_unpacklo_epi8(_mm_and_si128(_mm_srli_epi64(x, 4), low), _mm_and_si128(x, low));
    _mm_storeu_si128((__m128i *)(void *)to, _mm_or_si128(pairs, _mm_set1_epi8('0')));
}
#else
static inline int32_t trim_right(const uint8_t *p, int32_t n, uint8_t pad) {
    while (n > 0 && (p[n - 1] == pad || p[n - 1] == 0)) n--;
    return n;
}

static inline uint64_t spread_half(uint32_t nibbles) {
    uint64_t x = nibbles;
    x = (x | x << 16) & 0x0000FFFF0000FFFFu;
    x = (x | x << 8) & 0x00FF00FF00FF00FFu;
    x = (x | x << 4) & 0x0F0F0F0F0F0F0F0Fu;
    return ov_swap64(x | 0x3030303030303030u);
}

static inline void spread(uint8_t *to, uint64_t nibbles) {
    const uint64_t both[2] = {spread_half((uint32_t)(nibbles >> 32)), spread_half((uint32_t)nibbles)};
    memcpy(to, both, sizeof both);
}
#endif

static inline void put_range(uint8_t *image, const ov_message_field *f, int32_t start, int32_t end) {
    memcpy(image + f->place, &start, sizeof start);
    memcpy(image + f->place + 4, &end, sizeof end);
}

static inline void put_integer(uint8_t *image, const ov_message_field *f, int64_t value) {
    if (f->show == OV_SHOW_INT32) {
        const int32_t v = (int32_t)value;
        memcpy(image + f->place, &v, sizeof v);
    } else if (f->show == OV_SHOW_DOUBLE) {
        const double v = (double)value;
        memcpy(image + f->place, &v, sizeof v);
    } else {
        const int64_t high = value >> 63;
        memcpy(image + f->place, &value, sizeof value);
        if (f->show == OV_SHOW_INT128) memcpy(image + f->place + 8, &high, sizeof high);
    }
}

/* What is not taken here: the message is left to the columns. */
enum { OTHERWISE = OV_BAD + 1 };

/* Characters that have no byte in Latin-1, or none at all, were translated to 0. */
static int without_character(const ov_message_field *f, const uint8_t *p, int32_t n) {
    const uint8_t *pool = f->field.pool;
    int outcome = OV_VALUE;
    for (int32_t i = 0; i < n; i++) {
        const uint8_t *entry = pool + 4 * p[i];
        if (entry[0] == 0) return OV_BAD;
        if (pool[OV_TEXT_POOL + p[i]] == 0 && (entry[0] != 1 || entry[1] != 0)) outcome = OTHERWISE;
    }
    return outcome;
}

static inline int text(const ov_message_field *f, const uint8_t *p, uint8_t *out, uint8_t *image) {
    const int32_t flags = f->field.flags;
    int32_t from = 0, to = f->field.length;
    if ((flags & OV_FLAG_ABSENT) && (uint8_t)(p[0] + 1) < 2 && ov_is_nothing(p, to)) return OV_ABSENT;
    const uint8_t pad = ov_pad(&f->field);
    if (flags & OV_FLAG_TRIM_RIGHT) to = trim_right(p, to, pad);
    if (flags & OV_FLAG_TRIM_LEFT)
        while (from < to && (p[from] == pad || p[from] == 0)) from++;
    put_range(image, f, f->text + from, f->text + to);
    if (f->exact || !memchr(out + f->text + from, 0, (size_t)(to - from))) return OV_VALUE;
    return without_character(f, p + from, to - from);
}

static int by_the_letter(const ov_message_field *f, const uint8_t *p, uint8_t *out, uint8_t *image) {
    ov_int128 value = {0, 0};
    const ov_outcome outcome = ov_read_integer(&f->field, p, &value);
    if (outcome != OV_VALUE) return (int)outcome;
    if (f->show == OV_SHOW_DECIMAL) {
        uint8_t digits[2 * OV_DIGITS_ROOM];
        const bool negative = value.high < 0;
        const ov_int128 n = negative ? ov_wide_signed((ov_wide){value.low, (uint64_t)value.high}, true) : value;
        const uint8_t *end = ov_write_digits((uint64_t)n.high, n.low, negative, f->scale, digits);
        const int32_t length = (int32_t)(end - digits);
        memcpy(out + f->text - length, digits, (size_t)length);
        put_range(image, f, f->text - length, f->text);
    } else if (f->show == OV_SHOW_INT128) {
        memcpy(image + f->place, &value.low, 8);
        memcpy(image + f->place + 8, &value.high, 8);
    } else {
        put_integer(image, f, (int64_t)value.low);
    }
    return OV_VALUE;
}

/* Signs are random: what follows of them takes no branch. */
static inline int is_minus(uint8_t sign) { return 0x2800 >> sign & 1; }

static inline int is_unsigned(const ov_field *f) { return !(f->flags & OV_FLAG_SIGNED); }

static inline int64_t with_sign(int64_t value, int negative) { return (value ^ -(int64_t)negative) + negative; }

/* Not zero where one of sixteen nibbles is above 9. */
static inline uint64_t not_packed(uint64_t x) {
    return x & ((x & 0x4444444444444444u) << 1 | (x & 0x2222222222222222u) << 2) & 0x8888888888888888u;
}

/* Digits of the field, the first in the highest nibble of `high`, zeros behind them. */
typedef struct nibbles {
    uint64_t high, low;
    int negative;
} nibbles;

/* False: not in order (or blank). */
static inline bool packed_nibbles(const ov_field *f, const uint8_t *p, nibbles *n) {
    const int32_t length = f->length;
    const uint8_t sign = p[length - 1] & 15;
    n->negative = is_minus(sign);
    n->high = ov_swap64(ov_load64(p));
    n->low = 0;
    if (length <= 8) {
        n->high &= ~(uint64_t)15 << (64 - 8 * length);
    } else {
        n->low = ov_swap64(ov_load64(p + 8)) & ~(uint64_t)15 << (128 - 8 * length);
    }
    /* an even number of digits leaves the first nibble unused: it must be 0 */
    const uint64_t unused = 2 * length - 1 > f->digits ? n->high >> 60 : 0;
    return !(not_packed(n->high) | not_packed(n->low) | unused | (sign < 10) | (n->negative & is_unsigned(f)));
}

static inline int packed_text(const ov_message_field *f, const uint8_t *p, uint8_t *out, uint8_t *image) {
    nibbles n;
    if (!packed_nibbles(&f->field, p, &n)) return by_the_letter(f, p, out, image);
    /* behind the sign: digits before the point, with it, and behind it */
    const int32_t digits = 2 * f->field.length - 1, whole = f->whole;
    uint8_t *const first = out + f->text - digits - 1;
    spread(first, n.high);
    if (whole > 16) spread(first + 16, n.low);
    const int32_t shift = 4 * whole;
    if (f->scale > 0) {
        const uint64_t high = shift == 0   ? n.high
                              : shift < 64 ? n.high << shift | n.low >> (64 - shift)
                                           : n.low << (shift - 64);
        first[whole] = '.';
        spread(first + whole + 1, high);
        if (f->scale > 16) spread(first + whole + 17, shift < 64 ? n.low << shift : 0);
    }
    int32_t zeros = n.high != 0  ? __builtin_clzll(n.high) >> 2
                    : n.low != 0 ? 16 + (__builtin_clzll(n.low) >> 2)
                                 : digits;
    if (zeros > whole - 1) zeros = whole - 1;
    int32_t start = f->text - digits - 1 + zeros;
    out[start - 1] = '-'; /* over a zero, or before the digits */
    start -= n.negative & ((n.high | n.low) != 0);
    /* without a point the digits end a byte earlier */
    put_range(image, f, start, f->text - (f->scale == 0));
    return OV_VALUE;
}

static inline uint64_t sixteen_digits(uint64_t x) {
    x = (x & 0x0F0F0F0F0F0F0F0Fu) + 10 * (x >> 4 & 0x0F0F0F0F0F0F0F0Fu);
    x = (x & 0x00FF00FF00FF00FFu) + 100 * (x >> 8 & 0x00FF00FF00FF00FFu);
    x = (x & 0x0000FFFF0000FFFFu) + 10000 * (x >> 16 & 0x0000FFFF0000FFFFu);
    return (x & 0xFFFFFFFFu) + 100000000u * (x >> 32);
}

static inline int packed_number(const ov_message_field *f, const uint8_t *p, uint8_t *out, uint8_t *image) {
    nibbles n;
    if (!packed_nibbles(&f->field, p, &n)) return by_the_letter(f, p, out, image);
    const int64_t value = (int64_t)sixteen_digits(n.high >> (68 - 8 * f->field.length));
    put_integer(image, f, with_sign(value, n.negative));
    return OV_VALUE;
}

#define ZONES 0xF0F0F0F0F0F0F0F0u
#define SIXES 0x0606060606060606u

/* Not zero where one of eight bytes is none of x'F0' to x'F9'. */
static inline uint64_t not_zoned(uint64_t x) { return ((x & ZONES) ^ ZONES) | (((x & ~ZONES) + SIXES) & ZONES); }

/* The field's digits, 1 to 16 bytes, ending at the highest byte of `low`; zeros before them. False: not in order. */
static inline bool zoned_digits(const ov_field *f, const uint8_t *p, uint64_t *high, uint64_t *low, int *negative) {
    const int32_t n = f->length;
    uint64_t x = ov_load64(p + n - 8), y = ZONES;
    const uint8_t zone = (uint8_t)(x >> 60);
    x |= (uint64_t)0xF0 << 56;
    if (n < 8) {
        const uint64_t keep = ~(uint64_t)0 << (64 - 8 * n);
        x = (x & keep) | (ZONES & ~keep);
    } else if (n > 8) {
        const uint64_t keep = ~(uint64_t)0 << (128 - 8 * n);
        y = (ov_load64(p + n - 16) & keep) | (ZONES & ~keep);
    }
    *negative = is_minus(zone);
    *low = x;
    *high = y;
    return !(not_zoned(x) | not_zoned(y) | (zone < 10) | (*negative & is_unsigned(f)));
}

static inline int zoned_number(const ov_message_field *f, const uint8_t *p, uint8_t *out, uint8_t *image) {
    uint64_t high, low;
    int negative;
    if (!zoned_digits(&f->field, p, &high, &low, &negative)) return by_the_letter(f, p, out, image);
    int64_t value = (int64_t)ov_eight_digits(low & ~ZONES);
    if (f->field.length > 8) value += (int64_t)ov_eight_digits(high & ~ZONES) * 100000000;
    put_integer(image, f, with_sign(value, negative));
    return OV_VALUE;
}

static inline int zoned_text(const ov_message_field *f, const uint8_t *p, uint8_t *out, uint8_t *image) {
    uint64_t high, low;
    int negative;
    if (!zoned_digits(&f->field, p, &high, &low, &negative)) return by_the_letter(f, p, out, image);
    const int32_t digits = f->field.length, whole = f->whole;
    uint8_t *const first = out + f->text - digits - 1;
    const uint64_t both[2] = {(high & ~ZONES) | 0x3030303030303030u, (low & ~ZONES) | 0x3030303030303030u};
    uint8_t sixteen[16]; /* the digits at its end, and zeros before them */
    memcpy(sixteen, both, sizeof both);
    memcpy(first, sixteen + 16 - digits, (size_t)digits);
    if (f->scale > 0) {
        first[whole] = '.';
        memcpy(first + whole + 1, sixteen + 16 - f->scale, (size_t)f->scale);
    }
    int32_t start = 0;
    while (start < whole - 1 && first[start] == '0') start++;
    start += f->text - digits - 1;
    out[start - 1] = '-';
    start -= negative & (((high | low) & ~ZONES) != 0);
    put_range(image, f, start, f->scale > 0 ? f->text : f->text - 1);
    return OV_VALUE;
}

static inline int binary(const ov_message_field *f, const uint8_t *p, uint8_t *image) {
    const uint64_t x = ov_swap64(ov_load64(p));
    const int shift = 64 - 8 * f->field.length;
    put_integer(image, f, f->field.flags & OV_FLAG_SIGNED ? (int64_t)x >> shift : (int64_t)(x >> shift));
    return OV_VALUE;
}

static inline int real(const ov_message_field *f, const uint8_t *p, uint8_t *image) {
    const double value = ov_float_value(&f->field, p);
    memcpy(image + f->place, &value, sizeof value);
    return OV_VALUE;
}

/* What came of a field without a value. False: columns are needed. */
static bool without_value(const ov_message_field *f, int outcome, uint8_t *image) {
    if (outcome == OTHERWISE || (outcome == OV_BAD && !(f->field.flags & OV_FLAG_QUIET))) return false;
    image[f->number >> 3] &= (uint8_t) ~(1u << (f->number & 7));
    return true;
}

/* `wide` goes as far as it can, `read` takes the next one. */
#define EACH(reading, wide, read)                                                                                      \
    for (const ov_message_field *const end = m->field + m->ends[reading]; (f = (wide)) < end; f++) {                   \
        const uint8_t *p = record + f->offset;                                                                         \
        const int outcome = read;                                                                                      \
        if (outcome != OV_VALUE && !without_value(f, outcome, image)) return 0;                                        \
    }

/* A record with memory around it, into an image and a text with some behind it. */
static int decode(const ov_message *m, ov_level level, const uint8_t *record, uint8_t *image, uint8_t *out) {
    for (uint32_t i = 0; i < m->runs; i++) {
        const text_run *run = &m->run[i];
        ov_translate(level, run->table, record + run->offset, out + run->text, (size_t)run->length);
    }
    memset(image, 0xFF, (m->fields + 63) / 64 * 8);
    const ov_message_field *f = m->field;
    ov_message_texts *const texts = ov_x86_message_texts(level);
    ov_message_decimals *const decimals = ov_x86_message_decimals(level);
    EACH(TEXT, texts ? texts(f, end, record, image) : f, text(f, p, out, image))
    EACH(PACKED_TEXT, decimals ? decimals(f, end, record, out, image) : f, packed_text(f, p, out, image))
    EACH(ZONED_TEXT, f, zoned_text(f, p, out, image))
    EACH(PACKED_NUMBER, f, packed_number(f, p, out, image))
    EACH(ZONED_NUMBER, f, zoned_number(f, p, out, image))
    EACH(BINARY, f, binary(f, p, image))
    EACH(FLOAT, f, real(f, p, image))
    EACH(OTHER, f, by_the_letter(f, p, out, image))
    return 1;
}

int ov_message_decode(const ov_message *m, const uint8_t *data, size_t length, uint8_t *image, const uint8_t **text_at,
                      size_t *text_length) {
    if (length < (size_t)m->need) return 0;
    memcpy(m->copy, data, (size_t)m->need);
    *text_at = m->text;
    *text_length = (size_t)m->text_length;
    return decode(m, ov_get_level(), m->copy, image, m->text);
}

size_t ov_messages_room(const ov_message *m, size_t count) {
    return round_up(count * (size_t)m->text_length) + OV_MESSAGE_SLACK;
}

ov_status ov_messages_decode(const ov_message *m, const ov_records *r, uint8_t *images, size_t image_length,
                             uint8_t *text, uint32_t *taken, size_t *text_length, ov_error *error) {
    *taken = 0;
    *text_length = (size_t)m->text_length;
    const ov_level level = ov_get_level();
    for (uint32_t k = 0; k < r->count; k++) {
        size_t start, length;
        if (!ov_record_at(r, k, &start, &length)) {
            *error = (ov_error){(int32_t)k, -1};
            return OV_BAD_RECORDS;
        }
        if (length < (size_t)m->need) return OV_OK;
        const uint8_t *record = r->data + start;
        /* at the edges of the data there may be nothing to be read beside a record */
        if (start < OV_MESSAGE_SLACK || r->length - start < (size_t)m->need + OV_MESSAGE_SLACK)
            record = memcpy(m->copy, record, (size_t)m->need);
        if (!decode(m, level, record, images + k * image_length, text + k * (size_t)m->text_length)) return OV_OK;
        *taken = k + 1;
    }
    return OV_OK;
}
