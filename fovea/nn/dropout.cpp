#include "fovea/nn/dropout.h"

#include "fovea/core/error.h"
#include "fovea/nn/text.h"
#include "fovea/tensor/ops/dropout.h"

namespace fovea::nn {

DropoutBase::DropoutBase(const char* type, double p) : p_(p) {
  check<ArgumentError>(p >= 0 && p <= 1, type, ": p expected in [0, 1], got ", p);
}

std::string DropoutBase::options_text() const {
  return "p=" + text::number(p_) + ", inplace=False";
}

Tensor Dropout::forward(const Tensor& x) { return dropout(x, p(), is_training()); }

Tensor Dropout1d::forward(const Tensor& x) { return dropout1d(x, p(), is_training()); }

Tensor Dropout2d::forward(const Tensor& x) { return dropout2d(x, p(), is_training()); }

Tensor Dropout3d::forward(const Tensor& x) { return dropout3d(x, p(), is_training()); }

}  // namespace fovea::nn
