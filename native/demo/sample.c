/* Sample data for the demo; see sample.h. Every random draw happens in the order of the record's fields, as in
 * src/server/sample.ts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <string.h>

/* Word lists, in Latin-1. */
static const char *const FIRST_NAMES[] = {
    "Alice", "Andr\351", "Anna",     "Bj\366rn",  "Carlos",      "Charlotte", "Chlo\351", "Daniel",
    "Edith", "Elena",    "Emma",     "Erik",      "Fran\347ois", "Grace",     "Hannah",   "Helen",
    "Ines",  "James",    "Jos\351",  "J\374rgen", "Karen",       "Laura",     "Lars",     "Liam",
    "Maria", "Martin",   "Mary Ann", "Michael",   "Nadia",       "Nora",      "Oliver",   "Paula",
    "Peter", "Ren\351e", "Robert",   "Sofia",     "Thomas",      "Ute",       "Victor",   "Walter",
};
static const char *const LAST_NAMES[] = {
    "Adams",    "Andersen",     "Bauer",        "Becker",  "Bianchi",    "Brown",     "Castillo", "Clark",
    "Davies",   "Dubois",       "Evans",        "Ferrari", "Fischer",    "Garc\355a", "Gruber",   "Hansen",
    "Hughes",   "Ib\341\361ez", "Jensen",       "Johnson", "Keller",     "Kowalski",  "Lambert",  "Larsen",
    "Lefebvre", "Lopez",        "Meyer",        "Moreau",  "Mu\361oz",   "M\374ller", "Murphy",   "Nu\361ez",
    "O'Brien",  "Peeters",      "Petit",        "Rossi",   "Sch\344fer", "Schmidt",   "Silva",    "Smith",
    "Svensson", "Taylor",       "van den Berg", "Visser",  "Weber",      "Williams",  "Wilson",   "Young",
};
static const char *const COMPANIES[] = {
    "Atlas",   "Borealis", "Caf\351 Central", "Delta",     "Evergreen", "Fairview",  "Granite",
    "Harbour", "Iberia",   "Juniper",         "Kestrel",   "Lakeside",  "Meridian",  "Northern",
    "Orchard", "Pioneer",  "Quarry",          "Riverside", "Summit",    "Z\374rich",
};
static const char *const TRADES[] = {
    "Bakeries", "Builders",  "Chemicals",   "Electric", "Engineering", "Foods", "Freight",  "Glass",
    "Hotels",   "Logistics", "Paper Mills", "Pharma",   "Shipping",    "Steel", "Textiles", "Tools",
};
static const char *const FORMS[] = {"& Sons", "AG", "BV", "GmbH", "Inc.", "Ltd", "SA", "S.p.A."};
static const char *const STREETS[] = {
    "Abbey Road", "Bahnhofstrasse", "Bridge Street", "Calle Mayor", "Castle Lane",  "Church Street", "Dorfstrasse",
    "Elm Street", "Garden Avenue",  "Hauptstrasse",  "High Street", "Kirchgasse",   "Lange Gasse",   "Market Square",
    "Mill Road",  "Park Avenue",    "Queen Street",  "Rue du Lac",  "Station Road", "Via Roma",
};
/* City and country, and the country's currency. */
static const char *const PLACES[][3] = {
    {"Amsterdam", "NL", "EUR"}, {"Barcelona", "ES", "EUR"}, {"Bern", "CH", "CHF"},      {"Birmingham", "GB", "GBP"},
    {"Boston", "US", "USD"},    {"Chicago", "US", "USD"},   {"K\366ln", "DE", "EUR"},   {"Dublin", "IE", "EUR"},
    {"Gen\350ve", "CH", "CHF"}, {"Hamburg", "DE", "EUR"},   {"Le\363n", "ES", "EUR"},   {"London", "GB", "GBP"},
    {"Lyon", "FR", "EUR"},      {"Madrid", "ES", "EUR"},    {"Milano", "IT", "EUR"},    {"M\374nchen", "DE", "EUR"},
    {"New York", "US", "USD"},  {"Paris", "FR", "EUR"},     {"Rotterdam", "NL", "EUR"}, {"Z\374rich", "CH", "CHF"},
};
static const char *const COUNTERPARTIES[] = {
    "ATM WITHDRAWAL",    "AIRLINE TICKETS",   "BOOKSHOP",
    "CITY WATER WORKS",  "COUNCIL TAX",       "ELECTRIC COMPANY",
    "FURNITURE STORE",   "GREENGROCER",       "HOSPITAL",
    "INSURANCE PREMIUM", "INTEREST",          "LOAN REPAYMENT",
    "MOBILE PHONE",      "PAYROLL",           "PETROL STATION",
    "PHARMACY",          "RAILWAY",           "RENT",
    "RESTAURANT",        "SAVINGS PLAN",      "SCHOOL FEES",
    "STANDING ORDER",    "STREAMING SERVICE", "SUPERMARKET",
};
static const char *const CODES[] = {"ATM", "CHQ", "CRD", "DDR", "FEE", "INT", "SAL", "TRF"};
static const char *const CLERKS[] = {"BATCH01", "BATCH02", "ONLINE", "TELLER07", "TELLER12", "XFER"};

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof((list)[0])))
#define PICK(out, list) ((list)[below(out, COUNT(list))])

