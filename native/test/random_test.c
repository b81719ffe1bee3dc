/* Random plans and records: the same at every level, together and one by one; see random.h. With an argument: that seed
 * only; with two: so many from it on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "check.h"
#include "random.h"

int main(int argc, char **argv) {
    const unsigned long first = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    const unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : argc > 1 ? 1 : 400;
    for (unsigned long seed = first; seed < first + count; seed++) {
        choices c = {NULL, 0, seed * 0x9e3779b97f4a7c15u};
        const char *wrong = random_round(&c);
        if (!check_(wrong == NULL, wrong ? wrong : "", __FILE__, __LINE__)) fprintf(stderr, "  seed %lu\n", seed);
    }
    return checks_failed();
}
