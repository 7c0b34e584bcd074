#include "fovea/tensor/profile.h"

#include <algorithm>

#include "fovea/tensor/tape.h"

namespace fovea {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void Profile::start() {
  if (running_) return;
  running_ = true;
  other_ = kernels::observe_launches(this);
  started_ = Clock::now();
}

void Profile::stop() {
  if (!running_) return;
  running_ = false;
  seconds_ += seconds_since(started_);
  kernels::observe_launches(other_);
}

void Profile::before(std::size_t entry) {
  row_ = &rows_[{entry, in_backward()}];
  row_->kernel = kernels::kernel_name(entry);
  row_->backward = in_backward();
  kernel_started_ = Clock::now();
}

void Profile::after() {
  row_->seconds += seconds_since(kernel_started_);
  ++row_->calls;
}

std::vector<ProfileRow> Profile::rows() const {
  std::vector<ProfileRow> rows;
  for (const auto& [key, row] : rows_) rows.push_back(row);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ProfileRow& a, const ProfileRow& b) { return a.seconds > b.seconds; });
  return rows;
}

}  // namespace fovea