/* Record with 12 transactions, and its descriptor. */
#define LONGEST (4 + 197 + 12 * 54 + 16)

typedef struct writer {
    uint8_t *at;
    uint32_t random;
} writer;

/* A random number below `limit` (at most 2^20), by Marsaglia's xorshift32. */
static uint32_t below(writer *out, uint32_t limit) {
    uint32_t x = out->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    out->random = x;
    return (uint32_t)(((uint64_t)x * limit) >> 32);
}

static uint8_t ebcdic(char latin1) {
    const uint8_t c = (uint8_t)latin1;
    if (c >= '0' && c <= '9') return (uint8_t)(0xF0 + c - '0');
    if (c >= 'A' && c <= 'I') return (uint8_t)(0xC1 + c - 'A');
    if (c >= 'J' && c <= 'R') return (uint8_t)(0xD1 + c - 'J');
    if (c >= 'S' && c <= 'Z') return (uint8_t)(0xE2 + c - 'S');
    if (c >= 'a' && c <= 'i') return (uint8_t)(0x81 + c - 'a');
    if (c >= 'j' && c <= 'r') return (uint8_t)(0x91 + c - 'j');
    if (c >= 's' && c <= 'z') return (uint8_t)(0xA2 + c - 's');
    switch (c) {
    case '&': return 0x50;
    case '\'': return 0x7D;
    case '-': return 0x60;
    case '.': return 0x4B;
    case 0xE1: return 0x45; /* a acute */
    case 0xE4: return 0x43; /* a diaeresis */
    case 0xE7: return 0x48; /* c cedilla */
    case 0xE8: return 0x54; /* e grave */
    case 0xE9: return 0x51; /* e acute */
    case 0xED: return 0x55; /* i acute */
    case 0xF1: return 0x49; /* n tilde */
    case 0xF3: return 0xCE; /* o acute */
    case 0xF6: return 0xCC; /* o diaeresis */
    case 0xFC: return 0xDC; /* u diaeresis */
    default: return 0x40;
    }
}

static void put_spaces(writer *out, size_t width) {
    memset(out->at, 0x40, width);
    out->at += width;
}

/* Words with a space between each, in a field of `width`. */
static void put_words(writer *out, size_t width, const char *const *words, int count) {
    uint8_t *to = out->at;
    put_spaces(out, width);
    for (int k = 0; k < count; k++) {
        if (k > 0) to++;
        for (const char *c = words[k]; *c && to < out->at; c++) *to++ = ebcdic(*c);
    }
}

static void put_text(writer *out, size_t width, const char *text) { put_words(out, width, &text, 1); }

static void put_zoned(writer *out, int digits, uint64_t value) {
    for (int k = digits - 1; k >= 0; k--, value /= 10) out->at[k] = (uint8_t)(0xF0 + value % 10);
    out->at += digits;
}

/* Signed: the sign is the zone of the last digit. */
static void put_signed_zoned(writer *out, int digits, uint64_t value, int negative) {
    put_zoned(out, digits, value);
    out->at[-1] = (uint8_t)((out->at[-1] & 0x0F) | (negative ? 0xD0 : 0xC0));
}

static void put_packed(writer *out, int bytes, uint64_t value, uint8_t sign) {
    out->at[bytes - 1] = (uint8_t)(value % 10 << 4 | sign);
    value /= 10;
    for (int k = bytes - 2; k >= 0; k--, value /= 100) out->at[k] = (uint8_t)(value / 10 % 10 << 4 | value % 10);
    out->at += bytes;
}

static void put_signed_packed(writer *out, int bytes, uint64_t value, int negative) {
    put_packed(out, bytes, value, negative ? 0x0D : 0x0C);
}

static void put_binary(writer *out, int bytes, uint32_t value) {
    for (int k = bytes - 1; k >= 0; k--, value >>= 8) out->at[k] = (uint8_t)value;
    out->at += bytes;
}

static void put_date(writer *out, uint32_t first_year, uint32_t years) {
    put_zoned(out, 4, first_year + below(out, years));
    put_zoned(out, 2, 1 + below(out, 12));
    put_zoned(out, 2, 1 + below(out, 28));
}

/* Up to 999,999 and two decimals; small sums are more frequent. */
static uint64_t money(writer *out) {
    static const uint32_t limits[] = {100, 1000, 10000, 1000000};
    const uint64_t whole = below(out, PICK(out, limits));
    return whole * 100 + below(out, 100);
}

