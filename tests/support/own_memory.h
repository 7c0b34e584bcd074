// How much memory this process has, for tests that run in a process of their own.
#pragma once

#include <fstream>
#include <string>

namespace fovea::test {

/// A field of /proc/self/status, such as VmRSS or VmHWM (the peak), in bytes; -1 when there is
/// none.
inline double bytes_of_status(const std::string& field) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    double kibibytes = 0;
    if (word == field + ":" && status >> kibibytes) return kibibytes * 1024;
  }
  return -1;
}

}  // namespace fovea::test
