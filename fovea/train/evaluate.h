// Running a model over a data set to judge it.
#pragma once

#include <cstdint>

#include "fovea/data/data_loader.h"
#include "fovea/nn/module.h"
#include "fovea/train/metrics.h"

namespace fovea::train {

/// What a model makes of a data set.
struct Evaluation {
  double loss = 0;            ///< mean cross entropy a sample, without label smoothing
  ConfusionMatrix confusion;  ///< answers by true class

  /// correct / samples
  double accuracy() const {
    return static_cast<double>(confusion.correct()) / static_cast<double>(confusion.total());
  }
};

/// How often and how a model looks at each image when it is judged.
enum class Views : std::uint8_t {
  kPlain,     ///< once, as it is
  kMirrored,  ///< as it is and mirrored left to right; the scores are the mean of both
};

/// Runs `model` in evaluation mode, unrecorded, over one epoch of `loader`, and puts its mode back.
/// Shapes   the model gives scores [n, classes], the loader targets [n] (i64), and for mirrored views
///          images [n, c, h, w].
/// Throws   ArgumentError when the loader has no sample; IndexError for a label outside;
///          NumericError, naming the batch, when the loss is not finite.
Evaluation evaluate(nn::Module& model, data::DataLoader& loader, std::int64_t classes,
                    Views views = Views::kPlain);

}  // namespace fovea::train
