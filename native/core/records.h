/* Where a record of a call lies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_RECORDS_H
#define OV_RECORDS_H

#include <stdbool.h>

#include "overpunch.h"

/* Record k of these, of which there are more; false: not inside the data. */
static inline bool ov_record_at(const ov_records *r, uint32_t k, size_t *start, size_t *length) {
    uint64_t begin, end;
    if (r->starts) {
        begin = r->starts[(size_t)r->first + k];
        end = r->ends[(size_t)r->first + k];
    } else {
        begin = r->first + (uint64_t)k * r->stride;
        end = begin + r->stride;
    }
    *start = (size_t)begin;
    *length = (size_t)(end - begin);
    return begin <= end && end <= r->length;
}

#endif
