// The addon's export table: prepare, prepareMessage, digits, prepareWriter, makeThreads, scan, level, setLevel,
// planVersion, and what keyed.h exports. src/engine/native.ts, native-writer.ts and native-keyed.ts have the typed
// declarations of it, and are the only callers.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <napi.h>

#include "../core/opcodes.h"
#include "args.h"
#include "decoder.h"
#include "keyed.h"
#include "message.h"
#include "overpunch.h"
#include "sample.h"
#include "threads.h"
#include "tuple.h"
#include "writer.h"

namespace overpunch {
namespace {

constexpr size_t kScanWords = 8;
constexpr const char *kLevels[] = {"portable", "avx2", "avx512", "neon"};

// scan(framing: Int32Array, data: Uint8Array, from, to, starts: Uint32Array, ends: Uint32Array, state: Int32Array):
// number of records found
napi_value Scan(napi_env env, napi_callback_info info) {
    napi_value args[7];
    size_t argc = 7;
    Span<int32_t> framing, state;
    Span<uint8_t> data;
    Span<uint32_t> starts, ends;
    uint32_t from, to;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "framing", &framing) || !get_array(env, args[1], "data", &data) ||
        !get_uint32(env, args[2], "from", &from) || !get_uint32(env, args[3], "to", &to) ||
        !get_array(env, args[4], "starts", &starts) || !get_array(env, args[5], "ends", &ends) ||
        !get_array(env, args[6], "state", &state)) {
        return nullptr;
    }
    if (framing.length < kScanWords || state.length < kScanWords) {
        return throw_range(env, "framing and state have 8 words each");
    }
    if (from > to || to > data.length || to > kMaxData) {
        return throw_range(env, "from and to must lie in order inside data, and before 2^30");
    }
    if (starts.length != ends.length) return throw_range(env, "starts and ends must have the same length");
    if (overlap(data, starts) || overlap(data, ends) || overlap(data, state) || overlap(framing, state)) {
        return throw_range(env, "the outputs share memory with the input");
    }

    size_t found = 0;
    if (ov_scan(framing.data, data.data, from, to, starts.data, ends.data, starts.length, state.data, &found) !=
        OV_OK) {
        return throw_range(env, "the core refuses this framing");
    }
    napi_value result;
    return napi_create_uint32(env, static_cast<uint32_t>(found), &result) == napi_ok ? result : nullptr;
}

Napi::Value LevelName(Napi::Env env, ov_level level) { return Napi::String::New(env, kLevels[level]); }

// level(): the instruction set in force
Napi::Value Level(const Napi::CallbackInfo &info) { return LevelName(info.Env(), ov_get_level()); }

// setLevel(name): asks for an instruction set, for the whole process; answers the one in force then
Napi::Value SetLevel(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    if (!info[0].IsString()) {
        throw_type(env, "level", "a string");
        return {};
    }
    const std::string name = info[0].As<Napi::String>().Utf8Value();
    for (int level = OV_LEVEL_PORTABLE; level <= OV_LEVEL_NEON; level++) {
        if (name == kLevels[level]) return LevelName(env, ov_set_level(static_cast<ov_level>(level)));
    }
    throw_range(env, "level must be portable, avx2 or avx512");
    return {};
}

void SetFunction(Napi::Env env, Napi::Object exports, const char *name, napi_callback callback) {
    napi_value function;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) == napi_ok) {
        exports.Set(name, Napi::Value(env, function));
    }
}

} // namespace
} // namespace overpunch

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
    using namespace overpunch;
    SetFunction(env, exports, "prepare", Decoder::Prepare);
    SetFunction(env, exports, "prepareWriter", Writer::Prepare);
    SetFunction(env, exports, "prepareMessage", PrepareMessage);
    SetFunction(env, exports, "makeThreads", Threads::Make);
    SetFunction(env, exports, "digits", Digits);
    SetFunction(env, exports, "scan", Scan);
    SetFunction(env, exports, "fillSample", FillSample);
    ExportKeyed(env, exports);
    ExportSort(env, exports);
    ExportGroup(env, exports);
    ExportMemory(env, exports);
    ExportTuples(env, exports);
    exports.Set("level", Napi::Function::New(env, Level, "level"));
    exports.Set("setLevel", Napi::Function::New(env, SetLevel, "setLevel"));
    exports.Set("planVersion", Napi::Number::New(env, OV_PLAN_VERSION));
    return exports;
}

NODE_API_MODULE(overpunch, Init)
