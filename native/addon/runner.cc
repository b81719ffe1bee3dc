// Runners of plans; see runner.h.
//
// SPDX-License-Identifier: Apache-2.0
#include "runner.h"

#include <cerrno>
#include <cstring>

#ifndef _WIN32
#include <sys/uio.h>
#include <unistd.h>
#endif

#include "args.h"

namespace overpunch {
#ifndef _WIN32
namespace {

// As pread, but where it would have to wait for a disk: EAGAIN. Not every system can tell.
ssize_t read_cached(int descriptor, uint8_t *to, size_t length, off_t at) {
#ifdef RWF_NOWAIT
    const iovec piece{to, length};
    const ssize_t read = preadv2(descriptor, &piece, 1, at, RWF_NOWAIT);
    if (read >= 0 || (errno != ENOSYS && errno != EOPNOTSUPP)) return read;
#endif
    return pread(descriptor, to, length, at);
}

} // namespace
#endif

bool Runner::TakePlan(napi_env env, const napi_value *args) {
    Span<int32_t> code, table;
    Span<uint8_t> pool;
    uint32_t slab_length;
    if (!get_array(env, args[0], "code", &code) || !get_array(env, args[1], "pool", &pool) ||
        !get_array(env, args[2], "table", &table) || !get_uint32(env, args[3], "slabLength", &slab_length)) {
        return false;
    }
    const size_t bytes =
        round_up(code.length * sizeof(int32_t)) + round_up(table.length * sizeof(int32_t)) + round_up(pool.length);
    constants_ = allocate(bytes);
    if (!constants_) return throw_no_memory(env) != nullptr;
    bytes_ += bytes;
    auto *own_code = constants_.get();
    auto *own_table = copy(own_code, code);
    auto *own_pool = copy(own_table, table);
    copy(own_pool, pool);

    ov_error error{-1, -1};
    if (ov_plan_check(reinterpret_cast<const int32_t *>(own_code), code.length, own_pool, pool.length, &plan_,
                      &error) != OV_OK) {
        return throw_invalid(env, "plan", error) != nullptr;
    }
    if (ov_decoder_check(&plan_, reinterpret_cast<const int32_t *>(own_table), table.length, slab_length, &decoder_,
                         &error) != OV_OK) {
        return throw_invalid(env, "slab", error) != nullptr;
    }
    return true;
}

bool Runner::MakeScratch(size_t wanted) {
    const size_t bytes = round_up(wanted);
    scratch_ = allocate(bytes);
    if (!scratch_) return false;
    std::memset(scratch_.get(), 0, bytes);
    bytes_ += bytes;
    return true;
}

bool RecordsCall::TakeRecords(napi_env env, const napi_value *args, size_t argc) {
    const bool is_file = argc >= 6;
    if (!get_records(env, args, is_file ? 4 : argc, &records_)) return false;
    return !is_file ||
           (get_uint32(env, args[4], "descriptor", &descriptor_) && get_place(env, args[5], "position", &position_));
}

int RecordsCall::ReadFile(bool can_wait) {
#ifdef _WIN32
    return ENOSYS; // descriptors are another runtime's: JavaScript gives none
#else
    const ov_records &r = records_.records;
    const uint64_t length = uint64_t{r.count} * r.stride;
    if (r.first > r.length || length > r.length - r.first) return 0; // the core refuses them
    while (have_ < length) {
        uint8_t *const to = records_.data.data + r.first + have_;
        const auto at = static_cast<off_t>(position_ + static_cast<int64_t>(have_));
        const size_t left = length - have_;
        const auto descriptor = static_cast<int>(descriptor_);
        const ssize_t read = can_wait ? pread(descriptor, to, left, at) : read_cached(descriptor, to, left, at);
        if (read < 0 && errno == EINTR) continue;
        if (read <= 0) return read < 0 ? errno : kEnd;
        have_ += static_cast<size_t>(read);
    }
    return 0;
#endif
}

void RecordsCall::ThrowRead(napi_env env) const {
    napi_value message, object, syscall, number;
    if (napi_create_string_utf8(env, "the records can't be read from their file", NAPI_AUTO_LENGTH, &message) ==
            napi_ok &&
        napi_create_error(env, nullptr, message, &object) == napi_ok &&
        napi_create_string_utf8(env, "read", NAPI_AUTO_LENGTH, &syscall) == napi_ok &&
        napi_create_int32(env, read_ == kEnd ? 0 : -read_, &number) == napi_ok &&
        napi_set_named_property(env, object, "syscall", syscall) == napi_ok &&
        napi_set_named_property(env, object, "errno", number) == napi_ok) {
        napi_throw(env, object);
    }
}

bool RecordsCall::IsAtHand() { return position_ < 0 || ReadFile(false) != EAGAIN; }

void RecordsCall::Run() {
    if (position_ >= 0) read_ = ReadFile(true);
    if (read_ == 0) Make();
}

void RecordsCall::Throw(napi_env env) {
    if (read_ != 0)
        ThrowRead(env);
    else if (status_ != OV_OK)
        throw_records(env, status_, records_, error_);
}

void RecordsCall::Hold() {
    Used()->Held::Hold();
    Used()->is_busy_ = true;
}

uint32_t *RecordsCall::LastThread() { return &Used()->last_thread_; }

void RecordsCall::Release(napi_env env) {
    Used()->is_busy_ = false;
    Used()->Held::Release(env);
}

} // namespace overpunch
