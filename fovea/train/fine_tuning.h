// Which of a model's parameters learn, when, and how fast: `freeze`, `unfreeze_at`, `lr_scale`.
//
// A pattern is a name of a parameter, or of a part of the model and so of all parameters in it:
// "fc", "layer1.0.conv1.weight". In it * stands for any characters, ? for one, [ab] for one of
// these: "layer*.bn?.bias". A number N in `freeze` means the first N stages: those children of the
// model that have parameters, in order; of a child called "features" its own children are stages.
// Several stand with commas between them.
//
// Frozen parameters take no gradient and no update, no decay of weights either; batch norm whose
// parameters are frozen uses its running statistics and keeps them. (Dropout goes on.)
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/nn/module.h"
#include "fovea/train/config.h"

namespace fovea::train {

/// Parameters that learn at `scale` times the learning rate.
struct ScaledParameters {
  Tensors parameters;  ///< of a model
  double scale = 1;    ///< factor of the learning rate
};

/// Throws ArgumentError, naming the setting, unless `freeze`, `unfreeze_at` and `lr_scale` can be
/// read. Whether a model has such parts is for FineTuning to say.
void check_fine_tuning(const TrainConfig& config);

/// See the head of this file. What it does follows from the settings and the epoch alone.
class FineTuning {
 public:
  /// `model` must outlive this.
  /// Throws   ArgumentError for a pattern that nothing in the model matches, naming what is near,
  ///          for more stages than it has, and when nothing is left to learn.
  FineTuning(nn::Module& model, const TrainConfig& config);

  /// What an optimiser gets, those of scale 1 first: without what is frozen for good.
  std::vector<ScaledParameters> groups() const;
  /// The scale of each of those groups.
  std::vector<double> group_scales() const;
  /// Freezes or frees parameters, and batch norm, as it is in `epoch` (from 1). Call it when the
  /// model is in training mode.
  void begin_epoch(std::int64_t epoch) const;
  /// "train: conv1, bn1 are frozen (3 of 62 tensors) until epoch 2": a line for people; empty where
  /// nothing is frozen.
  std::string describe() const;

 private:
  bool is_frozen(std::int64_t epoch) const { return unfreeze_at_ == 0 || epoch < unfreeze_at_; }
  void freeze_part(const std::string& part);
  void set_scale(const std::string& part);
  std::vector<std::string> matches(const char* setting, const std::string& pattern) const;

  nn::Module& model_;
  NamedTensors parameters_;
  std::int64_t unfreeze_at_;
  std::set<std::string> frozen_;  // names of parameters
  std::vector<double> scales_;    // one a parameter
};

}  // namespace fovea::train
