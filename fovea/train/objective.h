// Objective: what a model's scores are to say of a sample, by the targets of the data: the loss
// that it learns by, which answers are right, and how it is judged. The one place that tells two
// kinds of targets apart for the trainer and for evaluations.
//
//   single-label  the class: cross entropy of the softmax, right where the largest score is its own
//   multi-label   of each class by itself whether it is there: binary cross entropy of the sigmoid,
//                 right where all labels are
#pragma once

#include <cstdint>
#include <memory>

#include "fovea/data/dataset.h"
#include "fovea/tensor/tensor.h"
#include "fovea/train/evaluate.h"

namespace fovea::train {

struct TrainConfig;

/// How a loss is made.
struct ObjectiveOptions {
  std::int64_t classes = 0;    ///< scores that the model gives
  double label_smoothing = 0;  ///< of the training loss; 0 for multi-label targets
  /// Of the training loss, [classes]; undefined: all 1. What a sample of a class counts; of
  /// multi-label targets what a label that is there counts against one that is not (pos_weight).
  Tensor class_weights = {};
};

/// See the head of this file. Immutable.
class Objective {
 public:
  virtual ~Objective() = default;
  /// The loss to learn by, 0-d, on the tape.
  /// Shapes   scores [n, classes]; target [n] (i64), or [n, classes] of shares in [0, 1], such as
  ///          mixed samples have.
  /// Throws   as cross_entropy and binary_cross_entropy_with_logits.
  virtual Tensor training_loss(const Tensor& scores, const Tensor& target) const = 0;
  /// The loss that evaluations tell, 0-d: without weights of classes and label smoothing. A mean
  /// over samples, of multi-label targets over their labels too.
  virtual Tensor loss(const Tensor& scores, const Tensor& target) const = 0;
  /// How many samples are answered right. Of shared targets the largest counts, or those of at
  /// least 1/2.
  virtual std::int64_t count_correct(const Tensor& scores, const Tensor& target) const = 0;
  /// An evaluation of no sample yet.
  virtual Evaluation begin() const = 0;
  /// Counts a batch's answers in an evaluation that begin() made.
  virtual void count(Evaluation& evaluation, const Tensor& scores, const Tensor& target) const = 0;
  /// Keeps a batch's surest mistakes; samples are numbered from `first`. Requires finite scores.
  virtual void keep_mistakes(Evaluation& evaluation, const Tensor& scores, const Tensor& target,
                             std::int64_t first) const = 0;
};

/// What targets want. Throws ArgumentError when classes < 1, or label_smoothing is set for
/// multi-label targets.
std::unique_ptr<const Objective> make_objective(data::Targets targets,
                                                const ObjectiveOptions& options);

/// Throws ArgumentError, naming the setting, where one makes no sense with the targets:
/// label_smoothing and balanced sampling with multi-label ones.
void check_objective(const TrainConfig& config, data::Targets targets);

}  // namespace fovea::train
