// Resizing in operator sets and modes that ONNX's conformance tests leave out. Expected values are
// worked by hand from the formulas of ONNX's Resize.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::node_error;
using test::run_node;
using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;
using Ints = std::vector<std::int64_t>;

Tensor row(const std::vector<float>& values) {
  return from_data(values, {static_cast<std::int64_t>(values.size())});
}
Tensor ints(const Ints& values) {
  return from_data(values, {static_cast<std::int64_t>(values.size())});
}

/// `x` resized by Resize 19 with one scale.
std::vector<float> by_scale(const Tensor& x, float scale, Attributes attributes) {
  return run_node("Resize", 19, std::move(attributes), {x, {}, row({scale})})[0].to_vector();
}
auto near(const std::vector<float>& values) { return Pointwise(FloatNear(1e-5f), values); }

TEST(ResizeOperators, CoordinatesOfLinear) {
  const Tensor x = row({0, 4, 8});
  const auto linear = [&](const char* mode, float scale) {
    return by_scale(x, scale, {{"mode", "linear"}, {"coordinate_transformation_mode", mode}});
  };
  EXPECT_THAT(linear("half_pixel", 2), near({0, 1, 3, 5, 7, 8}));
  EXPECT_THAT(linear("asymmetric", 2), near({0, 2, 4, 6, 8, 8}));
  EXPECT_THAT(linear("align_corners", 2), near({0, 1.6f, 3.2f, 4.8f, 6.4f, 8}));
  EXPECT_THAT(linear("half_pixel", 0.4f), near({3}));  // (0 + 0.5) / 0.4 - 0.5 = 0.75
  EXPECT_THAT(linear("pytorch_half_pixel", 2), near({0, 1, 3, 5, 7, 8}));
  EXPECT_THAT(linear("pytorch_half_pixel", 0.334f), near({2 * (0.5f / 0.334f - 0.5f) * 2}));
  // 3 * 0.8 = 2.4 gives 2 elements: shifted by 1.5 (1 - 2 / 2.4) = 0.25.
  EXPECT_THAT(linear("half_pixel_symmetric", 0.8f), near({4 * 0.375f, 4 * 1.625f}));
}

