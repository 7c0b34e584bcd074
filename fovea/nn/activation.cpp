#include "fovea/nn/activation.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/nn/text.h"

namespace fovea::nn {

LeakyReLU::LeakyReLU(double negative_slope) : negative_slope_(negative_slope) {
  check<ArgumentError>(std::isfinite(negative_slope),
                       "LeakyReLU: negative_slope expected finite, got ", negative_slope);
}

std::string LeakyReLU::options_text() const {
  return "negative_slope=" + text::number(negative_slope_);
}

std::string GELU::options_text() const {
  return form_ == GeluForm::kTanh ? "approximate='tanh'" : "approximate='none'";
}

std::string Softmax::options_text() const { return str("dim=", dim_); }

std::string LogSoftmax::options_text() const { return str("dim=", dim_); }

}  // namespace fovea::nn
