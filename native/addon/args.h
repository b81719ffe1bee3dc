// Arguments from JavaScript: each is checked for type and range before the core sees it. Where one is wrong an
// exception is thrown into JavaScript, and the answer is false. Raw Node-API calls, because the decoding of one message
// is counted in nanoseconds.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_ARGS_H
#define OVERPUNCH_ADDON_ARGS_H

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>

#include <node_api.h>

namespace overpunch {

// Positions inside the core have 32 bits; data beyond this is refused.
constexpr size_t kMaxData = size_t{1} << 30;

template <typename T> struct Span {
    T *data = nullptr;
    size_t length = 0;
};

inline bool throw_type(napi_env env, const char *name, const char *expected) {
    char message[160];
    std::snprintf(message, sizeof message, "%s must be %s", name, expected);
    napi_throw_type_error(env, nullptr, message);
    return false;
}

inline bool refuse(napi_env env, const char *message) {
    napi_throw_range_error(env, nullptr, message);
    return false;
}

inline napi_value throw_range(napi_env env, const char *message) {
    refuse(env, message);
    return nullptr;
}

template <typename T> struct ElementOf;
template <> struct ElementOf<uint8_t> {
    static constexpr napi_typedarray_type type = napi_uint8_array;
    static constexpr const char *name = "a Uint8Array";
};
template <> struct ElementOf<int32_t> {
    static constexpr napi_typedarray_type type = napi_int32_array;
    static constexpr const char *name = "an Int32Array";
};
template <> struct ElementOf<uint32_t> {
    static constexpr napi_typedarray_type type = napi_uint32_array;
    static constexpr const char *name = "a Uint32Array";
};

// The elements of a typed array of exactly this kind. A detached one has none: the callers' length checks refuse it.
template <typename T> bool get_array(napi_env env, napi_value value, const char *name, Span<T> *span) {
    napi_typedarray_type type;
    void *data;
    if (napi_get_typedarray_info(env, value, &type, &span->length, &data, nullptr, nullptr) != napi_ok ||
        type != ElementOf<T>::type) {
        return throw_type(env, name, ElementOf<T>::name);
    }
    span->data = static_cast<T *>(data);
    return true;
}

inline bool get_uint32(napi_env env, napi_value value, const char *name, uint32_t *result) {
    double number;
    if (napi_get_value_double(env, value, &number) != napi_ok) return throw_type(env, name, "a number");
    if (!(number >= 0 && number <= 4294967295.0) || static_cast<double>(static_cast<uint32_t>(number)) != number) {
        char message[160];
        std::snprintf(message, sizeof message, "%s must be an integer from 0 to 4294967295", name);
        throw_range(env, message);
        return false;
    }
    *result = static_cast<uint32_t>(number);
    return true;
}

// A place in memory or in a file, which may lie beyond 4 GiB.
template <typename T> bool get_place(napi_env env, napi_value value, const char *name, T *result) {
    double number;
    if (napi_get_value_double(env, value, &number) != napi_ok) return throw_type(env, name, "a number");
    if (!(number >= 0 && number <= 9007199254740991.0) ||
        static_cast<double>(static_cast<uint64_t>(number)) != number ||
        number > static_cast<double>(std::numeric_limits<T>::max())) {
        char message[160];
        std::snprintf(message, sizeof message, "%s must be a whole number from 0 up", name);
        throw_range(env, message);
        return false;
    }
    *result = static_cast<T>(number);
    return true;
}

// Whether two ranges of memory share a byte.
template <typename A, typename B> bool overlap(const Span<A> &a, const Span<B> &b) {
    const auto a_start = reinterpret_cast<uintptr_t>(a.data), a_end = a_start + a.length * sizeof(A);
    const auto b_start = reinterpret_cast<uintptr_t>(b.data), b_end = b_start + b.length * sizeof(B);
    return a_start < b_end && b_start < a_end;
}

} // namespace overpunch
#endif
