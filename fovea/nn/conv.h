// Convolution layers in 1, 2 and 3 dimensions.
#pragma once

#include <cstdint>

#include "fovea/nn/module.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/spatial.h"

namespace fovea::nn {

/// Options of a convolution layer.
struct ConvLayerOptions {
  std::int64_t in_channels = 0;   ///< channels of the input
  std::int64_t out_channels = 0;  ///< channels of the output: the number of filters
  PerDim kernel_size = {};        ///< size of a filter
  PerDim stride = 1;              ///< step of the filter
  Padding padding = 0;            ///< zeros around the input, or "same" or "valid"
  PerDim dilation = 1;            ///< distance between the elements of a filter
  std::int64_t groups = 1;        ///< channel groups that do not mix
  bool bias = true;               ///< whether a number is added to each output channel
};

/// What Conv1d, Conv2d and Conv3d share.
///
/// Parameters weight [out_channels, in_channels / groups, kernel...], bias [out_channels]; both
///            start as PyTorch's, uniform in +-1/sqrt(fan_in), drawn from the default generator.
class Conv : public Module {
 public:
  /// The options, with one number for each spatial dimension.
  const fovea::ConvOptions& options() const { return options_; }
  const Tensor& weight() const { return weight_; }  ///< the filters
  const Tensor& bias() const { return bias_; }      ///< undefined when there is none
  std::string options_text() const override;

 protected:
  /// A layer with `spatial` dimensions. Throws ArgumentError, naming `type`, for options out of
  /// range.
  Conv(const char* type, int spatial, const ConvLayerOptions& options);

 private:
  ConvLayerOptions layer_;
  fovea::ConvOptions options_;
  Tensor weight_;
  Tensor bias_;
};

/// 1-D convolution: x [n, in_channels, l]. See conv1d.
class Conv1d final : public Conv {
 public:
  /// Throws ArgumentError for options out of range.
  explicit Conv1d(const ConvLayerOptions& options) : Conv("Conv1d", 1, options) {}
  Tensor forward(const Tensor& x) override { return conv1d(x, weight(), bias(), options()); }
};

/// 2-D convolution: x [n, in_channels, h, w]. See conv2d.
class Conv2d final : public Conv {
 public:
  /// Throws ArgumentError for options out of range.
  explicit Conv2d(const ConvLayerOptions& options) : Conv("Conv2d", 2, options) {}
  Tensor forward(const Tensor& x) override { return conv2d(x, weight(), bias(), options()); }
};

/// 3-D convolution: x [n, in_channels, d, h, w]. See conv3d.
class Conv3d final : public Conv {
 public:
  /// Throws ArgumentError for options out of range.
  explicit Conv3d(const ConvLayerOptions& options) : Conv("Conv3d", 3, options) {}
  Tensor forward(const Tensor& x) override { return conv3d(x, weight(), bias(), options()); }
};

}  // namespace fovea::nn
