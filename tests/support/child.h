// A test's own child process, which may give up rights and memory that the test needs.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <string>

namespace fovea::test {

/// What `f` returns when it runs in a child process, which may change what it may do.
inline std::string in_child(const std::function<std::string()>& f) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    const std::string result = f();
    const bool ok =
        ::write(ends[1], result.data(), result.size()) == static_cast<ssize_t>(result.size());
    ::_exit(ok ? 0 : 1);
  }
  ::close(ends[1]);
  std::string result(1 << 16, '\0');
  std::size_t used = 0;
  for (ssize_t count; (count = ::read(ends[0], result.data() + used, result.size() - used)) > 0;)
    used += static_cast<std::size_t>(count);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  result.resize(used);
  return result;
}

}  // namespace fovea::test
