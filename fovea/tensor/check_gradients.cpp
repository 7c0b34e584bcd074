// The gradient checker: backward against central differences.

#include <cmath>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea {

namespace {

/// sum(f(inputs) * weights), without recording.
double weighted_sum(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs,
                    const Tensor& weights) {
  const NoGrad no_grad;
  return (f(inputs) * weights).sum().item<double>();
}

double numeric_derivative(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs,
                          const Tensor& weights, const Tensor& element, double step) {
  const NoGrad no_grad;
  Tensor place = element;
  const double value = element.item<double>();
  place.fill_(value + step);
  const double above = weighted_sum(f, inputs, weights);
  place.fill_(value - step);
  const double below = weighted_sum(f, inputs, weights);
  place.fill_(value);
  return (above - below) / (2 * step);
}

}  // namespace

GradCheck check_gradients(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs,
                          double step, double atol, double rtol) {
  for (const Tensor& input : inputs) {
    check<DTypeError>(input.dtype() == f64, "check_gradients: inputs expected f64, got ",
                      input.dtype());
    check<StateError>(input.is_leaf() && input.requires_grad(),
                      "check_gradients: inputs expected leaves that require grad, got another");
  }
  const Tensor output = f(inputs);
  Generator generator(20);
  const Tensor weights =
      randn(output.sizes(), {.dtype = f64, .device = output.device()}, generator);
  const Tensors analytic = grad(output, inputs, weights);
  GradCheck result;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor gradient = analytic[i].defined() ? analytic[i] : zeros_like(inputs[i]);
    const std::vector<double> values = gradient.to_vector<double>();
    const Shape& sizes = inputs[i].sizes();
    for (std::int64_t k = 0; k < inputs[i].numel(); ++k) {
      Tensor element = inputs[i].detach();
      std::int64_t rest = k, block = inputs[i].numel();
      for (const std::int64_t size : sizes) {
        block /= size;
        element = element.select(0, rest / block);
        rest %= block;
      }
      const double numeric = numeric_derivative(f, inputs, weights, element, step);
      const double error = std::abs(values[static_cast<std::size_t>(k)] - numeric);
      result.max_error = std::max(result.max_error, error);
      if (!(error <= atol + rtol * std::abs(numeric)) && result.ok) {
        result.ok = false;
        result.message =
            str("check_gradients: derivative of input ", i, " at element ", k, " expected ",
                numeric, ", got ", values[static_cast<std::size_t>(k)], " (shape ", sizes, ")");
      }
    }
  }
  return result;
}

}  // namespace fovea
