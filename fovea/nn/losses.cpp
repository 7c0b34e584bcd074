#include "fovea/nn/losses.h"

#include "fovea/core/error.h"

namespace fovea::nn {

CrossEntropyLoss::CrossEntropyLoss(const CrossEntropyOptions& options) : options_(options) {
  check<ArgumentError>(options.label_smoothing >= 0 && options.label_smoothing <= 1,
                       "CrossEntropyLoss: label_smoothing expected in [0, 1], got ",
                       options.label_smoothing);
  if (options.weight.defined()) options_.weight = register_buffer("weight", options.weight);
}

NLLLoss::NLLLoss(const NllLossOptions& options) : options_(options) {
  if (options.weight.defined()) options_.weight = register_buffer("weight", options.weight);
}

BCEWithLogitsLoss::BCEWithLogitsLoss(const BceOptions& options) : options_(options) {
  if (options.weight.defined()) options_.weight = register_buffer("weight", options.weight);
  if (options.pos_weight.defined())
    options_.pos_weight = register_buffer("pos_weight", options.pos_weight);
}

}  // namespace fovea::nn
