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

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace fovea {

/// A kernel in one of the two directions.
struct ProfileRow {
  std::string_view kernel;  ///< "conv_forward"
  bool backward = false;    ///< while gradients were computed
  std::int64_t calls = 0;   ///< how often it ran
  double seconds = 0;       ///< in all
};

/// Times kernels. See the head of this file.
class Profile final {
 public:
  Profile();
  ~Profile();
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  /// Begins, or goes on after stop.
  void start();
  /// Ends; what was counted stays.
  void stop();
  /// What ran, the longest first.
  std::vector<ProfileRow> rows() const;
  /// Time between start and stop, whoever had it: kernels and everything between them.
  double seconds() const;

 private:
  class Watch;  // what kernels tell
  std::unique_ptr<Watch> watch_;
};

}  // namespace fovea
