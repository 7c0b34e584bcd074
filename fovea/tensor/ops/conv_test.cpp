#include "fovea/tensor/ops/conv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

using Conv = Tensor (*)(const Tensor&, const Tensor&, const Tensor&, const ConvOptions&);
const std::map<std::string, Conv> kConvs = {
    {"conv1d", conv1d}, {"conv2d", conv2d}, {"conv3d", conv3d}};

ConvOptions options_of(const test::GoldenCase& golden) {
  const Padding padding = golden.is_text("padding") ? Padding(golden.text("padding"))
                                                    : Padding(golden.shape("padding"));
  return {.stride = golden.shape("stride"),
          .padding = padding,
          .dilation = golden.shape("dilation"),
          .groups = golden.integer("groups")};
}

// --- The chapter ---------------------------------------------------------------------------------

TEST(Conv, ChapterImageByHand) {
  const Tensor image = tensor({{1, 0, 0, 0, 0, 1},
                               {0, 1, 0, 0, 1, 0},
                               {0, 0, 1, 1, 0, 0},
                               {1, 0, 0, 0, 1, 0},
                               {0, 1, 0, 0, 1, 0},
                               {0, 0, 1, 0, 1, 0}});
  const Tensor kernel = tensor({{1, 0, 1}, {0, 1, 0}, {1, 0, 1}});
  const Tensor map = conv2d(image.view({1, 1, 6, 6}), kernel.view({1, 1, 3, 3}));
  EXPECT_EQ(map.sizes(), (Shape{1, 1, 4, 4}));
  EXPECT_THAT(map.to_vector(), ElementsAre(3, 1, 1, 3, 1, 2, 3, 0, 1, 2, 2, 2, 3, 0, 3, 1));
}

TEST(Conv, ChapterCurveIsSmoothedIn1d) {
  const Tensor y = conv1d(ones({1, 1, 5}), tensor({0.25, 0.5, 0.25}).view({1, 1, 3}));
  EXPECT_EQ(y.sizes(), (Shape{1, 1, 3}));
  EXPECT_THAT(y.to_vector(), ElementsAre(1, 1, 1));
}

// A kernel as deep as the image moves along two axes; a 1x1 kernel changes only the number of
// channels.
TEST(Conv, ChapterChannelsAndFilters) {
  const Tensor colour = ones({1, 3, 5, 5});
  EXPECT_EQ(conv2d(colour, ones({1, 3, 3, 3})).sizes(), (Shape{1, 1, 3, 3}));
  EXPECT_EQ(conv2d(colour, ones({1, 3, 3, 3})).at({0, 0, 1, 1}).item(), 27);
  EXPECT_EQ(conv2d(colour, ones({7, 3, 3, 3})).sizes(), (Shape{1, 7, 3, 3}));
  EXPECT_EQ(conv2d(colour, ones({2, 3, 1, 1})).sizes(), (Shape{1, 2, 5, 5}));
  EXPECT_EQ(conv3d(ones({1, 1, 5, 6, 7}), ones({1, 1, 3, 3, 2})).sizes(), (Shape{1, 1, 3, 4, 6}));
}

TEST(Conv, ChapterOutputSizes) {
  EXPECT_EQ(conv_output_size({6, 6}, 3), (Shape{4, 4}));
  EXPECT_EQ(conv_output_size({28, 28}, 3, {.padding = 1}), (Shape{28, 28}));
  EXPECT_EQ(conv_output_size({14, 14}, 3), (Shape{12, 12}));
  EXPECT_EQ(conv_output_size({32, 31, 9}, {3, 5, 2},
                             {.stride = 2, .padding = {1, 0, 0}, .dilation = {1, 2, 3}}),
            (Shape{16, 12, 3}));
  EXPECT_EQ(conv_output_size({7, 8}, {2, 4}, {.padding = "same"}), (Shape{7, 8}));
}

