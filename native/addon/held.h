// What functions of JavaScript are bound to. It lives until the last of them is collected, and as long as a call of the
// core that uses it is under way.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_HELD_H
#define OVERPUNCH_ADDON_HELD_H

#include <cstdint>

#include <node_api.h>

namespace overpunch {

class Held {
  public:
    Held(const Held &) = delete;
    Held &operator=(const Held &) = delete;

    void Hold() { holders_++; }
    // The last to release it ends it.
    void Release(napi_env env);

  protected:
    Held() = default;
    virtual ~Held() = default;

    // Makes a function whose data is this, and which holds it.
    bool Bind(napi_env env, const char *name, napi_callback callback, napi_value *function);
    // Has an object hold it.
    bool BindTo(napi_env env, napi_value object);
    // Tells the collector of memory beyond this object's own, once.
    void Account(napi_env env, int64_t bytes);
    // Called before it is deleted.
    virtual void End(napi_env) {}

  private:
    static void Finalize(napi_env env, void *held, void *hint);

    int holders_ = 1; // whoever makes it is the first
    int64_t external_ = 0;
};

} // namespace overpunch
#endif
