// What a person sees who asks for more than a line: curves of loss and accuracy, the accuracy of
// each class, and the time left, drawn in place on a terminal.
//
// Everything goes to standard error. It is drawn at most five times a second; what was drawn last
// stays when the training ends.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "apps/base/plot.h"
#include "apps/base/terminal.h"
#include "fovea/train/trainer.h"

namespace fovea::cli {

/// Points of a curve that grows without end: at most so many, neighbours joined by their mean.
class LongCurve {
 public:
  void add(double x, double y);  ///< x beyond those before
  /// What there is, x rising.
  std::vector<std::pair<double, double>> points() const;

 private:
  static constexpr std::size_t kMost = 2000;

  std::vector<std::pair<double, double>> points_;
  std::int64_t each_ = 1;   // steps a point
  std::int64_t count_ = 0;  // of them in sum_
  std::pair<double, double> sum_ = {0, 0};
};

/// How well a class is told, for the dashboard.
struct ClassAccuracy {
  std::string name;     ///< of the class
  double accuracy = 0;  ///< recall
};

/// Shows a training. See the head of this file.
class Dashboard final : public train::TrainObserver {
 public:
  /// The least terminal that it is drawn on.
  static constexpr int kLeastColumns = 80, kLeastRows = 24;
  /// Whether it is seen whole on `terminal`.
  static bool fits(const Terminal& terminal) {
    return terminal.is_terminal && terminal.columns >= kLeastColumns && terminal.rows >= kLeastRows;
  }

  /// For the stream `out`, which `terminal` describes.
  Dashboard(std::FILE* out, const Terminal& terminal) : out_(out), terminal_(terminal) {}

  void on_train_begin(const train::TrainPlan& plan) override;
  void on_step(const train::StepEvent& event) override;
  void on_evaluate(std::string_view data) override;
  void on_evaluated(std::string_view data, const train::Evaluation& evaluation,
                    const std::vector<std::string>& classes) override;
  void on_epoch_end(const train::EpochEvent& event) override;
  void on_train_end(train::TrainEnd end) override;

  /// What is drawn, line by line, none of them wider than the terminal; fewer than its rows.
  std::vector<std::string> lines() const;

 private:
  using Clock = std::chrono::steady_clock;

  void draw(bool now);
  std::vector<std::string> curves(int rows) const;
  std::vector<std::string> classes(int rows) const;

  std::FILE* out_;
  Terminal terminal_;
  train::TrainPlan plan_;
  train::StepEvent step_;
  std::string doing_;  // what is evaluated right now
  double smooth_loss_ = 0;
  LongCurve train_loss_, train_accuracy_;
  Curve judged_loss_, judged_accuracy_;  // a point an epoch
  std::string judged_ = "test";          // on which data
  std::vector<ClassAccuracy> per_class_;
  Clock::time_point last_shown_{};
  std::size_t drawn_ = 0;  // lines
};

}  // namespace fovea::cli
