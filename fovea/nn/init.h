// Initialisers: they fill a tensor in place, off the tape, and return it.
//
// Layers start with PyTorch's defaults: kaiming_uniform_ with a = sqrt(5) for weights, which is
// uniform in +-1/sqrt(fan_in), and the same bound for biases.
// Throws   all of them DTypeError unless f32 or f64, and DeviceError when the generator draws on
//          another device (one on the CPU serves all).
#pragma once

#include <cstdint>

#include "fovea/tensor/tensor.h"

namespace fovea::nn::init {

/// Which activation follows a layer, for calculate_gain.
enum class Nonlinearity : std::uint8_t { kLinear, kSigmoid, kTanh, kRelu, kLeakyRelu, kSelu };

/// Which of the two passes keeps its variance from layer to layer.
enum class FanMode : std::uint8_t {
  kFanIn,   ///< forward
  kFanOut,  ///< backward
};

/// Values that enter one output of a layer, and values that one input enters.
struct Fans {
  std::int64_t in = 0;   ///< weight.size(1) times the kernel's size
  std::int64_t out = 0;  ///< weight.size(0) times the kernel's size
};

/// The fans of a weight [out, in, kernel...]. Throws ShapeError for fewer than two dimensions.
Fans calculate_fans(const Tensor& weight);

/// By how much the standard deviation must grow for `nonlinearity` to keep it. `slope` is leaky
/// relu's.
/// Source   He et al. 2015; PyTorch's torch.nn.init.calculate_gain.
double calculate_gain(Nonlinearity nonlinearity, double slope = 0.01);

/// Every element becomes `value`.
Tensor constant_(Tensor tensor, double value);
/// Every element becomes 0.
Tensor zeros_(Tensor tensor);
/// Every element becomes 1.
Tensor ones_(Tensor tensor);
/// Uniform in [low, high). Throws ArgumentError unless low <= high and both are finite.
Tensor uniform_(Tensor tensor, double low = 0, double high = 1,
                Generator& generator = default_generator());
/// Normal. Throws ArgumentError unless std >= 0 and both are finite.
Tensor normal_(Tensor tensor, double mean = 0, double std = 1,
               Generator& generator = default_generator());

/// Options of kaiming_uniform_ and kaiming_normal_.
struct KaimingOptions {
  double a = 0;                                          ///< slope of the leaky relu that follows
  FanMode mode = FanMode::kFanIn;                        ///< which fan
  Nonlinearity nonlinearity = Nonlinearity::kLeakyRelu;  ///< what follows
};

/// Uniform in +-gain sqrt(3 / fan).
/// Throws   ShapeError for fewer than two dimensions.
/// Source   He et al. 2015.
Tensor kaiming_uniform_(Tensor tensor, KaimingOptions options = {},
                        Generator& generator = default_generator());
/// Normal with standard deviation gain / sqrt(fan).
/// Throws   ShapeError for fewer than two dimensions.
/// Source   He et al. 2015.
Tensor kaiming_normal_(Tensor tensor, KaimingOptions options = {},
                       Generator& generator = default_generator());
/// Uniform in +-gain sqrt(6 / (fan_in + fan_out)).
/// Throws   ShapeError for fewer than two dimensions.
/// Source   Glorot and Bengio 2010.
Tensor xavier_uniform_(Tensor tensor, double gain = 1, Generator& generator = default_generator());
/// Normal with standard deviation gain sqrt(2 / (fan_in + fan_out)).
/// Throws   ShapeError for fewer than two dimensions.
/// Source   Glorot and Bengio 2010.
Tensor xavier_normal_(Tensor tensor, double gain = 1, Generator& generator = default_generator());

/// PyTorch's default for the weight of Linear and Conv.
Tensor default_weight_(Tensor weight, Generator& generator = default_generator());
/// PyTorch's default for the bias that goes with `weight`: uniform in +-1/sqrt(fan_in).
Tensor default_bias_(Tensor bias, const Tensor& weight, Generator& generator = default_generator());

}  // namespace fovea::nn::init
