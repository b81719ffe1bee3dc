// Writers; see writer.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

#include <memory>
#include <new>

#include "../core/opcodes.h"
#include "args.h"

namespace overpunch {
napi_value Writer::Prepare(napi_env env, napi_callback_info info) {
    napi_value args[6], object;
    size_t argc = 6;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok) return nullptr;
    auto *writer = new (std::nothrow) Writer();
    if (!writer) return throw_no_memory(env);
    const bool is_made = writer->TakeAll(env, args, &object);
    writer->Release(env);
    return is_made ? object : nullptr;
}

bool Writer::TakeAll(napi_env env, const napi_value *args, napi_value *object) {
    if (!TakePlan(env, args) || !TakeProgram(env, args + 4)) return false;
    if (!MakeScratch(ov_write_scratch_size(&writer_)) || napi_create_object(env, object) != napi_ok ||
        !Export(env, *object, "write", Write) || !Export(env, *object, "begin", Begin) ||
        !Export(env, *object, "rows", Rows)) {
        return throw_no_memory(env) != nullptr;
    }
    Account(env, static_cast<int64_t>(bytes_));
    return true;
}

bool Writer::TakeProgram(napi_env env, const napi_value *args) {
    Span<int32_t> code;
    Span<uint8_t> pool;
    if (!get_array(env, args[0], "programCode", &code) || !get_array(env, args[1], "programPool", &pool)) return false;
    const size_t bytes = round_up(code.length * sizeof(int32_t)) + round_up(pool.length);
    program_ = allocate(bytes);
    if (!program_) return throw_no_memory(env) != nullptr;
    bytes_ += bytes;
    auto *own_code = program_.get();
    auto *own_pool = copy(own_code, code);
    copy(own_pool, pool);
    ov_error error{-1, -1};
    const ov_status status = ov_writer_check(&plan_, reinterpret_cast<const int32_t *>(own_code), code.length, own_pool,
                                             pool.length, &writer_, &error);
    return status == OV_OK || throw_invalid(env, "program", error) != nullptr;
}

bool Writer::Export(napi_env env, napi_value object, const char *name, napi_callback callback) {
    napi_value function;
    return Bind(env, name, callback, &function) && napi_set_named_property(env, object, name, function) == napi_ok;
}

// Where a call writes to: the arguments that all have in common.
struct Writer::Output {
    Writer *writer = nullptr;
    Span<int32_t> written;
    Span<uint8_t> out, slab;
    uint32_t from = 0;

    bool Read(napi_env env, void *self, const napi_value *args) {
        writer = static_cast<Writer *>(self);
        if (!get_array(env, args[0], "written", &written) || !get_array(env, args[1], "out", &out) ||
            !get_uint32(env, args[2], "from", &from) || !get_array(env, args[3], "slab", &slab)) {
            return false;
        }
        const char *wrong = nullptr;
        if (writer->is_busy_) wrong = "the writer is at work on another thread";
        if (written.length < OV_WRITTEN_WORDS) wrong = "written has 8 words";
        if (from > out.length || out.length > INT32_MAX)
            wrong = "from must lie inside out, which has up to 2^31 - 1 bytes";
        if (slab.length != writer->decoder_.slab_length)
            wrong = "the slab is not of this writer's layout: its length differs";
        if (reinterpret_cast<uintptr_t>(slab.data) % 8 != 0) wrong = "the slab must lie at a multiple of 8 bytes";
        if (overlap(out, slab) || overlap(written, slab) || overlap(written, out)) wrong = "the outputs share memory";
        return wrong ? refuse(env, wrong) : true;
    }

    uint8_t *Start() const { return out.data + from; }
    size_t Room() const { return out.length - from; }
};

class Writer::WriteCall : public RecordsCall {
  public:
    static constexpr size_t kArguments = 10;

    bool Read(napi_env env, void *self, const napi_value *args, size_t argc) {
        if (!output_.Read(env, self, args) || !TakeRecords(env, args + 4, argc - 4)) return false;
        if (overlap(output_.slab, records_) || overlap(output_.out, records_) || overlap(output_.written, records_)) {
            return refuse(env, "the outputs share memory with the input");
        }
        return true;
    }

  private:
    Runner *Used() const final { return output_.writer; }

    void Make() final {
        const Writer *writer = output_.writer;
        status_ = ov_write(&writer->writer_, &writer->decoder_, &records_.records, output_.slab.data,
                           writer->scratch_.get(), output_.Start(), output_.Room(), output_.written.data, &error_);
    }

    Output output_;
};

napi_value Writer::Write(napi_env env, napi_callback_info info) { return run_call<WriteCall>(env, info); }

napi_value Writer::Begin(napi_env env, napi_callback_info info) { return begin_call<WriteCall>(env, info); }

napi_value Writer::Rows(napi_env env, napi_callback_info info) {
    Output output;
    napi_value args[6];
    size_t argc = 6;
    void *self;
    uint32_t first, last;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, &self) != napi_ok || !output.Read(env, self, args) ||
        !get_uint32(env, args[4], "first", &first) || !get_uint32(env, args[5], "last", &last)) {
        return nullptr;
    }
    const Writer *writer = output.writer;
    if (ov_write_rows(&writer->writer_, &writer->decoder_, output.slab.data, first, last, writer->scratch_.get(),
                      output.Start(), output.Room(), output.written.data) != OV_OK) {
        return throw_range(env, "the core refuses these rows: they are not in the slab, or were not decoded");
    }
    return nullptr;
}

} // namespace overpunch
