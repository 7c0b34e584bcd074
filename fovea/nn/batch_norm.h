// Batch normalisation layers.
#pragma once

#include <cstdint>
#include <optional>

#include "fovea/nn/module.h"
#include "fovea/tensor/ops/norm.h"

namespace fovea::nn {

/// Options of a batch normalisation layer beside its number of channels.
struct BatchNormLayerOptions {
  double eps = 1e-5;  ///< added to the variance
  /// Share of the batch in the running statistics; none: their plain average.
  std::optional<double> momentum = 0.1;
  bool affine = true;               ///< whether there are a scale and a shift to learn
  bool track_running_stats = true;  ///< whether to keep running statistics for evaluation
};

/// What BatchNorm1d, BatchNorm2d and BatchNorm3d share. Training mode normalises by the batch and
/// moves the running statistics; evaluation mode normalises by those, or by the batch when there
/// are none. See batch_norm.
///
/// Its parameters are weight (starts as 1) and bias (0), both [num_features], if affine; its
/// buffers running_mean (0) and running_var (1), both [num_features], and num_batches_tracked (0-d
/// i64), if tracked.
class BatchNorm : public Module {
 public:
  /// Throws ShapeError for an input with another number of dimensions, and what batch_norm throws.
  Tensor forward(const Tensor& x) override;
  /// How the next forward normalises.
  BatchNormOptions next_options() const;
  /// Counts a forward that is done: in training, one more batch. For what normalises in the layer's
  /// stead, by next_options and tensors.
  void count_batch();
  /// The layer's parameters and buffers, as operations take them.
  NormTensors tensors() const { return {running_mean_, running_var_, weight_, bias_}; }

  double eps() const { return options_.eps; }  ///< added to the variance
  bool uses_batch_statistics() const {
    return is_training() || !options_.track_running_stats;
  }                                                             ///< in the next forward
  const Tensor& weight() const { return weight_; }              ///< scale; undefined unless affine
  const Tensor& bias() const { return bias_; }                  ///< shift; undefined unless affine
  const Tensor& running_mean() const { return running_mean_; }  ///< undefined unless tracked
  const Tensor& running_var() const { return running_var_; }    ///< undefined unless tracked
  std::string options_text() const override;

 protected:
  /// For inputs of `least` to `most` dimensions. Throws ArgumentError, naming `type`, for options
  /// out of range.
  BatchNorm(const char* type, int least, int most, std::int64_t num_features,
            const BatchNormLayerOptions& options);

 private:
  int least_;
  int most_;
  std::int64_t num_features_;
  BatchNormLayerOptions options_;
  Tensor weight_;
  Tensor bias_;
  Tensor running_mean_;
  Tensor running_var_;
  Tensor num_batches_tracked_;
};

/// Batch normalisation of [n, c] or [n, c, l].
class BatchNorm1d final : public BatchNorm {
 public:
  /// Throws ArgumentError for options out of range.
  explicit BatchNorm1d(std::int64_t num_features, const BatchNormLayerOptions& options = {})
      : BatchNorm("BatchNorm1d", 2, 3, num_features, options) {}
};

/// Batch normalisation of [n, c, h, w].
class BatchNorm2d final : public BatchNorm {
 public:
  /// Throws ArgumentError for options out of range.
  explicit BatchNorm2d(std::int64_t num_features, const BatchNormLayerOptions& options = {})
      : BatchNorm("BatchNorm2d", 4, 4, num_features, options) {}
};

/// Batch normalisation of [n, c, d, h, w].
class BatchNorm3d final : public BatchNorm {
 public:
  /// Throws ArgumentError for options out of range.
  explicit BatchNorm3d(std::int64_t num_features, const BatchNormLayerOptions& options = {})
      : BatchNorm("BatchNorm3d", 5, 5, num_features, options) {}
};

}  // namespace fovea::nn
