// Where the time of this thread's operations goes: kernel by kernel, forward and backward apart.
//
//     Profile profile;
//     profile.start();
//     loss = criterion(model(x), y);  loss.backward();  optimizer.step();
//     profile.stop();
//     for (const ProfileRow& row : profile.rows()) ...
//
// Costs two readings of the clock a kernel while it is started, and nothing else.
// Threads: sees the kernels of the thread that started it; the threads inside a kernel are the
// kernel's own.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/kernels/kernels.h"

namespace fovea {

/// A kernel in one of the two directions.
struct ProfileRow {
  std::string_view kernel;  ///< "conv_forward"
  bool backward = false;    ///< while gradients were computed
  std::int64_t calls = 0;   ///< how often it ran
  double seconds = 0;       ///< in all
};

/// Times kernels. See the head of this file.
class Profile final : private kernels::LaunchObserver {
 public:
  Profile() = default;
  ~Profile() override { stop(); }
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  /// Begins, or goes on after stop.
  void start();
  /// Ends; what was counted stays.
  void stop();
  /// What ran, the longest first.
  std::vector<ProfileRow> rows() const;
  /// Time between start and stop, whoever had it: kernels and everything between them.
  double seconds() const { return seconds_; }

 private:
  using Clock = std::chrono::steady_clock;
  void before(std::size_t entry) override;
  void after() override;

  std::map<std::pair<std::size_t, bool>, ProfileRow> rows_;  // by entry and direction
  kernels::LaunchObserver* other_ = nullptr;                 // who was told before us
  bool running_ = false;
  double seconds_ = 0;
  Clock::time_point started_, kernel_started_;
  ProfileRow* row_ = nullptr;  // of the kernel that runs
};

}  // namespace fovea
