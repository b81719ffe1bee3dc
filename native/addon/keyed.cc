// Keys, gathering and merging; see keyed.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "keyed.h"

#include <vector>

#include "../core/opcodes.h"
#include "args.h"
#include "overpunch.h"
#include "thread.h"

namespace overpunch {
namespace {

// keys(parts: Int32Array, slab: Uint8Array, count, keys: Uint8Array, at, width, varying: Uint8Array): no varying,
// nothing to be told of what they have in common
napi_value Keys(napi_env env, napi_callback_info info) {
    napi_value args[7];
    size_t argc = 7;
    Span<int32_t> parts;
    Span<uint8_t> slab, keys, varying;
    uint32_t count, width;
    size_t at;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "parts", &parts) || !get_array(env, args[1], "slab", &slab) ||
        !get_uint32(env, args[2], "count", &count) || !get_array(env, args[3], "keys", &keys) ||
        !get_place(env, args[4], "at", &at) || !get_uint32(env, args[5], "width", &width) ||
        !get_array(env, args[6], "varying", &varying)) {
        return nullptr;
    }
    if (at > keys.length || (width > 0 && (keys.length - at) / width < count) ||
        (varying.length > 0 && varying.length / 2 < width)) {
        return throw_range(env, "keys have no room for count keys, or varying for one");
    }
    if (overlap(slab, keys) || overlap(slab, varying) || overlap(keys, varying)) {
        return throw_range(env, "the outputs share memory with the input");
    }
    if (ov_keys(parts.data, parts.length, slab.data, slab.length, count, keys.data + at, width,
                varying.length > 0 ? varying.data : nullptr) != OV_OK) {
        return throw_range(env, "the core refuses these parts");
    }
    return nullptr;
}

// hash(keys: Uint8Array, width, count, hashes: Uint8Array, at)
napi_value Hash(napi_env env, napi_callback_info info) {
    napi_value args[5];
    size_t argc = 5;
    Span<uint8_t> keys, hashes;
    uint32_t width, count;
    size_t at;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "keys", &keys) || !get_uint32(env, args[1], "width", &width) ||
        !get_uint32(env, args[2], "count", &count) || !get_array(env, args[3], "hashes", &hashes) ||
        !get_place(env, args[4], "at", &at)) {
        return nullptr;
    }
    if ((width > 0 && keys.length / width < count) || at > hashes.length || (hashes.length - at) / 8 < count) {
        return throw_range(env, "keys or hashes have fewer than count entries");
    }
    if (overlap(keys, hashes)) return throw_range(env, "the outputs share memory with the input");
    ov_hash_keys(keys.data, width, count, hashes.data + at);
    return nullptr;
}

// A part of what is gathered, for a thread of its own.
struct GatherPart {
    const ov_store *store;
    const uint32_t *order;
    uint32_t from, to;
    uint8_t *out;
    size_t capacity;
    uint32_t taken = 0;
    size_t bytes = 0;
    ov_status status = OV_OK;

    void Run() {
        ov_error error{-1, -1};
        status = ov_gather_records(store, order, from, to, out, capacity, &taken, &bytes, &error);
    }
    static void RunPart(void *part) { static_cast<GatherPart *>(part)->Run(); }
};

// As one call of the core. Where records have one length it is known where each goes, so that several threads can write
// them; the caller waits for all of them, and no JavaScript runs meanwhile.
GatherPart gather_on_threads(const GatherPart &whole, uint32_t threads) {
    constexpr uint32_t kMost = 16, kLeast = 4096;
    const ov_store &store = *whole.store;
    const size_t each =
        store.stride + store.after_length + (store.keys ? store.key_width : 0) + (store.lengths != 0 ? 4 : 0);
    const size_t fitting = store.starts || each == 0 ? 0 : whole.capacity / each;
    const uint32_t all = whole.to - whole.from < fitting ? whole.to - whole.from : static_cast<uint32_t>(fitting);
    uint32_t count = all / kLeast < threads ? all / kLeast : threads;
    if (count > kMost) count = kMost;
    GatherPart parts[kMost];
    Thread others[kMost];
    bool started[kMost] = {};
    if (count < 2) {
        parts[0] = whole;
        parts[0].Run();
        return parts[0];
    }
    for (uint32_t i = 0; i < count; i++) {
        const auto first = static_cast<uint32_t>(uint64_t{all} * i / count);
        const auto end = static_cast<uint32_t>(uint64_t{all} * (i + 1) / count);
        parts[i] = {whole.store,         whole.order, whole.from + first, whole.from + end, whole.out + first * each,
                    (end - first) * each};
        started[i] = i > 0 && others[i].Start(GatherPart::RunPart, &parts[i]);
    }
    GatherPart result = whole;
    for (uint32_t i = 0; i < count; i++) {
        if (started[i])
            others[i].Join();
        else
            parts[i].Run();
        result.taken += parts[i].taken;
        result.bytes += parts[i].bytes;
        if (parts[i].status != OV_OK) result.status = parts[i].status;
    }
    return result;
}

