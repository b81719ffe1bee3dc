// A thread that may not come to be: where the system has none to give, the caller does the work.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef OVERPUNCH_ADDON_THREAD_H
#define OVERPUNCH_ADDON_THREAD_H

#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace overpunch {

// Runs work.Run() between Start and Join; work outlives it.
template <typename Work> class Thread {
  public:
#ifdef _WIN32
    bool Start(Work *work) {
        handle_ = CreateThread(nullptr, 0, Main, work, 0, nullptr);
        return handle_ != nullptr;
    }
    void Join() {
        WaitForSingleObject(handle_, INFINITE);
        CloseHandle(handle_);
    }

  private:
    static DWORD WINAPI Main(void *work) {
        static_cast<Work *>(work)->Run();
        return 0;
    }
    HANDLE handle_ = nullptr;
#else
    bool Start(Work *work) { return pthread_create(&id_, nullptr, Main, work) == 0; }
    void Join() { pthread_join(id_, nullptr); }

  private:
    static void *Main(void *work) {
        static_cast<Work *>(work)->Run();
        return nullptr;
    }
    pthread_t id_;
#endif
};

} // namespace overpunch
#endif