TEST(ResizeOperators, RoundingOfNearest) {
  const Tensor x = row({0, 1, 2, 3});
  const auto nearest = [&](const char* rounding) {
    return by_scale(x, 2,
                    {{"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", rounding}});
  };
  EXPECT_THAT(nearest("floor"), ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
  EXPECT_THAT(nearest("ceil"), ElementsAre(0, 1, 1, 2, 2, 3, 3, 3));
  EXPECT_THAT(nearest("round_prefer_floor"), ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
  EXPECT_THAT(nearest("round_prefer_ceil"), ElementsAre(0, 1, 1, 2, 2, 3, 3, 3));
  EXPECT_THAT(by_scale(x, 0.5f,
                       {{"coordinate_transformation_mode", "tf_half_pixel_for_nn"},
                        {"nearest_mode", "floor"}}),
              ElementsAre(1, 3));
}

// 4 * 1.2 = 4.8 gives 4 elements: as many as before, and not the same ones.
TEST(ResizeOperators, AScaleThatKeepsTheSizeStillMovesElements) {
  EXPECT_THAT(
      by_scale(row({0, 1, 2, 3}), 1.2f,
               {{"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}}),
      ElementsAre(0, 0, 1, 2));
}

TEST(ResizeOperators, CropsAndFillsTheOutside) {
  const Attributes attributes{{"mode", "linear"},
                              {"coordinate_transformation_mode", "tf_crop_and_resize"},
                              {"extrapolation_value", -1.0}};
  const Tensors inputs{row({0, 2, 4}), row({0.5f, 1.5f}), {}, ints({3})};
  EXPECT_THAT(run_node("Resize", 13, attributes, inputs)[0].to_vector(), ElementsAre(2, 4, -1));
}

TEST(ResizeOperators, KeepsTheAspectRatio) {
  const Tensor x = zeros({1, 1, 4, 10});
  const auto sizes = [&](const char* policy) {
    return run_node("Resize", 18, {{"keep_aspect_ratio_policy", policy}, {"axes", Ints{-2, 3}}},
                    {x, {}, {}, ints({6, 25})})[0]
        .sizes();
  };
  EXPECT_EQ(sizes("stretch"), (Shape{1, 1, 6, 25}));
  EXPECT_EQ(sizes("not_larger"), (Shape{1, 1, 6, 15}));
  EXPECT_EQ(sizes("not_smaller"), (Shape{1, 1, 10, 25}));
}

TEST(ResizeOperators, OlderOpsets) {
  const Tensor x = row({1, 2, 3, 4});
  EXPECT_THAT(run_node("Upsample", 7, {{"scales", std::vector<double>{2}}}, {x})[0].to_vector(),
              ElementsAre(1, 1, 2, 2, 3, 3, 4, 4));
  EXPECT_THAT(run_node("Upsample", 9, {{"mode", "linear"}}, {x, row({2})})[0].to_vector(),
              ElementsAre(1, 1.5, 2, 2.5, 3, 3.5, 4, 4));
  // 0 and 1.67, which rounds up where the output is smaller.
  EXPECT_THAT(run_node("Resize", 10, {}, {x, row({0.6f})})[0].to_vector(), ElementsAre(1, 3));
  // Opset 11 has empty tensors for what is not there.
  const Tensor none = zeros({0});
  EXPECT_THAT(run_node("Resize", 11, {}, {x, none, none, ints({2})})[0].to_vector(),
              ElementsAre(1, 3));
  EXPECT_THAT(run_node("Resize", 11, {}, {x, none, row({0.5f})})[0].to_vector(), ElementsAre(1, 3));
}

// In f32 10 * 0.7f is 7, though 0.7f is a little less than 0.7.
TEST(ResizeOperators, SizesAreRoundedAsTheyAreMeant) {
  EXPECT_EQ(by_scale(zeros({10}), 0.7f, {}).size(), 7u);
  EXPECT_EQ(by_scale(zeros({10}), 0.69f, {}).size(), 6u);
}

TEST(ResizeOperators, DtypesAndLayoutsStay) {
  for (const DType dtype : {u8, i32, f16, f64}) {
    const Tensor x = row({0, 4, 8}).to(dtype);
    const Tensor y = run_node("Resize", 13, {{"mode", "linear"}}, {x, {}, row({2})})[0];
    EXPECT_EQ(y.dtype(), dtype);
    EXPECT_THAT(y.to_vector(), ElementsAre(0, 1, 3, 5, 7, 8)) << dtype;
  }
  const Tensor image = randn({2, 3, 4, 5}).contiguous(MemoryFormat::kChannelsLast);
  for (const char* mode : {"nearest", "linear"}) {
    const Tensor y = run_node("Resize", 13, {{"mode", mode}}, {image, {}, row({1, 1, 2, 2})})[0];
    EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast)) << mode;
  }
}

TEST(ResizeOperators, GradientsFlow) {
  const Tensor x = randn({1, 2, 3, 4}, {.dtype = f64}).set_requires_grad();
  for (const char* mode : {"nearest", "linear"}) {
    const auto f = [&](const Tensors& in) {
      return run_node("Resize", 18, {{"mode", mode}, {"axes", Ints{2, 3}}},
                      {in[0], {}, row({1.7f, 0.6f})})[0];
    };
    EXPECT_TRUE(check_gradients(f, {x}).ok) << mode;
  }
}

TEST(ResizeOperators, ErrorsNameTheNode) {
  const Tensor x = row({1, 2});
  EXPECT_EQ(node_error("Resize", 13, {{"mode", "cubic"}}, {x}),
            "Resize \"n\" (opset 13): mode expected one of nearest, linear, got \"cubic\"");
  EXPECT_EQ(node_error("Resize", 13, {{"nearest_mode", "up"}}, {x}),
            "Resize \"n\" (opset 13): nearest_mode expected one of round_prefer_floor, "
            "round_prefer_ceil, floor, ceil, got \"up\"");
  EXPECT_EQ(node_error("Resize", 18, {{"antialias", std::int64_t{1}}}, {x}),
            "Resize \"n\" (opset 18): antialias expected 0, got 1");
  EXPECT_EQ(node_error("Resize", 13, {}, {x}),
            "Resize \"n\" (opset 13): scales or sizes expected, got neither");
  EXPECT_EQ(node_error("Resize", 13, {}, {x, {}, row({1, 2})}),
            "Resize \"n\" (opset 13): scales expected 1 numbers, got 2");
  EXPECT_EQ(node_error("Resize", 13, {}, {x, {}, row({-1})}),
            "Resize \"n\" (opset 13): scales expected above 0, got -1");
  EXPECT_EQ(node_error("Resize", 13, {}, {x, {}, row({0x1p39f})}),
            "Resize \"n\" (opset 13): scales expected to give a size below 2^40, got 1.09951e+12");
  EXPECT_EQ(node_error("Resize", 13, {}, {x, {}, {}, ints({std::int64_t{1} << 40})}),
            "Resize \"n\" (opset 13): sizes expected to give a size below 2^40, got 1.09951e+12");
  EXPECT_EQ(node_error("Resize", 13, {}, {x, {}, {}, ints({-1})}),
            "Resize \"n\" (opset 13): sizes expected at least 0, got -1");
  EXPECT_EQ(node_error("Resize", 13, {{"coordinate_transformation_mode", "tf_crop_and_resize"}},
                       {x, row({0, 1, 2}), row({2})}),
            "Resize \"n\" (opset 13): roi expected 2 numbers, got 3");
  EXPECT_EQ(node_error("Resize", 13, {}, {zeros({0}), {}, {}, ints({3})}),
            "Resize \"n\" (opset 13): input expected elements to resize, got [0]");
  EXPECT_EQ(node_error("Upsample", 7, {}, {x}),
            "Upsample \"n\" (opset 7): attribute \"scales\" expected floats, got none");
}

/// How numbers between elements are rounded, for the tests below.
std::int64_t rounded(const std::string& rounding, std::int64_t num, std::int64_t den) {
  const auto floor = [](std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); };
  if (rounding == "floor") return floor(num, den);
  if (rounding == "ceil") return -floor(-num, den);
  if (rounding == "round_prefer_ceil") return floor(2 * num + den, 2 * den);
  return -floor(-(2 * num - den), 2 * den);
}

constexpr const char* kRoundings[] = {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"};

// Where an output lies exactly on an element, or between two, a rounded scale is off by one.
TEST(ResizeOperators, SizesPlaceTheNearestInWholeNumbers) {
  const auto num_and_den = [](const std::string& mode, std::int64_t x, std::int64_t n,
                              std::int64_t m) -> std::pair<std::int64_t, std::int64_t> {
    if (mode == "asymmetric") return {x * n, m};
    if (mode == "align_corners") return m == 1 ? std::pair{0L, 1L} : std::pair{x * (n - 1), m - 1};
    if (mode == "tf_half_pixel_for_nn") return {(2 * x + 1) * n, 2 * m};
    if (mode == "pytorch_half_pixel" && m == 1) return {0, 1};
    return {(2 * x + 1) * n - m, 2 * m};
  };
  const std::string modes[] = {"asymmetric",           "align_corners",
                               "half_pixel",           "pytorch_half_pixel",
                               "half_pixel_symmetric", "tf_half_pixel_for_nn"};
  for (const std::int64_t n : {1, 5, 14, 18, 40, 49, 160}) {
    const Tensor x = arange(static_cast<double>(n), {.dtype = i64});
    for (const std::int64_t m : {1, 7, 11, 14, 18, 28, 42, 47, 50, 93}) {
      for (const std::string& mode : modes) {
        for (const std::string rounding : kRoundings) {
          Ints expected;
          for (std::int64_t i = 0; i < m; ++i) {
            const auto [num, den] = num_and_den(mode, i, n, m);
            expected.push_back(std::clamp<std::int64_t>(rounded(rounding, num, den), 0, n - 1));
          }
          // Where nothing is stretched nothing moves.
          const Tensor y = run_node(
              "Resize", 19, {{"coordinate_transformation_mode", mode}, {"nearest_mode", rounding}},
              {x, {}, {}, ints({m})})[0];
          EXPECT_EQ(y.to_vector<std::int64_t>(), expected)
              << n << " to " << m << " " << mode << " " << rounding;
        }
      }
    }
  }
}

// The whole input as the region of interest: align_corners by another way.
TEST(ResizeOperators, CropsPlaceTheNearestInWholeNumbers) {
  for (const std::int64_t n : {11, 49, 50}) {
    for (const std::int64_t m : {7, 50, 93}) {
      for (const std::string rounding : kRoundings) {
        Ints expected;
        for (std::int64_t i = 0; i < m; ++i)
          expected.push_back(rounded(rounding, i * (n - 1), m - 1));
        const Attributes attributes{{"coordinate_transformation_mode", "tf_crop_and_resize"},
                                    {"extrapolation_value", -1.0},
                                    {"nearest_mode", rounding}};
        const Tensor x = arange(static_cast<double>(n), {.dtype = i64});
        const Tensor y = run_node("Resize", 19, attributes, {x, row({0, 1}), {}, ints({m})})[0];
        EXPECT_EQ(y.to_vector<std::int64_t>(), expected) << n << " to " << m << " " << rounding;
      }
    }
  }
}

// 18 to 42 sets a scale of 7 / 3 for both dimensions: 15 becomes 35, and the same places are met.
TEST(ResizeOperators, AspectRatiosAreWholeNumbersToo) {
  const auto columns = [](std::int64_t height, std::int64_t width, const Ints& sizes,
                          const char* policy) {
    const Tensor x =
        arange(static_cast<double>(width), {.dtype = i64}).view({1, width}).expand({height, width});
    const Tensor y = run_node("Resize", 18,
                              {{"coordinate_transformation_mode", "asymmetric"},
                               {"nearest_mode", "floor"},
                               {"keep_aspect_ratio_policy", policy}},
                              {x, {}, {}, ints(sizes)})[0];
    return y.narrow(0, 0, 1).to_vector<std::int64_t>();
  };
  Ints expected;
  for (std::int64_t i = 0; i < 35; ++i) expected.push_back(i * 3 / 7);
  EXPECT_EQ(columns(18, 15, {42, 99}, "not_larger"), expected);
  EXPECT_EQ(columns(18, 15, {42, 3}, "not_smaller"), expected);
  // 27 * 13 / 6 = 58.5 is rounded up.
  EXPECT_EQ(columns(6, 27, {13, 99}, "not_larger").size(), 59U);
}

// 1.7f is a little above 1.7: divided in f32, as ONNX Runtime and PyTorch do, output 17 is input
// 10.
TEST(ResizeOperators, ScalesDivideInF32) {
  const std::pair<std::int64_t, std::int64_t> scales[] = {
      {17, 10}, {11, 10}, {7, 10}, {1, 3}, {2, 1}};
  const Tensor x = arange(33, {.dtype = i64});
  for (const auto& [p, q] : scales) {
    const Tensor scale = row({static_cast<float>(static_cast<double>(p) / static_cast<double>(q))});
    for (const std::string rounding : kRoundings) {
      for (const std::string mode : {"asymmetric", "half_pixel"}) {
        Ints expected;
        for (std::int64_t i = 0; i < 33 * p / q; ++i) {
          const std::int64_t at = mode == "asymmetric"
                                      ? rounded(rounding, i * q, p)
                                      : rounded(rounding, (2 * i + 1) * q - p, 2 * p);
          expected.push_back(std::clamp<std::int64_t>(at, 0, 32));
        }
        const Tensor y = run_node(
            "Resize", 13, {{"coordinate_transformation_mode", mode}, {"nearest_mode", rounding}},
            {x, {}, scale})[0];
        EXPECT_EQ(y.to_vector<std::int64_t>(), expected)
            << p << "/" << q << " " << mode << " " << rounding;
      }
    }
    if (p < q) continue;
    Ints down;
    for (std::int64_t i = 0; i < 33 * p / q; ++i) down.push_back(i * q / p);
    EXPECT_EQ(run_node("Resize", 10, {}, {x, scale})[0].to_vector<std::int64_t>(), down);
    EXPECT_EQ(run_node("Upsample", 9, {}, {x, scale})[0].to_vector<std::int64_t>(), down);
  }
}

// By tf_half_pixel_for_nn output 0 lies at 0.5, also where there are as many outputs as inputs.
TEST(ResizeOperators, AnAxisThatStaysIsLeftAloneOnlyWhereItsElementsAre) {
  const Attributes attributes{{"coordinate_transformation_mode", "tf_half_pixel_for_nn"},
                              {"nearest_mode", "ceil"}};
  EXPECT_THAT(
      run_node("Resize", 13, attributes, {row({0, 1, 2}), {}, {}, ints({3})})[0].to_vector(),
      ElementsAre(1, 2, 2));
}

}  // namespace
}  // namespace fovea::graph
