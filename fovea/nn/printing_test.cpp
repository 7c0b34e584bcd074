// Modules print letter for letter as PyTorch prints them: tests/golden/module_text.json, made by
// PyTorch, and a few more that were printed by PyTorch 1.13.1 by hand.
#include <gtest/gtest.h>

#include <sstream>

#include "fovea/nn/nn.h"
#include "fovea/nn/text.h"
#include "tests/support/golden.h"
#include "tests/support/models.h"

namespace fovea::nn {
namespace {

using Modules = std::vector<std::shared_ptr<Module>>;

template <class... M>
Modules modules(M&&... list) {
  return {std::make_shared<M>(std::forward<M>(list))...};
}

void expect_texts(const Modules& list, const std::vector<std::string>& texts) {
  ASSERT_EQ(list.size(), texts.size());
  for (std::size_t i = 0; i < list.size(); ++i) EXPECT_EQ(list[i]->to_string(), texts[i]);
}

// In the order of tests/golden/families/fashion_goldens.py.
TEST(Printing, AsPyTorchPrints) {
  Modules list = modules(
      Linear(784, 256), Linear(3, 4, {.bias = false}),
      Conv1d({.in_channels = 3, .out_channels = 4, .kernel_size = 5}),
      Conv2d({.in_channels = 1, .out_channels = 32, .kernel_size = 3, .padding = 1}),
      Conv2d({.in_channels = 4,
              .out_channels = 8,
              .kernel_size = {3, 5},
              .stride = {2, 1},
              .padding = {1, 2}}),
      Conv2d({.in_channels = 4,
              .out_channels = 8,
              .kernel_size = 3,
              .dilation = 2,
              .groups = 2,
              .bias = false}),
      Conv2d({.in_channels = 4, .out_channels = 8, .kernel_size = 3, .padding = "same"}),
      Conv3d({.in_channels = 1, .out_channels = 2, .kernel_size = 3, .stride = 2}), BatchNorm1d(8),
      BatchNorm2d(32), BatchNorm3d(4, {.eps = 1e-3, .momentum = 0.01}),
      BatchNorm2d(3, {.affine = false, .track_running_stats = false}),
      LocalResponseNorm({.size = 5}), MaxPool1d({.kernel_size = 2}),
      MaxPool2d({.kernel_size = 2, .stride = 2}), MaxPool2d({.kernel_size = 2}),
      MaxPool2d({.kernel_size = 3, .stride = 2, .padding = 1, .ceil_mode = true}),
      MaxPool2d({.kernel_size = {3, 2}, .stride = {2, 1}}), MaxPool3d({.kernel_size = 2}),
      AvgPool1d({.kernel_size = 2}), AvgPool2d({.kernel_size = 2}),
      AvgPool2d({.kernel_size = 3, .stride = 2, .padding = 1}), AvgPool3d({.kernel_size = 2}),
      AdaptiveAvgPool1d(4), AdaptiveAvgPool2d(1), AdaptiveAvgPool2d({6, 6}), AdaptiveAvgPool3d(2),
      Dropout(0.25), Dropout1d(), Dropout2d(0.1), Dropout3d(), ReLU(), LeakyReLU(), LeakyReLU(0.2),
      Sigmoid(), Tanh(), GELU(), GELU(GeluForm::kTanh), SiLU(), Softmax(1), LogSoftmax(1),
      Flatten(), Flatten(0, 1), Identity(), ConstantPad2d({1, 2, 3, 4}, 0.5), ZeroPad2d(1),
      ReflectionPad2d(1), ReplicationPad2d(1), CrossEntropyLoss(), NLLLoss(), MSELoss(),
      BCEWithLogitsLoss(), Sequential(), Sequential(Linear(2, 3), ReLU(), Sequential(Linear(3, 1))),
      ModuleList(Linear(2, 2), Linear(2, 2), ReLU()));
  list.push_back(std::make_shared<test::FashionDNN>());
  list.push_back(std::make_shared<test::FashionCNN>());
  expect_texts(list, test::load_golden_texts("module_text.json"));
}

TEST(Printing, OptionsThatTheGoldenModulesDoNotHave) {
  expect_texts(
      modules(Conv1d({.in_channels = 2,
                      .out_channels = 4,
                      .kernel_size = 3,
                      .stride = 2,
                      .padding = 1,
                      .dilation = 2,
                      .groups = 2,
                      .bias = false}),
              Conv2d({.in_channels = 1, .out_channels = 2, .kernel_size = 3, .padding = "valid"}),
              Conv3d({.in_channels = 1,
                      .out_channels = 2,
                      .kernel_size = 3,
                      .stride = {1, 2, 3},
                      .padding = {0, 1, 2}}),
              BatchNorm2d(3, {.momentum = std::nullopt}),
              MaxPool2d(
                  {.kernel_size = 3, .stride = 2, .padding = 1, .dilation = 2, .ceil_mode = true}),
              AvgPool1d({.kernel_size = 3, .stride = 2, .padding = 1}),
              LocalResponseNorm({.size = 5, .alpha = 1e-3, .beta = 0.5, .k = 2}),
              Unflatten(1, {2, 3}), ConstantPad1d(2, 3.5), ZeroPad2d({1, 2, 3, 4}), L1Loss(),
              Softplus(), ELU(), ELU(0.5), SELU(), CELU(0.5), Hardsigmoid(), Hardswish(),
              Softsign(), Mish(), LogSigmoid(), Tanhshrink(), Threshold(0.5, 20), PReLU(),
              PReLU(3)),
      {std::string("Conv1d(2, 4, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,), ") +
           "groups=2, bias=False)",
       "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=valid)",
       "Conv3d(1, 2, kernel_size=(3, 3, 3), stride=(1, 2, 3), padding=(0, 1, 2))",
       "BatchNorm2d(3, eps=1e-05, momentum=None, affine=True, track_running_stats=True)",
       "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True)",
       "AvgPool1d(kernel_size=(3,), stride=(2,), padding=(1,))",
       "LocalResponseNorm(5, alpha=0.001, beta=0.5, k=2.0)",
       "Unflatten(dim=1, unflattened_size=(2, 3))",
       "ConstantPad1d(padding=(2, 2), value=3.5)",
       "ZeroPad2d((1, 2, 3, 4))",
       "L1Loss()",
       "Softplus(beta=1, threshold=20)",
       "ELU(alpha=1.0)",
       "ELU(alpha=0.5)",
       "SELU()",
       "CELU(alpha=0.5)",
       "Hardsigmoid()",
       "Hardswish()",
       "Softsign()",
       "Mish()",
       "LogSigmoid()",
       "Tanhshrink()",
       "Threshold(threshold=0.5, value=20.0)",
       "PReLU(num_parameters=1)",
       "PReLU(num_parameters=3)"});
}

TEST(Printing, WhatPyTorchDoesNotHave) {
  expect_texts(
      modules(
          MinPool2d({.kernel_size = 2}), GlobalAvgPool(),
          Conv1d(
              {.in_channels = 1, .out_channels = 1, .kernel_size = 2, .padding = Padding(1, 0)})),
      {"MinPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
       "GlobalAvgPool()", "Conv1d(1, 1, kernel_size=(2,), stride=(1,), padding=((1,), (0,)))"});
}

TEST(Printing, GoesToAStream) {
  std::ostringstream out;
  out << Sequential(ReLU());
  EXPECT_EQ(out.str(), "Sequential(\n  (0): ReLU()\n)");
}

TEST(Text, NumbersAsPythonWritesThem) {
  EXPECT_EQ(text::number(0.1), "0.1");
  EXPECT_EQ(text::number(2), "2.0");
  EXPECT_EQ(text::number(-0.0), "-0.0");
  EXPECT_EQ(text::number(1e-4), "0.0001");
  EXPECT_EQ(text::number(1e-5), "1e-05");
  EXPECT_EQ(text::number(1.5e-7), "1.5e-07");
  EXPECT_EQ(text::number(123456789012345680.0), "1.2345678901234568e+17");
  EXPECT_EQ(text::number(1e15), "1000000000000000.0");
  EXPECT_EQ(text::number(1e16), "1e+16");
  EXPECT_EQ(text::number(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(text::number(INFINITY), "inf");
}

}  // namespace
}  // namespace fovea::nn
