#include "fovea/kernels/cpu/loss/cross_entropy.h"

#include <algorithm>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/loss/softmax.h"
#include "fovea/kernels/cpu/loss/softmax_rows.h"
#include "fovea/kernels/reference/cross_entropy.h"

namespace fovea::kernels::cpu {

namespace {

/// Samples that are worth a thread: a fork costs about 3 us, a class about 1 ns.
std::int64_t sample_grain(std::int64_t classes) {
  return std::max<std::int64_t>(4096 / std::max<std::int64_t>(classes, 1), 1);
}

/// reference::cross_entropy_backward for dense rows: one value a class and sample, s = 1.
void backward_rows(const CrossEntropySpec& spec, ConstView dlosses, ConstView log_probs,
                   ConstView target, const float* weights, View dx, std::int64_t begin,
                   std::int64_t end) {
  const std::int64_t classes = log_probs.size(1);
  const double even_share = spec.label_smoothing / static_cast<double>(classes);
  double all_weights = weights ? 0 : static_cast<double>(classes);
  for (std::int64_t c = 0; weights && c < classes; ++c) all_weights += weights[c];
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t label = target.as<std::int64_t>()[i];
    float* row = dx.as<float>() + i * classes;
    if (label == spec.ignore_index) {
      std::fill_n(row, classes, 0.0f);
      continue;
    }
    const double dloss = dlosses.as<float>()[i];
    const double own = (1 - spec.label_smoothing) * (weights ? weights[label] : 1.0);
    scaled_exp_row(log_probs.as<float>() + i * classes,
                   static_cast<float>(dloss * (own + even_share * all_weights)), row, classes);
    if (even_share > 0) {
      const auto share = static_cast<float>(dloss * even_share);
      for (std::int64_t c = 0; c < classes; ++c) row[c] -= weights ? share * weights[c] : share;
    }
    row[label] -= static_cast<float>(dloss * own);
  }
}

}  // namespace

void cross_entropy_forward(Queue& queue, const CrossEntropySpec& spec, ConstView x,
                           ConstView target, ConstView weight, View log_probs, View losses,
                           View sample_weights) {
  softmax(queue, true, x, 1, log_probs);
  dispatch_float(x.dtype, "cross_entropy", [&](auto tag) {
    using T = typename decltype(tag)::type;
    parallel_for(target.numel(), sample_grain(spec.label_smoothing > 0 ? x.size(1) : 1),
                 [&](std::int64_t begin, std::int64_t end) {
                   reference::cross_entropy_losses<T>(spec, log_probs, target, weight, losses,
                                                      sample_weights, begin, end);
                 });
  });
}

void cross_entropy_backward(Queue&, const CrossEntropySpec& spec, ConstView dlosses,
                            ConstView log_probs, ConstView target, ConstView weight, View dx) {
  parallel_for(target.numel(), sample_grain(dx.size(1)), [&](std::int64_t begin, std::int64_t end) {
    if (dx.dtype == f64) {
      reference::cross_entropy_backward<double>(spec, dlosses, log_probs, target, weight, dx, begin,
                                                end);
    } else if (dx.size(2) == 1) {
      backward_rows(spec, dlosses, log_probs, target, weight.data ? weight.as<float>() : nullptr,
                    dx, begin, end);
    } else {
      reference::cross_entropy_backward<float>(spec, dlosses, log_probs, target, weight, dx, begin,
                                               end);
    }
  });
}

}  // namespace fovea::kernels::cpu
