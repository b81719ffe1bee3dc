// What works on keys: making them, sorting, gathering, merging and grouping records by them. src/engine/keyed.ts says
// what each is; src/engine/native-keyed.ts is the only caller.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_KEYED_H
#define OVERPUNCH_ADDON_KEYED_H

#include <napi.h>

namespace overpunch {

void set_function(napi_env env, napi_value exports, const char *name, napi_callback callback);

void ExportKeyed(Napi::Env env, Napi::Object exports);
void ExportSort(Napi::Env env, Napi::Object exports);
void ExportGroup(Napi::Env env, Napi::Object exports);
void ExportMemory(Napi::Env env, Napi::Object exports);

} // namespace overpunch
#endif
