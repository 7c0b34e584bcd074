// What `fovea train --profile` prints: where the time of the training steps went.
#pragma once

#include <string>

#include "apps/base/terminal.h"
#include "fovea/tensor/profile.h"
#include "fovea/train/trainer.h"

namespace fovea::cli {

/// Profiles the steps of a training, its evaluations left out.
class StepProfile final : public train::TrainObserver {
 public:
  void on_epoch_begin(std::int64_t epoch) override;
  void on_step(const train::StepEvent& event) override;
  void on_evaluate(std::string_view data) override;
  void on_epoch_end(const train::EpochEvent& event) override;
  void on_train_end(train::TrainEnd end) override;
  /// A table: kernel, whether backward ran it, calls and milliseconds a step, share of the time;
  /// the last row is what was spent outside kernels: waiting for data, dispatch, writing down what
  /// happened.
  std::string to_string(const Terminal& terminal) const;

 private:
  Profile profile_;
  std::int64_t steps_ = 0;
};

}  // namespace fovea::cli
