// Writers; see writer.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

#include <cstring>
#include <new>

#include "../core/opcodes.h"
#include "args.h"
#include "later.h"
#include "prepared.h"
#include "records.h"

namespace overpunch {
napi_value Writer::Prepare(napi_env env, napi_callback_info info) {
    napi_value args[6];
    size_t argc = 6;
    Span<int32_t> code, table, program;
    Span<uint8_t> pool, program_pool;
    uint32_t slab_length;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "code", &code) || !get_array(env, args[1], "pool", &pool) ||
        !get_array(env, args[2], "table", &table) || !get_uint32(env, args[3], "slabLength", &slab_length) ||
        !get_array(env, args[4], "programCode", &program) || !get_array(env, args[5], "programPool", &program_pool)) {
        return nullptr;
    }

    std::unique_ptr<Writer> writer(new (std::nothrow) Writer());
    if (!writer) return throw_no_memory(env);
    const size_t constants = round_up(code.length * sizeof(int32_t)) + round_up(table.length * sizeof(int32_t)) +
                             round_up(pool.length) + round_up(program.length * sizeof(int32_t)) +
                             round_up(program_pool.length);
    writer->constants_ = allocate(constants);
    if (!writer->constants_) return throw_no_memory(env);
    auto *own_code = writer->constants_.get();
    auto *own_table = copy(own_code, code);
    auto *own_pool = copy(own_table, table);
    auto *own_program = copy(own_pool, pool);
    auto *own_program_pool = copy(own_program, program);
    copy(own_program_pool, program_pool);

    ov_error error{-1, -1};
    if (ov_plan_check(reinterpret_cast<const int32_t *>(own_code), code.length, own_pool, pool.length, &writer->plan_,
                      &error) != OV_OK) {
        return throw_invalid(env, "plan", error);
    }
    if (ov_decoder_check(&writer->plan_, reinterpret_cast<const int32_t *>(own_table), table.length, slab_length,
                         &writer->decoder_, &error) != OV_OK) {
        return throw_invalid(env, "slab", error);
    }
    if (ov_writer_check(&writer->plan_, reinterpret_cast<const int32_t *>(own_program), program.length,
                        own_program_pool, program_pool.length, &writer->writer_, &error) != OV_OK) {
        return throw_invalid(env, "program", error);
    }
    const size_t scratch = round_up(ov_write_scratch_size(&writer->writer_));
    writer->scratch_ = allocate(scratch);
    if (!writer->scratch_) return throw_no_memory(env);
    std::memset(writer->scratch_.get(), 0, scratch);

    // from the first function on, they own it
    Writer *const shared = writer.get();
    napi_value result;
    if (napi_create_object(env, &result) != napi_ok || !shared->Export(env, result, "write", Write)) {
        return throw_no_memory(env);
    }
    writer.release();
    shared->external_ = static_cast<int64_t>(constants + scratch);
    int64_t total;
    napi_adjust_external_memory(env, shared->external_, &total);
    if (!shared->Export(env, result, "writeLater", WriteLater) || !shared->Export(env, result, "rows", Rows)) {
        return throw_no_memory(env);
    }
    return result;
}

bool Writer::Export(napi_env env, napi_value object, const char *name, napi_callback callback) {
    napi_value function;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, this, &function) != napi_ok ||
        napi_set_named_property(env, object, name, function) != napi_ok ||
        napi_add_finalizer(env, function, this, Finalize, nullptr, nullptr) != napi_ok) {
        return false;
    }
    holders_++;
    return true;
}

void Writer::Finalize(napi_env env, void *data, void *) { static_cast<Writer *>(data)->Release(env); }

void Writer::Release(napi_env env) {
    if (--holders_ > 0) return;
    int64_t total;
    napi_adjust_external_memory(env, -external_, &total);
    delete this;
}

