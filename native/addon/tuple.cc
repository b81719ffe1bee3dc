// Tuples; see tuple.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "tuple.h"

#include <vector>

#include "../core/opcodes.h"
#include "args.h"
#include "keyed.h"
#include "overpunch.h"

namespace overpunch {
namespace {

// tuples(program: Int32Array, slab: Uint8Array, extra: Uint8Array, first, last, out: Uint8Array, from,
// written: Int32Array): writes to out[from..]
napi_value Tuples(napi_env env, napi_callback_info info) {
    napi_value args[8];
    size_t argc = 8;
    Span<int32_t> program, written;
    Span<uint8_t> slab, extra, out;
    uint32_t first, last, from;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "program", &program) || !get_array(env, args[1], "slab", &slab) ||
        !get_array(env, args[2], "extra", &extra) || !get_uint32(env, args[3], "first", &first) ||
        !get_uint32(env, args[4], "last", &last) || !get_array(env, args[5], "out", &out) ||
        !get_uint32(env, args[6], "from", &from) || !get_array(env, args[7], "written", &written)) {
        return nullptr;
    }
    if (written.length < OV_TUPLE_WRITTEN_WORDS) return throw_range(env, "written has 6 words");
    if (from > out.length || out.length > INT32_MAX) {
        return throw_range(env, "from must lie inside out, which has up to 2^31 - 1 bytes");
    }
    if (overlap(out, slab) || overlap(out, extra) || overlap(written, slab) || overlap(written, extra) ||
        overlap(written, out) || overlap(written, program) || overlap(out, program)) {
        return throw_range(env, "the outputs share memory with the input");
    }
    std::vector<uint64_t> scratch(ov_tuples_scratch(program.length) / sizeof(uint64_t) + 1);
    const ov_status status =
        ov_tuples(program.data, program.length, slab.data, slab.length, extra.data, extra.length, first, last,
                  reinterpret_cast<uint8_t *>(scratch.data()), out.data + from, out.length - from, written.data);
    return status == OV_OK ? nullptr : throw_range(env, "the core refuses these tuples");
}

} // namespace

void ExportTuples(Napi::Env env, Napi::Object exports) { set_function(env, exports, "tuples", Tuples); }

} // namespace overpunch
