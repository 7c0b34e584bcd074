#include "tests/support/fused_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::test {

namespace {

constexpr double kEps = 0x1p-24;

struct Mode {
  bool training;
  bool gradients;
};

using Values = std::vector<double>;

double largest(const Values& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

/// The largest difference; NaN where either has NaN.
double difference(const Values& a, const Values& b) {
  double most = a.size() == b.size() ? 0 : std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < a.size() && !std::isnan(most); ++i) {
    const double off = std::abs(a[i] - b[i]);
    most = std::isnan(off) ? off : std::max(most, off);
  }
  return most;
}

/// What a run gives, by name: "output", "gradient of ..." and the buffers.
using Results = std::map<std::string, Values>;

bool is_gradient(const std::string& name) { return name.starts_with("gradient"); }

/// The largest value of what is compared with `name`.
double scale_of(const Results& exact, const std::string& name) {
  if (!is_gradient(name)) return largest(exact.at(name));
  double most = 0;
  for (const auto& [other, values] : exact)
    if (is_gradient(other)) most = std::max(most, largest(values));
  return most;
}

Results run(nn::Sequential& model, const Tensor& input, const Mode& mode, std::uint64_t seed) {
  model.train(mode.training);
  model.zero_grad();
  manual_seed(seed);  // dropout draws the same in every copy
  Results results;
  Tensor x = input.detach().clone().set_requires_grad(mode.gradients);
  if (mode.gradients) {
    const Tensor y = model(x);
    results["output"] = y.to_vector<double>();
    Generator generator(seed + 1);
    const Tensor direction = randn(y.sizes(), {.device = y.device()}, generator).to(y.dtype());
    (y * direction).sum().backward();
    results["gradient of the input"] = x.grad().to_vector<double>();
    for (const auto& [name, parameter] : model.named_parameters())
      results["gradient of " + name] = parameter.grad().to_vector<double>();
  } else {
    const NoGrad no_grad;
    results["output"] = model(x).to_vector<double>();
  }
  for (const auto& [name, buffer] : model.named_buffers())
    results[name] = buffer.to_vector<double>();
  return results;
}

/// Values with a distribution for every parameter and buffer: those that layers start with (zeros,
/// ones) would hide what is wrong with them.
void fill(nn::Module& model, Generator& generator) {
  const NoGrad no_grad;
  for (const auto& [name, parameter] : model.named_parameters()) {
    const double size = parameter.dim() > 1
                            ? std::sqrt(2.0 * static_cast<double>(parameter.size(0)) /
                                        static_cast<double>(parameter.numel()))
                            : 1;
    Tensor(parameter).copy_(randn(parameter.sizes(), {}, generator)).mul_(size);
  }
  for (const auto& [name, buffer] : model.named_buffers()) {
    if (name.ends_with("running_mean")) Tensor(buffer).copy_(randn(buffer.sizes(), {}, generator));
    if (name.ends_with("running_var"))
      Tensor(buffer).copy_(add(rand(buffer.sizes(), {}, generator), scalar(0.5)));
  }
}

/// The inputs of those children whose roundings need care: relu and max pooling, which decide by a
/// comparison, and batch norm.
class Inputs {
 public:
  /// Hooks every child of `model`, which makes each a run of its own.
  explicit Inputs(nn::Sequential& model) {
    for (std::size_t i = 0; i < model.size(); ++i) {
      model[i].register_forward_hook([this, i](nn::Module& layer, const Tensor& x, Tensor&) {
        if (dynamic_cast<nn::ReLU*>(&layer) || dynamic_cast<nn::MaxPool2d*>(&layer))
          deciding_[i] = x.detach();
        if (dynamic_cast<nn::BatchNorm2d*>(&layer)) normalised_[i] = x.detach();
      });
    }
  }
  const std::map<std::size_t, Tensor>& deciding() const { return deciding_; }
  const std::map<std::size_t, Tensor>& normalised() const { return normalised_; }

