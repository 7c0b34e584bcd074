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

Hardtanh::Hardtanh(double min_val, double max_val) : min_val_(min_val), max_val_(max_val) {
  check<ArgumentError>(min_val < max_val, "Hardtanh: min_val expected below max_val, got ", min_val,
                       " and ", max_val);
}

std::string Hardtanh::options_text() const {
  return "min_val=" + text::number(min_val_) + ", max_val=" + text::number(max_val_);
}

std::string GELU::options_text() const {
  return form_ == GeluForm::kTanh ? "approximate='tanh'" : "approximate='none'";
}

std::string Softplus::options_text() const { return "beta=1, threshold=20"; }

std::string ELU::options_text() const { return "alpha=" + text::number(alpha_); }

CELU::CELU(double alpha) : alpha_(alpha) {
  check<ArgumentError>(std::isfinite(alpha) && alpha != 0,
                       "CELU: alpha expected finite and not 0, got ", alpha);
}

std::string CELU::options_text() const { return "alpha=" + text::number(alpha_); }

std::string Threshold::options_text() const {
  return "threshold=" + text::number(threshold_) + ", value=" + text::number(value_);
}

PReLU::PReLU(std::int64_t num_parameters, double init) {
  check<ArgumentError>(num_parameters >= 1, "PReLU: num_parameters expected at least 1, got ",
                       num_parameters);
  weight_ = register_parameter("weight", full({num_parameters}, init));
}

std::string PReLU::options_text() const { return str("num_parameters=", weight_.size(0)); }

std::string Softmax::options_text() const { return str("dim=", dim_); }

std::string LogSoftmax::options_text() const { return str("dim=", dim_); }

}  // namespace fovea::nn
