// What the CPU keeps for convolutions: oneDNN's primitives, and their memory.

#include "fovea/kernels/cpu/conv/conv.h"

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/cpu.h"
#include "fovea/kernels/cpu/onednn/onednn.h"
#include "fovea/kernels/memory.h"
#include "fovea/kernels/reference/conv.h"
#include "tests/support/array.h"

namespace fovea::kernels::cpu {
namespace {

using test::Array;

Array<float> activation(const Shape& sizes) { return Array<float>(sizes, channels_last_strides); }
Array<float> plain(const Shape& sizes) { return Array<float>(sizes); }

/// A convolution that oneDNN computes.
struct Problem {
  ConvSpec spec;
  Shape x, weight, y;

  Problem(const Shape& x_sizes, std::int64_t outputs, const Shape& kernel, std::int64_t padding)
      : spec{.spatial = 2,
             .stride = {1, 1},
             .padding_begin = {padding, padding},
             .padding_end = {padding, padding},
             .dilation = {1, 1},
             .algorithm = ConvAlgorithm::kDirect},
        x(x_sizes),
        weight{outputs, x[1], kernel[0], kernel[1]},
        y{x[0], outputs, x[2] + 2 * padding - kernel[0] + 1, x[3] + 2 * padding - kernel[1] + 1} {}
};

TEST(OneDnn, KeepsBoundedNumberOfPrimitivesAndStaysRight) {
  // A thread of its own: its cache starts empty.
  std::thread([] {
    EXPECT_EQ(onednn::cached_primitives(), 0u);
    const auto run = [&](std::int64_t width) {
      const Problem p({1, 1, 1, width}, 2, {1, 2}, 0);
      auto x = activation(p.x), y = activation(p.y);
      auto weight = plain(p.weight);
      x.values.assign(x.values.size(), 3);
      weight.values = {1, 2, 1, 2};
      conv_forward(queue(), p.spec, {x.view(), weight.view()}, y.view());
      EXPECT_EQ(y.values, std::vector<float>(static_cast<std::size_t>(2 * (width - 1)), 9));
    };
    run(2);
    run(2);
    EXPECT_EQ(onednn::cached_primitives(), 1u);
    const auto most = static_cast<std::int64_t>(onednn::kMaxCachedPrimitives);
    for (std::int64_t i = 0; i < most + 8; ++i) run(2 + i);
    EXPECT_EQ(onednn::cached_primitives(), onednn::kMaxCachedPrimitives);
    run(2);
  }).join();
}

TEST(OneDnn, ThreadsMayCallAtOnce) {
  const Problem p({2, 5, 9, 8}, 7, {3, 3}, 1);
  auto x = activation(p.x), expected = activation(p.y);
  auto weight = plain(p.weight);
  x.fill_integers(-4, 4, 1);
  weight.fill_integers(-4, 4, 2);
  reference::conv_forward<float>(p.spec, x.view(), weight.view(), {}, expected.view());
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const SerialScope serial;
      for (int i = 0; i < 20; ++i) {
        auto y = activation(p.y);
        conv_forward(queue(), p.spec, {x.view(), weight.view()}, y.view());
        ASSERT_EQ(y.values, expected.values);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(OneDnn, SteadyStateAllocatesNothing) {
  const Problem p({8, 16, 14, 14}, 30, {3, 3}, 1);
  auto x = activation(p.x), y = activation(p.y);
  auto weight = plain(p.weight), bias = plain({30});
  auto dx = activation(p.x), dweight = plain(p.weight);
  const auto step = [&] {
    conv_forward(queue(), p.spec, {x.view(), weight.view(), bias.view()}, y.view());
    conv_backward(queue(), p.spec, x.view(), weight.view(), y.view(), dx.view(), dweight.view(),
                  bias.view());
  };
  step();
  const MemoryStats before = memory_stats(Device());
  for (int i = 0; i < 3; ++i) step();
  EXPECT_EQ(memory_stats(Device()).system_allocations, before.system_allocations);
  EXPECT_EQ(memory_stats(Device()).bytes_in_use, before.bytes_in_use);
}

}  // namespace
}  // namespace fovea::kernels::cpu
