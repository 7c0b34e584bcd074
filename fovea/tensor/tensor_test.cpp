#include "fovea/tensor/tensor.h"

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/golden.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Factories, ValuesDTypesAndShapes) {
  for (const DType dtype : kAllDTypes) {
    EXPECT_EQ(ones({2, 3}, {.dtype = dtype}).to(i64).sum().item<int>(), 6) << dtype;
    EXPECT_EQ(zeros_like(ones({2}, {.dtype = dtype})).dtype(), dtype);
    EXPECT_EQ(ones_like(zeros({2}, {.dtype = dtype})).to(f64).to_vector<double>(),
              (std::vector<double>{1, 1}));
  }
  EXPECT_EQ(full({2}, 2.5).to_vector(), (std::vector<float>{2.5, 2.5}));
  EXPECT_EQ(scalar(3).dim(), 0);
  EXPECT_EQ(eye(2).to_vector(), (std::vector<float>{1, 0, 0, 1}));
  EXPECT_EQ(arange(5).to_vector<std::int64_t>(), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(arange(1, 0, -0.25, {.dtype = f32}).to_vector(),
            (std::vector<float>{1, 0.75, 0.5, 0.25}));
  EXPECT_EQ(arange(3, 3).numel(), 0);
  EXPECT_THROW(arange(0, 3, 0), ArgumentError);
  EXPECT_THROW(arange(0, 3, -1), ArgumentError);
  EXPECT_THROW(arange(0, NAN), ArgumentError);
  EXPECT_EQ(tensor({{1, 2}, {3, 4}}).at({1, 0}).item<int>(), 3);
  // Rows of one number are rows, and not numbers in braces.
  EXPECT_EQ(tensor({{0.}, {1.}, {2.}}).sizes(), (Shape{3, 1}));
  EXPECT_EQ(tensor({{0}, {1}}).sizes(), (Shape{2, 1}));
  EXPECT_EQ(tensor({{7}}).sizes(), (Shape{1, 1}));
  EXPECT_EQ(tensor({1, 2.5F}).sizes(), (Shape{2}));
  EXPECT_EQ(message([] {
              tensor({{1, 2}, {3}});
            }),
            "tensor: rows expected to have 2 values, got 1");
  EXPECT_EQ(message([] {
              from_data(std::vector<float>{1, 2, 3}, {2, 2});
            }),
            "from_data: data expected 16 bytes, got 12 (shape [2, 2], dtype f32)");
}

TEST(Factories, SizesAreChecked) {
  EXPECT_THROW(zeros({-1}), ShapeError);
  EXPECT_THROW(zeros({std::int64_t{1} << 32, std::int64_t{1} << 32}), ShapeError);
  EXPECT_THROW(empty({std::int64_t{1} << 61}), ShapeError);  // the bytes overflow
  EXPECT_THROW(empty({std::int64_t{1} << 50}), std::bad_alloc);
  EXPECT_THROW(zeros({1, 1, 1, 1, 1, 1, 1, 1, 1}), ShapeError);
}

TEST(Factories, RandomTensorsRepeatWithTheirSeed) {
  Generator a(7), b(7), c(8);
  EXPECT_TRUE(equal(randn({100}, {}, a), randn({100}, {}, b)));
  EXPECT_FALSE(equal(randn({100}, {}, a), randn({100}, {}, c)));
  manual_seed(3);
  const Tensor first = rand({10});
  manual_seed(3);
  EXPECT_TRUE(equal(rand({10}), first));
  EXPECT_FALSE(equal(rand({10}), first));
  const auto order = randperm(50, a).to_vector<std::int64_t>();
  EXPECT_EQ(std::set<std::int64_t>(order.begin(), order.end()).size(), 50u);
  for (int i = 0; i < 100; ++i) {
    const std::int64_t drawn = randint(7, a);
    EXPECT_TRUE(drawn >= 0 && drawn < 7);
  }
  EXPECT_EQ(message([] { randint(5, 5, {1}); }), "randint: high expected above low, got 5 (low 5)");
  EXPECT_THROW(randint(0), ArgumentError);
}

TEST(Values, ItemNeedsOneElement) {
  EXPECT_EQ(tensor({42}).item<int>(), 42);
  EXPECT_EQ(full({1, 1}, 2.5).item(), 2.5);
  EXPECT_EQ(from_data(std::vector<std::int64_t>{INT64_MAX}, {1}).item<std::int64_t>(), INT64_MAX);
  EXPECT_EQ(message([] { zeros({2}).item(); }),
            "item: tensor expected 1 element, got 2 (shape [2])");
}

TEST(Values, DataGivesTheMemoryOfCpuTensors) {
  Tensor x = zeros({2}, {.device = cpu});
  x.data<float>()[1] = 5;
  EXPECT_EQ(x.to_vector(), (std::vector<float>{0, 5}));
  EXPECT_EQ(message([&] { x.data<double>(); }), "data: dtype expected f64, got f32");
  EXPECT_EQ(message([] { zeros({1}, {.device = Device("protected")}).data<float>(); }),
            "data: tensor expected on cpu, got protected:0");
}

TEST(Values, AppendBuildsAnArray) {
  Tensor x;
  for (int i = 0; i < 1000; ++i) x.append(i);
  EXPECT_EQ(x.numel(), 1000);
  EXPECT_EQ(x.sum().item<int>(), 499'500);
  Tensor y = arange(3);
  const Tensor before = y;
  y.append(9);
  EXPECT_EQ(before.impl(), y.impl());  // a handle's copies see the array grow, as with a list
  EXPECT_EQ(y.to_vector<std::int64_t>(), (std::vector<std::int64_t>{0, 1, 2, 9}));
  EXPECT_THROW(zeros({2, 2}).append(1), ShapeError);
}

TEST(Values, ResizeKeepsTheFirstValues) {
  Tensor x = arange(6);
  x.resize_({2, 2});
  EXPECT_EQ(x.to_vector<std::int64_t>(), (std::vector<std::int64_t>{0, 1, 2, 3}));
  x.resize_({6});
  EXPECT_EQ(x.to_vector<std::int64_t>(), (std::vector<std::int64_t>{0, 1, 2, 3, 0, 0}));
}

TEST(Conversion, EveryPairOfDTypesKeepsSmallNumbers) {
  for (const DType from : kAllDTypes) {
    for (const DType to : kAllDTypes) {
      const Tensor x = tensor({0, 1, 1}).to(from).to(to);
      EXPECT_EQ(x.dtype(), to);
      EXPECT_EQ(x.to(f64).to_vector<double>(), (std::vector<double>{0, 1, 1}))
          << from << " to " << to;
    }
  }
}

TEST(Conversion, FloatingPointToIntegerTruncatesAndSaturates) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor x = tensor({-2.7, 2.7, 1e30, -1e30, inf, -inf, NAN}, {.dtype = f64});
  EXPECT_EQ(x.to(i64).to_vector<std::int64_t>(),
            (std::vector<std::int64_t>{-2, 2, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN, 0}));
  EXPECT_EQ(x.to(u8).to_vector<std::uint8_t>(),
            (std::vector<std::uint8_t>{0, 2, 255, 0, 255, 0, 0}));
  EXPECT_EQ(x.to(i8).to_vector<std::int8_t>(),
            (std::vector<std::int8_t>{-2, 2, 127, -128, 127, -128, 0}));
  EXPECT_EQ(x.to(boolean).to_vector<bool>(),
            (std::vector<bool>{true, true, true, true, true, true, true}));
}

TEST(Conversion, HalvesRoundToNearestEven) {
  const auto through = [](double value, DType dtype) {
    return tensor({value}, {.dtype = f64}).to(f32).to(dtype).to(f64).item();
  };
  EXPECT_EQ(through(1 + 0x1p-11, f16), 1);  // a tie goes to even
  EXPECT_EQ(through(1 + 0x1.8p-10, f16), 1 + 0x1p-9);
  EXPECT_EQ(through(65504, f16), 65504);
  EXPECT_EQ(through(65520, f16), HUGE_VAL);
  EXPECT_EQ(through(0x1p-24, f16), 0x1p-24);  // the smallest subnormal
  EXPECT_EQ(through(0x1p-25, f16), 0);
  EXPECT_EQ(through(0x1.8p-24, f16), 0x1p-23);
  EXPECT_TRUE(std::isnan(through(NAN, f16)));
  EXPECT_EQ(through(1 + 0x1p-8, bf16), 1);
  EXPECT_EQ(through(1 + 0x1.8p-7, bf16), 1 + 0x1p-6);
  EXPECT_EQ(through(-3e38, bf16), -0x1.c4p+127);
  EXPECT_TRUE(std::isnan(through(NAN, bf16)));
  // Every f16 survives the way through f32.
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    f16_t half;
    half.bits = static_cast<std::uint16_t>(bits);
    const float wide = static_cast<float>(half);
    if (std::isnan(wide)) continue;
    ASSERT_EQ(f16_t(wide).bits, bits);
  }
}

