// A call of the core on another thread: a promise for JavaScript, which does other things meanwhile.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_LATER_H
#define OVERPUNCH_ADDON_LATER_H

#include <cstddef>
#include <memory>

#include <node_api.h>

namespace overpunch {

class Later {
  public:
    virtual ~Later() = default;

    // Answers the promise; null with an exception pending where there is no memory for it. The arguments live as long
    // as the call.
    static napi_value Start(napi_env env, std::unique_ptr<Later> call, const char *name, const napi_value *args,
                            size_t count);

  protected:
    // Takes hold of what must not be used otherwise, or freed, until Release.
    virtual void Hold() = 0;
    virtual void Release(napi_env env) = 0;
    // On the other thread: no Node-API here.
    virtual void Run() = 0;
    // Throws into JavaScript, and answers true, where Run failed.
    virtual bool Throw(napi_env env) = 0;

  private:
    static void Execute(napi_env env, void *call);
    static void Complete(napi_env env, napi_status status, void *call);
    bool Queue(napi_env env, const char *name, const napi_value *args, size_t count, napi_value *promise);
    void Free(napi_env env);

    napi_deferred deferred_ = nullptr;
    napi_ref arguments_ = nullptr;
    napi_async_work work_ = nullptr;
};

} // namespace overpunch
#endif
