// TrainControl: steers a training from another thread. It pauses and goes on, does one step at a
// time, ends, and lets somebody look at what learns between two steps.
//
//     TrainControl control;
//     hooks.observers.push_back(&control);
//     hooks.stop = &control.stop_flag();
//     std::thread trainer([&] { run_training(config, hooks); });
//     control.pause();
//
// A pause is between two steps: an evaluation that runs is ended first. It counts nowhere: time_s,
// images a second, seconds left, --minutes and the time between checkpoints go on as if it had not
// been. Looks do count, but for those in a pause.
//
// It is the last observer, so that others have done their part of a step before it waits.
//
// Threads: on_... and paused_s belong to the training; all others may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "fovea/train/trainer.h"

namespace fovea::train {

/// See the head of this file.
class TrainControl final : public TrainObserver {
 public:
  void pause();  ///< after the present step
  void go();     ///< on, from a pause
  void step();   ///< one step more for each call, and then a pause
  void stop();   ///< ends the training after the present step, also in a pause

  bool wants_pause() const;  ///< whether it waits, or will after the present step
  bool is_waiting() const;   ///< whether it waits right now

  /// Runs `look` on the training's thread between two steps, and returns once that is done. False,
  /// and it was not run, when the training has not begun or is over, or when `patience` (without
  /// it there is no end to it) is over before: in a training that is not paused it waits for a
  /// step, or an evaluation, to end. What it throws is thrown here.
  bool between_steps(const std::function<void()>& look,
                     std::optional<std::chrono::milliseconds> patience = {});

  const std::atomic<bool>& stop_flag() const { return stop_; }  ///< for TrainingHooks::stop

  void on_train_begin(const TrainPlan& plan) override;
  void on_step(const StepEvent& event) override;
  void on_train_end(TrainEnd end) override;
  double paused_s() const override { return paused_s_; }
  /// No look is waited for any more: a training that failed does not say its end.
  void close();

 private:
  struct Look;
  void run_looks(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Look*> looks_;
  std::atomic<bool> stop_{false};
  bool runs_ = false, pause_ = false, waits_ = false;
  std::int64_t more_steps_ = 0;  // before it waits
  double paused_s_ = 0;          // of the training's thread
};

}  // namespace fovea::train
