// Running a model over a data set to judge it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fovea/data/data_loader.h"
#include "fovea/nn/module.h"
#include "fovea/train/metrics.h"
#include "fovea/train/mistakes.h"

namespace fovea::train {

/// What a model makes of a data set.
struct Evaluation {
  double loss = 0;            ///< mean loss a sample, see Objective::loss
  ConfusionMatrix confusion;  ///< answers by true class; of no classes for multi-label targets
  /// The surest of the wrong answers, see keep_surest; samples by the loader's order.
  std::vector<Mistake> mistakes = {};
  std::optional<LabelScores> labels = {};  ///< answers to multi-label targets; nothing for others

  std::int64_t samples() const { return labels ? labels->total() : confusion.total(); }  ///< judged
  /// Samples that are answered right: of multi-label targets in every label.
  std::int64_t correct() const { return labels ? labels->correct() : confusion.correct(); }
  /// correct / samples
  double accuracy() const {
    return static_cast<double>(correct()) / static_cast<double>(samples());
  }
  /// See summarize.
  Metrics metrics(std::span<const std::string> names = {}) const {
    return labels ? summarize(*labels, names) : summarize(confusion, names);
  }
};

/// The views of an image that a model judges: its scores are the mean over them. The image itself
/// is always one.
struct Views {
  bool flip = false;       ///< each view mirrored left to right, too
  std::int64_t shift = 0;  ///< above 0: the image moved by as many pixels up, down, left and right,
                           ///< too, with zeros coming in

  std::int64_t count() const { return (flip ? 2 : 1) * (shift > 0 ? 5 : 1); }  ///< of one image
};

/// Runs `model` in evaluation mode, unrecorded, over one epoch of `loader`, and puts its mode back.
/// How it is judged, the targets of the loader's data set say (make_objective).
/// Shapes   the model gives scores [n, classes], the loader targets [n] (i64) or, multi-label,
///          [n, classes] (f32), and for more views than one images [n, c, h, w].
/// Throws   ArgumentError when the loader has no sample; IndexError for a label outside;
///          ShapeError; NumericError, naming the batch, when the loss is not finite.
Evaluation evaluate(nn::Module& model, data::DataLoader& loader, std::int64_t classes,
                    const Views& views = {});

/// Told what the model said of a batch: its scores, the mean over the views, and the targets.
using BatchJudged = std::function<void(const Tensor& scores, const Tensor& targets)>;

/// The same, unless `stop` (which may be null) becomes true before the last batch: then nothing.
std::optional<Evaluation> evaluate_until(const std::atomic<bool>* stop, nn::Module& model,
                                         data::DataLoader& loader, std::int64_t classes,
                                         const Views& views = {}, const BatchJudged& on_batch = {});

}  // namespace fovea::train
