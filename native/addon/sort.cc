// Sorting, on a thread of its own: millions of keys take longer than an event loop should wait. The arrays are held
// until it is done; nobody may write to them meanwhile.
//
// SPDX-License-Identifier: Apache-2.0
#include "args.h"
#include "keyed.h"
#include "overpunch.h"

namespace overpunch {
namespace {

class SortWorker : public Napi::AsyncWorker {
  public:
    SortWorker(Napi::Env env, Span<uint8_t> keys, uint32_t stride, uint32_t width, uint32_t count,
               Span<uint8_t> varying, Span<uint32_t> order, Span<uint8_t> scratch)
        : Napi::AsyncWorker(env, "overpunch.sort"), deferred_(Napi::Promise::Deferred::New(env)), keys_(keys),
          varying_(varying), order_(order), scratch_(scratch), stride_(stride), width_(width), count_(count) {}

    Napi::Promise Start(const Napi::CallbackInfo &info) {
        Napi::Array held = Napi::Array::New(Env());
        for (uint32_t i = 0; i < info.Length(); i++) held.Set(i, info[i]);
        held_ = Napi::Persistent(held.As<Napi::Object>());
        Queue();
        return deferred_.Promise();
    }

    void Execute() override {
        if (ov_sort(keys_.data, stride_, width_, count_, varying_.data, order_.data, scratch_.data) != OV_OK)
            SetError("the core refuses these keys");
    }
    void OnOK() override { deferred_.Resolve(Env().Undefined()); }
    void OnError(const Napi::Error &error) override { deferred_.Reject(error.Value()); }

  private:
    Napi::Promise::Deferred deferred_;
    Napi::ObjectReference held_;
    Span<uint8_t> keys_, varying_;
    Span<uint32_t> order_;
    Span<uint8_t> scratch_;
    uint32_t stride_, width_, count_;
};

// sort(keys: Uint8Array, stride, width, count, varying: Uint8Array, order: Uint32Array, scratch: Uint8Array):
// Promise<void>
Napi::Value Sort(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    Span<uint8_t> keys, varying, scratch;
    Span<uint32_t> order;
    uint32_t stride, width, count;
    if (!get_array(env, info[0], "keys", &keys) || !get_uint32(env, info[1], "stride", &stride) ||
        !get_uint32(env, info[2], "width", &width) || !get_uint32(env, info[3], "count", &count) ||
        !get_array(env, info[4], "varying", &varying) || !get_array(env, info[5], "order", &order) ||
        !get_array(env, info[6], "scratch", &scratch)) {
        return {};
    }
    if (varying.length != size_t{2} * width || stride < width ||
        (width > 0 && count > 0 && (keys.length < width || (keys.length - width) / stride < count - 1)) ||
        order.length < count || scratch.length < ov_sort_scratch(count) ||
        reinterpret_cast<uintptr_t>(scratch.data) % 8 != 0) {
        throw_range(env, "keys, varying, order or scratch are not of the size that width and count ask for");
        return {};
    }
    if (overlap(keys, order) || overlap(keys, scratch) || overlap(varying, order) || overlap(varying, scratch) ||
        overlap(order, scratch)) {
        throw_range(env, "the outputs share memory with the input");
        return {};
    }
    // deletes itself when it is done
    return (new SortWorker(env, keys, stride, width, count, varying, order, scratch))->Start(info);
}

// sortScratch(count): bytes of scratch that sort needs
Napi::Value SortScratch(const Napi::CallbackInfo &info) {
    uint32_t count;
    if (!get_uint32(info.Env(), info[0], "count", &count)) return {};
    return Napi::Number::New(info.Env(), static_cast<double>(ov_sort_scratch(count)));
}

} // namespace

void ExportSort(Napi::Env env, Napi::Object exports) {
    exports.Set("sort", Napi::Function::New(env, Sort, "sort"));
    exports.Set("sortScratch", Napi::Function::New(env, SortScratch, "sortScratch"));
}

} // namespace overpunch
