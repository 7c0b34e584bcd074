// Sequential against its children one by one, over networks and blocks drawn at random: see
// tests/support/fused_network.h for what is compared.

#include <gtest/gtest.h>

#include "fovea/nn/nn.h"
#include "fovea/nn/random_network.h"
#include "tests/support/close.h"
#include "tests/support/fused_network.h"
#include "tests/support/on_device.h"
#include "tests/test_seed.h"

namespace fovea::nn {
namespace {

// Small enough that some input leaves every decision of the network clear.
constexpr RandomNetworkLimits kSmall = {
    .max_side = 12, .max_channels = 24, .max_blocks = 3, .max_multiply_adds = 300'000};

void expect_drawn_networks(std::uint64_t count) {
  for (std::uint64_t seed = test::seed(); seed < test::seed() + count; ++seed) {
    const RandomNetwork drawn = random_network(seed, kSmall);
    Shape input = drawn.input;
    input.insert(0, static_cast<std::int64_t>(1 + seed % 3));
    test::expect_fused_is_plain([&] { return random_network(seed, kSmall).model; }, input, seed);
    if (testing::Test::HasFailure()) break;
  }
}

TEST(Fusion, NetworksDrawnAtRandomGiveWhatTheirLayersGive) { expect_drawn_networks(25); }

/// Blocks of a convolution or a linear layer and what may follow it, with every option that a layer
/// has, and sizes that no window or vector divides: what random_network, whose networks PyTorch
/// must run too, does not draw.
class OddBlocks {
 public:
  explicit OddBlocks(std::uint64_t seed)
      : generator_(seed), batch_(between(1, 3)), channels_(between(1, 20)) {
    height_ = between(6, 13);
    width_ = between(6, 13);
    input_ = {batch_, channels_, height_, width_};
    model_ = std::make_shared<Sequential>();
    for (std::int64_t blocks = between(1, 2); blocks > 0; --blocks) {
      convolution();
      if (!one_in(4)) norm();
      if (!one_in(4)) model_->push_back(ReLU());
      if (!one_in(3)) pooling();
      if (one_in(4)) model_->push_back(Dropout(0.3));
    }
    if (one_in(2)) head();
  }

  const Shape& input() const { return input_; }
  std::shared_ptr<Sequential> model() const { return model_; }

 private:
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(generator_.below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool one_in(std::int64_t n) { return between(1, n) == 1; }

  void convolution() {
    const bool common = one_in(2);  // what most networks have, and Winograd's method takes
    const Shape kernel = common ? Shape{3, 3} : Shape{between(1, 4), between(1, 4)};
    const Shape stride = common ? Shape{1, 1} : Shape{between(1, 2), between(1, 2)};
    const Shape dilation = !common && one_in(3) ? Shape{2, 1} : Shape{1, 1};
    Shape begin, end;
    for (int i = 0; i < 2; ++i) {
      const std::int64_t reach = dilation[i] * (kernel[i] - 1) + 1;
      const std::int64_t side = i == 0 ? height_ : width_;
      begin.push_back(between(0, kernel[i] / 2));
      end.push_back(std::max(between(0, kernel[i] / 2), reach + 1 - side - begin[i]));
    }
    std::int64_t groups = one_in(3) ? channels_ : 1;
    if (one_in(4) && channels_ % 2 == 0) groups = 2;
    const std::int64_t outputs = groups * between(1, std::max<std::int64_t>(1, 36 / groups));
    model_->push_back(Conv2d({.in_channels = channels_,
                              .out_channels = outputs,
                              .kernel_size = kernel,
                              .stride = stride,
                              .padding = Padding(begin, end),
                              .dilation = dilation,
                              .groups = groups,
                              .bias = !one_in(3)}));
    channels_ = outputs;
    const Shape sides = conv_output_size({height_, width_}, kernel,
                                         {stride, Padding(begin, end), dilation, groups});
    height_ = sides[0];
    width_ = sides[1];
  }

  void norm() {
    // Fewer values a channel have a variance that rounding reaches.
    if (batch_ * height_ * width_ < 4) return;
    BatchNormLayerOptions options{.eps = one_in(2) ? 1e-5 : 0.1};
    if (one_in(3)) options.momentum = std::nullopt;
    options.affine = !one_in(4);
    options.track_running_stats = !one_in(5);
    model_->push_back(BatchNorm2d(channels_, options));
  }

  void pooling() {
    MaxPoolOptions options{.kernel_size = 2};
    switch (between(0, 4)) {
      case 0:
        options.kernel_size = {between(1, 3), between(1, 3)};
        break;
      case 1:
        options = {.kernel_size = 3, .stride = 2, .padding = 1};
        break;
      case 2:
        options.stride = {between(1, 3), between(1, 3)};
        break;
      case 3:
        options = {.kernel_size = {2, 3}, .dilation = {2, 1}, .ceil_mode = one_in(2)};
        break;
      default:
        break;
    }
    const auto numbers = [](const PerDim& option) { return option.expand(2, "odd", "pool", 0); };
    const Shape kernel = numbers(options.kernel_size), dilation = numbers(options.dilation);
    if (dilation[0] * (kernel[0] - 1) + 1 > height_) return;
    if (dilation[1] * (kernel[1] - 1) + 1 > width_) return;
    const MaxPool2d layer(options);
    const Shape out = max_pool2d(zeros({1, 1, height_, width_}), layer.options()).sizes();
    model_->push_back(MaxPool2d(options));
    height_ = out[2];
    width_ = out[3];
  }

  void head() {
    std::int64_t features = channels_ * height_ * width_;
    model_->push_back(Flatten());
    for (std::int64_t layers = between(1, 2); layers > 0; --layers) {
      const std::int64_t outputs = between(1, 40);
      model_->push_back(Linear(features, outputs, {.bias = !one_in(4)}));
      if (!one_in(3)) model_->push_back(ReLU());
      if (one_in(2)) model_->push_back(Dropout(0.4));
      features = outputs;
    }
  }

  Generator generator_;
  std::int64_t batch_, channels_, height_, width_;
  Shape input_;
  std::shared_ptr<Sequential> model_;
};

void expect_odd_blocks(std::uint64_t count) {
  for (std::uint64_t seed = test::seed(); seed < test::seed() + count; ++seed) {
    const OddBlocks drawn(seed);
    // Small blocks, where the cost model prefers the direct method.
    const ConvAlgorithmScope algorithm(seed % 2 == 0 ? ConvAlgorithm::kWinograd
                                                     : ConvAlgorithm::kAuto);
    test::expect_fused_is_plain([&] { return OddBlocks(seed).model(); }, drawn.input(), seed);
    if (testing::Test::HasFailure()) break;
  }
}

TEST(Fusion, OddBlocksGiveWhatTheirLayersGive) { expect_odd_blocks(80); }

TEST(Fusion, OnADeviceWithoutFusedKernels) {
  const test::OnDevice on(Device("late"));
  expect_drawn_networks(10);
  expect_odd_blocks(40);
}

// There the same elements fall, and the same running statistics come out.
TEST(Fusion, ADeviceWithoutFusedKernelsGivesTheSame) {
  for (std::uint64_t seed = test::seed(); seed < test::seed() + 20; ++seed) {
    SCOPED_TRACE(seed);
    const auto run = [&] {
      manual_seed(seed);
      const OddBlocks drawn(seed);
      const auto model = drawn.model();
      model->to(f64);
      Generator generator(seed);
      const Tensor x = randn(drawn.input(), {.dtype = f64}, generator).set_requires_grad();
      const Tensor y = (*model)(x);
      y.sum().backward();
      Tensors results{y.detach().to(cpu), x.grad().to(cpu)};
      for (const auto& [name, tensor] : model->state_dict()) {
        results.push_back(tensor.detach().to(cpu));
        if (tensor.grad().defined()) results.push_back(tensor.grad().to(cpu));
      }
      return results;
    };
    const Tensors expected = run();
    const test::OnDevice on(Device("late"));
    const Tensors actual = run();
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i)
      EXPECT_TRUE(test::is_close(actual[i], expected[i], 1e-9, 1e-9)) << i;
  }
}

}  // namespace
}  // namespace fovea::nn
