/* A main for fuzzers without libFuzzer: runs the files that are named or, without any, some hundred made-up inputs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_FUZZ_REPLAY_H
#define OV_FUZZ_REPLAY_H

#include <stdio.h>
#include <stdlib.h>

static int replay(const char *path) {
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1) {
        int failed = 0;
        for (int i = 1; i < argc; i++) failed |= replay(argv[i]);
        return failed;
    }
    uint64_t seed = 1;
    uint8_t bytes[512];
    for (int round = 0; round < 600; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (uint8_t)(seed >> 56);
        }
        bytes[0] = (uint8_t)round;
        LLVMFuzzerTestOneInput(bytes, 2 + (size_t)(seed >> 40) % (sizeof bytes - 2));
    }
    printf("600 inputs\n");
    return 0;
}

#endif
