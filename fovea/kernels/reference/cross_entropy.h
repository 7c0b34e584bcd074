// Cross entropy as plain loops: the oracle, and the CPU's kernel where its fast one does not apply.
// The tensors are those of the kernel table: x, log_probs and dx contiguous [n, c, s], target,
// losses and sample_weights contiguous [n, s].
#pragma once

#include <cmath>
#include <cstdint>

#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// The losses of samples [begin, end) of the n*s, and their weights, from log-probabilities.
template <class T>
void cross_entropy_losses(const CrossEntropySpec& spec, ConstView log_probs, ConstView target,
                          ConstView weight, View losses, View sample_weights, std::int64_t begin,
                          std::int64_t end) {
  const std::int64_t classes = log_probs.size(1), inner = log_probs.size(2);
  const T* weights = weight.data ? weight.as<T>() : nullptr;
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t label = target.as<std::int64_t>()[i];
    if (label == spec.ignore_index) {
      losses.as<T>()[i] = sample_weights.as<T>()[i] = T(0);
      continue;
    }
    const T* row = log_probs.as<T>() + i / inner * classes * inner + i % inner;
    const double own_weight = weights ? weights[label] : 1;
    double loss = -(1 - spec.label_smoothing) * own_weight * row[label * inner];
    if (spec.label_smoothing > 0) {
      double all = 0;
      for (std::int64_t c = 0; c < classes; ++c)
        all += (weights ? weights[c] : 1.0) * row[c * inner];
      loss -= spec.label_smoothing / static_cast<double>(classes) * all;
    }
    losses.as<T>()[i] = static_cast<T>(loss);
    sample_weights.as<T>()[i] = static_cast<T>(own_weight);
  }
}

/// The gradient of samples [begin, end): with g_c = -dloss ((1-e) w_t [c = t] + e/C w_c), dx_c =
/// g_c - p_c sum g.
template <class T>
void cross_entropy_backward(const CrossEntropySpec& spec, ConstView dlosses, ConstView log_probs,
                            ConstView target, ConstView weight, View dx, std::int64_t begin,
                            std::int64_t end) {
  const std::int64_t classes = log_probs.size(1), inner = log_probs.size(2);
  const T* weights = weight.data ? weight.as<T>() : nullptr;
  const double even_share = spec.label_smoothing / static_cast<double>(classes);
  double all_weights = static_cast<double>(classes);
  if (weights) {
    all_weights = 0;
    for (std::int64_t c = 0; c < classes; ++c) all_weights += weights[c];
  }
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t label = target.as<std::int64_t>()[i];
    const std::int64_t start = i / inner * classes * inner + i % inner;
    const bool ignored = label == spec.ignore_index;
    const double dloss = ignored ? 0 : static_cast<double>(dlosses.as<T>()[i]);
    const double own = ignored ? 0 : (1 - spec.label_smoothing) * (weights ? weights[label] : 1.0);
    const double total = own + even_share * all_weights;
    for (std::int64_t c = 0; c < classes; ++c) {
      const double share = even_share * (weights ? weights[c] : 1.0) + (c == label ? own : 0);
      const double probability =
          std::exp(static_cast<double>(log_probs.as<T>()[start + c * inner]));
      dx.as<T>()[start + c * inner] =
          static_cast<T>(ignored ? 0 : dloss * (probability * total - share));
    }
  }
}

}  // namespace fovea::kernels::reference
