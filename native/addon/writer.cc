// Writers; see writer.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

#include <cstring>
#include <new>

#include "../core/opcodes.h"
#include "args.h"
#include "prepared.h"
#include "records.h"

namespace overpunch {
namespace {

// What both functions are given first.
struct Target {
    Span<int32_t> written;
    Span<uint8_t> out, slab;
    uint32_t from = 0;
};

bool get_target(napi_env env, const napi_value *args, size_t slab_length, Target *t) {
    if (!get_array(env, args[0], "written", &t->written) || !get_array(env, args[1], "out", &t->out) ||
        !get_uint32(env, args[2], "from", &t->from) || !get_array(env, args[3], "slab", &t->slab)) {
        return false;
    }
    const char *wrong = nullptr;
    if (t->written.length < OV_WRITTEN_WORDS) wrong = "written has 8 words";
    if (t->from > t->out.length || t->out.length > INT32_MAX)
        wrong = "from must lie inside out, which has up to 2^31 - 1 bytes";
    if (t->slab.length != slab_length) wrong = "the slab is not of this writer's layout: its length differs";
    if (reinterpret_cast<uintptr_t>(t->slab.data) % 8 != 0) wrong = "the slab must lie at a multiple of 8 bytes";
    if (overlap(t->out, t->slab) || overlap(t->written, t->slab) || overlap(t->written, t->out)) {
        wrong = "the outputs share memory";
    }
    if (wrong) throw_range(env, wrong);
    return !wrong;
}

} // namespace

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

    // From the first finalizer on, the last of them frees the writer.
    Writer *shared = writer.get();
    napi_value result, write, rows;
    if (napi_create_object(env, &result) != napi_ok ||
        napi_create_function(env, "write", NAPI_AUTO_LENGTH, Write, shared, &write) != napi_ok ||
        napi_create_function(env, "rows", NAPI_AUTO_LENGTH, Rows, shared, &rows) != napi_ok ||
        napi_add_finalizer(env, write, shared, Finalize, nullptr, nullptr) != napi_ok) {
        return throw_no_memory(env);
    }
    writer.release();
    shared->functions_ = 1;
    shared->external_ = static_cast<int64_t>(constants + scratch);
    int64_t total;
    napi_adjust_external_memory(env, shared->external_, &total);
    if (napi_add_finalizer(env, rows, shared, Finalize, nullptr, nullptr) != napi_ok) return throw_no_memory(env);
    shared->functions_ = 2;
    if (napi_set_named_property(env, result, "write", write) != napi_ok ||
        napi_set_named_property(env, result, "rows", rows) != napi_ok) {
        return throw_no_memory(env);
    }
    return result;
}

void Writer::Finalize(napi_env env, void *data, void *) {
    Writer *writer = static_cast<Writer *>(data);
    if (--writer->functions_ > 0) return;
    int64_t total;
    napi_adjust_external_memory(env, -writer->external_, &total);
    delete writer;
}

napi_value Writer::Write(napi_env env, napi_callback_info info) {
    napi_value args[9];
    size_t argc = 9;
    void *self;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, &self) != napi_ok) return nullptr;
    const Writer *writer = static_cast<const Writer *>(self);
    Target t;
    RecordArgs r;
    if (!get_target(env, args, writer->decoder_.slab_length, &t) || !get_records(env, args + 4, argc - 4, &r)) {
        return nullptr;
    }
    if (overlap(t.slab, r) || overlap(t.out, r) || overlap(t.written, r)) {
        return throw_range(env, "the outputs share memory with the input");
    }
    ov_error error{-1, -1};
    const ov_status status =
        ov_write(&writer->writer_, &writer->decoder_, &r.records, t.slab.data, writer->scratch_.get(),
                 t.out.data + t.from, t.out.length - t.from, t.written.data, &error);
    return status == OV_OK ? nullptr : throw_records(env, status, r, error);
}

napi_value Writer::Rows(napi_env env, napi_callback_info info) {
    napi_value args[6];
    size_t argc = 6;
    void *self;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, &self) != napi_ok) return nullptr;
    const Writer *writer = static_cast<const Writer *>(self);
    Target t;
    uint32_t first, last;
    if (!get_target(env, args, writer->decoder_.slab_length, &t) || !get_uint32(env, args[4], "first", &first) ||
        !get_uint32(env, args[5], "last", &last)) {
        return nullptr;
    }
    if (ov_write_rows(&writer->writer_, &writer->decoder_, t.slab.data, first, last, writer->scratch_.get(),
                      t.out.data + t.from, t.out.length - t.from, t.written.data) != OV_OK) {
        return throw_range(env, "the core refuses these rows: they are not in the slab, or were not decoded");
    }
    return nullptr;
}

} // namespace overpunch