TEST(Conv, OptionsReadAsWritten) {
  const Tensor x = ones({1, 1, 4, 5}), weight = ones({1, 1, 2, 2});
  EXPECT_EQ(conv2d(x, weight, {}, {.padding = 1}).sizes(), (Shape{1, 1, 5, 6}));
  EXPECT_EQ(conv2d(x, weight, {}, {.padding = 0}).sizes(), (Shape{1, 1, 3, 4}));
  EXPECT_EQ(conv2d(x, weight, {}, {.padding = {0, 1}}).sizes(), (Shape{1, 1, 3, 6}));
  EXPECT_EQ(conv2d(x, weight, {}, {.stride = {2, 1}}).sizes(), (Shape{1, 1, 2, 4}));
  EXPECT_EQ(conv2d(x, weight, {}, {.padding = "same", .dilation = 2}).sizes(), (Shape{1, 1, 4, 5}));
  EXPECT_EQ(conv2d(x, weight, {}, {.padding = "valid"}).sizes(), (Shape{1, 1, 3, 4}));
  EXPECT_EQ(conv2d(x, weight, {}, {.padding = Padding({1, 0}, {0, 3})}).sizes(),
            (Shape{1, 1, 4, 7}));
}

// The zero goes where it is asked for: a kernel of one 1 shifts the image.
TEST(Conv, AsymmetricPaddingByHand) {
  const Tensor x = tensor({1, 2, 3}).view({1, 1, 3}), pick = tensor({0, 1}).view({1, 1, 2});
  EXPECT_THAT(conv1d(x, pick, {}, {.padding = Padding(1, 0)}).to_vector(), ElementsAre(1, 2, 3));
  EXPECT_THAT(conv1d(x, pick, {}, {.padding = Padding(0, 1)}).to_vector(), ElementsAre(2, 3, 0));
}

// --- PyTorch -------------------------------------------------------------------------------------

void compare_with_pytorch(DType dtype, double rtol, double atol) {
  for (const test::GoldenCase& golden : test::load_golden("conv")) {
    SCOPED_TRACE(golden.name() + " " + golden.op());
    Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
    Tensor weight = golden.tensor("weight", dtype).clone().set_requires_grad();
    Tensor bias = golden.tensor("bias", dtype);
    if (bias.defined()) bias = bias.clone().set_requires_grad();
    const Tensor y = kConvs.at(golden.op())(x, weight, bias, options_of(golden));
    EXPECT_TRUE(is_close(y, golden.tensor("y", dtype), rtol, atol));
    EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
    y.backward(golden.tensor("grad_y", dtype));
    EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), rtol, atol));
    EXPECT_TRUE(is_close(weight.grad(), golden.tensor("grad_weight", dtype), rtol, atol));
    if (bias.defined()) {
      EXPECT_TRUE(is_close(bias.grad(), golden.tensor("grad_bias", dtype), rtol, atol));
    }
  }
}

TEST(Conv, AgreesWithPyTorch) {
  compare_with_pytorch(f64, 1e-12, 1e-12);
  // Winograd's bound of winograd_test.cpp, 400 eps sqrt(L), for the longest sums here, L = 9 * 31.
  compare_with_pytorch(f32, 2e-5, 4e-4);
  {
    const ConvAlgorithmScope scope(ConvAlgorithm::kDirect);
    compare_with_pytorch(f32, 2e-5, 5e-5);
  }
  const ConvAlgorithmScope scope(ConvAlgorithm::kWinograd);
  compare_with_pytorch(f32, 2e-5, 4e-4);
}

// Backward goes the way of forward, whatever is in force by then, and other threads go their own.
TEST(Conv, AlgorithmIsThatOfTheInnermostScope) {
  Generator generator(test::seed());
  const Tensor x = randn({1, 32, 12, 12}, {.requires_grad = true}, generator);
  const Tensor weight = randn({32, 32, 3, 3}, {.requires_grad = true}, generator);
  using Values = std::vector<float>;
  const auto run = [&](ConvAlgorithm forward, ConvAlgorithm backward) {
    x.impl()->grad = nullptr;
    Tensor y;
    {
      const ConvAlgorithmScope scope(forward);
      y = conv2d(x, weight, {}, {.padding = 1});
    }
    const ConvAlgorithmScope scope(backward);
    sum(y * y).backward();
    return std::pair<Values, Values>(y.to_vector(), x.grad().to_vector());
  };
  const auto direct = run(ConvAlgorithm::kDirect, ConvAlgorithm::kDirect);
  const auto winograd = run(ConvAlgorithm::kWinograd, ConvAlgorithm::kWinograd);
  // What makes things of weights beforehand has Winograd's method among its own.
  if (kernels::has_kernel(x.device(), &kernels::KernelTable::conv_prepare)) {
    EXPECT_NE(direct.first, winograd.first);
  }
  EXPECT_EQ(run(ConvAlgorithm::kDirect, ConvAlgorithm::kWinograd), direct);
  EXPECT_EQ(run(ConvAlgorithm::kWinograd, ConvAlgorithm::kDirect), winograd);
  const ConvAlgorithmScope scope(ConvAlgorithm::kDirect);
  std::thread([] { EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kAuto); }).join();
  {
    const ConvAlgorithmScope inner(ConvAlgorithm::kWinograd);
    EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kWinograd);
  }
  EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kDirect);
}

