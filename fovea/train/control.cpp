#include "fovea/train/control.h"

#include <algorithm>
#include <exception>

namespace fovea::train {

/// What somebody waits for, on their stack.
struct TrainControl::Look {
  const std::function<void()>& run;
  bool taken = false;  // and so will be done
  bool done = false;
  std::exception_ptr error = {};
};

void TrainControl::pause() {
  const std::scoped_lock lock(mutex_);
  pause_ = true;
}

void TrainControl::go() {
  const std::scoped_lock lock(mutex_);
  pause_ = false;
  more_steps_ = 0;
  changed_.notify_all();
}

void TrainControl::step() {
  const std::scoped_lock lock(mutex_);
  // Whoever has not asked for a pause before means the step that runs.
  if (pause_) ++more_steps_;
  pause_ = true;
  changed_.notify_all();
}

void TrainControl::stop() {
  stop_ = true;
  const std::scoped_lock lock(mutex_);
  changed_.notify_all();
}

bool TrainControl::wants_pause() const {
  const std::scoped_lock lock(mutex_);
  return pause_;
}

bool TrainControl::is_waiting() const {
  const std::scoped_lock lock(mutex_);
  return waits_;
}

bool TrainControl::between_steps(const std::function<void()>& look,
                                 std::optional<std::chrono::milliseconds> patience) {
  Look mine{.run = look};
  std::unique_lock lock(mutex_);
  if (!runs_) return false;
  looks_.push_back(&mine);
  changed_.notify_all();
  const auto decided = [&] { return mine.taken || !runs_; };
  if (patience) {
    changed_.wait_for(lock, *patience, decided);
  } else {
    changed_.wait(lock, decided);
  }
  if (!mine.taken) {
    std::erase(looks_, &mine);
    return false;
  }
  changed_.wait(lock, [&] { return mine.done; });
  if (mine.error) std::rethrow_exception(mine.error);
  return true;
}

/// Runs what somebody waits for. The mutex is free meanwhile, so that a look may ask this.
void TrainControl::run_looks(std::unique_lock<std::mutex>& lock) {
  while (!looks_.empty()) {
    Look& look = *looks_.front();
    looks_.pop_front();
    look.taken = true;
    lock.unlock();
    std::exception_ptr error;
    try {
      look.run();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    look.error = error;
    look.done = true;
    changed_.notify_all();
  }
}

void TrainControl::on_train_begin(const TrainPlan&) {
  const std::scoped_lock lock(mutex_);
  runs_ = true;
}

void TrainControl::on_step(const StepEvent&) {
  std::unique_lock lock(mutex_);
  run_looks(lock);
  if (pause_ && more_steps_ > 0) {
    --more_steps_;
    return;
  }
  const auto begin = std::chrono::steady_clock::now();
  while (pause_ && more_steps_ == 0 && !stop_) {
    waits_ = true;
    changed_.wait(lock, [&] { return !pause_ || more_steps_ > 0 || stop_ || !looks_.empty(); });
    run_looks(lock);
  }
  if (!waits_) return;
  waits_ = false;
  if (more_steps_ > 0) --more_steps_;  // the one that comes now
  paused_s_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void TrainControl::on_train_end(TrainEnd) { close(); }

void TrainControl::close() {
  const std::scoped_lock lock(mutex_);
  runs_ = false;
  waits_ = false;
  changed_.notify_all();
}

}  // namespace fovea::train