bool Writer::Read(napi_env env, Call *call) {
    if (!get_array(env, call->args[0], "written", &call->written) ||
        !get_array(env, call->args[1], "out", &call->out) || !get_uint32(env, call->args[2], "from", &call->from) ||
        !get_array(env, call->args[3], "slab", &call->slab)) {
        return false;
    }
    const char *wrong = nullptr;
    if (call->writer->is_busy_) wrong = "the writer is at work on another thread";
    if (call->written.length < OV_WRITTEN_WORDS) wrong = "written has 8 words";
    if (call->from > call->out.length || call->out.length > INT32_MAX)
        wrong = "from must lie inside out, which has up to 2^31 - 1 bytes";
    if (call->slab.length != call->writer->decoder_.slab_length)
        wrong = "the slab is not of this writer's layout: its length differs";
    if (reinterpret_cast<uintptr_t>(call->slab.data) % 8 != 0) wrong = "the slab must lie at a multiple of 8 bytes";
    if (overlap(call->out, call->slab) || overlap(call->written, call->slab) || overlap(call->written, call->out)) {
        wrong = "the outputs share memory";
    }
    return wrong ? refuse(env, wrong) : true;
}

bool Writer::ReadAll(napi_env env, napi_callback_info info, Call *call) {
    size_t argc = kArguments;
    void *self;
    if (napi_get_cb_info(env, info, &argc, call->args, nullptr, &self) != napi_ok) return false;
    call->writer = static_cast<Writer *>(self);
    if (!Read(env, call) || !get_records(env, call->args + 4, argc - 4, &call->records)) return false;
    if (overlap(call->slab, call->records) || overlap(call->out, call->records) ||
        overlap(call->written, call->records)) {
        return refuse(env, "the outputs share memory with the input");
    }
    return true;
}

void Writer::Run(Call *call) {
    const Writer *writer = call->writer;
    call->status =
        ov_write(&writer->writer_, &writer->decoder_, &call->records.records, call->slab.data, writer->scratch_.get(),
                 call->out.data + call->from, call->out.length - call->from, call->written.data, &call->error);
}

napi_value Writer::Write(napi_env env, napi_callback_info info) {
    Call call;
    if (!ReadAll(env, info, &call)) return nullptr;
    Run(&call);
    return call.status == OV_OK ? nullptr : throw_records(env, call.status, call.records, call.error);
}

struct Writer::Job : Later {
    Call call;

    void Hold() override {
        call.writer->holders_++;
        call.writer->is_busy_ = true;
    }
    void Release(napi_env env) override {
        call.writer->is_busy_ = false;
        call.writer->Release(env);
    }
    void Run() override { Writer::Run(&call); }
    bool Throw(napi_env env) override {
        if (call.status != OV_OK) throw_records(env, call.status, call.records, call.error);
        return call.status != OV_OK;
    }
};

napi_value Writer::WriteLater(napi_env env, napi_callback_info info) {
    std::unique_ptr<Job> job(new (std::nothrow) Job());
    if (!job) return throw_no_memory(env);
    if (!ReadAll(env, info, &job->call)) return nullptr;
    const napi_value *args = job->call.args;
    return Later::Start(env, std::move(job), "overpunch.write", args, kArguments);
}

napi_value Writer::Rows(napi_env env, napi_callback_info info) {
    Call call;
    size_t argc = 6;
    void *self;
    if (napi_get_cb_info(env, info, &argc, call.args, nullptr, &self) != napi_ok) return nullptr;
    call.writer = static_cast<Writer *>(self);
    uint32_t first, last;
    if (!Read(env, &call) || !get_uint32(env, call.args[4], "first", &first) ||
        !get_uint32(env, call.args[5], "last", &last)) {
        return nullptr;
    }
    const Writer *writer = call.writer;
    if (ov_write_rows(&writer->writer_, &writer->decoder_, call.slab.data, first, last, writer->scratch_.get(),
                      call.out.data + call.from, call.out.length - call.from, call.written.data) != OV_OK) {
        return throw_range(env, "the core refuses these rows: they are not in the slab, or were not decoded");
    }
    return nullptr;
}

} // namespace overpunch
