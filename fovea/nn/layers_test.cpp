// Every layer: its gradient in fp64, the agreement with its functional form, and what it does in
// training and in evaluation.
#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/test_seed.h"

namespace fovea::nn {
namespace {

namespace F = functional;

class Layers : public testing::Test {
 protected:
  void SetUp() override { manual_seed(test::seed()); }
};

// Checks the gradients of input and parameters of `module` in fp64.
void expect_gradients(Module&& module, const Shape& sizes) {
  SCOPED_TRACE(module.to_string());
  module.to(f64);
  Tensors inputs = {randn(sizes, {.dtype = f64}).set_requires_grad()};
  for (const Tensor& parameter : module.parameters()) inputs.push_back(parameter);
  const GradCheck result = check_gradients(
      [&](const Tensors& given) {
        manual_seed(5);  // dropout must drop the same elements each time
        return module(given[0]);
      },
      inputs);
  EXPECT_TRUE(result.ok) << result.message;
}

TEST_F(Layers, ConvolutionGradients) {
  expect_gradients(Conv1d({.in_channels = 2,
                           .out_channels = 4,
                           .kernel_size = 3,
                           .stride = 2,
                           .padding = 1,
                           .groups = 2}),
                   {2, 2, 7});
  expect_gradients(
      Conv2d({.in_channels = 2, .out_channels = 3, .kernel_size = {3, 2}, .padding = "same"}),
      {2, 2, 4, 5});
  expect_gradients(
      Conv2d({.in_channels = 2, .out_channels = 2, .kernel_size = 2, .dilation = 2, .bias = false}),
      {2, 2, 5, 4});
  expect_gradients(Conv3d({.in_channels = 1, .out_channels = 2, .kernel_size = 2}),
                   {2, 1, 3, 3, 3});
}

TEST_F(Layers, LinearGradients) {
  expect_gradients(Linear(4, 3), {5, 4});
  expect_gradients(Linear(4, 3, {.bias = false}), {2, 3, 4});
  expect_gradients(Identity(), {2, 3});
}

TEST_F(Layers, NormalisationGradients) {
  expect_gradients(BatchNorm1d(3), {5, 3});
  expect_gradients(BatchNorm2d(2), {2, 2, 3, 3});
  expect_gradients(BatchNorm3d(2, {.affine = false, .track_running_stats = false}),
                   {2, 2, 2, 2, 2});
  BatchNorm2d evaluated(2);
  evaluated.eval();
  expect_gradients(std::move(evaluated), {2, 2, 3, 3});
  expect_gradients(LocalResponseNorm({.size = 3, .alpha = 0.5}), {2, 4, 3, 3});
}

TEST_F(Layers, PoolingGradients) {
  expect_gradients(MaxPool1d({.kernel_size = 2}), {2, 2, 6});
  expect_gradients(MaxPool2d({.kernel_size = 3, .stride = 2, .padding = 1}), {2, 2, 5, 5});
  expect_gradients(MaxPool3d({.kernel_size = 2}), {1, 2, 4, 4, 4});
  expect_gradients(MinPool1d({.kernel_size = 2}), {2, 2, 6});
  expect_gradients(MinPool2d({.kernel_size = 2}), {2, 2, 4, 4});
  expect_gradients(MinPool3d({.kernel_size = 2}), {1, 2, 4, 4, 4});
  expect_gradients(AvgPool1d({.kernel_size = 3, .stride = 2, .padding = 1}), {2, 2, 6});
  expect_gradients(AvgPool2d({.kernel_size = 2, .ceil_mode = true, .count_include_pad = false}),
                   {2, 2, 5, 5});
  expect_gradients(AvgPool3d({.kernel_size = 2, .divisor_override = 3}), {1, 2, 4, 4, 4});
  expect_gradients(AdaptiveAvgPool1d(3), {2, 2, 7});
  expect_gradients(AdaptiveAvgPool2d({2, 3}), {2, 2, 5, 4});
  expect_gradients(AdaptiveAvgPool3d(2), {1, 2, 3, 4, 5});
  expect_gradients(GlobalAvgPool(), {2, 3, 4, 5});
  expect_gradients(AdaptiveMaxPool1d(3), {2, 2, 7});
  expect_gradients(AdaptiveMaxPool2d({2, 3}), {2, 2, 5, 4});
  expect_gradients(AdaptiveMaxPool3d(2), {1, 2, 3, 4, 5});
  expect_gradients(GlobalMaxPool(), {2, 3, 4, 5});
}

// The rows of kernels/functions.h that are layers.
#define FOVEA_OMIT(...)

TEST_F(Layers, ActivationGradients) {
#define FOVEA_LAYER(Class, ...) expect_gradients(Class(), {3, 4});
  FOVEA_FUNCTIONS(FOVEA_OMIT, FOVEA_LAYER, FOVEA_OMIT)
#undef FOVEA_LAYER
  expect_gradients(LeakyReLU(0.2), {3, 4});
  expect_gradients(Hardtanh(-0.5, 1.5), {3, 4});
  expect_gradients(ReLU6(), {3, 4});
  expect_gradients(GELU(), {3, 4});
  expect_gradients(GELU(GeluForm::kTanh), {3, 4});
  expect_gradients(Softplus(), {3, 4});
  expect_gradients(ELU(0.5), {3, 4});
  expect_gradients(SELU(), {3, 4});
  expect_gradients(CELU(0.5), {3, 4});
  expect_gradients(Hardsigmoid(), {3, 4});
  expect_gradients(Threshold(0.1, 2), {3, 4});
  expect_gradients(PReLU(4), {3, 4});
  expect_gradients(Softmax(1), {3, 4});
  expect_gradients(LogSoftmax(-1), {3, 4});
}

TEST_F(Layers, DropoutShapeAndPaddingGradients) {
  expect_gradients(Dropout(0.3), {4, 5});
  expect_gradients(Dropout1d(0.3), {3, 4, 2});
  expect_gradients(Dropout2d(0.3), {3, 4, 2, 2});
  expect_gradients(Dropout3d(0.3), {3, 4, 2, 1, 2});
  expect_gradients(Flatten(), {2, 3, 4});
  expect_gradients(Unflatten(1, {2, -1}), {2, 6, 3});
  expect_gradients(ConstantPad1d({1, -1}, 2), {2, 2, 4});
  expect_gradients(ConstantPad2d({1, 2, 0, 1}, 0.5), {2, 1, 3, 3});
  expect_gradients(ConstantPad3d(1, 2), {1, 1, 2, 2, 2});
  expect_gradients(ZeroPad2d(1), {2, 1, 3, 3});
  expect_gradients(ReflectionPad1d(2), {1, 2, 4});
  expect_gradients(ReflectionPad2d(1), {2, 1, 3, 3});
  expect_gradients(ReflectionPad3d(1), {1, 1, 3, 2, 2});
  expect_gradients(ReplicationPad1d(2), {1, 2, 3});
  expect_gradients(ReplicationPad2d(1), {2, 1, 3, 3});
  expect_gradients(ReplicationPad3d(1), {1, 1, 2, 2, 2});
}

TEST_F(Layers, LossesMatchTheirFunctionsAndTheirGradients) {
  const Tensor weight = rand({4}, {.dtype = f64});
  const Tensor labels = randint(0, 4, {5}), targets = rand({5, 4}, {.dtype = f64});
  const auto expect_loss = [](Loss&& loss, const Tensor& target,
                              const std::function<Tensor(const Tensor&)>& function) {
    SCOPED_TRACE(loss.type_name());
    loss.to(f64);
    const Tensor x = log_softmax(randn({5, 4}, {.dtype = f64}), 1).set_requires_grad();
    EXPECT_TRUE(equal(loss(x, target), function(x)));
    const GradCheck result =
        check_gradients([&](const Tensors& given) { return loss(given[0], target); }, {x});
    EXPECT_TRUE(result.ok) << result.message;
    EXPECT_THROW(loss(x), StateError);
  };
  const CrossEntropyOptions smooth{.weight = weight, .label_smoothing = 0.1};
  expect_loss(CrossEntropyLoss(smooth), labels,
              [&](const Tensor& x) { return F::cross_entropy(x, labels, smooth); });
  expect_loss(NLLLoss({.weight = weight, .reduction = Reduction::kSum}), labels,
              [&](const Tensor& x) {
                return F::nll_loss(x, labels, {.weight = weight, .reduction = Reduction::kSum});
              });
  expect_loss(MSELoss(), targets, [&](const Tensor& x) { return F::mse_loss(x, targets); });
  expect_loss(L1Loss(Reduction::kNone), targets,
              [&](const Tensor& x) { return F::l1_loss(x, targets, Reduction::kNone); });
  expect_loss(BCEWithLogitsLoss({.pos_weight = weight}), targets, [&](const Tensor& x) {
    return F::binary_cross_entropy_with_logits(x, targets, {.pos_weight = weight});
  });
}

TEST_F(Layers, AgreeWithTheirFunctions) {
  const Tensor x = randn({2, 4, 6, 5});
  Conv2d conv({.in_channels = 4,
               .out_channels = 2,
               .kernel_size = 3,
               .stride = 2,
               .padding = 1,
               .groups = 2});
  EXPECT_TRUE(equal(
      conv(x), F::conv2d(x, conv.weight(), conv.bias(), {.stride = 2, .padding = 1, .groups = 2})));
  Linear linear(5, 3);
  EXPECT_TRUE(equal(linear(x), F::linear(x, linear.weight(), linear.bias())));
  EXPECT_TRUE(equal(MaxPool2d({.kernel_size = 2})(x), F::max_pool2d(x, {.kernel_size = 2})));
  EXPECT_TRUE(equal(MinPool2d({.kernel_size = 2})(x), F::min_pool2d(x, {.kernel_size = 2})));
  EXPECT_TRUE(equal(AvgPool2d({.kernel_size = 2})(x), F::avg_pool2d(x, {.kernel_size = 2})));
  EXPECT_TRUE(equal(AdaptiveAvgPool2d(2)(x), F::adaptive_avg_pool2d(x, 2)));
  EXPECT_TRUE(equal(GlobalAvgPool()(x), F::global_avg_pool(x)));
  EXPECT_TRUE(equal(AdaptiveMaxPool2d(2)(x), F::adaptive_max_pool2d(x, 2)));
  EXPECT_TRUE(equal(GlobalMaxPool()(x), F::global_max_pool(x)));
#define FOVEA_LAYER(Class, Word, name, ...) EXPECT_TRUE(equal(Class()(x), F::name(x)));
  FOVEA_FUNCTIONS(FOVEA_OMIT, FOVEA_LAYER, FOVEA_OMIT)
#undef FOVEA_LAYER
#undef FOVEA_OMIT
  EXPECT_TRUE(equal(LeakyReLU(0.3)(x), F::leaky_relu(x, 0.3)));
  EXPECT_TRUE(equal(Hardtanh(-0.5, 2)(x), F::hardtanh(x, -0.5, 2)));
  EXPECT_TRUE(equal(ReLU6()(x), F::relu6(x)));
  EXPECT_TRUE(equal(GELU(GeluForm::kTanh)(x), F::gelu(x, GeluForm::kTanh)));
  EXPECT_TRUE(equal(Softplus()(x), F::softplus(x)));
  EXPECT_TRUE(equal(ELU(0.3)(x), F::elu(x, 0.3)));
  EXPECT_TRUE(equal(SELU()(x), F::selu(x)));
  EXPECT_TRUE(equal(CELU(0.3)(x), F::celu(x, 0.3)));
  EXPECT_TRUE(equal(Hardsigmoid()(x), F::hardsigmoid(x)));
  EXPECT_TRUE(equal(Threshold(0.1, 2)(x), F::threshold(x, 0.1, 2)));
  EXPECT_TRUE(equal(PReLU(4, 0.5)(x), F::prelu(x, full({4}, 0.5))));
  EXPECT_TRUE(equal(Softmax(1)(x), F::softmax(x, 1)));
  EXPECT_TRUE(equal(LogSoftmax(1)(x), F::log_softmax(x, 1)));
  EXPECT_TRUE(equal(LocalResponseNorm({.size = 3})(x), F::local_response_norm(x, {.size = 3})));
  EXPECT_TRUE(equal(ZeroPad2d({1, 2, 0, 1})(x), F::pad(x, {1, 2, 0, 1})));
  EXPECT_TRUE(equal(Flatten()(x), x.flatten(1)));
  EXPECT_TRUE(equal(Unflatten(-2, {2, 3})(x), x.view({2, 4, 2, 3, 5})));
  Dropout2d dropout(0.4);
  manual_seed(1);
  const Tensor dropped = dropout(x);
  manual_seed(1);
  EXPECT_TRUE(equal(dropped, F::dropout2d(x, 0.4)));
}

TEST_F(Layers, BatchNormFollowsItsModes) {
  BatchNorm2d norm(3, {.momentum = 0.5});
  const Tensor x = randn({4, 3, 2, 2}) * 3 + 1;
  const Tensor y = norm(x);
  EXPECT_TRUE(allclose(y.mean({0, 2, 3}), zeros({3}), 0, 1e-5));
  const Tensor mean = x.mean({0, 2, 3}) * 0.5;
  const Tensor var = fovea::var(x, {0, 2, 3}) * 0.5 + 0.5;
  EXPECT_TRUE(allclose(norm.running_mean(), mean, 1e-5, 1e-6));
  EXPECT_TRUE(allclose(norm.running_var(), var, 1e-5, 1e-6));
  EXPECT_EQ(norm.named_buffers()[2].second.item<int>(), 1);

  norm.eval();
  const Tensor evaluated = norm(x);
  const Tensor expected = (x - mean.view({3, 1, 1})) / (var.view({3, 1, 1}) + 1e-5).sqrt();
  EXPECT_TRUE(allclose(evaluated, expected, 1e-4, 1e-5));
  EXPECT_EQ(norm.named_buffers()[2].second.item<int>(), 1);  // evaluation counts no batch
  EXPECT_TRUE(allclose(norm.running_mean(), mean, 1e-5, 1e-6));
}

TEST_F(Layers, BatchNormWithoutMomentumAveragesAllBatches) {
  BatchNorm1d norm(2, {.momentum = std::nullopt});
  Tensor sum = zeros({2});
  for (int i = 0; i < 3; ++i) {
    const Tensor x = randn({6, 2});
    norm(x);
    sum = sum + x.mean({0});
  }
  EXPECT_TRUE(allclose(norm.running_mean(), sum / 3, 1e-5, 1e-6));
}

TEST_F(Layers, BatchNormWithoutStatisticsUsesTheBatchInEvaluation) {
  BatchNorm1d norm(2, {.track_running_stats = false});
  norm.eval();
  EXPECT_TRUE(allclose(norm(randn({6, 2}) + 5).mean({0}), zeros({2}), 0, 1e-5));
  EXPECT_TRUE(norm.named_buffers().empty());
}

TEST_F(Layers, DropoutDropsInTrainingAlone) {
  Dropout dropout(0.25);
  const Tensor x = ones({100, 100});
  const Tensor y = dropout(x);
  const double kept = (y != zeros_like(y)).to(f32).mean().item();
  EXPECT_NEAR(kept, 0.75, 0.03);  // 10^4 draws: seven sigmas
  EXPECT_NEAR(y.max().item(), 4.0 / 3, 1e-6);
  dropout.eval();
  EXPECT_TRUE(equal(dropout(x), x));
}

TEST_F(Layers, DropoutStreamsDifferAndRepeat) {
  Dropout a(0.5), b(0.5);
  const Tensor x = ones({1000});
  manual_seed(4);
  const Tensor first = a(x), second = a(x), other = b(x);
  EXPECT_FALSE(equal(first, second));
  EXPECT_FALSE(equal(second, other));
  manual_seed(4);
  EXPECT_TRUE(equal(a(x), first));
  EXPECT_TRUE(equal(b(x), second));  // a stream belongs to the call, not to the layer
}

TEST_F(Layers, RefuseBadOptionsWhereTheyAreMade) {
  using testing::ThrowsMessage;
  EXPECT_THAT([] { Conv2d({.in_channels = 0, .out_channels = 1, .kernel_size = 3}); },
              ThrowsMessage<ArgumentError>(
                  "Conv2d: channels expected at least 1, got in_channels 0, out_channels 1"));
  EXPECT_THAT([] { Conv1d({.in_channels = 3, .out_channels = 4, .kernel_size = 3, .groups = 2}); },
              ThrowsMessage<ArgumentError>(
                  "Conv1d: groups expected to divide in_channels and out_channels, got 2 "
                  "(in_channels 3, out_channels 4)"));
  EXPECT_THAT(
      [] { Conv2d({.in_channels = 1, .out_channels = 1}); },
      ThrowsMessage<ArgumentError>("Conv2d: kernel_size expected 1 or 2 numbers, got 0 ([])"));
  EXPECT_THAT(
      [] {
        Conv2d({.in_channels = 1,
                .out_channels = 1,
                .kernel_size = 3,
                .stride = 2,
                .padding = "same"});
      },
      ThrowsMessage<ArgumentError>("Conv2d: stride expected 1 with padding \"same\", got [2, 2]"));
  EXPECT_THAT([] { Linear(0, 2); },
              ThrowsMessage<ArgumentError>(
                  "Linear: sizes expected at least 1, got in_features 0, out_features 2"));
  EXPECT_THAT([] { BatchNorm2d(0); },
              ThrowsMessage<ArgumentError>("BatchNorm2d: num_features expected at least 1, got 0"));
  EXPECT_THAT([] { BatchNorm2d(2, {.eps = -1}); },
              ThrowsMessage<ArgumentError>("BatchNorm2d: eps expected at least 0, got -1"));
  EXPECT_THAT([] { BatchNorm1d(2, {.momentum = 2}); },
              ThrowsMessage<ArgumentError>("BatchNorm1d: momentum expected in [0, 1], got 2"));
  EXPECT_THAT([] { MaxPool2d({.kernel_size = 2, .padding = 2}); },
              ThrowsMessage<ArgumentError>("MaxPool2d: padding expected at most half of "
                                           "kernel_size, got [2, 2] (kernel_size [2, 2])"));
  EXPECT_THAT(
      [] { AvgPool2d({.kernel_size = 2, .divisor_override = -1}); },
      ThrowsMessage<ArgumentError>("AvgPool2d: divisor_override expected at least 0, got -1"));
  EXPECT_THAT(
      [] { AdaptiveAvgPool2d(0); },
      ThrowsMessage<ArgumentError>("AdaptiveAvgPool2d: output_size expected at least 1, got 0"));
  EXPECT_THAT([] { Dropout(1.5); },
              ThrowsMessage<ArgumentError>("Dropout: p expected in [0, 1], got 1.5"));
  EXPECT_THAT([] { LeakyReLU{INFINITY}; },
              ThrowsMessage<ArgumentError>("LeakyReLU: negative_slope expected finite, got inf"));
  EXPECT_THAT([] { CELU(0); },
              ThrowsMessage<ArgumentError>("CELU: alpha expected finite and not 0, got 0"));
  EXPECT_THAT([] { PReLU(0); },
              ThrowsMessage<ArgumentError>("PReLU: num_parameters expected at least 1, got 0"));
  EXPECT_THAT([] { Hardtanh(2, 1); }, ThrowsMessage<ArgumentError>(
                                          "Hardtanh: min_val expected below max_val, got 2 and 1"));
  EXPECT_THAT(
      [] { AdaptiveMaxPool1d(0); },
      ThrowsMessage<ArgumentError>("AdaptiveMaxPool1d: output_size expected at least 1, got 0"));
  EXPECT_THAT(
      [] {
        ZeroPad2d({1, 2});
      },
      ThrowsMessage<ArgumentError>("ZeroPad2d: padding expected 1 or 4 numbers, got 2 ([1, 2])"));
  EXPECT_THAT([] { LocalResponseNorm({.size = 0}); },
              ThrowsMessage<ArgumentError>("LocalResponseNorm: size expected at least 1, got 0"));
  EXPECT_THAT(
      [] { CrossEntropyLoss({.label_smoothing = 2}); },
      ThrowsMessage<ArgumentError>("CrossEntropyLoss: label_smoothing expected in [0, 1], got 2"));
}

TEST_F(Layers, RefuseInputsThatDoNotFit) {
  using testing::ThrowsMessage;
  EXPECT_THAT(
      [] {
        BatchNorm2d(3)(ones({2, 3}));
      },
      ThrowsMessage<ShapeError>("BatchNorm2d: input expected 4 dimensions, got 2 (input [2, 3])"));
  EXPECT_THAT(
      [] {
        BatchNorm1d(3)(ones({2, 3, 4, 5}));
      },
      ThrowsMessage<ShapeError>(
          "BatchNorm1d: input expected 2 or 3 dimensions, got 4 (input [2, 3, 4, 5])"));
  EXPECT_THAT(
      [] {
        Unflatten(1, {2, 2})(ones({2, 3}));
      },
      ThrowsMessage<ShapeError>(
          "Unflatten: sizes expected to multiply to 3, got [2, 2] (input [2, 3], dim 1)"));
}

}  // namespace
}  // namespace fovea::nn
