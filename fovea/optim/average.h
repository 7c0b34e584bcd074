// ModelEma: a running average of a model's values, which is often a better model than the last one.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/tensor/state_dict.h"
#include "fovea/tensor/tensor.h"

namespace fovea::optim {

/// An exponential moving average of parameters and buffers: after each update,
/// average = decay * average + (1 - decay) * value. Whole numbers (num_batches_tracked) are copied.
///
/// The decay warms up: of update n = 1, 2, ... it is min(decay, 1 - n^(-2/3)), so that the first
/// values, which are random, are forgotten (n = 1: the average is the value).
/// Source   timm's ModelEmaV3 with use_warmup (gamma 1, power 2/3); Polyak and Juditsky 1992.
class ModelEma {
 public:
  /// The average in `average`, whose tensors are changed in place, of the values in `model`: two
  /// state dicts of the same model, both of which mean tensors that live on. `average` becomes
  /// equal to `model`.
  /// Throws   ArgumentError unless 0 <= decay < 1, or when names, sizes or dtypes differ.
  ModelEma(const StateDict& model, const StateDict& average, double decay);

  /// Takes in the model's values as they are after update `update` (from 1).
  void update(std::int64_t update);
  /// The decay of an update.
  double decay_of(std::int64_t update) const;

 private:
  struct Pair {
    Tensor value, average;
  };
  std::vector<Pair> pairs_;
  double decay_;
};

}  // namespace fovea::optim
