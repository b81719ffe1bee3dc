/* Finding records: descriptors and lines, whole and in pieces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "plans.h"

enum { ROOM = 64 };

static uint32_t starts[ROOM], ends[ROOM];
static int32_t state[OV_SCAN_STATE];

/* Scans data[from, to) of memory that ends there; the state's other words are carried on. */
static int scan_part(const int32_t *framing, const char *bytes, size_t from, size_t to, size_t capacity, bool final) {
    uint8_t *data = guarded(to, false);
    memcpy(data, bytes, to);
    size_t found = 99;
    state[OV_SCANW_FINAL] = final;
    CHECK_EQUAL(ov_scan(framing, data, from, to, starts, ends, capacity, state, &found), OV_OK);
    guarded_free(data, to, false);
    return (int)found;
}

static int scan(const int32_t *framing, const char *bytes, size_t length, bool final) {
    memset(state, 0, sizeof state);
    return scan_part(framing, bytes, 0, length, ROOM, final);
}

#define FRAMING(...) static const int32_t framing[8] = {__VA_ARGS__}
#define BYTES(text) text, sizeof text - 1
#define CHECK_STATE(status, next)                                                                                      \
    do {                                                                                                               \
        CHECK_EQUAL(state[OV_SCANW_STATUS], status);                                                                   \
        CHECK_EQUAL(state[OV_SCANW_NEXT], next);                                                                       \
    } while (0)
#define CHECK_FAULT(fault, at, value)                                                                                  \
    do {                                                                                                               \
        CHECK_STATE(OV_SCAN_FAULT, at);                                                                                \
        CHECK_EQUAL(state[OV_SCANW_FAULT], fault);                                                                     \
        CHECK_EQUAL(state[OV_SCANW_FAULT_AT], at);                                                                     \
        CHECK_EQUAL(state[OV_SCANW_FAULT_VALUE], value);                                                               \
    } while (0)
#define CHECK_RECORD(i, start, end)                                                                                    \
    do {                                                                                                               \
        CHECK_EQUAL(starts[i], start);                                                                                 \
        CHECK_EQUAL(ends[i], end);                                                                                     \
    } while (0)

static void test_rdw(void) {
    FRAMING(OV_FRAMING_RDW);
    CHECK_EQUAL(scan(framing, BYTES("\0\6\0\0ab\0\4\0\0\0\5\0\0c"), true), 3);
    CHECK_STATE(OV_SCAN_MORE, 15);
    CHECK_RECORD(0, 4, 6);
    CHECK_RECORD(1, 10, 10);
    CHECK_RECORD(2, 14, 15);
    CHECK_EQUAL(scan(framing, BYTES(""), true), 0);
    CHECK_STATE(OV_SCAN_MORE, 0);
    for (size_t cut = 1; cut <= 5; cut++) { /* inside the descriptor, inside the record */
        CHECK_EQUAL(scan(framing, "\0\6\0\0ab", cut, false), 0);
        CHECK_STATE(OV_SCAN_MORE, 0);
        CHECK_EQUAL(scan(framing, "\0\6\0\0ab", cut, true), 0);
        CHECK_FAULT(OV_SCANFAULT_TRUNCATED, 0, (int)cut);
    }
    CHECK_EQUAL(scan(framing, BYTES("\0\4\0\0\0\3\0\0xxxx"), true), 1);
    CHECK_FAULT(OV_SCANFAULT_RDW_TOO_SMALL, 4, 3);
    CHECK_EQUAL(scan(framing, BYTES("\0\4\0\0\0\6\1\0ab"), true), 1);
    CHECK_FAULT(OV_SCANFAULT_RDW_NOT_ZERO, 4, 6);
    memset(state, 0, sizeof state);
    CHECK_EQUAL(scan_part(framing, "\0\4\0\0\0\4\0\0\0\4\0\0", 0, 12, 2, true), 2);
    CHECK_STATE(OV_SCAN_FULL, 8);
    CHECK_EQUAL(scan_part(framing, "\0\4\0\0\0\4\0\0\0\4\0\0", 8, 12, 2, true), 1);
    CHECK_STATE(OV_SCAN_MORE, 12);
    CHECK_RECORD(0, 12, 12);
}

