#include "fovea/optim/average.h"

#include <algorithm>
#include <cmath>

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tape.h"

namespace fovea::optim {

namespace {

/// average += weight * (value - average), in one pass: a step of plain SGD along the gradient
/// `value`, with -weight as its rate and -1 as its decay.
void move_towards(const Tensor& average, const Tensor& value, double weight) {
  const kernels::SgdSpec spec{.lr = -weight, .weight_decay = -1};
  kernels::launch(average.device(), &kernels::KernelTable::sgd_step, spec,
                  value.contiguous().kernel_view(), average.kernel_view(), kernels::View{},
                  kernels::View{});
  average.impl()->storage->bump_version();
}

}  // namespace

ModelEma::ModelEma(const StateDict& model, const StateDict& average, double decay) : decay_(decay) {
  check<ArgumentError>(decay >= 0 && decay < 1, "ModelEma: decay expected in [0, 1), got ", decay);
  check<ArgumentError>(model.size() == average.size(), "ModelEma: tensors expected ", model.size(),
                       " as in the model, got ", average.size());
  const NoGrad no_grad;
  for (const auto& [name, value] : model) {
    const Tensor* const own = find(average, name);
    check<ArgumentError>(own != nullptr, "ModelEma: tensor expected called \"", name,
                         "\" as in the model, got none");
    check<ArgumentError>(
        own->sizes() == value.sizes() && own->dtype() == value.dtype() && own->is_contiguous(),
        "ModelEma: tensor \"", name, "\" expected contiguous ", value.dtype(), ' ', value.sizes(),
        ", got ", own->dtype(), ' ', own->sizes());
    // Handles, not aliases of today's memory: an optimiser gives parameters another.
    pairs_.push_back({value, *own});
    pairs_.back().average.copy_(value);
  }
}

double ModelEma::decay_of(std::int64_t update) const {
  return std::min(decay_, 1 - std::pow(static_cast<double>(update), -2.0 / 3.0));
}

void ModelEma::update(std::int64_t update) {
  check<ArgumentError>(update >= 1, "ModelEma: update expected at least 1, got ", update);
  const NoGrad no_grad;
  const double decay = decay_of(update);
  for (Pair& pair : pairs_) {
    if (is_floating(pair.average.dtype()) && decay > 0) {
      move_towards(pair.average, pair.value, 1 - decay);
    } else {
      pair.average.copy_(pair.value);
    }
  }
}

}  // namespace fovea::optim