// --- Gradients -----------------------------------------------------------------------------------

Tensor leaf(const Shape& sizes, Generator& generator) {
  return randn(sizes, {.dtype = f64, .requires_grad = true}, generator);
}

TEST(Conv, GradientsAgreeWithDifferences) {
  Generator generator(test::seed());
  struct Case {
    const char* name;
    Shape x, weight;
    ConvOptions options;
  };
  const Case cases[] = {
      {"conv1d", {2, 3, 7}, {4, 3, 3}, {.stride = 2, .padding = 1}},
      {"conv1d", {1, 4, 8}, {2, 2, 3}, {.padding = "same", .dilation = 2, .groups = 2}},
      {"conv2d", {2, 2, 5, 6}, {3, 2, 3, 2}, {.stride = {2, 1}, .padding = {1, 0}}},
      {"conv2d", {1, 4, 5, 4}, {4, 1, 2, 2}, {.padding = Padding({1, 0}, {0, 2}), .groups = 4}},
      {"conv2d", {1, 3, 4, 4}, {2, 3, 1, 1}, {}},
      {"conv3d", {1, 2, 3, 4, 3}, {2, 2, 2, 3, 2}, {.padding = 1, .dilation = {1, 1, 2}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(str(c.name, " ", c.x, " ", c.weight));
    const Conv conv = kConvs.at(c.name);
    const GradCheck with_bias = check_gradients(
        [&](const Tensors& in) { return conv(in[0], in[1], in[2], c.options); },
        {leaf(c.x, generator), leaf(c.weight, generator), leaf({c.weight[0]}, generator)});
    EXPECT_TRUE(with_bias.ok) << with_bias.message;
  }
}

TEST(Conv, GradientsOnlyWhereAsked) {
  Generator generator(test::seed());
  const Shape all[] = {{2, 3, 5, 5}, {4, 3, 3, 3}, {4}};
  Tensors reference;
  for (const Shape& sizes : all) reference.push_back(leaf(sizes, generator));
  conv2d(reference[0], reference[1], reference[2], {.padding = 1}).sum().backward();
  for (std::size_t asked = 0; asked < 3; ++asked) {
    Tensors inputs;
    for (const Tensor& input : reference) inputs.push_back(input.detach().clone());
    inputs[asked].set_requires_grad();
    conv2d(inputs[0], inputs[1], inputs[2], {.padding = 1}).sum().backward();
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(inputs[i].grad().defined(), i == asked);
    EXPECT_TRUE(is_close(inputs[asked].grad(), reference[asked].grad(), 1e-13, 1e-13));
  }
}

TEST(Conv, WeightGradientsGoIntoTheirBuffers) {
  Generator generator(test::seed());
  const Tensor x = randn({2, 3, 5, 5}, {}, generator);
  Tensor weight = randn({4, 3, 3, 3}, {.requires_grad = true}, generator),
         bias = zeros({4}, {.requires_grad = true});
  const Tensor block = full({weight.numel() + 4}, -1);
  weight.set_grad_buffer(block.narrow(0, 0, weight.numel()).view(weight.sizes()));
  bias.set_grad_buffer(block.narrow(0, weight.numel(), 4));
  conv2d(x, weight, bias).sum().backward();
  EXPECT_EQ(weight.grad().kernel_view().data, block.kernel_view().data);
  EXPECT_THAT(bias.grad().to_vector(), ElementsAre(18, 18, 18, 18));
  EXPECT_EQ(block.slice(0, weight.numel()).to_vector(), bias.grad().to_vector());
}

TEST(Conv, ChangedWeightIsNoticedByBackward) {
  const Tensor x = ones({1, 1, 3, 3});
  Tensor weight = ones({1, 1, 2, 2}, {.requires_grad = true});
  const Tensor y = conv2d(x, weight).sum();
  {
    const NoGrad no_grad;
    weight.fill_(2);
  }
  EXPECT_THROW(y.backward(), StateError);
}

// --- Layouts, batches ----------------------------------------------------------------------------

/// Whole numbers, so that every order of summing gives the same.
Tensor integers(const Shape& sizes, Generator& generator) {
  return randint(-4, 5, sizes, {.dtype = i64}, generator).to(f32);
}

TEST(Conv, AnyLayoutGivesTheSame) {
  Generator generator(test::seed());
  const Tensor x = integers({2, 4, 6, 5}, generator), weight = integers({6, 2, 3, 3}, generator);
  const Tensor bias = integers({6}, generator);
  const ConvOptions options{.padding = 1, .groups = 2};
  const Tensor expected = conv2d(x, weight, bias, options);
  const auto permuted = [](const Tensor& t) {
    return t.permute({3, 2, 1, 0}).contiguous().permute({3, 2, 1, 0});
  };
  const Tensor wide = zeros({2, 4, 6, 11});
  wide.slice(3, 0, 10, 2).copy_(x);
  EXPECT_TRUE(equal(conv2d(permuted(x), permuted(weight), bias, options), expected));
  EXPECT_TRUE(equal(conv2d(wide.slice(3, 0, 10, 2), weight, bias, options), expected));
  EXPECT_TRUE(
      equal(conv2d(x.contiguous(MemoryFormat::kChannelsLast), weight, bias, options), expected));
  const Tensor spread = stack({bias, bias}, 1).select(1, 0);
  EXPECT_FALSE(spread.is_contiguous());
  EXPECT_TRUE(equal(conv2d(x, weight, spread, options), expected));
  const Tensor one = integers({1, 4, 6, 5}, generator);
  EXPECT_TRUE(equal(conv2d(one.expand({3, 4, 6, 5}), weight, bias, options),
                    conv2d(cat({one, one, one}), weight, bias, options)));
}

TEST(Conv, AnyLayoutOfTheGradientGivesTheSame) {
  Generator generator(test::seed());
  const Tensor x = integers({2, 3, 5, 4}, generator), dy = integers({2, 4, 3, 2}, generator);
  Tensor weight = integers({4, 3, 3, 3}, generator).set_requires_grad();
  conv2d(x, weight).backward(dy);
  const Tensor expected = weight.grad().clone();
  weight.set_grad({});
  conv2d(x, weight).backward(dy.permute({2, 1, 0, 3}).contiguous().permute({2, 1, 0, 3}));
  EXPECT_TRUE(equal(weight.grad(), expected));
  weight.set_grad({});
  conv2d(x, weight).sum().backward();  // an expanded 1
  Tensor again = weight.detach().clone().set_requires_grad();
  conv2d(x, again).backward(ones({2, 4, 3, 2}));
  EXPECT_TRUE(equal(weight.grad(), again.grad()));
}

TEST(Conv, InputWithoutBatch) {
  Generator generator(test::seed());
  const Tensor x = integers({3, 6, 5}, generator), weight = integers({2, 3, 3, 3}, generator);
  EXPECT_TRUE(equal(conv2d(x, weight), conv2d(x.unsqueeze(0), weight).squeeze(0)));
  EXPECT_EQ(conv1d(ones({2, 7}), ones({3, 2, 2})).sizes(), (Shape{3, 6}));
}

// --- For inference ------------------------------------------------------------------------------

TEST(Conv, AddClampIsWhatItsPartsGive) {
  Generator generator(test::seed());
  const NoGrad no_grad;
  const Tensor x = randn({2, 6, 9, 8}, {}, generator), bias = randn({8}, {}, generator);
  for (const std::int64_t side : {1, 3}) {
    for (const std::int64_t groups : {1, 2}) {
      const Tensor weight = randn({8, 6 / groups, side, side}, {}, generator);
      const ConvOptions conv{.padding = side / 2, .groups = groups};
      const Tensor y = conv2d(x, weight, bias, conv), residual = randn(y.sizes(), {}, generator);
      const auto expect = [&](const Tensor& fast, const Tensor& parts) {
        EXPECT_TRUE(is_close(fast, parts, 1e-5, 1e-5));
        EXPECT_TRUE(fast.is_contiguous(MemoryFormat::kChannelsLast));
      };
      expect(conv_add_clamp(x, weight, bias, {}, {.conv = conv, .low = 0}), relu(y));
      expect(conv_add_clamp(x, weight, bias, residual, {.conv = conv}), y + residual);
      expect(conv_add_clamp(x, weight, bias, residual, {.conv = conv, .low = -1, .high = 0.5}),
             clamp(y + residual, -1, 0.5));
      expect(conv_add_clamp(x.to(f64), weight.to(f64), bias.to(f64), residual.to(f64),
                            {.conv = conv, .high = 1})
                 .to(f32),
             clamp(y + residual, -10000, 1));
    }
  }
  const Tensor line = randn({2, 3, 7}, {}, generator), kernel = randn({4, 3, 2}, {}, generator);
  EXPECT_TRUE(is_close(conv_add_clamp(line, kernel, {}, {}, {.high = 0}),
                       clamp(conv1d(line, kernel), -10000, 0), 1e-5, 1e-5));
}

TEST(Conv, AddClampErrors) {
  const Tensor x = ones({1, 2, 3, 3}), weight = ones({4, 2, 1, 1});
  const auto run = [&](const Tensor& residual, const ConvAddClampOptions& options) {
    return [=] { conv_add_clamp(x, weight, {}, residual, options); };
  };
  EXPECT_EQ(message_of<ShapeError>(run(ones({1, 4, 1, 3}), {})),
            "conv_add_clamp: residual expected shape [1, 4, 3, 3], got [1, 4, 1, 3] (input [1, 2, "
            "3, 3], weight [4, 2, 1, 1])");
  EXPECT_EQ(message_of<DTypeError>(run(ones({1, 4, 3, 3}, {.dtype = f64}), {})),
            "conv_add_clamp: residual expected dtype f32, got f64");
  EXPECT_EQ(message_of<DeviceError>(run(ones({1, 4, 3, 3}, {.device = Device("late:1")}), {})),
            str("conv_add_clamp: residual expected on ", default_device(), ", got late:1"));
  EXPECT_EQ(message_of<ArgumentError>(run({}, {.low = 2, .high = 1})),
            "conv_add_clamp: low expected at most high, got 2 and 1");
  EXPECT_EQ(message_of<StateError>([&] {
              conv_add_clamp(x, ones({4, 2, 1, 1}, {.requires_grad = true}), {}, {});
            }),
            "conv_add_clamp: inputs expected to need no gradient, got one that does");
  EXPECT_EQ(message_of<ShapeError>([&] {
              conv_add_clamp(x, ones({4, 3, 1, 1}), {}, {});
            }),
            "conv_add_clamp: input expected 3 channels, got 2 (input [1, 2, 3, 3], weight [4, 3, "
            "1, 1], groups 1)");
}

TEST(Conv, BatchOfNone) {
  for (const DType dtype : {f32, f64}) {
    Tensor x = zeros({0, 3, 5, 5}, {.dtype = dtype, .requires_grad = true});
    Tensor weight = ones({2, 3, 3, 3}, {.dtype = dtype, .requires_grad = true});
    Tensor bias = ones({2}, {.dtype = dtype, .requires_grad = true});
    const Tensor y = conv2d(x, weight, bias);
    EXPECT_EQ(y.sizes(), (Shape{0, 2, 3, 3}));
    y.sum().backward();
    EXPECT_EQ(x.grad().sizes(), x.sizes());
    EXPECT_TRUE(equal(weight.grad(), zeros_like(weight)));
    EXPECT_TRUE(equal(bias.grad(), zeros_like(bias)));
  }
}

// --- Errors --------------------------------------------------------------------------------------

template <class E>
std::string failure(const Shape& x, const Shape& weight, const ConvOptions& options = {},
                    const Tensor& bias = {}) {
  return message_of<E>([&] { conv2d(zeros(x), zeros(weight), bias, options); });
}

TEST(Conv, ShapeErrors) {
  EXPECT_EQ(failure<ShapeError>({2, 4, 8, 8}, {6, 3, 3, 3}),
            "conv2d: input expected 3 channels, got 4 (input [2, 4, 8, 8], weight [6, 3, 3, 3], "
            "groups 1)");
  EXPECT_EQ(failure<ShapeError>({2, 4, 8, 8}, {6, 4, 3, 3}, {.groups = 2}),
            "conv2d: input expected 8 channels, got 4 (input [2, 4, 8, 8], weight [6, 4, 3, 3], "
            "groups 2)");
  EXPECT_EQ(failure<ShapeError>({2, 4, 8, 8}, {5, 2, 3, 3}, {.groups = 2}),
            "conv2d: output channels expected a multiple of groups, got 5 (input [2, 4, 8, 8], "
            "weight [5, 2, 3, 3], "
            "groups 2)");
  EXPECT_EQ(failure<ShapeError>({2, 4, 8}, {6, 4, 3}),
            "conv2d: weight expected 4 dimensions, got 3 (weight [6, 4, 3])");
  EXPECT_EQ(failure<ShapeError>({8, 8}, {6, 4, 3, 3}),
            "conv2d: input expected 4 dimensions, or 3 without a batch, got 2 (input [8, 8])");
  EXPECT_EQ(
      failure<ShapeError>({1, 1, 4, 9}, {1, 1, 3, 5}, {.padding = {0, 1}, .dilation = {2, 1}}),
      "conv2d: kernel expected to fit the padded input, got [3, 5] for [4, 9] (padding [0, 1] and "
      "[0, 1], "
      "dilation [2, 1])");
  EXPECT_EQ(failure<ShapeError>({1, 0, 4, 4}, {1, 1, 3, 3}),
            "conv2d: input expected sizes above 0 after the batch, got [1, 0, 4, 4]");
  EXPECT_EQ(failure<ShapeError>({1, 1, 4, 4}, {1, 1, 0, 3}),
            "conv2d: weight expected sizes above 0, got [1, 1, 0, 3]");
  EXPECT_EQ(failure<ShapeError>({1, 1, 4, 4}, {2, 1, 3, 3}, {}, zeros({3})),
            "conv2d: bias expected shape [2], got [3] (input [1, 1, 4, 4], weight [2, 1, 3, 3], "
            "groups 1)");
}

TEST(Conv, OptionErrors) {
  const Shape x{1, 1, 4, 4}, weight{1, 1, 3, 3};
  EXPECT_EQ(failure<ArgumentError>(x, weight, {.stride = 0}),
            "conv2d: stride expected at least 1, got 0");
  EXPECT_EQ(failure<ArgumentError>(x, weight, {.stride = {1, 2, 3}}),
            "conv2d: stride expected 1 or 2 numbers, got 3 ([1, 2, 3])");
  EXPECT_EQ(failure<ArgumentError>(x, weight, {.padding = {1, -1}}),
            "conv2d: padding expected at least 0, got [1, -1]");
  EXPECT_EQ(failure<ArgumentError>(x, weight, {.dilation = 0}),
            "conv2d: dilation expected at least 1, got 0");
  EXPECT_EQ(failure<ArgumentError>(x, weight, {.groups = 0}),
            "conv2d: groups expected at least 1, got 0");
  EXPECT_EQ(failure<ArgumentError>(x, weight, {.padding = "full"}),
            "conv2d: padding expected numbers, \"same\" or \"valid\", got \"full\"");
  EXPECT_EQ(failure<ArgumentError>(x, weight, {.stride = 2, .padding = "same"}),
            "conv2d: stride expected 1 with padding \"same\", got [2, 2]");
  EXPECT_EQ(message_of<ArgumentError>([] {
              conv_output_size({4, 4}, {1, 2, 3});
            }),
            "conv_output_size: kernel_size expected 1 or 2 numbers, got 3 ([1, 2, 3])");
}

TEST(Conv, SizesThatOverflowAreErrors) {
  EXPECT_EQ(failure<ShapeError>({1, 1, 4, 4}, {1, 1, 3, 3}, {.dilation = INT64_MAX}),
            "shape: size expected at most 2^62, got 9223372036854775807 * 2");
  EXPECT_EQ(failure<ShapeError>({1, 1, 4, 4}, {1, 1, 3, 3}, {.padding = INT64_MAX}),
            "shape: size expected at most 2^62, got 9223372036854775807 + 9223372036854775807");
  EXPECT_EQ(failure<ShapeError>({1, 1, 4, 4}, {1, 1, 3, 3}, {.padding = std::int64_t{1} << 40}),
            "shape: size expected at most 2^62, got 2199023255554 * 2199023255554");
}

TEST(Conv, TypeErrors) {
  const Tensor x = zeros({1, 1, 4, 4}), weight = zeros({1, 1, 3, 3});
  EXPECT_EQ(message_of<DTypeError>([&] { conv2d(x, weight.to(f64)); }),
            "conv2d: parameters expected f32, got f64 (convert with .to(dtype))");
  EXPECT_EQ(message_of<DTypeError>([&] { conv2d(x.to(i64), weight.to(i64)); }),
            "conv2d: dtype expected f32, f64, got i64");
  // An image as it is read, which is no fault of the weights.
  EXPECT_EQ(message_of<DTypeError>([&] { conv2d(x.to(u8), weight); }),
            "conv2d: input expected f32 or f64, got u8 (images become f32 in [0, 1] with "
            "data::ToTensor, anything with .to(f32))");
}

}  // namespace
}  // namespace fovea