static void test_rdw_options(void) {
    FRAMING(OV_FRAMING_RDW, 0, 0, 4);
    CHECK_EQUAL(scan(framing, BYTES("\0\2\0\0ab\0\0\0\0"), true), 2); /* lengths without their own bytes */
    CHECK_RECORD(0, 4, 6);
    CHECK_RECORD(1, 10, 10);
    static const int32_t little[8] = {OV_FRAMING_RDW, 0, 1};
    CHECK_EQUAL(scan(little, BYTES("\6\0\0\0ab\0\0\6\0cd\1\1"), false), 2);
    CHECK_RECORD(0, 4, 6);
    CHECK_RECORD(1, 10, 12);
    CHECK_STATE(OV_SCAN_MORE, 12);
    CHECK_EQUAL(scan(little, BYTES("\0\0\0\0ab"), true), 0);
    CHECK_FAULT(OV_SCANFAULT_RDW_TOO_SMALL, 0, 0);
    static const int32_t minus[8] = {OV_FRAMING_RDW, 0, 0, -2};
    CHECK_EQUAL(scan(minus, BYTES("\0\x8\0\0ab"), true), 1);
    CHECK_EQUAL(scan(minus, BYTES("\0\5\0\0ab"), true), 0);
    CHECK_FAULT(OV_SCANFAULT_RDW_TOO_SMALL, 0, 5);
    static const int32_t huge[8] = {OV_FRAMING_RDW, 0, 0, INT32_MAX};
    CHECK_EQUAL(scan(huge, BYTES("\xff\xff\0\0ab"), true), 0);
    CHECK_FAULT(OV_SCANFAULT_TRUNCATED, 0, 6);
}

static void test_bdw(void) {
    FRAMING(OV_FRAMING_BDW_RDW);
    static const char two[] = "\0\x10\0\0\0\6\0\0ab\0\6\0\0cd"
                              "\0\x9\0\0\0\5\0\0e";
    CHECK_EQUAL(scan(framing, two, 25, true), 3);
    CHECK_STATE(OV_SCAN_MORE, 25);
    CHECK_RECORD(0, 8, 10);
    CHECK_RECORD(1, 14, 16);
    CHECK_RECORD(2, 24, 25);
    /* In two pieces, cut anywhere; the second scan begins where the first says. */
    for (size_t cut = 0; cut <= 25; cut++) {
        memset(state, 0, sizeof state);
        const int before = scan_part(framing, two, 0, cut, ROOM, false);
        CHECK_EQUAL(state[OV_SCANW_STATUS], OV_SCAN_MORE);
        CHECK_EQUAL(before + scan_part(framing, two, (size_t)state[OV_SCANW_NEXT], 25, ROOM, true), 3);
        CHECK_STATE(OV_SCAN_MORE, 25);
    }
    /* One record at a time. */
    memset(state, 0, sizeof state);
    int all = 0;
    do {
        const int found = scan_part(framing, two, (size_t)state[OV_SCANW_NEXT], 25, 1, true);
        all += found;
        static const int expected[] = {8, 14, 24};
        if (found == 1) CHECK_EQUAL(starts[0], expected[(all - 1) % 3]);
    } while (state[OV_SCANW_STATUS] == OV_SCAN_FULL);
    CHECK_EQUAL(all, 3);

    CHECK_EQUAL(scan(framing, BYTES("\0\7\0\0xxx"), true), 0);
    CHECK_FAULT(OV_SCANFAULT_BDW_TOO_SMALL, 0, 7);
    CHECK_EQUAL(scan(framing, BYTES("\0\x8\0\0\0\5\0\0x"), true), 0);
    CHECK_FAULT(OV_SCANFAULT_RECORD_BEYOND_BLOCK, 4, 5);
    CHECK_EQUAL(scan(framing, BYTES("\0\xb\0\0\0\4\0\0xxx"), true), 1);
    CHECK_FAULT(OV_SCANFAULT_BLOCK_REST, 8, 3);
    CHECK_EQUAL(scan(framing, BYTES("\x80\0\0\x9\0\5\0\0e"), true), 1); /* extended */
    CHECK_RECORD(0, 8, 9);
    CHECK_EQUAL(scan(framing, BYTES("\x80\1\0\x9\0\5\0\0e"), true), 1);
    CHECK_FAULT(OV_SCANFAULT_TRUNCATED, 9, 0);
    CHECK_EQUAL(state[OV_SCANW_BLOCK_LEFT], 0x10000);
    CHECK_EQUAL(scan(framing, BYTES("\0\x9\0"), true), 0);
    CHECK_FAULT(OV_SCANFAULT_TRUNCATED, 0, 3);
    CHECK_EQUAL(scan(framing, BYTES("\0\x9\0\0\0\5\0"), true), 0);
    CHECK_FAULT(OV_SCANFAULT_TRUNCATED, 4, 3);
    static const int32_t more[8] = {OV_FRAMING_BDW_RDW, 0, 0, 0, 0, 100}; /* a block of more than 2^31 bytes */
    CHECK_EQUAL(scan(more, BYTES("\xff\xff\xff\xff\0\4\0\0"), false), 1);
    CHECK_EQUAL(state[OV_SCANW_BLOCK_LEFT], INT32_MAX - 4);
    static const int32_t little[8] = {OV_FRAMING_BDW_RDW, 0, 1, 0, 1, 4};
    CHECK_EQUAL(scan(little, BYTES("\5\0\0\0\5\0\0\0e\0\0\4\0\0\0\4\0"), true), 2);
    CHECK_RECORD(0, 8, 9);
    CHECK_RECORD(1, 17, 17);
}

