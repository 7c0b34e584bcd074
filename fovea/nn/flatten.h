// Layers that change the shape alone.
#pragma once

#include "fovea/core/shape.h"
#include "fovea/nn/module.h"

namespace fovea::nn {

/// Makes dimensions start_dim to end_dim one; by default all but the first.
class Flatten final : public Module {
 public:
  /// Either may be negative.
  explicit Flatten(int start_dim = 1, int end_dim = -1)
      : start_dim_(start_dim), end_dim_(end_dim) {}
  Tensor forward(const Tensor& x) override { return x.flatten(start_dim_, end_dim_); }
  std::string options_text() const override;

 private:
  int start_dim_;
  int end_dim_;
};

/// Makes one dimension several.
///
/// Shapes   x [..., product of sizes, ...] -> y [..., sizes..., ...]; one size may be -1.
/// Throws   IndexError when there is no such dimension, ShapeError when the sizes do not fit.
class Unflatten final : public Module {
 public:
  /// `dim` may be negative.
  Unflatten(int dim, const Shape& sizes) : dim_(dim), sizes_(sizes) {}
  Tensor forward(const Tensor& x) override;
  std::string options_text() const override;

 private:
  int dim_;
  Shape sizes_;
};

}  // namespace fovea::nn
