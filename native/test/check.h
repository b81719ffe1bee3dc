/* A test is a main that calls CHECK and ends with `return checks_failed();`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_TEST_CHECK_H
#define OV_TEST_CHECK_H

#include <inttypes.h>
#include <stdio.h>

static int checks_done, checks_bad;

#define CHECK(condition) check_(condition, #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(actual, expected) check_equal_((int64_t)(actual), (int64_t)(expected), #actual, __FILE__, __LINE__)

static inline int check_(int good, const char *what, const char *file, int line) {
    checks_done++;
    if (good) return 1;
    checks_bad++;
    fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
    return 0;
}

static inline int check_equal_(int64_t actual, int64_t expected, const char *what, const char *file, int line) {
    checks_done++;
    if (actual == expected) return 1;
    checks_bad++;
    fprintf(stderr, "%s:%d: %s is %" PRId64 ", not %" PRId64 "\n", file, line, what, actual, expected);
    return 0;
}

static inline int checks_failed(void) {
    printf("%d checks, %d failed\n", checks_done, checks_bad);
    return checks_done == 0 || checks_bad > 0;
}

#endif
