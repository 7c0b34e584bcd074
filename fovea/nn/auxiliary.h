// Classifiers that have auxiliary classifiers: parts in the middle of the network that give class
// scores of their own in training, so that the gradient of their losses reaches the layers before
// them on a shorter way. In evaluation they do not run.
//
//     const TrainingScores all = training_scores(model, images);
//     training_loss(all, [&](const Tensor& s) { return cross_entropy(s, labels); }).backward();
//
// This does the same for a model that has none, so a training loop need not know which it has.
#pragma once

#include <functional>
#include <vector>

#include "fovea/nn/module.h"
#include "fovea/tensor/tensor.h"

namespace fovea::nn {

/// Class scores of an auxiliary classifier.
struct AuxiliaryScores {
  Tensor scores;      ///< [n, classes]
  double weight = 1;  ///< of their loss in the whole
};

/// What a classifier gives in training.
struct TrainingScores {
  Tensor scores;                                ///< [n, classes], what forward returns
  std::vector<AuxiliaryScores> auxiliary = {};  ///< in the order of the network; often none
};

/// What a module with auxiliary classifiers is besides a Module.
class AuxiliaryClassifiers {
 public:
  virtual ~AuxiliaryClassifiers() = default;
  /// The module's forward with all that it gives; in evaluation mode its scores alone.
  virtual TrainingScores forward_training(const Tensor& x) = 0;
};

/// All scores of `model` for `x`. Hooks on a model with auxiliary classifiers are not called, those
/// on its parts are.
TrainingScores training_scores(Module& model, const Tensor& x);

/// The loss of the scores, and the weighted losses of the auxiliary ones.
///
/// Formula  loss(scores) + sum_i weight_i loss(auxiliary_i).
Tensor training_loss(const TrainingScores& given, const std::function<Tensor(const Tensor&)>& loss);

}  // namespace fovea::nn
