#include "fovea/nn/linear.h"

#include "fovea/core/error.h"
#include "fovea/nn/init.h"
#include "fovea/nn/text.h"

namespace fovea::nn {

Linear::Linear(std::int64_t in_features, std::int64_t out_features, LinearOptions options) {
  check<ArgumentError>(in_features >= 1 && out_features >= 1,
                       "Linear: sizes expected at least 1, got in_features ", in_features,
                       ", out_features ", out_features);
  weight_ = register_parameter("weight", init::default_weight_(empty({out_features, in_features})));
  if (options.bias)
    bias_ = register_parameter("bias", init::default_bias_(empty({out_features}), weight_));
}

Tensor Linear::forward(const Tensor& x) { return linear(x, weight_, bias_); }

Tensor Linear::forward_relu_dropout(const Tensor& x, const LinearEpilogue& epilogue) {
  return linear_relu_dropout(x, weight_, bias_, epilogue);
}

std::string Linear::options_text() const {
  return str("in_features=", weight_.size(1), ", out_features=", weight_.size(0),
             ", bias=", text::flag(bias_.defined()));
}

}  // namespace fovea::nn
