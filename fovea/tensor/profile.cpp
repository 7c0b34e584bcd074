#include "fovea/tensor/profile.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tape.h"

namespace fovea {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

class Profile::Watch final : public kernels::LaunchObserver {
 public:
  Watch() = default;
  ~Watch() override { stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void start() {
    if (running_) return;
    running_ = true;
    other_ = kernels::observe_launches(this);
    started_ = Clock::now();
  }

  void stop() {
    if (!running_) return;
    running_ = false;
    seconds_ += seconds_since(started_);
    kernels::observe_launches(other_);
  }

  void before(std::size_t entry) override {
    row_ = &rows_[{entry, in_backward()}];
    row_->kernel = kernels::kernel_name(entry);
    row_->backward = in_backward();
    kernel_started_ = Clock::now();
  }

  void after() override {
    row_->seconds += seconds_since(kernel_started_);
    ++row_->calls;
  }

  std::vector<ProfileRow> rows() const {
    std::vector<ProfileRow> rows;
    for (const auto& [key, row] : rows_) rows.push_back(row);
    std::stable_sort(rows.begin(), rows.end(), [](const ProfileRow& a, const ProfileRow& b) {
      return a.seconds > b.seconds;
    });
    return rows;
  }

  double seconds() const { return seconds_; }

 private:
  std::map<std::pair<std::size_t, bool>, ProfileRow> rows_;  // by entry and direction
  kernels::LaunchObserver* other_ = nullptr;                 // who was told before us
  bool running_ = false;
  double seconds_ = 0;
  Clock::time_point started_, kernel_started_;
  ProfileRow* row_ = nullptr;  // of the kernel that runs
};

Profile::Profile() : watch_(std::make_unique<Watch>()) {}
Profile::~Profile() = default;
void Profile::start() { watch_->start(); }
void Profile::stop() { watch_->stop(); }
std::vector<ProfileRow> Profile::rows() const { return watch_->rows(); }
double Profile::seconds() const { return watch_->seconds(); }

}  // namespace fovea
