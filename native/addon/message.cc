// Messages; see message.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "message.h"

#include <cstring>
#include <memory>
#include <new>

#include "args.h"
#include "overpunch.h"
#include "prepared.h"
#include "records.h"

namespace overpunch {
namespace {

constexpr size_t kDigits = 48;
constexpr size_t kNumbers = 256;
// Bytes behind the images; the first four say how many were read.
constexpr size_t kTaken = 16;

struct Message {
    AlignedBytes constants;
    AlignedBytes memory;
    ov_plan plan{};
    ov_message *message = nullptr;
    AlignedBytes text;
    uint8_t *images = nullptr;
    size_t image_length = 0, capacity = 0;
    napi_ref keep = nullptr;
    int64_t external = 0;
};

void Finalize(napi_env env, void *data, void *) {
    std::unique_ptr<Message> self(static_cast<Message *>(data));
    int64_t total;
    napi_adjust_external_memory(env, -self->external, &total);
    napi_delete_reference(env, self->keep);
}

napi_value ReadMany(napi_env env, const Message *self, const napi_value *args, size_t argc) {
    napi_value result;
    RecordArgs r;
    if (!get_records(env, args, argc, &r)) return nullptr;
    const Span<uint8_t> images{self->images, self->capacity * self->image_length + kTaken};
    if (overlap(images, r)) return throw_range(env, "the images share memory with the records");
    if (r.records.count > self->capacity) return throw_range(env, "count must be at most the number of images");
    uint32_t taken;
    size_t length;
    ov_error error{-1, -1};
    const ov_status status = ov_messages_decode(self->message, &r.records, self->images, self->image_length,
                                                self->text.get(), &taken, &length, &error);
    if (status != OV_OK) return throw_records(env, status, r, error);
    const auto count = static_cast<int32_t>(taken);
    std::memcpy(self->images + self->capacity * self->image_length, &count, sizeof count);
    const auto *text = reinterpret_cast<const char *>(self->text.get());
    return napi_create_string_latin1(env, text, taken * length, &result) == napi_ok ? result : nullptr;
}

// (bytes: Uint8Array): string | undefined
// (data: Uint8Array, first, count, stride | starts, ends): string
napi_value Read(napi_env env, napi_callback_info info) {
    napi_value args[5], result;
    size_t argc = 5;
    void *data;
    Span<uint8_t> bytes;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, &data) != napi_ok) return nullptr;
    const auto *self = static_cast<const Message *>(data);
    if (argc > 1) return ReadMany(env, self, args, argc);
    if (!get_array(env, args[0], "bytes", &bytes)) return nullptr;
    const uint8_t *text;
    size_t length;
    if (!ov_message_decode(self->message, bytes.data, bytes.length, self->images, &text, &length)) return nullptr;
    const napi_status status = napi_create_string_latin1(env, reinterpret_cast<const char *>(text), length, &result);
    return status == napi_ok ? result : nullptr;
}

} // namespace

napi_value PrepareMessage(napi_env env, napi_callback_info info) {
    napi_value args[5];
    size_t argc = 5;
    Span<int32_t> code, words;
    Span<uint8_t> pool, images;
    uint32_t capacity;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "code", &code) || !get_array(env, args[1], "pool", &pool) ||
        !get_array(env, args[2], "words", &words) || !get_array(env, args[3], "images", &images) ||
        !get_uint32(env, args[4], "capacity", &capacity)) {
        return nullptr;
    }
    const size_t image_length = capacity == 0 || images.length < kTaken ? 0 : (images.length - kTaken) / capacity;
    if (image_length % 16 != 0 || image_length * capacity + kTaken != images.length) {
        return throw_range(env,
                           "images must be as many as capacity says, each a multiple of 16 bytes, and 16 bytes more");
    }
    if (reinterpret_cast<uintptr_t>(images.data) % 8 != 0) {
        return throw_range(env, "the images must lie at a multiple of 8 bytes");
    }

    std::unique_ptr<Message> self(new (std::nothrow) Message());
    if (!self) return throw_no_memory(env);
    const size_t code_size = round_up(code.length * sizeof(int32_t)), constants = code_size + round_up(pool.length);
    self->constants = allocate(constants);
    if (!self->constants) return throw_no_memory(env);
    auto *own_code = self->constants.get();
    auto *own_pool = copy(own_code, code);
    copy(own_pool, pool);

    ov_error error{-1, -1};
    if (ov_plan_check(reinterpret_cast<const int32_t *>(own_code), code.length, own_pool, pool.length, &self->plan,
                      &error) != OV_OK) {
        return throw_invalid(env, "plan", error);
    }
    size_t memory;
    if (ov_message_check(&self->plan, words.data, words.length, image_length, &memory, &error) != OV_OK) {
        return throw_invalid(env, "message", error);
    }
    self->memory = allocate(memory);
    if (!self->memory) return throw_no_memory(env);
    // nothing of JavaScript runs in between: the words are those that were checked
    self->message = ov_message_prepare(&self->plan, words.data, words.length, image_length, self->memory.get());
    self->images = images.data;
    self->image_length = image_length;
    self->capacity = capacity;
    if (!self->message) return throw_range(env, "the words changed while they were checked");

    const size_t room = ov_messages_room(self->message, capacity);
    self->text = allocate(room);
    if (!self->text) return throw_no_memory(env);

    napi_value read;
    if (napi_create_function(env, "read", NAPI_AUTO_LENGTH, Read, self.get(), &read) != napi_ok ||
        napi_create_reference(env, args[3], 1, &self->keep) != napi_ok) {
        return throw_no_memory(env);
    }
    if (napi_add_finalizer(env, read, self.get(), Finalize, nullptr, nullptr) != napi_ok) {
        napi_delete_reference(env, self->keep);
        return throw_no_memory(env);
    }
    int64_t total;
    self->external = static_cast<int64_t>(constants + memory + room);
    napi_adjust_external_memory(env, self->external, &total);
    self.release();
    return read;
}

napi_value Digits(napi_env env, napi_callback_info info) {
    napi_value args[6], result;
    size_t argc = 6;
    Span<int32_t> values, ends;
    Span<uint8_t> validity;
    uint32_t from, count, scale;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "values", &values) || !get_array(env, args[1], "validity", &validity) ||
        !get_uint32(env, args[2], "from", &from) || !get_uint32(env, args[3], "count", &count) ||
        !get_uint32(env, args[4], "scale", &scale) || !get_array(env, args[5], "ends", &ends)) {
        return nullptr;
    }
    const uint64_t last = uint64_t{from} + count;
    if (count > kNumbers || scale > 38) return throw_range(env, "count must be at most 256, scale at most 38");
    if (values.length / 4 < last || uint64_t{validity.length} * 8 < last || ends.length <= count) {
        return throw_range(env, "values, validity or ends have fewer entries than count needs");
    }
    if (overlap(values, ends) || overlap(validity, ends)) return throw_range(env, "ends shares memory with the input");
    uint8_t text[kNumbers * kDigits + 64];
    const size_t length = ov_decimals(reinterpret_cast<const uint8_t *>(values.data), validity.data, from, count,
                                      static_cast<int32_t>(scale), text, ends.data);
    const napi_status status = napi_create_string_latin1(env, reinterpret_cast<const char *>(text), length, &result);
    return status == napi_ok ? result : nullptr;
}

} // namespace overpunch
