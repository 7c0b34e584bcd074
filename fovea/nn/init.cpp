#include "fovea/nn/init.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tape.h"

namespace fovea::nn::init {

namespace {

Tensor fill_random(const char* operation, kernels::Distribution distribution, double a, double b,
                   Tensor tensor, Generator& generator) {
  check<DTypeError>(is_differentiable(tensor.dtype()), operation,
                    ": dtype expected f32 or f64, got ", tensor.dtype());
  check<DeviceError>(generator.device() == tensor.device() || generator.device().is_cpu(),
                     operation, ": generator expected on the CPU or ", tensor.device(), ", got ",
                     generator.device());
  kernels::launch(tensor.device(), &kernels::KernelTable::random, distribution, a, b,
                  generator.next(), tensor.kernel_view());
  tensor.impl()->storage->bump_version();
  return tensor;
}

std::int64_t fan_of(const Tensor& tensor, FanMode mode) {
  const Fans fans = calculate_fans(tensor);
  return mode == FanMode::kFanIn ? fans.in : fans.out;
}

// A weight without elements has fan 0: nothing is filled, and no bound may become infinite.
double over_root(double value, std::int64_t fan) {
  return fan == 0 ? 0 : value / std::sqrt(static_cast<double>(fan));
}

}  // namespace

Fans calculate_fans(const Tensor& weight) {
  check<ShapeError>(weight.dim() >= 2,
                    "calculate_fans: weight expected at least 2 dimensions, got ", weight.dim(),
                    " (weight ", weight.sizes(), ")");
  std::int64_t kernel = 1;
  for (int i = 2; i < weight.dim(); ++i) kernel *= weight.size(i);
  return {.in = weight.size(1) * kernel, .out = weight.size(0) * kernel};
}

double calculate_gain(Nonlinearity nonlinearity, double slope) {
  switch (nonlinearity) {
    case Nonlinearity::kTanh:
      return 5.0 / 3;
    case Nonlinearity::kRelu:
      return std::sqrt(2.0);
    case Nonlinearity::kLeakyRelu:
      return std::sqrt(2.0 / (1 + slope * slope));
    case Nonlinearity::kSelu:
      return 0.75;
    case Nonlinearity::kLinear:
    case Nonlinearity::kSigmoid:
      break;
  }
  return 1;
}

Tensor constant_(Tensor tensor, double value) {
  check<DTypeError>(is_differentiable(tensor.dtype()), "constant_: dtype expected f32 or f64, got ",
                    tensor.dtype());
  NoGrad no_grad;
  tensor.fill_(value);
  return tensor;
}

Tensor zeros_(Tensor tensor) { return constant_(std::move(tensor), 0); }

Tensor ones_(Tensor tensor) { return constant_(std::move(tensor), 1); }

Tensor uniform_(Tensor tensor, double low, double high, Generator& generator) {
  check<ArgumentError>(std::isfinite(low) && std::isfinite(high) && low <= high,
                       "uniform_: range expected finite with low <= high, got ", low, " to ", high);
  return fill_random("uniform_", kernels::Distribution::kUniform, low, high, std::move(tensor),
                     generator);
}

Tensor normal_(Tensor tensor, double mean, double std, Generator& generator) {
  check<ArgumentError>(std::isfinite(mean) && std::isfinite(std) && std >= 0,
                       "normal_: mean expected finite and std expected finite and >= 0, got mean ",
                       mean, ", std ", std);
  return fill_random("normal_", kernels::Distribution::kNormal, mean, std, std::move(tensor),
                     generator);
}

Tensor kaiming_uniform_(Tensor tensor, KaimingOptions options, Generator& generator) {
  const double gain = calculate_gain(options.nonlinearity, options.a);
  const double bound = over_root(gain * std::sqrt(3.0), fan_of(tensor, options.mode));
  return uniform_(std::move(tensor), -bound, bound, generator);
}

Tensor kaiming_normal_(Tensor tensor, KaimingOptions options, Generator& generator) {
  const double gain = calculate_gain(options.nonlinearity, options.a);
  const double std = over_root(gain, fan_of(tensor, options.mode));
  return normal_(std::move(tensor), 0, std, generator);
}

Tensor xavier_uniform_(Tensor tensor, double gain, Generator& generator) {
  const Fans fans = calculate_fans(tensor);
  const double bound = over_root(gain * std::sqrt(6.0), fans.in + fans.out);
  return uniform_(std::move(tensor), -bound, bound, generator);
}

Tensor xavier_normal_(Tensor tensor, double gain, Generator& generator) {
  const Fans fans = calculate_fans(tensor);
  return normal_(std::move(tensor), 0, over_root(gain * std::sqrt(2.0), fans.in + fans.out),
                 generator);
}

Tensor default_weight_(Tensor weight, Generator& generator) {
  return kaiming_uniform_(std::move(weight), {.a = std::sqrt(5.0)}, generator);
}

Tensor default_bias_(Tensor bias, const Tensor& weight, Generator& generator) {
  const double bound = over_root(1, calculate_fans(weight).in);
  return uniform_(std::move(bias), -bound, bound, generator);
}

}  // namespace fovea::nn::init
