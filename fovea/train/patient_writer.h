// Writing what a training must not lose, on a disk that may be full for a while.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace fovea::train {

/// What is done when weights or a checkpoint cannot be written.
enum class OnFull : std::uint8_t {
  kStop,  ///< it is tried again some times, then the training ends
  kWait,  ///< it is tried again until it succeeds, or a stop is requested
};

/// See the head of this file. Threads: belongs to one at a time.
class PatientWriter {
 public:
  /// `stop` may be null; `tell`, which may be empty, is told of waiting and of its end. `pause` is
  /// the time between two tries.
  PatientWriter(OnFull on_full, const std::atomic<bool>* stop,
                std::function<void(const std::string&)> tell,
                std::chrono::milliseconds pause = std::chrono::seconds(1))
      : on_full_(on_full), stop_(stop), tell_(std::move(tell)), pause_(pause) {}

  /// Calls `write` until it does not throw IoError. Throws the last one.
  void write(const std::function<void()>& write) const;

 private:
  bool may_try_again(int tries) const;

  OnFull on_full_;
  const std::atomic<bool>* stop_;
  std::function<void(const std::string&)> tell_;
  std::chrono::milliseconds pause_;
};

}  // namespace fovea::train
