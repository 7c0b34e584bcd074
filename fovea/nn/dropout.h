// Dropout layers. In training mode each call draws one stream from the calling thread's default
// generator, so that manual_seed repeats a run; in evaluation mode they return their input.
#pragma once

#include "fovea/nn/module.h"

namespace fovea::nn {

/// What the dropout layers share: their probability.
class DropoutBase : public Module {
 public:
  double p() const { return p_; }  ///< probability that an element, or a channel, becomes 0
  std::string options_text() const override;

 protected:
  /// Throws ArgumentError, naming `type`, unless 0 <= p <= 1.
  DropoutBase(const char* type, double p);

 private:
  double p_;
};

/// Each element becomes 0 with probability p; the others are multiplied by 1/(1-p).
class Dropout final : public DropoutBase {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1.
  explicit Dropout(double p = 0.5) : DropoutBase("Dropout", p) {}
  Tensor forward(const Tensor& x) override;
};

/// Drops whole channels of [n, c, l].
class Dropout1d final : public DropoutBase {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1.
  explicit Dropout1d(double p = 0.5) : DropoutBase("Dropout1d", p) {}
  Tensor forward(const Tensor& x) override;
};

/// Drops whole channels of [n, c, h, w].
class Dropout2d final : public DropoutBase {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1.
  explicit Dropout2d(double p = 0.5) : DropoutBase("Dropout2d", p) {}
  Tensor forward(const Tensor& x) override;
};

/// Drops whole channels of [n, c, d, h, w].
class Dropout3d final : public DropoutBase {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1.
  explicit Dropout3d(double p = 0.5) : DropoutBase("Dropout3d", p) {}
  Tensor forward(const Tensor& x) override;
};

}  // namespace fovea::nn
