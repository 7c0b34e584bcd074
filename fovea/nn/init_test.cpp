#include "fovea/nn/init.h"

#include <gmock/gmock.h>

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/ops.h"
#include "tests/support/golden.h"
#include "tests/test_seed.h"

namespace fovea::nn {
namespace {

using init::FanMode;
using init::Nonlinearity;
using test::GoldenCase;

struct Moments {
  double mean = 0, std = 0, largest = 0;
  std::int64_t count = 0;
};

// Moments of many draws of `fill` into tensors of one shape.
template <class F>
Moments moments(const Shape& sizes, const F& fill) {
  Moments m;
  double sum = 0, squares = 0;
  while (m.count < 40000) {
    for (const double v : fill(empty(sizes, {.dtype = f64})).template to_vector<double>()) {
      sum += v;
      squares += v * v;
      m.largest = std::max(m.largest, std::abs(v));
      ++m.count;
    }
  }
  m.mean = sum / static_cast<double>(m.count);
  m.std = std::sqrt(squares / static_cast<double>(m.count) - m.mean * m.mean);
  return m;
}

// 40000 draws: the mean errs by std/200 and the deviation by less than std/280 (one sigma); five
// sigmas are allowed.
void expect_uniform(const Moments& m, double bound) {
  EXPECT_LE(m.largest, bound);
  EXPECT_GT(m.largest, bound * 0.998);
  EXPECT_NEAR(m.mean, 0, bound / std::sqrt(3) / 40);
  EXPECT_NEAR(m.std, bound / std::sqrt(3), bound / std::sqrt(3) / 56);
}

void expect_normal(const Moments& m, double std) {
  EXPECT_GT(m.largest, 3.5 * std);
  EXPECT_NEAR(m.mean, 0, std / 40);
  EXPECT_NEAR(m.std, std, std / 56);
}

Nonlinearity nonlinearity_of(const GoldenCase& golden) {
  const std::string text = golden.text("nonlinearity");
  return text == "relu"     ? Nonlinearity::kRelu
         : text == "linear" ? Nonlinearity::kLinear
                            : Nonlinearity::kLeakyRelu;
}

TEST(Init, DrawsFromPyTorchsDistributions) {
  manual_seed(test::seed());
  for (const GoldenCase& golden : test::load_golden("init")) {
    SCOPED_TRACE(golden.name());
    const Shape sizes = golden.shape("shape");
    const std::string op = golden.op();
    if (op == "default") {
      expect_uniform(moments(sizes, [](const Tensor& t) { return init::default_weight_(t); }),
                     golden.tensor("weight_bound").item());
      const Tensor weight = empty(sizes);
      expect_uniform(
          moments({1000}, [&](const Tensor& t) { return init::default_bias_(t, weight); }),
          golden.tensor("bias_bound").item());
      continue;
    }
    const init::Fans fans = init::calculate_fans(empty(sizes));
    EXPECT_EQ((std::vector<std::int64_t>{fans.in, fans.out}),
              golden.tensor("fans").to_vector<std::int64_t>());
    if (op.starts_with("xavier")) {
      const double gain = golden.number("gain");
      if (op == "xavier_uniform") {
        expect_uniform(
            moments(sizes, [&](const Tensor& t) { return init::xavier_uniform_(t, gain); }),
            golden.tensor("bound").item());
      } else {
        expect_normal(
            moments(sizes, [&](const Tensor& t) { return init::xavier_normal_(t, gain); }),
            golden.tensor("std").item());
      }
      continue;
    }
    const init::KaimingOptions options{
        .a = golden.number("a"),
        .mode = golden.text("mode") == "fan_in" ? FanMode::kFanIn : FanMode::kFanOut,
        .nonlinearity = nonlinearity_of(golden)};
    EXPECT_DOUBLE_EQ(init::calculate_gain(options.nonlinearity, options.a),
                     golden.tensor("gain").item());
    if (op == "kaiming_uniform") {
      expect_uniform(
          moments(sizes, [&](const Tensor& t) { return init::kaiming_uniform_(t, options); }),
          golden.tensor("bound").item());
    } else {
      expect_normal(
          moments(sizes, [&](const Tensor& t) { return init::kaiming_normal_(t, options); }),
          golden.tensor("std").item());
    }
  }
}

TEST(Init, Gains) {
  EXPECT_EQ(init::calculate_gain(Nonlinearity::kLinear), 1);
  EXPECT_EQ(init::calculate_gain(Nonlinearity::kSigmoid), 1);
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::kTanh), 5.0 / 3);
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::kRelu), std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(init::calculate_gain(Nonlinearity::kLeakyRelu, 0.01), std::sqrt(2 / 1.0001));
  EXPECT_EQ(init::calculate_gain(Nonlinearity::kSelu), 0.75);
}

