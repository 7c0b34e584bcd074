// Averaging: the observer that keeps a running average of the model beside it.
#pragma once

#include <memory>
#include <utility>

#include "fovea/nn/module.h"
#include "fovea/optim/average.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// Takes each step's weights into an average of them, see optim::ModelEma. It must be told of steps
/// before those that write the average.
class Averaging : public TrainObserver {
 public:
  /// `average` is another module of the same kind as `model`, and becomes equal to it. `model` must
  /// outlive this. Throws ArgumentError as optim::ModelEma.
  Averaging(const nn::Module& model, std::shared_ptr<nn::Module> average, double decay)
      : average_(std::move(average)), ema_(model.state_dict(), average_->state_dict(), decay) {}

  void on_step(const StepEvent& event) override { ema_.update(event.step); }

  nn::Module& module() { return *average_; }              ///< the average
  const nn::Module& module() const { return *average_; }  ///< the average

 private:
  std::shared_ptr<nn::Module> average_;
  optim::ModelEma ema_;
};

}  // namespace fovea::train