 private:
  std::map<std::size_t, Tensor> deciding_, normalised_;
};

/// The largest 1 + |mean| / deviation of a channel.
double cancellation(const nn::BatchNorm2d& norm, const Tensor& input) {
  Tensor mean = norm.running_mean(), var = norm.running_var();
  if (norm.uses_batch_statistics()) {
    mean = input.mean({0, 2, 3});
    var = square(input - mean.view({1, -1, 1, 1})).mean({0, 2, 3});
  }
  const Values means = mean.to_vector<double>(), variances = var.to_vector<double>();
  double most = 1;
  for (std::size_t c = 0; c < means.size(); ++c)
    most = std::max(most, 1 + std::abs(means[c]) / std::sqrt(variances[c] + norm.eps()));
  return most;
}

/// Least distance between the largest value of a window and another value in it; equal values are
/// equal in every precision.
double pooling_margin(const MaxPoolOptions& options, const Tensor& input) {
  const auto numbers = [](const PerDim& option, std::int64_t least) {
    return option.expand(2, "pooling_margin", "option", least);
  };
  const Shape kernel = numbers(options.kernel_size, 1);
  const Shape stride = options.stride.empty() ? kernel : numbers(options.stride, 1);
  const Shape padding = numbers(options.padding, 0), dilation = numbers(options.dilation, 1);
  const Shape out = max_pool2d(input, options).sizes();
  const std::int64_t height = input.size(2), width = input.size(3);
  const Values x = input.to_vector<double>();
  double margin = std::numeric_limits<double>::infinity();
  for (std::int64_t o = 0; o < out.numel(); ++o) {
    const std::int64_t plane = o / (out[2] * out[3]);
    const std::int64_t top = o / out[3] % out[2] * stride[0] - padding[0];
    const std::int64_t left = o % out[3] * stride[1] - padding[1];
    Values window;
    for (std::int64_t i = 0; i < kernel.numel(); ++i) {
      const std::int64_t row = top + i / kernel[1] * dilation[0];
      const std::int64_t column = left + i % kernel[1] * dilation[1];
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      window.push_back(x[static_cast<std::size_t>((plane * height + row) * width + column)]);
    }
    if (window.empty()) continue;
    const double best = *std::max_element(window.begin(), window.end());
    for (const double value : window)
      if (value != best) margin = std::min(margin, best - value);
  }
  return margin;
}

/// How far the input of `layer` is from another decision.
double margin_of(const nn::Module& layer, const Tensor& input) {
  if (const auto* pool = dynamic_cast<const nn::MaxPool2d*>(&layer))
    return pooling_margin(pool->options(), input);
  double margin = std::numeric_limits<double>::infinity();
  for (const double value : input.to_vector<double>())
    if (value != 0) margin = std::min(margin, std::abs(value));
  return margin;
}

/// The same network three times, with the same values.
struct Copies {
  std::shared_ptr<nn::Sequential> free, plain, exact;
  Inputs plain_inputs, exact_inputs;
  StateDict start;

  Copies(const MakeNetwork& make, Generator& generator)
      : free(make()), plain(make()), exact(make()), plain_inputs(*plain), exact_inputs(*exact) {
    fill(*free, generator);
    exact->to(f64);
    for (const auto& [name, tensor] : free->state_dict()) start.emplace_back(name, tensor.clone());
  }

  /// True when f32 decides as f64 does and would with eight times the error.
  bool decisions_are_clear() const {
    for (const auto& [i, exact_input] : exact_inputs.deciding()) {
      const Tensor& narrow = plain_inputs.deciding().at(i);
      const double error = difference(narrow.to_vector<double>(), exact_input.to_vector<double>());
      if (!(margin_of((*exact)[i], exact_input) > 8 * error)) return false;
    }
    return true;
  }
  /// The most that any batch norm loses: see the head.
  double worst_cancellation() const {
    double most = 1;
    for (const auto& [i, input] : exact_inputs.normalised())
      most = std::max(most, cancellation(exact->get<nn::BatchNorm2d>(i), input));
    return most;
  }
};

/// True when rounding moves nothing by more than 0.1 %.
bool well_conditioned(const Results& plain, const Results& exact) {
  return std::all_of(plain.begin(), plain.end(), [&](const auto& result) {
    const auto& [name, values] = result;
    return difference(values, exact.at(name)) <= 1e-3 * scale_of(exact, name);
  });
}

void compare(const Results& free, const Results& plain, const Results& exact, double loss) {
  for (const auto& [name, values] : exact) {
    ASSERT_TRUE(free.contains(name)) << name;
    const double rounding = difference(plain.at(name), values);
    const double bound = 8 * rounding + 32 * kEps * loss * scale_of(exact, name);
    EXPECT_LE(difference(free.at(name), values), bound)
        << name << " (one by one in f32 it errs by " << rounding << ")";
  }
}

}  // namespace

void expect_fused_is_plain(const MakeNetwork& make, const Shape& input, std::uint64_t seed) {
  constexpr int kDraws = 50;
  Generator generator(seed);
  Copies copies(make, generator);
  for (const Mode mode : {Mode{true, true}, {true, false}, {false, true}, {false, false}}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", input " << input << ", "
                                    << (mode.training ? "training" : "evaluation")
                                    << (mode.gradients ? "" : " under NoGrad") << "\n"
                                    << copies.free->to_string());
    bool compared = false;
    for (int draw = 0; draw < kDraws && !compared; ++draw) {
      for (const auto& model : {copies.free, copies.plain, copies.exact})
        model->load_state_dict(copies.start);
      const Tensor x = randn(input, {}, generator);
      const Results exact = run(*copies.exact, x.to(f64), mode, seed);
      const Results plain = run(*copies.plain, x, mode, seed);
      if (!copies.decisions_are_clear() || !well_conditioned(plain, exact)) continue;
      compare(run(*copies.free, x, mode, seed), plain, exact, copies.worst_cancellation());
      compared = true;
    }
    EXPECT_TRUE(compared) << "no input of " << kDraws << " is clear";
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace fovea::test
