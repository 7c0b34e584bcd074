#include "fovea/train/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace fovea::train {

namespace {

int open_folder(const std::filesystem::path& folder) {
  return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/// Tries to lock an open folder.
LockState try_lock(int folder, int how) {
  if (::flock(folder, how | LOCK_NB) == 0) return LockState::kHeld;
  return errno == EWOULDBLOCK ? LockState::kTaken : LockState::kNone;
}

}  // namespace

FolderLock lock_folder(const std::filesystem::path& folder) {
  constexpr int kTries = 20;
  constexpr std::chrono::milliseconds kBetween{5};
  const int opened = open_folder(folder);
  if (opened < 0) return {};
  std::shared_ptr<const int> held(new int(opened), [](const int* descriptor) {
    ::close(*descriptor);
    delete descriptor;
  });
  LockState state = try_lock(opened, LOCK_EX);
  for (int i = 1; i < kTries && state == LockState::kTaken; ++i) {
    std::this_thread::sleep_for(kBetween);
    state = try_lock(opened, LOCK_EX);
  }
  if (state != LockState::kHeld) held.reset();
  return {state, std::move(held)};
}

bool is_folder_locked(const std::filesystem::path& folder) {
  const int opened = open_folder(folder);
  if (opened < 0) return false;
  const LockState state = try_lock(opened, LOCK_SH);
  ::close(opened);
  return state == LockState::kTaken;
}

}  // namespace fovea::train
