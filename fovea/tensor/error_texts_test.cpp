// Messages that need no case of their own: one call each, and what it says.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/image.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/ops/norm.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea {
namespace {

using test::message_of;

/// A call that must throw an E, and the E's text.
struct Case {
  std::string got, text;
};
template <class E, class F>
Case throws(const F& call, const std::string& text) {
  return {message_of<E>(call), text};
}
void expect_texts(const std::vector<Case>& cases) {
  for (const auto& [got, text] : cases) EXPECT_EQ(got, text);
}

TEST(ErrorTexts, Factories) {
  expect_texts({
      throws<ArgumentError>([] { arange(0, 3, -1); },
                            "arange: step expected to lead from start to end, got -1 (start 0, "
                            "end 3)"),
      throws<ArgumentError>([] { arange(0, 0x1p54); },
                            "arange: length expected at most 2^53, got 1.80144e+16"),
      throws<ArgumentError>([] { randint(0); }, "randint: n expected at least 1, got 0"),
      throws<ArgumentError>([] { randperm(-1); }, "randperm: n expected at least 0, got -1"),
  });
}

TEST(ErrorTexts, Views) {
  const Tensor x = zeros({2, 3}), none = scalar(1);
  expect_texts({
      throws<IndexError>([&] { none.size(0); }, "size: dim expected none of a 0-d tensor, got 0"),
      throws<ShapeError>([&] { x.flatten(1, 0); },
                         "flatten: start_dim expected at most end_dim, got 1 and 0"),
      throws<ShapeError>([] { zeros({3}).t(); }, "t: tensor expected 2-D, got 1-D (shape [3])"),
      throws<ShapeError>([&] { none.slice(0, 0, 1); },
                         "slice: tensor expected at least 1-D, got 0-D"),
      throws<ArgumentError>([&] { x.slice(0, 0, 1, 0); }, "slice: step expected at least 1, got 0"),
      throws<IndexError>([&] { none.select(0, 0); },
                         "select: tensor expected at least 1-D, got 0-D"),
      throws<IndexError>([&] { x.at({1}); }, "at: index expected 2 positions, got 1"),
      throws<ShapeError>([&] { x.expand({3}); },
                         "expand: sizes expected at least 2 entries, got [3]"),
  });
}

TEST(ErrorTexts, ChangesInPlace) {
  Tensor x = zeros({2, 2});
  const Tensor wide = zeros({2, 2}, {.dtype = f64});
  Tensor leaf = zeros({2, 2}, {.requires_grad = true});
  const char* const recorded =
      ": tensor expected not to require grad while recording, got one that does (use NoGrad)";
  expect_texts({
      throws<ShapeError>([&] { x.append(1); },
                         "append: tensor expected 1-D, got 2-D (shape [2, 2])"),
      throws<DTypeError>([&] { x.add_(wide); }, "add_: dtype expected f32, got f64"),
      throws<DTypeError>([&] { x.mul_(wide); }, "mul_: dtype expected f32, got f64"),
      throws<StateError>([&] { leaf.copy_(x); }, str("copy_", recorded)),
      throws<StateError>([&] { x.copy_(leaf); }, str("copy_", recorded)),
      throws<StateError>([&] { leaf.resize_({3}); }, str("resize_", recorded)),
  });
}

TEST(ErrorTexts, JoiningAndReducing) {
  const Tensor x = zeros({2, 3});
  expect_texts({
      throws<ArgumentError>([] { cat({}); }, "cat: tensors expected at least one, got none"),
      throws<ShapeError>([] { cat({scalar(1)}); }, "cat: tensors expected at least 1-D, got 0-D"),
      throws<DTypeError>(
          [&] {
            cat({x, x.to(f64)});
          },
          "cat: tensors expected of one dtype, got f32 and f64"),
      throws<ShapeError>(
          [&] {
            cat({x, zeros({2, 4})});
          },
          "cat: tensors expected to differ only in dim 0, got [2, 3] and [2, 4]"),
      throws<ArgumentError>([] { stack({}); }, "stack: tensors expected at least one, got none"),
      throws<ShapeError>(
          [&] {
            stack({x, zeros({3, 2})});
          },
          "stack: tensors expected of one shape, got [2, 3] and [3, 2]"),
      throws<ShapeError>(
          [] {
            max(zeros({2, 0}), 1);
          },
          "max: dim expected not empty, got size 0 (shape [2, 0])"),
      throws<ShapeError>(
          [] {
            amax(zeros({2, 0}));
          },
          "amax: dims expected not empty, got shape [2, 0]"),
      throws<DTypeError>([&] { logical_not(x); }, "logical_not: dtype expected bool, got f32"),
  });
}

TEST(ErrorTexts, Tape) {
  Tensor x = ones({2}, {.requires_grad = true});
  const auto recorded = [&](const BackwardFunction& backward) {
    return record("odd", ones({}), {x}, {}, backward);
  };
  expect_texts({
      throws<StateError>([] { scalar(1).backward(); },
                         "backward: tensor expected to require grad, got one that does not"),
      throws<StateError>([&] { grad(x.sum(), {ones({2})}); },
                         "grad: inputs expected to require grad, got one that does not"),
      throws<StateError>([&] { recorded([](const Backward&) { return Tensors(); }).backward(); },
                         "backward: gradients expected for 1 inputs, got 0 (operation odd)"),
      throws<ShapeError>(
          [&] { recorded([](const Backward&) { return Tensors{ones({3})}; }).backward(); },
          "odd: gradient expected shape [2], got [3]"),
      throws<DTypeError>(
          [&] {
            recorded([](const Backward&) { return Tensors{ones({2}, {.dtype = f64})}; }).backward();
          },
          "odd: gradient expected dtype f32, got f64"),
      throws<StateError>([&] { (x * 2).set_requires_grad(false); },
                         "set_requires_grad: tensor expected to be a leaf, got the result of an "
                         "operation"),
      throws<ShapeError>([&] { x.set_grad(ones({3})); },
                         "set_grad: gradient expected shape [2], got [3]"),
      throws<DTypeError>([&] { x.set_grad(ones({2}, {.dtype = f64})); },
                         "set_grad: gradient expected dtype f32, got f64"),
      throws<ShapeError>([&] { x.set_grad_buffer(ones({3})); },
                         "set_grad_buffer: buffer expected shape [2], got [3]"),
      throws<DTypeError>([&] { x.set_grad_buffer(ones({2}, {.dtype = f64})); },
                         "set_grad_buffer: buffer expected dtype f32, got f64"),
  });
}

TEST(ErrorTexts, CheckGradients) {
  const auto sum = [](const Tensors& in) { return in[0].sum(); };
  const Tensor leaf = ones({2}, {.dtype = f64, .requires_grad = true});
  const char* const no_leaf =
      "check_gradients: inputs expected leaves that require grad, got another";
  expect_texts({
      throws<DTypeError>([&] { check_gradients(sum, {ones({2}, {.requires_grad = true})}); },
                         "check_gradients: inputs expected f64, got f32"),
      throws<StateError>([&] { check_gradients(sum, {leaf.detach()}); }, no_leaf),
      throws<StateError>([&] { check_gradients(sum, {leaf * 2}); }, no_leaf),
  });
}

TEST(ErrorTexts, WindowsOfBlocks) {
  const Tensor x = zeros({1, 1, 4, 4}), one = ones({1});
  EXPECT_EQ(message_of<ArgumentError>([&] {
              batch_norm_relu_pool(x, {one, one, one, one}, {}, {.pool_height = 0});
            }),
            "batch_norm_relu_pool: window expected 1 to 256 elements, got 0 x 1");
}

TEST(ErrorTexts, OperandsOnTwoDevices) {
  Tensor x = ones({2, 2}, {.device = cpu});
  const Tensor far = x.to(Device("protected:1"));
  const Tensor index = zeros({2}, {.dtype = i64, .device = cpu}), image = x.view({1, 1, 2, 2});
  expect_texts({
      throws<DeviceError>(
          [&] {
            cat({x, far});
          },
          "cat: tensors expected on one device, got cpu and protected:1"),
      throws<DeviceError>([&] { x.copy_(far); },
                          "copy_: operands expected on one device, got cpu and protected:1"),
      throws<DeviceError>([&] { where(far > 0, x, x); },
                          "where: operands expected on one device, got protected:1 and cpu"),
      throws<DeviceError>([&] { matmul(x, far); },
                          "matmul: operands expected on one device, got cpu and protected:1"),
      throws<DeviceError>([&] { index_select(far, 0, index); },
                          "index_select: index expected on protected:1, got cpu"),
      throws<DeviceError>([&] { linear(x, far); },
                          "linear: parameters expected on cpu, got protected:1"),
      throws<DeviceError>(
          [&] {
            conv2d(image, far.view({1, 1, 2, 2}));
          },
          "conv2d: parameters expected on cpu, got protected:1"),
      throws<DeviceError>([&] { cross_entropy(far, index); },
                          "cross_entropy: target expected on protected:1, got cpu"),
      throws<DeviceError>([&] { cross_entropy(x, index, {.weight = far.select(0, 0)}); },
                          "cross_entropy: weight expected on cpu, got protected:1"),
      throws<DeviceError>([&] { mse_loss(x, far); },
                          "mse_loss: target expected on cpu, got protected:1"),
      throws<DeviceError>(
          [&] {
            crop_flip(far.view({1, 1, 2, 2}), zeros({1, 3}, {.dtype = i64, .device = cpu}), 1, 1);
          },
          "crop_flip: placement expected on protected:1, got cpu"),
      throws<DeviceError>([&] { x.set_grad(far); },
                          "set_grad: gradient expected on cpu, got protected:1"),
  });
}

}  // namespace
}  // namespace fovea