TEST(Undefined, IsReportedNotDereferenced) {
  const Tensor none;
  EXPECT_FALSE(none.defined());
  EXPECT_EQ(message([&] { none.sizes(); }),
            "tensor: expected a defined tensor, got an undefined one");
  EXPECT_THROW(none.backward(), StateError);
  EXPECT_THROW(none.detach(), StateError);
  EXPECT_THROW(cat({none, none}), StateError);
}

TEST(Devices, OperandsOnTwoDevicesAreAnErrorThatNamesBoth) {
  const Device other = Device("protected:1");
  EXPECT_NE(other, default_device());
  const Tensor x = ones({2}, {.device = cpu}), y = x.to(other);
  EXPECT_EQ(y.device(), other);
  EXPECT_EQ(message([&] { add(x, y); }),
            "add: operands expected on one device, got cpu and protected:1");
  EXPECT_EQ(message([&] { matmul(x.view({1, 2}), y.view({2, 1})); }).substr(0, 7), "matmul:");
  EXPECT_THROW(where(x > 0, y, y), DeviceError);
  EXPECT_THROW(cat({x, y}), DeviceError);
  EXPECT_THROW(zeros({2}, {.device = cpu}).copy_(y), DeviceError);
  EXPECT_EQ((y + 1).to(cpu).to_vector(), (std::vector<float>{2, 2}));
}

