// System calls that a signal interrupted, done again.
#pragma once

#include <unistd.h>

#include <cerrno>

namespace fovea::io {

/// What `call` returns, which is a system call: below 0, with errno, where it failed. Repeated for
/// as long as a signal interrupts it.
template <class F>
auto retried(const F& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Closes a descriptor; below 0, with errno, where what was written may be lost. Interrupted, Linux
/// has closed it all the same: to try again would close somebody else's.
inline int close_once(int descriptor) {
  return ::close(descriptor) != 0 && errno != EINTR ? -1 : 0;
}

}  // namespace fovea::io
