/* The demo's sample data: a bank's accounts as demo/accounts.cpy lays them out, in EBCDIC (code page 037), as records
 * of variable length in blocks (RECFM=VB). Made up from word lists and a random number generator; the same seed gives
 * the same bytes. src/server/sample.ts is its twin in TypeScript, to the byte.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef OVERPUNCH_DEMO_SAMPLE_H
#define OVERPUNCH_DEMO_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Longest block: two of them fill a track of a 3390 disk. */
#define OV_SAMPLE_BLOCK 27998

/* Words of the state that a sample goes on from. */
enum {
    OV_SAMPLE_RANDOM = 0,   /* generator's state: a seed, not 0 */
    OV_SAMPLE_ACCOUNTS = 1, /* accounts written so far: 0 at first */
    OV_SAMPLE_STATE = 2
};

/* Fills `to` with whole blocks, as many as fit while OV_SAMPLE_BLOCK bytes are left, and returns the bytes written.
 * Goes on from `state` (OV_SAMPLE_STATE words) and leaves it where the next call begins. Keeps nothing of its own. */
size_t ov_sample_fill(uint8_t *to, size_t length, uint32_t *state);

#ifdef __cplusplus
}
#endif
#endif