TEST(Init, FillsParametersInPlace) {
  Linear linear(3, 2);
  init::constant_(linear.weight(), 0.5);
  init::zeros_(linear.bias());
  EXPECT_EQ(linear.weight().sum().item(), 3);
  EXPECT_EQ(linear.bias().sum().item(), 0);
  EXPECT_TRUE(linear.weight().is_leaf());
  init::ones_(linear.bias());
  EXPECT_EQ(linear.bias().sum().item(), 2);
}

TEST(Init, TheSameGeneratorStateGivesTheSameValues) {
  Generator generator(5), same(5);
  const Tensor a = init::normal_(empty({7}), 1, 2, generator);
  EXPECT_TRUE(equal(a, init::normal_(empty({7}), 1, 2, same)));
  EXPECT_FALSE(equal(a, init::normal_(empty({7}), 1, 2, same)));
  generator.set_position(0);
  EXPECT_TRUE(equal(init::normal_(empty({7}), 1, 2, generator), a));
}

TEST(Init, LayersStartFromTheDefaultGenerator) {
  const auto draw = [] {
    manual_seed(9);
    return Conv2d({.in_channels = 3, .out_channels = 4, .kernel_size = {3, 5}}).state_dict();
  };
  const StateDict a = draw(), b = draw();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(equal(a[i].second, b[i].second));
  const double bound = 1 / std::sqrt(3.0 * 3 * 5);
  EXPECT_LE(a[0].second.max().item(), bound);
  EXPECT_GE(a[1].second.min().item(), -bound);
  EXPECT_NE(a[1].second.min().item(), a[1].second.max().item());
}

TEST(Init, AGeneratorOnTheHostServesAllDevices) {
  Generator host(5), same(5), other(5, Device("protected:1"));
  const Tensor there = init::uniform_(empty({4}, {.device = Device("protected")}), 0, 1, host);
  EXPECT_EQ(there.to_vector(), init::uniform_(empty({4}, {.device = cpu}), 0, 1, same).to_vector());
  EXPECT_THAT([&] { init::uniform_(empty({4}, {.device = cpu}), 0, 1, other); },
              testing::ThrowsMessage<DeviceError>(
                  "uniform_: generator expected on the CPU or cpu, got protected:1"));
}

TEST(Init, Errors) {
  using testing::ThrowsMessage;
  EXPECT_THAT([] { init::kaiming_uniform_(empty({3})); },
              ThrowsMessage<ShapeError>(
                  "calculate_fans: weight expected at least 2 dimensions, got 1 (weight [3])"));
  EXPECT_THAT(
      [] { init::uniform_(empty({3}), 1, 0); },
      ThrowsMessage<ArgumentError>("uniform_: range expected finite with low <= high, got 1 to 0"));
  EXPECT_THAT(
      [] { init::normal_(empty({3}), 0, -1); },
      ThrowsMessage<ArgumentError>(
          "normal_: mean expected finite and std expected finite and >= 0, got mean 0, std -1"));
  EXPECT_THAT([] { init::normal_(empty({3}, {.dtype = i64})); },
              ThrowsMessage<DTypeError>("normal_: dtype expected f32 or f64, got i64"));
  EXPECT_THAT([] { init::ones_(empty({3}, {.dtype = u8})); },
              ThrowsMessage<DTypeError>("constant_: dtype expected f32 or f64, got u8"));
}

}  // namespace
}  // namespace fovea::nn
