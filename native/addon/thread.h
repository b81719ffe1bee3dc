// A thread of the operating system. (std::thread says by an exception that there are no more to be had; the addon is
// built without exceptions, and goes on with fewer.)
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_THREAD_H
#define OVERPUNCH_ADDON_THREAD_H

#ifdef _WIN32
#include <process.h>
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace overpunch {

class Thread {
  public:
    // False where the system has none to give. This object must stay where it is until Join.
    bool Start(void (*run)(void *), void *data) {
        run_ = run;
        data_ = data;
#ifdef _WIN32
        handle_ = reinterpret_cast<HANDLE>(_beginthreadex(nullptr, 0, Enter, this, 0, nullptr));
        return handle_ != nullptr;
#else
        if (pthread_create(&handle_, nullptr, Enter, this) != 0) return false;
#ifdef __linux__
        pthread_setname_np(handle_, "overpunch"); // as top and perf show it
#endif
        return true;
#endif
    }

    void Join() {
#ifdef _WIN32
        WaitForSingleObject(handle_, INFINITE);
        CloseHandle(handle_);
#else
        pthread_join(handle_, nullptr);
#endif
    }

  private:
#ifdef _WIN32
    static unsigned __stdcall Enter(void *thread) {
        static_cast<Thread *>(thread)->run_(static_cast<Thread *>(thread)->data_);
        return 0;
    }
    HANDLE handle_ = nullptr;
#else
    static void *Enter(void *thread) {
        static_cast<Thread *>(thread)->run_(static_cast<Thread *>(thread)->data_);
        return nullptr;
    }
    pthread_t handle_{};
#endif
    void (*run_)(void *) = nullptr;
    void *data_ = nullptr;
};

} // namespace overpunch
#endif
