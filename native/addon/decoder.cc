// Decoders; see decoder.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "decoder.h"

#include <memory>
#include <new>

#include "args.h"

namespace overpunch {
napi_value Decoder::Prepare(napi_env env, napi_callback_info info) {
    napi_value args[4], decode;
    size_t argc = 4;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok) return nullptr;
    auto *decoder = new (std::nothrow) Decoder();
    if (!decoder) return throw_no_memory(env);
    const bool is_made = decoder->TakeAll(env, args, &decode);
    decoder->Release(env);
    return is_made ? decode : nullptr;
}

bool Decoder::TakeAll(napi_env env, const napi_value *args, napi_value *decode) {
    napi_value begin;
    if (!TakePlan(env, args)) return false;
    if (!MakeScratch(ov_scratch_size(&plan_)) || !Bind(env, "decode", Decode, decode) ||
        !Bind(env, "begin", Begin, &begin) || napi_set_named_property(env, *decode, "begin", begin) != napi_ok) {
        return throw_no_memory(env) != nullptr;
    }
    Account(env, static_cast<int64_t>(bytes_));
    return true;
}

class Decoder::DecodeCall : public RecordsCall {
  public:
    static constexpr size_t kArguments = 7;

    bool Read(napi_env env, void *decoder, const napi_value *args, size_t argc) {
        Span<uint8_t> slab;
        decoder_ = static_cast<Decoder *>(decoder);
        if (!get_array(env, args[0], "slab", &slab) || !TakeRecords(env, args + 1, argc - 1)) return false;
        if (decoder_->is_busy_) return refuse(env, "the decoder is at work on another thread");
        if (slab.length != decoder_->decoder_.slab_length) {
            return refuse(env, "the slab is not of this decoder's layout: its length differs");
        }
        if (reinterpret_cast<uintptr_t>(slab.data) % 8 != 0) {
            return refuse(env, "the slab must lie at a multiple of 8 bytes");
        }
        // The core checks positions, then uses them: nothing that it reads may change under its own writes.
        if (overlap(slab, records_)) return refuse(env, "the slab shares memory with the input");
        slab_ = slab.data;
        return true;
    }

  private:
    Runner *Used() const final { return decoder_; }

    void Make() final {
        status_ = ov_decode(&decoder_->decoder_, &records_.records, slab_, decoder_->scratch_.get(), &error_);
    }

    Decoder *decoder_ = nullptr;
    uint8_t *slab_ = nullptr;
};

napi_value Decoder::Decode(napi_env env, napi_callback_info info) { return run_call<DecodeCall>(env, info); }

napi_value Decoder::Begin(napi_env env, napi_callback_info info) { return begin_call<DecodeCall>(env, info); }

} // namespace overpunch