// gather(pieces: Uint8Array[], firsts: Uint32Array, count, stride, starts: Uint32Array, ends: Uint32Array, before,
// after: Uint8Array, keys: Uint8Array, keyWidth, lengths, order: Uint32Array, from, to, out: Uint8Array, written:
// Uint32Array, threads) starts and ends are empty for records by stride; order is empty for the records' own; keyWidth
// 0: no keys. Answers the records taken; their bytes are in written[0].
napi_value Gather(napi_env env, napi_callback_info info) {
    napi_value args[17];
    size_t argc = 17;
    Span<uint32_t> firsts, starts, ends, order, written;
    Span<uint8_t> after, keys, out;
    uint32_t count, stride, before, key_width, lengths, from, to, threads, pieces;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[1], "firsts", &firsts) || !get_uint32(env, args[2], "count", &count) ||
        !get_uint32(env, args[3], "stride", &stride) || !get_array(env, args[4], "starts", &starts) ||
        !get_array(env, args[5], "ends", &ends) || !get_uint32(env, args[6], "before", &before) ||
        !get_array(env, args[7], "after", &after) || !get_array(env, args[8], "keys", &keys) ||
        !get_uint32(env, args[9], "keyWidth", &key_width) || !get_uint32(env, args[10], "lengths", &lengths) ||
        !get_array(env, args[11], "order", &order) || !get_uint32(env, args[12], "from", &from) ||
        !get_uint32(env, args[13], "to", &to) || !get_array(env, args[14], "out", &out) ||
        !get_array(env, args[15], "written", &written) || !get_uint32(env, args[16], "threads", &threads)) {
        return nullptr;
    }
    if (napi_get_array_length(env, args[0], &pieces) != napi_ok) {
        throw_type(env, "pieces", "an array");
        return nullptr;
    }
    if (pieces > firsts.length || written.length < 1) return throw_range(env, "firsts has fewer entries than pieces");
    std::vector<ov_piece> list(pieces);
    for (uint32_t i = 0; i < pieces; i++) {
        napi_value piece;
        Span<uint8_t> bytes;
        if (napi_get_element(env, args[0], i, &piece) != napi_ok || !get_array(env, piece, "pieces", &bytes)) {
            return nullptr;
        }
        if (overlap(bytes, out)) return throw_range(env, "the outputs share memory with the input");
        list[i] = {bytes.data, bytes.length, firsts.data[i]};
    }
    const bool by_places = starts.length > 0 || ends.length > 0;
    if (by_places && (starts.length < count || ends.length < count)) {
        return throw_range(env, "starts or ends have fewer than count entries");
    }
    if (order.length > 0 ? to > order.length : to > count) return throw_range(env, "to lies behind the records");
    if (from > to) return throw_range(env, "from lies behind to");
    if (key_width > 0 && keys.length / key_width < count) return throw_range(env, "keys have fewer than count entries");
    if (overlap(keys, out) || overlap(starts, out) || overlap(ends, out) || overlap(order, out) ||
        overlap(after, out)) {
        return throw_range(env, "the outputs share memory with the input");
    }
    const ov_store store = {list.data(),
                            list.size(),
                            count,
                            stride,
                            by_places ? starts.data : nullptr,
                            by_places ? ends.data : nullptr,
                            before,
                            after.data,
                            after.length,
                            key_width > 0 ? keys.data : nullptr,
                            key_width,
                            lengths != 0};
    const GatherPart done =
        gather_on_threads({&store, order.length > 0 ? order.data : nullptr, from, to, out.data, out.length}, threads);
    if (done.status != OV_OK) return throw_range(env, "a record is not inside its piece");
    written.data[0] = static_cast<uint32_t>(done.bytes);
    napi_value result;
    return napi_create_uint32(env, done.taken, &result) == napi_ok ? result : nullptr;
}

// merge(data: Uint8Array, from: Uint32Array, to: Uint32Array, final: Uint8Array, keyWidth, length, keep, scratch:
// Uint32Array, out: Uint8Array, written: Uint32Array): where it stopped; written: records, bytes
napi_value MergeRuns(napi_env env, napi_callback_info info) {
    napi_value args[10];
    size_t argc = 10;
    Span<uint8_t> data, final, out;
    Span<uint32_t> from, to, scratch, written;
    uint32_t key_width, length, keep;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "data", &data) || !get_array(env, args[1], "from", &from) ||
        !get_array(env, args[2], "to", &to) || !get_array(env, args[3], "final", &final) ||
        !get_uint32(env, args[4], "keyWidth", &key_width) || !get_uint32(env, args[5], "length", &length) ||
        !get_uint32(env, args[6], "keep", &keep) || !get_array(env, args[7], "scratch", &scratch) ||
        !get_array(env, args[8], "out", &out) || !get_array(env, args[9], "written", &written)) {
        return nullptr;
    }
    const auto count = static_cast<uint32_t>(from.length);
    if (to.length != from.length || final.length != from.length || from.length > 65536 || written.length < 2 ||
        scratch.length * 4 < ov_merge_scratch(count)) {
        return throw_range(env, "from, to and final need an entry for each run, scratch and written their room");
    }
    if (overlap(data, out) || overlap(data, from) || overlap(data, scratch) || overlap(out, from) || overlap(out, to) ||
        overlap(out, scratch) || overlap(from, to)) {
        return throw_range(env, "the outputs share memory with the input");
    }
    const ov_runs runs = {data.data, data.length, from.data, to.data, final.data, count, key_width, length, keep != 0};
    int64_t stopped = OV_MERGE_DONE;
    uint32_t records = 0;
    size_t bytes = 0;
    ov_error error{-1, -1};
    if (ov_merge(&runs, out.data, out.length, scratch.data, &stopped, &records, &bytes, &error) != OV_OK) {
        return throw_range(env, "a run is not whole");
    }
    written.data[0] = records;
    written.data[1] = static_cast<uint32_t>(bytes);
    napi_value result;
    return napi_create_int64(env, stopped, &result) == napi_ok ? result : nullptr;
}

} // namespace

void set_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
    napi_value function;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) == napi_ok) {
        napi_set_named_property(env, exports, name, function);
    }
}

void ExportKeyed(Napi::Env env, Napi::Object exports) {
    set_function(env, exports, "keys", Keys);
    set_function(env, exports, "hash", Hash);
    set_function(env, exports, "gather", Gather);
    set_function(env, exports, "merge", MergeRuns);
}

} // namespace overpunch
