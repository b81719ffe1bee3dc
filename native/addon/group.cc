// Groups in a table and rows that JavaScript allocates. `state` is two words: bits (log2 of the table's entries) and
// rows in use; `varying` is what their keys have in common.
//
// SPDX-License-Identifier: Apache-2.0
#include "../core/opcodes.h"
#include "args.h"
#include "keyed.h"
#include "overpunch.h"

namespace overpunch {
namespace {

// The groups of a program, whose table and rows are checked for their sizes; false where an exception is thrown.
bool get_groups(napi_env env, const napi_value *args, ov_groups *groups, Span<uint8_t> *table, Span<uint8_t> *rows,
                Span<uint32_t> *state) {
    Span<int32_t> program;
    Span<uint8_t> varying;
    if (!get_array(env, args[0], "program", &program) || !get_array(env, args[1], "table", table) ||
        !get_array(env, args[2], "rows", rows) || !get_array(env, args[3], "state", state) ||
        !get_array(env, args[4], "varying", &varying)) {
        return false;
    }
    static uint8_t nothing[1];
    const int32_t key_width = program.length < OV_GROUP_HEADER ? -1 : program.data[OV_GROUPW_KEY_WIDTH];
    if (key_width < 0 || varying.length < size_t{2} * static_cast<uint32_t>(key_width) || overlap(varying, *table) ||
        overlap(varying, *rows)) {
        throw_range(env, "varying is not of the size that the program asks for");
        return false;
    }
    const int32_t width = program.length < OV_GROUP_HEADER ? 0 : program.data[OV_GROUPW_ROW_WIDTH];
    if (width <= 0 || state->length < 2 || state->data[0] > 32 || (table->length >> state->data[0]) < 4 ||
        reinterpret_cast<uintptr_t>(table->data) % 4 != 0) {
        throw_range(env, "the table is not of the size that program and state ask for");
        return false;
    }
    const size_t capacity = rows->length / static_cast<size_t>(width);
    if (capacity < state->data[1] || capacity >= UINT32_MAX) {
        throw_range(env, "the rows are not of the size that program and state ask for");
        return false;
    }
    *groups = {program.data,
               program.length,
               reinterpret_cast<uint32_t *>(table->data),
               state->data[0],
               rows->data,
               static_cast<uint32_t>(capacity),
               state->data[1],
               varying.data ? varying.data : nothing};
    return true;
}

// groupAdd(program: Int32Array, table: Uint8Array, rows: Uint8Array, state: Uint32Array, varying: Uint8Array,
// slab: Uint8Array, keys: Uint8Array, extremes: Uint8Array, from, count): records taken
napi_value GroupAdd(napi_env env, napi_callback_info info) {
    napi_value args[10];
    size_t argc = 10;
    ov_groups groups{};
    Span<uint8_t> table, rows, slab, keys, extremes;
    Span<uint32_t> state;
    uint32_t from, count;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_groups(env, args, &groups, &table, &rows, &state) || !get_array(env, args[5], "slab", &slab) ||
        !get_array(env, args[6], "keys", &keys) || !get_array(env, args[7], "extremes", &extremes) ||
        !get_uint32(env, args[8], "from", &from) || !get_uint32(env, args[9], "count", &count)) {
        return nullptr;
    }
    const int32_t width = groups.program[OV_GROUPW_KEY_WIDTH], extreme = groups.program[OV_GROUPW_EXTREMES];
    if (from > count || width < 0 || keys.length < static_cast<size_t>(width) * count || extreme < 0 ||
        extremes.length < static_cast<size_t>(extreme) * count) {
        return throw_range(env, "keys or extremes have fewer than count rows");
    }
    if (overlap(table, slab) || overlap(table, keys) || overlap(table, extremes) || overlap(table, rows) ||
        overlap(rows, slab) || overlap(rows, keys) || overlap(rows, extremes)) {
        return throw_range(env, "table and rows share memory with the input");
    }
    // the core tells nothing from no memory: what has no bytes needs some place
    static const uint8_t nothing[1] = {0};
    uint32_t taken = from;
    if (ov_group_add(&groups, slab.data ? slab.data : nothing, slab.length, keys.data ? keys.data : nothing,
                     extremes.data ? extremes.data : nothing, from, count, &taken) != OV_OK) {
        return throw_range(env, "the core refuses this program");
    }
    state.data[1] = groups.used;
    napi_value result;
    return napi_create_uint32(env, taken, &result) == napi_ok ? result : nullptr;
}

// groupIndex(program, table, rows, state, varying): enters the rows in use into a new table, which is all zeros
napi_value GroupIndex(napi_env env, napi_callback_info info) {
    napi_value args[5];
    size_t argc = 5;
    ov_groups groups{};
    Span<uint8_t> table, rows;
    Span<uint32_t> state;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_groups(env, args, &groups, &table, &rows, &state)) {
        return nullptr;
    }
    if (overlap(table, rows)) return throw_range(env, "table and rows share memory");
    if (ov_group_index(&groups) != OV_OK) return throw_range(env, "the core refuses these groups");
    return nullptr;
}

// groupResults(program: Int32Array, rows: Uint8Array, width, count, order: Uint32Array, from, to, slab: Uint8Array):
// -1, or the column with too many digits
napi_value GroupResults(napi_env env, napi_callback_info info) {
    napi_value args[8];
    size_t argc = 8;
    Span<int32_t> program;
    Span<uint8_t> rows, slab;
    Span<uint32_t> order;
    uint32_t width, count, from, to;
    if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok ||
        !get_array(env, args[0], "program", &program) || !get_array(env, args[1], "rows", &rows) ||
        !get_uint32(env, args[2], "width", &width) || !get_uint32(env, args[3], "count", &count) ||
        !get_array(env, args[4], "order", &order) || !get_uint32(env, args[5], "from", &from) ||
        !get_uint32(env, args[6], "to", &to) || !get_array(env, args[7], "slab", &slab)) {
        return nullptr;
    }
    if (from > to || to > order.length || (width > 0 && rows.length / width < count)) {
        return throw_range(env, "rows or order are not of the size that width and count ask for");
    }
    if (overlap(slab, rows) || overlap(slab, order) || overlap(slab, program)) {
        return throw_range(env, "the slab shares memory with the input");
    }
    int32_t failed = -1;
    if (ov_group_results(program.data, program.length, rows.data, width, count, order.data, from, to, slab.data,
                         slab.length, &failed) != OV_OK) {
        return throw_range(env, "the core refuses these results");
    }
    napi_value result;
    return napi_create_int32(env, failed, &result) == napi_ok ? result : nullptr;
}

} // namespace

void ExportGroup(Napi::Env env, Napi::Object exports) {
    set_function(env, exports, "groupAdd", GroupAdd);
    set_function(env, exports, "groupIndex", GroupIndex);
    set_function(env, exports, "groupResults", GroupResults);
}

} // namespace overpunch