// The values of a device that has no kernels over f64 can be read as f64.
TEST(Devices, OneWithoutF64IsReadAllTheSame) {
  static kernels::KernelTable table = *kernels::backend_of(cpu).kernels;
  table.copy = [](kernels::Queue& queue, kernels::ConstView x, kernels::View y) {
    if (y.dtype == f64) throw DTypeError("copy: no f64 here");
    kernels::backend_of(cpu).kernels->copy(queue, x, y);
  };
  static kernels::Queue queue(allocator_of(cpu));
  static kernels::Queue* const queues[] = {&queue};
  static const kernels::Backend backend = {
      .name = "without-f64",
      .kernels = &table,
      .queues = queues,
      .can = [](const kernels::Queue&, kernels::Feature) { return false; },
      .upload = kernels::backend_of(cpu).upload,
      .download = kernels::backend_of(cpu).download};
  const Device device(kernels::register_backend(backend), 0);
  const Tensor x = tensor({{1, 2.5}, {-3, 4}}, {.device = device});
  EXPECT_EQ(x.at({0, 1}).item(), 2.5);
  EXPECT_EQ(x.t().to_vector<double>(), (std::vector<double>{1, -3, 2.5, 4}));
}

TEST(Devices, GradientsReturnToTheDeviceOfTheirLeaf) {
  Tensor x = ones({2}, {.device = cpu, .requires_grad = true});
  (x.to(Device("protected")) * 3).sum().backward();
  EXPECT_EQ(x.grad().device(), cpu);
  EXPECT_EQ(x.grad().to_vector(), (std::vector<float>{3, 3}));
}

TEST(Devices, TheChaptersIdiomAndUnknownNames) {
  EXPECT_EQ(Device::available()[0], cpu);
  EXPECT_EQ(Device::best(), Device("protected:0"));  // the first accelerator if there is one
  EXPECT_EQ(Device("cpu"), cpu);
  // Other tests may have registered more by now.
  const std::string text = message([] { Device("cuda"); });
  EXPECT_THAT(text, testing::StartsWith("device: expected one that is available (cpu, protected:0, "
                                        "protected:1, late:0, late:1"));
  EXPECT_THAT(text, testing::EndsWith("), got \"cuda\""));
}

/// The dtype of a NumPy name.
DType dtype_named(const std::string& name) {
  if (name == "float32") return f32;
  if (name == "float64") return f64;
  if (name == "float16") return f16;
  if (name == "int64") return i64;
  if (name == "int32") return i32;
  if (name == "uint8") return u8;
  if (name == "int8") return i8;
  if (name == "bool") return boolean;
  throw std::out_of_range("dtype " + name);
}

TEST(Printing, AsNumpyPrints) {
  for (const test::GoldenCase& c : test::load_golden("printing")) {
    SCOPED_TRACE(c.name());
    EXPECT_EQ(c.tensor("x").to(dtype_named(c.text("dtype"))).to_string(), c.text("str"));
  }
}

}  // namespace
}  // namespace fovea
