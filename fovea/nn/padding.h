// Padding layers. The function itself, with its shapes and errors, is in tensor/ops/pad.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>

#include "fovea/core/shape.h"
#include "fovea/nn/module.h"
#include "fovea/tensor/ops/pad.h"

namespace fovea::nn {

/// How much a padding layer adds: one number for every end, or {before, after} of the last
/// dimension, then of the one before it, and so on, as in PyTorch. Negative numbers crop, where the
/// layer writes a constant.
class Pads {
 public:
  /// The same at every end.
  template <std::integral T>
  Pads(T value) : values_{static_cast<std::int64_t>(value)} {}
  /// A number for each end.
  Pads(std::initializer_list<std::int64_t> values) : values_(values) {}
  /// A number for each end of `spatial` dimensions. Throws ArgumentError, naming `type`, unless
  /// there are 1 or 2 * spatial numbers.
  Shape expand(const char* type, int spatial) const;

 private:
  Shape values_;
};

/// What the padding layers share.
class PadBase : public Module {
 public:
  Tensor forward(const Tensor& x) override;
  const Shape& pads() const { return pads_; }  ///< a number for each end, in the order of pad
  std::string options_text() const override;

 protected:
  /// A layer with `spatial` dimensions. Throws ArgumentError, naming `type`, when the number of
  /// pads does not fit.
  PadBase(const char* type, int spatial, const Pads& pads, PadMode mode, double value = 0)
      : pads_(pads.expand(type, spatial)), mode_(mode), value_(value) {}
  double value() const { return value_; }  ///< the constant

 private:
  Shape pads_;
  PadMode mode_;
  double value_;
};

/// What the layers that pad with a constant share: how they print.
class ConstantPad : public PadBase {
 public:
  std::string options_text() const override;

 protected:
  using PadBase::PadBase;
};

/// Pads the last dimension with a constant.
class ConstantPad1d final : public ConstantPad {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  ConstantPad1d(const Pads& pads, double value)
      : ConstantPad("ConstantPad1d", 1, pads, PadMode::kConstant, value) {}
};

/// Pads the last two dimensions with a constant.
class ConstantPad2d final : public ConstantPad {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  ConstantPad2d(const Pads& pads, double value)
      : ConstantPad("ConstantPad2d", 2, pads, PadMode::kConstant, value) {}
};

/// Pads the last three dimensions with a constant.
class ConstantPad3d final : public ConstantPad {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  ConstantPad3d(const Pads& pads, double value)
      : ConstantPad("ConstantPad3d", 3, pads, PadMode::kConstant, value) {}
};

/// Pads the last two dimensions with zeros.
class ZeroPad2d final : public PadBase {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  explicit ZeroPad2d(const Pads& pads) : PadBase("ZeroPad2d", 2, pads, PadMode::kConstant) {}
};

/// Pads the last dimension with the mirrored values next to the edge.
class ReflectionPad1d final : public PadBase {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  explicit ReflectionPad1d(const Pads& pads)
      : PadBase("ReflectionPad1d", 1, pads, PadMode::kReflect) {}
};

/// Pads the last two dimensions with the mirrored values next to the edge.
class ReflectionPad2d final : public PadBase {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  explicit ReflectionPad2d(const Pads& pads)
      : PadBase("ReflectionPad2d", 2, pads, PadMode::kReflect) {}
};

/// Pads the last three dimensions with the mirrored values next to the edge.
class ReflectionPad3d final : public PadBase {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  explicit ReflectionPad3d(const Pads& pads)
      : PadBase("ReflectionPad3d", 3, pads, PadMode::kReflect) {}
};

/// Pads the last dimension with the value at the edge.
class ReplicationPad1d final : public PadBase {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  explicit ReplicationPad1d(const Pads& pads)
      : PadBase("ReplicationPad1d", 1, pads, PadMode::kReplicate) {}
};

/// Pads the last two dimensions with the value at the edge.
class ReplicationPad2d final : public PadBase {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  explicit ReplicationPad2d(const Pads& pads)
      : PadBase("ReplicationPad2d", 2, pads, PadMode::kReplicate) {}
};

/// Pads the last three dimensions with the value at the edge.
class ReplicationPad3d final : public PadBase {
 public:
  /// Throws ArgumentError when the number of pads does not fit.
  explicit ReplicationPad3d(const Pads& pads)
      : PadBase("ReplicationPad3d", 3, pads, PadMode::kReplicate) {}
};

}  // namespace fovea::nn
