// Decoders; see decoder.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "decoder.h"

#include <cstring>
#include <new>

#include "args.h"
#include "later.h"
#include "prepared.h"

namespace overpunch {
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
    size_t argc = kArguments;
    void *self;
    Span<uint8_t> slab;
    RecordArgs &records = call->records;
    if (napi_get_cb_info(env, info, &argc, call->args, nullptr, &self) != napi_ok ||
        !get_array(env, call->args[0], "slab", &slab) || !get_records(env, call->args + 1, argc - 1, &records)) {
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
    // The core checks positions, then uses them: nothing that it reads may change under its own writes.
    if (overlap(slab, records)) return refuse(env, "the slab shares memory with the input");
    call->slab = slab.data;
    return true;
}

void Decoder::Run(Call *call) {
    const Decoder *decoder = call->decoder;
    call->status =
        ov_decode(&decoder->decoder_, &call->records.records, call->slab, decoder->scratch_.get(), &call->error);
}

napi_value Decoder::Decode(napi_env env, napi_callback_info info) {
    Call call;
    if (!Read(env, info, &call)) return nullptr;
    Run(&call);
    return call.status == OV_OK ? nullptr : throw_records(env, call.status, call.records, call.error);
}

struct Decoder::Job : Later {
    Call call;

    void Hold() override {
        call.decoder->holders_++;
        call.decoder->is_busy_ = true;
    }
    void Release(napi_env env) override {
        call.decoder->is_busy_ = false;
        call.decoder->Release(env);
    }
    void Run() override { Decoder::Run(&call); }
    bool Throw(napi_env env) override {
        if (call.status != OV_OK) throw_records(env, call.status, call.records, call.error);
        return call.status != OV_OK;
    }
};

napi_value Decoder::DecodeLater(napi_env env, napi_callback_info info) {
    std::unique_ptr<Job> job(new (std::nothrow) Job());
    if (!job) return throw_no_memory(env);
    if (!Read(env, info, &job->call)) return nullptr;
    const napi_value *args = job->call.args;
    return Later::Start(env, std::move(job), "overpunch.decode", args, kArguments);
}

} // namespace overpunch