static void put_person(writer *out) {
    put_text(out, 18, PICK(out, FIRST_NAMES));
    put_text(out, 22, PICK(out, LAST_NAMES));
    put_date(out, 1935, 70);
    put_signed_packed(out, 5, 150000 + below(out, 700000), 0);
    put_spaces(out, 7);
}

static void put_company(writer *out) {
    const char *words[3];
    words[0] = PICK(out, COMPANIES);
    words[1] = PICK(out, TRADES);
    words[2] = PICK(out, FORMS);
    put_words(out, 36, words, 3);
    put_text(out, 2, "HR");
    put_zoned(out, 6, below(out, 1000000));
    put_spaces(out, 4);
    put_binary(out, 4, 1 + below(out, 5000));
    const uint64_t revenue = money(out) * 1000;
    put_signed_packed(out, 8, revenue, below(out, 20) == 0);
}

static void put_transaction(writer *out) {
    put_date(out, 2023, 2);
    put_zoned(out, 2, below(out, 24));
    put_zoned(out, 2, below(out, 60));
    put_zoned(out, 2, below(out, 60));
    put_text(out, 3, PICK(out, CODES));
    const uint64_t amount = money(out);
    put_signed_packed(out, 6, amount, below(out, 4) != 0);
    const uint64_t reference = below(out, 1000000);
    put_packed(out, 7, reference * 1000000 + below(out, 1000000), 0x0F);
    put_text(out, 24, PICK(out, COUNTERPARTIES));
}

static void put_account(writer *out, uint32_t number) {
    uint8_t *const descriptor = out->at;
    out->at += 4;

    put_text(out, 2, "BR");
    put_zoned(out, 4, below(out, 400));
    put_zoned(out, 10, UINT64_C(1000000000) + UINT64_C(7) * number);
    const uint32_t status = below(out, 50);
    put_text(out, 1, status == 0 ? "C" : status == 1 ? "F" : "O");
    const int is_business = below(out, 5) == 0;
    put_text(out, 1, is_business ? "B" : "P");
    put_binary(out, 4, 100000000 + below(out, 1000000));
    if (is_business) {
        put_company(out);
    } else {
        put_person(out);
    }

    char house_text[3] = {0};
    const char *street[2] = {PICK(out, STREETS), house_text};
    const uint32_t house = 10 + below(out, 90);
    house_text[0] = (char)('0' + house / 10);
    house_text[1] = (char)('0' + house % 10);
    put_words(out, 28, street, 2);
    const char *const *place = PICK(out, PLACES);
    put_text(out, 20, place[0]);
    put_zoned(out, 5, 10000 + below(out, 90000));
    put_spaces(out, 3);
    put_text(out, 2, place[1]);

    put_date(out, 1985, 39);
    put_text(out, 3, place[2]);
    const uint64_t balance = money(out) * (is_business ? 25 : 1);
    const int is_overdrawn = below(out, 12) == 0;
    put_signed_packed(out, 7, balance, is_overdrawn);
    put_signed_packed(out, 5, 500 * below(out, 100), 0);
    put_signed_packed(out, 4, 2500 * below(out, 40), 0);
    put_signed_packed(out, 11, balance * 100000 + below(out, 1000000), is_overdrawn);
    put_signed_zoned(out, 9, is_overdrawn ? balance % 1000000000 : 0, is_overdrawn);
    /* An IBM hexadecimal float from 1/16 to 1, of 20 bits. */
    put_binary(out, 4, 0x40100000 + below(out, 0xF0000) * 16);
    put_binary(out, 4, 0);

    const uint32_t few = below(out, 7);
    const uint32_t count = few + below(out, 7);
    put_binary(out, 2, count);
    for (uint32_t k = 0; k < count; k++) put_transaction(out);

    put_date(out, 2024, 1);
    put_text(out, 8, PICK(out, CLERKS));

    const uint32_t length = (uint32_t)(out->at - descriptor);
    descriptor[0] = (uint8_t)(length >> 8);
    descriptor[1] = (uint8_t)length;
    descriptor[2] = 0;
    descriptor[3] = 0;
}

size_t ov_sample_fill(uint8_t *to, size_t length, uint32_t *state) {
    writer out = {to, state[OV_SAMPLE_RANDOM]};
    uint32_t number = state[OV_SAMPLE_ACCOUNTS];
    while (length - (size_t)(out.at - to) >= OV_SAMPLE_BLOCK) {
        uint8_t *const block = out.at;
        out.at += 4;
        while (OV_SAMPLE_BLOCK - (out.at - block) >= LONGEST) put_account(&out, number++);
        const uint32_t bytes = (uint32_t)(out.at - block);
        block[0] = (uint8_t)(bytes >> 8);
        block[1] = (uint8_t)bytes;
        block[2] = 0;
        block[3] = 0;
    }
    state[OV_SAMPLE_RANDOM] = out.random;
    state[OV_SAMPLE_ACCOUNTS] = number;
    return (size_t)(out.at - to);
}
