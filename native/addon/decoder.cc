// Decoders; see decoder.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "decoder.h"

#include <cstring>
#include <new>

#include <napi.h>

#include "args.h"

namespace overpunch {
namespace {

constexpr size_t kAlignment = 64;

size_t round_up(size_t bytes) { return (bytes + kAlignment - 1) & ~(kAlignment - 1); }

AlignedBytes allocate(size_t bytes) {
    void *memory = ::operator new[](bytes, std::align_val_t{kAlignment}, std::nothrow);
    return AlignedBytes(static_cast<uint8_t *>(memory));
}

template <typename T> uint8_t *copy(uint8_t *to, const Span<T> &from) {
    if (from.length > 0) std::memcpy(to, from.data, from.length * sizeof(T));
    return to + round_up(from.length * sizeof(T));
}

napi_value throw_invalid(napi_env env, const char *part, const ov_error &error) {
    Napi::Error exception = Napi::Error::New(env, "the core refuses this plan");
    exception.Set("code", "OVP_PLAN_INVALID");
    exception.Set("part", part);
    exception.Set("at", Napi::Number::New(env, error.at));
    exception.Set("word", Napi::Number::New(env, error.word));
    exception.ThrowAsJavaScriptException();
    return nullptr;
}

napi_value throw_no_memory(napi_env env) {
    napi_throw_error(env, "ERR_MEMORY_ALLOCATION_FAILED", "no memory for a decoder");
    return nullptr;
}

} // namespace

void FreeAligned::operator()(uint8_t *memory) const { ::operator delete[](memory, std::align_val_t{kAlignment}); }

napi_value Decoder::Prepare(napi_env env, napi_callback_info info) {
    napi_value args[4];
    size_t argc = 4;
    Span<int32_t> code, table;
    Span<uint8_t> pool;
    uint32_t slab_length;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "code", &code) || !get_array(env, args[1], "pool", &pool) ||
        !get_array(env, args[2], "table", &table) || !get_uint32(env, args[3], "slabLength", &slab_length)) {
        return nullptr;
    }

    std::unique_ptr<Decoder> decoder(new (std::nothrow) Decoder());
    if (!decoder) return throw_no_memory(env);
    const size_t constants =
        round_up(code.length * sizeof(int32_t)) + round_up(table.length * sizeof(int32_t)) + round_up(pool.length);
    decoder->constants_ = allocate(constants);
    if (!decoder->constants_) return throw_no_memory(env);
    auto *own_code = decoder->constants_.get();
    auto *own_table = copy(own_code, code);
    auto *own_pool = copy(own_table, table);
    copy(own_pool, pool);

    ov_error error{-1, -1};
    if (ov_plan_check(reinterpret_cast<const int32_t *>(own_code), code.length, own_pool, pool.length, &decoder->plan_,
                      &error) != OV_OK) {
        return throw_invalid(env, "plan", error);
    }
    if (ov_decoder_check(&decoder->plan_, reinterpret_cast<const int32_t *>(own_table), table.length, slab_length,
                         &decoder->decoder_, &error) != OV_OK) {
        return throw_invalid(env, "slab", error);
    }
    const size_t scratch = round_up(ov_scratch_size(&decoder->plan_));
    decoder->scratch_ = allocate(scratch);
    if (!decoder->scratch_) return throw_no_memory(env);
    std::memset(decoder->scratch_.get(), 0, scratch);

    napi_value decode;
    if (napi_create_function(env, "decode", NAPI_AUTO_LENGTH, Decode, decoder.get(), &decode) != napi_ok ||
        napi_add_finalizer(env, decode, decoder.get(), Finalize, nullptr, nullptr) != napi_ok) {
        return throw_no_memory(env);
    }
    int64_t total;
    decoder->external_ = static_cast<int64_t>(constants + scratch);
    napi_adjust_external_memory(env, decoder->external_, &total);
    decoder.release();
    return decode;
}

void Decoder::Finalize(napi_env env, void *data, void *) {
    std::unique_ptr<Decoder> decoder(static_cast<Decoder *>(data));
    int64_t total;
    napi_adjust_external_memory(env, -decoder->external_, &total);
}

napi_value Decoder::Decode(napi_env env, napi_callback_info info) {
    napi_value args[6];
    size_t argc = 6;
    void *self;
    Span<uint8_t> slab, data;
    Span<uint32_t> starts, ends;
    ov_records records{};
    if (napi_get_cb_info(env, info, &argc, args, nullptr, &self) != napi_ok ||
        !get_array(env, args[0], "slab", &slab) || !get_array(env, args[1], "data", &data) ||
        !get_uint32(env, args[2], "first", &records.first) || !get_uint32(env, args[3], "count", &records.count)) {
        return nullptr;
    }
    const bool by_stride = argc <= 5;
    if (by_stride ? !get_uint32(env, args[4], "stride", &records.stride)
                  : !get_array(env, args[4], "starts", &starts) || !get_array(env, args[5], "ends", &ends)) {
        return nullptr;
    }
    const Decoder *decoder = static_cast<const Decoder *>(self);
    if (slab.length != decoder->decoder_.slab_length) {
        return throw_range(env, "the slab is not of this decoder's layout: its length differs");
    }
    if (reinterpret_cast<uintptr_t>(slab.data) % 8 != 0) {
        return throw_range(env, "the slab must lie at a multiple of 8 bytes");
    }
    if (data.length > kMaxData) return throw_range(env, "data is longer than 2^30 bytes");
    const uint64_t last = uint64_t{records.first} + records.count;
    if (!by_stride && (starts.length < last || ends.length < last)) {
        return throw_range(env, "starts or ends have fewer entries than first + count");
    }
    // The core checks positions, then uses them: nothing that it reads may change under its own writes.
    if (overlap(slab, data) || overlap(slab, starts) || overlap(slab, ends)) {
        return throw_range(env, "the slab shares memory with the input");
    }

    records.data = data.data;
    records.length = data.length;
    records.starts = starts.data;
    records.ends = ends.data;
    ov_error error{-1, -1};
    const ov_status status = ov_decode(&decoder->decoder_, &records, slab.data, decoder->scratch_.get(), &error);
    if (status == OV_OK) return nullptr;
    if (status != OV_BAD_RECORDS || error.at < 0 || static_cast<uint32_t>(error.at) >= records.count) {
        return throw_range(env, "the core refuses these records");
    }
    char message[160];
    if (by_stride) {
        std::snprintf(message, sizeof message,
                      "%u records of %u bytes from byte %u on are not inside the data (%zu bytes).", records.count,
                      records.stride, records.first, data.length);
    } else {
        const size_t record = records.first + static_cast<size_t>(error.at);
        std::snprintf(message, sizeof message, "Record %zu (bytes %u to %u) is not inside the data (%zu bytes).",
                      record, starts.data[record], ends.data[record], data.length);
    }
    return throw_range(env, message);
}

} // namespace overpunch
