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

    napi_value decode, later;
    if (!decoder->Export(env, "decode", Decode, &decode)) return throw_no_memory(env);
    // from here on the functions own it
    Decoder *const shared = decoder.release();
    if (!shared->Export(env, "decodeLater", DecodeLater, &later) ||
        napi_set_named_property(env, decode, "later", later) != napi_ok) {
        return throw_no_memory(env);
    }
    int64_t total;
    shared->external_ = static_cast<int64_t>(constants + scratch);
    napi_adjust_external_memory(env, shared->external_, &total);
    return decode;
}

bool Decoder::Export(napi_env env, const char *name, napi_callback callback, napi_value *function) {
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, this, function) != napi_ok ||
        napi_add_finalizer(env, *function, this, Finalize, nullptr, nullptr) != napi_ok) {
        return false;
    }
    holders_++;
    return true;
}

void Decoder::Finalize(napi_env env, void *data, void *) { static_cast<Decoder *>(data)->Release(env); }

void Decoder::Release(napi_env env) {
    if (--holders_ > 0) return;
    int64_t total;
    napi_adjust_external_memory(env, -external_, &total);
    delete this;
}

bool Decoder::Read(napi_env env, napi_callback_info info, Call *call) {
    size_t argc = 6;
    void *self;
    Span<uint8_t> slab, data;
    Span<uint32_t> starts, ends;
    ov_records &records = call->records;
    if (napi_get_cb_info(env, info, &argc, call->args, nullptr, &self) != napi_ok ||
        !get_array(env, call->args[0], "slab", &slab) || !get_array(env, call->args[1], "data", &data) ||
        !get_uint32(env, call->args[2], "first", &records.first) ||
        !get_uint32(env, call->args[3], "count", &records.count)) {
        return false;
    }
    const bool by_stride = argc <= 5;
    if (by_stride
            ? !get_uint32(env, call->args[4], "stride", &records.stride)
            : !get_array(env, call->args[4], "starts", &starts) || !get_array(env, call->args[5], "ends", &ends)) {
        return false;
    }
    call->decoder = static_cast<Decoder *>(self);
    if (call->decoder->is_busy_) return refuse(env, "the decoder is at work on another thread");
    if (slab.length != call->decoder->decoder_.slab_length) {
        return refuse(env, "the slab is not of this decoder's layout: its length differs");
    }
    if (reinterpret_cast<uintptr_t>(slab.data) % 8 != 0) {
        return refuse(env, "the slab must lie at a multiple of 8 bytes");
    }
    if (data.length > kMaxData) return refuse(env, "data is longer than 2^30 bytes");
    const uint64_t last = uint64_t{records.first} + records.count;
    if (!by_stride && (starts.length < last || ends.length < last)) {
        return refuse(env, "starts or ends have fewer entries than first + count");
    }
    // The core checks positions, then uses them: nothing that it reads may change under its own writes.
    if (overlap(slab, data) || overlap(slab, starts) || overlap(slab, ends)) {
        return refuse(env, "the slab shares memory with the input");
    }
    call->slab = slab.data;
    records.data = data.data;
    records.length = data.length;
    records.starts = starts.data;
    records.ends = ends.data;
    return true;
}

void Decoder::Run(Call *call) {
    const Decoder *decoder = call->decoder;
    call->status = ov_decode(&decoder->decoder_, &call->records, call->slab, decoder->scratch_.get(), &call->error);
}

napi_value Decoder::Throw(napi_env env, const Call &call) {
    const ov_records &records = call.records;
    if (call.status != OV_BAD_RECORDS || call.error.at < 0 || static_cast<uint32_t>(call.error.at) >= records.count) {
        return throw_range(env, "the core refuses these records");
    }
    char message[160];
    if (!records.starts) {
        std::snprintf(message, sizeof message,
                      "%u records of %u bytes from byte %u on are not inside the data (%zu bytes).", records.count,
                      records.stride, records.first, records.length);
    } else {
        const size_t record = records.first + static_cast<size_t>(call.error.at);
        std::snprintf(message, sizeof message, "Record %zu (bytes %u to %u) is not inside the data (%zu bytes).",
                      record, records.starts[record], records.ends[record], records.length);
    }
    return throw_range(env, message);
}

napi_value Decoder::Decode(napi_env env, napi_callback_info info) {
    Call call;
    if (!Read(env, info, &call)) return nullptr;
    Run(&call);
    return call.status == OV_OK ? nullptr : Throw(env, call);
}

// A call that goes on while JavaScript does other things. It keeps its arguments and its decoder alive.
struct Decoder::Job {
    Call call;
    napi_deferred deferred = nullptr;
    napi_ref arguments = nullptr;
    napi_async_work work = nullptr;

    static void Execute(napi_env, void *data) { Run(&static_cast<Job *>(data)->call); }

    static void Complete(napi_env env, napi_status status, void *data) {
        std::unique_ptr<Job> job(static_cast<Job *>(data));
        napi_value value;
        if (status == napi_ok && job->call.status == OV_OK) {
            napi_get_undefined(env, &value);
            napi_resolve_deferred(env, job->deferred, value);
        } else if (status != napi_cancelled) {
            Throw(env, job->call);
            napi_get_and_clear_last_exception(env, &value);
            napi_reject_deferred(env, job->deferred, value);
        }
        job->End(env);
        job->call.decoder->is_busy_ = false;
        job->call.decoder->Release(env);
    }

    bool Begin(napi_env env, napi_value *promise) {
        napi_value name, held;
        if (napi_create_array_with_length(env, 6, &held) != napi_ok) return false;
        for (uint32_t i = 0; i < 6; i++) {
            if (napi_set_element(env, held, i, call.args[i]) != napi_ok) return false;
        }
        return napi_create_reference(env, held, 1, &arguments) == napi_ok &&
               napi_create_string_utf8(env, "overpunch.decode", NAPI_AUTO_LENGTH, &name) == napi_ok &&
               napi_create_async_work(env, nullptr, name, Execute, Complete, this, &work) == napi_ok &&
               napi_create_promise(env, &deferred, promise) == napi_ok && napi_queue_async_work(env, work) == napi_ok;
    }

    void End(napi_env env) {
        if (work) napi_delete_async_work(env, work);
        if (arguments) napi_delete_reference(env, arguments);
    }
};

napi_value Decoder::DecodeLater(napi_env env, napi_callback_info info) {
    std::unique_ptr<Job> job(new (std::nothrow) Job());
    if (!job) return throw_no_memory(env);
    if (!Read(env, info, &job->call)) return nullptr;
    napi_value promise;
    if (!job->Begin(env, &promise)) {
        job->End(env);
        return throw_no_memory(env);
    }
    job->call.decoder->holders_++;
    job->call.decoder->is_busy_ = true;
    job.release();
    return promise;
}

} // namespace overpunch
