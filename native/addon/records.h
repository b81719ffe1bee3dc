// Records among a call's arguments, and the errors about them.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_RECORDS_H
#define OVERPUNCH_ADDON_RECORDS_H

#include "args.h"
#include "overpunch.h"

namespace overpunch {

struct RecordArgs {
    Span<uint8_t> data;
    Span<uint32_t> starts, ends;
    ov_records records{};
    bool by_stride = true;
};

// data: Uint8Array, first, count, stride; or data, first, count, starts: Uint32Array, ends: Uint32Array.
inline bool get_records(napi_env env, const napi_value *args, size_t argc, RecordArgs *r) {
    ov_records &records = r->records;
    if (!get_array(env, args[0], "data", &r->data) || !get_uint32(env, args[1], "first", &records.first) ||
        !get_uint32(env, args[2], "count", &records.count)) {
        return false;
    }
    r->by_stride = argc <= 4;
    if (r->by_stride ? !get_uint32(env, args[3], "stride", &records.stride)
                     : !get_array(env, args[3], "starts", &r->starts) || !get_array(env, args[4], "ends", &r->ends)) {
        return false;
    }
    const char *wrong = nullptr;
    const uint64_t last = uint64_t{records.first} + records.count;
    if (r->data.length > kMaxData) {
        wrong = "data is longer than 2^30 bytes";
    } else if (!r->by_stride && (r->starts.length < last || r->ends.length < last)) {
        wrong = "starts or ends have fewer entries than first + count";
    }
    if (wrong) return throw_range(env, wrong) != nullptr;
    records.data = r->data.data;
    records.length = r->data.length;
    records.starts = r->starts.data;
    records.ends = r->ends.data;
    return true;
}

// Whether a span shares memory with the records' bytes or places.
template <typename T> bool overlap(const Span<T> &span, const RecordArgs &r) {
    return overlap(span, r.data) || overlap(span, r.starts) || overlap(span, r.ends);
}

// Throws what the core's refusal of records means.
napi_value throw_records(napi_env env, ov_status status, const RecordArgs &r, const ov_error &error);

} // namespace overpunch
#endif
