// Pooling layers: the largest, smallest or mean value of each window. The functions themselves,
// with their shapes and errors, are in tensor/ops/pool.h.
#pragma once

#include "fovea/nn/module.h"
#include "fovea/tensor/ops/pool.h"

namespace fovea::nn {

/// What max and min pooling layers share.
class ExtremePool : public Module {
 public:
  Tensor forward(const Tensor& x) override { return function_(x, options_); }
  const MaxPoolOptions& options() const {
    return options_;
  }  ///< as given, with the stride filled in
  std::string options_text() const override;

 protected:
  using Function = Tensor (*)(const Tensor&, const MaxPoolOptions&);  ///< what the layer computes
  /// A layer with `spatial` dimensions. Throws ArgumentError, naming `type`, for options out of
  /// range.
  ExtremePool(const char* type, int spatial, Function function, const MaxPoolOptions& options);

 private:
  Function function_;
  MaxPoolOptions options_;
};

/// What average pooling layers share.
class AvgPool : public Module {
 public:
  Tensor forward(const Tensor& x) override { return function_(x, options_); }
  const AvgPoolOptions& options() const {
    return options_;
  }  ///< as given, with the stride filled in
  std::string options_text() const override;

 protected:
  using Function = Tensor (*)(const Tensor&, const AvgPoolOptions&);  ///< what the layer computes
  /// A layer with `spatial` dimensions. Throws ArgumentError, naming `type`, for options out of
  /// range.
  AvgPool(const char* type, int spatial, Function function, const AvgPoolOptions& options);

 private:
  int spatial_;
  Function function_;
  AvgPoolOptions options_;
};

/// What pooling layers to a given size share.
class AdaptivePool : public Module {
 public:
  Tensor forward(const Tensor& x) override { return function_(x, output_size_); }
  const PerDim& output_size() const { return output_size_; }  ///< as given
  std::string options_text() const override;

 protected:
  using Function = Tensor (*)(const Tensor&, const PerDim&);  ///< what the layer computes
  /// A layer with `spatial` dimensions. Throws ArgumentError, naming `type`, for a size below 1.
  AdaptivePool(const char* type, int spatial, Function function, const PerDim& output_size);

 private:
  Function function_;
  PerDim output_size_;
};

/// Max pooling, of [n, c, l]. See max_pool1d.
class MaxPool1d final : public ExtremePool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit MaxPool1d(const MaxPoolOptions& options)
      : ExtremePool("MaxPool1d", 1, max_pool1d, options) {}
};

/// Max pooling, of [n, c, h, w]. See max_pool2d.
class MaxPool2d final : public ExtremePool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit MaxPool2d(const MaxPoolOptions& options)
      : ExtremePool("MaxPool2d", 2, max_pool2d, options) {}
};

/// Max pooling, of [n, c, d, h, w]. See max_pool3d.
class MaxPool3d final : public ExtremePool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit MaxPool3d(const MaxPoolOptions& options)
      : ExtremePool("MaxPool3d", 3, max_pool3d, options) {}
};

/// Min pooling, of [n, c, l]. See min_pool1d.
class MinPool1d final : public ExtremePool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit MinPool1d(const MaxPoolOptions& options)
      : ExtremePool("MinPool1d", 1, min_pool1d, options) {}
};

/// Min pooling, of [n, c, h, w]. See min_pool2d.
class MinPool2d final : public ExtremePool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit MinPool2d(const MaxPoolOptions& options)
      : ExtremePool("MinPool2d", 2, min_pool2d, options) {}
};

/// Min pooling, of [n, c, d, h, w]. See min_pool3d.
class MinPool3d final : public ExtremePool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit MinPool3d(const MaxPoolOptions& options)
      : ExtremePool("MinPool3d", 3, min_pool3d, options) {}
};

/// Average pooling, of [n, c, l]. See avg_pool1d.
class AvgPool1d final : public AvgPool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit AvgPool1d(const AvgPoolOptions& options)
      : AvgPool("AvgPool1d", 1, avg_pool1d, options) {}
};

/// Average pooling, of [n, c, h, w]. See avg_pool2d.
class AvgPool2d final : public AvgPool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit AvgPool2d(const AvgPoolOptions& options)
      : AvgPool("AvgPool2d", 2, avg_pool2d, options) {}
};

/// Average pooling, of [n, c, d, h, w]. See avg_pool3d.
class AvgPool3d final : public AvgPool {
 public:
  /// Throws ArgumentError for options out of range.
  explicit AvgPool3d(const AvgPoolOptions& options)
      : AvgPool("AvgPool3d", 3, avg_pool3d, options) {}
};

/// Average pooling to a given size, of [n, c, l]. See adaptive_avg_pool1d.
class AdaptiveAvgPool1d final : public AdaptivePool {
 public:
  /// Throws ArgumentError for a size below 1.
  explicit AdaptiveAvgPool1d(const PerDim& output_size)
      : AdaptivePool("AdaptiveAvgPool1d", 1, adaptive_avg_pool1d, output_size) {}
};

/// Average pooling to a given size, of [n, c, h, w]. See adaptive_avg_pool2d.
class AdaptiveAvgPool2d final : public AdaptivePool {
 public:
  /// Throws ArgumentError for a size below 1.
  explicit AdaptiveAvgPool2d(const PerDim& output_size)
      : AdaptivePool("AdaptiveAvgPool2d", 2, adaptive_avg_pool2d, output_size) {}
};

/// Average pooling to a given size, of [n, c, d, h, w]. See adaptive_avg_pool3d.
class AdaptiveAvgPool3d final : public AdaptivePool {
 public:
  /// Throws ArgumentError for a size below 1.
  explicit AdaptiveAvgPool3d(const PerDim& output_size)
      : AdaptivePool("AdaptiveAvgPool3d", 3, adaptive_avg_pool3d, output_size) {}
};

/// Max pooling to a given size, of [n, c, l]. See adaptive_max_pool1d.
class AdaptiveMaxPool1d final : public AdaptivePool {
 public:
  /// Throws ArgumentError for a size below 1.
  explicit AdaptiveMaxPool1d(const PerDim& output_size)
      : AdaptivePool("AdaptiveMaxPool1d", 1, adaptive_max_pool1d, output_size) {}
};

/// Max pooling to a given size, of [n, c, h, w]. See adaptive_max_pool2d.
class AdaptiveMaxPool2d final : public AdaptivePool {
 public:
  /// Throws ArgumentError for a size below 1.
  explicit AdaptiveMaxPool2d(const PerDim& output_size)
      : AdaptivePool("AdaptiveMaxPool2d", 2, adaptive_max_pool2d, output_size) {}
};

/// Max pooling to a given size, of [n, c, d, h, w]. See adaptive_max_pool3d.
class AdaptiveMaxPool3d final : public AdaptivePool {
 public:
  /// Throws ArgumentError for a size below 1.
  explicit AdaptiveMaxPool3d(const PerDim& output_size)
      : AdaptivePool("AdaptiveMaxPool3d", 3, adaptive_max_pool3d, output_size) {}
};

/// The mean of each channel: [n, c, spatial...] -> [n, c, 1...].
class GlobalAvgPool final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return global_avg_pool(x); }
};

/// The largest value of each channel: [n, c, spatial...] -> [n, c, 1...].
class GlobalMaxPool final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return global_max_pool(x); }
};

}  // namespace fovea::nn
