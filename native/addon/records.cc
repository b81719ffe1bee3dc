// Errors about records; see records.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include <cstdio>

namespace overpunch {

napi_value throw_records(napi_env env, ov_status status, const RecordArgs &r, const ov_error &error) {
    const ov_records &records = r.records;
    if (status != OV_BAD_RECORDS || error.at < 0 || static_cast<uint32_t>(error.at) >= records.count) {
        return throw_range(env, "the core refuses these records");
    }
    char message[160];
    if (r.by_stride) {
        std::snprintf(message, sizeof message,
                      "%u records of %u bytes from byte %u on are not inside the data (%zu bytes).", records.count,
                      records.stride, records.first, records.length);
    } else {
        const size_t record = records.first + static_cast<size_t>(error.at);
        std::snprintf(message, sizeof message, "Record %zu (bytes %u to %u) is not inside the data (%zu bytes).",
                      record, records.starts[record], records.ends[record], records.length);
    }
    return throw_range(env, message);
}

} // namespace overpunch