static void test_lines(void) {
    FRAMING(OV_FRAMING_LINES, 0, 0, 0, 0, 0, 1);
    CHECK_EQUAL(scan(framing, BYTES("ab\ncd\r\n\n\r\nlonger than eight\nno end"), true), 6);
    CHECK_RECORD(0, 0, 2);
    CHECK_RECORD(1, 3, 5);
    CHECK_RECORD(2, 7, 7);
    CHECK_RECORD(3, 8, 8);
    CHECK_RECORD(4, 10, 27);
    CHECK_RECORD(5, 28, 34);
    CHECK_STATE(OV_SCAN_MORE, 34);
    CHECK_EQUAL(scan(framing, BYTES("ab\ncd\r"), false), 1);
    CHECK_STATE(OV_SCAN_MORE, 3);
    CHECK_EQUAL(scan(framing, BYTES("ab\n"), true), 1); /* nothing behind the last end is no record */
    CHECK_STATE(OV_SCAN_MORE, 3);
    memset(state, 0, sizeof state);
    CHECK_EQUAL(scan_part(framing, "a\nb\nc\n", 0, 6, 2, true), 2);
    CHECK_STATE(OV_SCAN_FULL, 4);
    static const int32_t ebcdic[8] = {OV_FRAMING_LINES};
    CHECK_EQUAL(scan(ebcdic, BYTES("\xc1\x15\xc2\x25\xc3\x0d\x25\xc4\x0d\x15\xc5\x0a\xc6"), true), 5);
    CHECK_RECORD(0, 0, 1);
    CHECK_RECORD(1, 2, 3);
    CHECK_RECORD(2, 4, 5);
    CHECK_RECORD(3, 7, 8);
    CHECK_RECORD(4, 10, 13); /* x'0A' is no end */
    /* Ends at every place of a word, and between bytes that are nearly ends. */
    for (size_t at = 0; at < 40; at++) {
        char text[41];
        for (size_t i = 0; i < sizeof text; i++) text[i] = "\x0b\x09\x8a\x00\xff"[i % 5];
        text[at] = '\n';
        CHECK_EQUAL(scan(framing, text, sizeof text, false), 1);
        CHECK_RECORD(0, 0, at);
        CHECK_STATE(OV_SCAN_MORE, (int)at + 1);
    }
}

static void test_arguments(void) {
    FRAMING(OV_FRAMING_RDW);
    static const int32_t fixed[8] = {OV_FRAMING_FIXED}, unknown[8] = {7};
    const uint8_t data[8] = {0};
    size_t found;
    CHECK_EQUAL(ov_scan(fixed, data, 0, 8, starts, ends, ROOM, state, &found), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_scan(unknown, data, 0, 8, starts, ends, ROOM, state, &found), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_scan(framing, data, 5, 4, starts, ends, ROOM, state, &found), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_scan(framing, data, 0, ((size_t)1 << 30) + 1, starts, ends, ROOM, state, &found), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_scan(framing, NULL, 0, 1, starts, ends, ROOM, state, &found), OV_BAD_ARGUMENT);
    CHECK_EQUAL(ov_scan(framing, data, 0, 8, NULL, NULL, 1, state, &found), OV_BAD_ARGUMENT);
    memset(state, 0, sizeof state);
    CHECK_EQUAL(ov_scan(framing, data, 0, 8, NULL, NULL, 0, state, &found), OV_OK);
    CHECK_STATE(OV_SCAN_FULL, 0);
}

int main(void) {
    test_rdw();
    test_rdw_options();
    test_bdw();
    test_lines();
    test_arguments();
    return checks_failed();
}
