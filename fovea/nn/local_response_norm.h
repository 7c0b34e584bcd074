// Local response normalisation across neighbouring channels, as in AlexNet.
#pragma once

#include "fovea/nn/module.h"
#include "fovea/tensor/ops/norm.h"

namespace fovea::nn {

/// See local_response_norm.
class LocalResponseNorm final : public Module {
 public:
  /// Throws ArgumentError when size is below 1.
  explicit LocalResponseNorm(const LocalResponseNormOptions& options = {});
  Tensor forward(const Tensor& x) override { return local_response_norm(x, options_); }
  std::string options_text() const override;

 private:
  LocalResponseNormOptions options_;
};

}  // namespace fovea::nn
