// What a person sees while a model trains: a bar on a terminal, plain lines elsewhere.
//
// Everything goes to standard error. A bar is drawn at most ten times a second and never wider than
// the terminal; plain lines come once an epoch, and every half minute in between.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "apps/base/terminal.h"
#include "fovea/train/trainer.h"

namespace fovea::cli {

/// Shows a training. See the head of this file.
class TrainProgress final : public train::TrainObserver {
 public:
  /// For the stream `out`, which `terminal` describes.
  TrainProgress(std::FILE* out, const Terminal& terminal) : out_(out), terminal_(terminal) {}
  /// Leaves no half-drawn bar behind.
  ~TrainProgress() override { clear(); }

  void on_train_begin(const train::TrainPlan& plan) override;
  void on_step(const train::StepEvent& event) override;
  void on_evaluate(std::string_view data) override;
  void on_epoch_end(const train::EpochEvent& event) override;
  void on_train_end(train::TrainEnd end) override;

 private:
  using Clock = std::chrono::steady_clock;

  void draw(const std::string& line);
  void clear();
  void print_line(const std::string& line);

  std::FILE* out_;
  Terminal terminal_;
  train::TrainPlan plan_;
  Clock::time_point last_shown_{};
  bool bar_is_drawn_ = false;
};

/// The bar for a step that is done, for a terminal of `terminal.columns`: fields are left out, the
/// least telling first, until it fits.
std::string step_line(const train::TrainPlan& plan, const train::StepEvent& event,
                      const Terminal& terminal);
/// The line for an epoch that is done.
std::string epoch_line(const train::TrainPlan& plan, const train::EpochEvent& event);

}  // namespace fovea::cli
