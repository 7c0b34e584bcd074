// Elementwise operations against the C++ standard library, element by element, in every layout and
// dtype.

#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/layouts.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using test::every_layout;

struct UnaryCase {
  std::string name;
  std::function<Tensor(const Tensor&)> operation;
  std::function<double(double)> oracle;
  std::vector<DType> takes;
  // Moves the inputs, which are whole numbers from -4 to 4, into the function's domain.
  double shift = 0;
};

const std::vector<DType> kFloating = {f32, f64};
const std::vector<DType> kNumbers = {f32, f64, i64, u8};

const std::vector<UnaryCase>& unary_cases() {
  static const std::vector<UnaryCase> cases = {
      {"neg", neg, [](double v) { return -v; }, {f32, f64, i64}},
      {"abs", abs, [](double v) { return std::abs(v); }, kNumbers},
      {"sign", sign, [](double v) { return static_cast<double>((v > 0) - (v < 0)); }, kNumbers},
      {"square", square, [](double v) { return v * v; }, kNumbers},
      {"clamp", [](const Tensor& x) { return clamp(x, 1, 3); },
       [](double v) { return std::clamp(v, 1.0, 3.0); }, kNumbers},
      {"exp", exp, [](double v) { return std::exp(v); }, kFloating},
      {"log", log, [](double v) { return std::log(v); }, kFloating, 5},
      {"log1p", log1p, [](double v) { return std::log1p(v); }, kFloating, 5},
      {"sqrt", sqrt, [](double v) { return std::sqrt(v); }, kFloating, 5},
      {"rsqrt", rsqrt, [](double v) { return 1 / std::sqrt(v); }, kFloating, 5},
      {"reciprocal", reciprocal, [](double v) { return 1 / v; }, kFloating, 5},
      {"sin", sin, [](double v) { return std::sin(v); }, kFloating},
      {"cos", cos, [](double v) { return std::cos(v); }, kFloating},
      {"erf", erf, [](double v) { return std::erf(v); }, kFloating},
      {"floor", floor, [](double v) { return std::floor(v); }, kFloating, 0.25},
      {"ceil", ceil, [](double v) { return std::ceil(v); }, kFloating, 0.25},
      {"round", round, [](double v) { return std::nearbyint(v); }, kFloating, 0.5},
      {"pow", [](const Tensor& x) { return pow(x, 2.5); },
       [](double v) { return std::pow(v, 2.5); }, kFloating, 5},
  };
  return cases;
}

TEST(Elementwise, UnaryFunctionsAgreeWithTheStandardLibrary) {
  for (const UnaryCase& c : unary_cases()) {
    for (const DType dtype : c.takes) {
      for (const auto& [layout, base] : every_layout(dtype, test::seed())) {
        SCOPED_TRACE(str(c.name, ", ", dtype, ", ", layout));
        const Tensor x = c.shift != 0 ? base + c.shift : base;
        const Tensor y = c.operation(x);
        ASSERT_EQ(y.sizes(), x.sizes());
        ASSERT_EQ(y.dtype(), dtype);
        const auto in = x.to_vector<double>(), out = y.to_vector<double>();
        for (std::size_t i = 0; i < in.size(); ++i) {
          const double expected = c.oracle(in[i]);
          // A library function may err by a few units in the last place.
          EXPECT_NEAR(out[i], expected, 4 * (dtype == f64 ? 2.3e-16 : 1.2e-7) * std::abs(expected))
              << "x " << in[i];
        }
      }
    }
  }
}

TEST(Elementwise, UnaryFunctionsRefuseOtherDTypes) {
  for (const UnaryCase& c : unary_cases()) {
    for (const DType dtype : kAllDTypes) {
      const bool taken = std::find(c.takes.begin(), c.takes.end(), dtype) != c.takes.end();
      if (taken || (c.name == "neg" && dtype == u8)) continue;  // -x wraps in u8, as in C
      EXPECT_THROW(c.operation(zeros({2}, {.dtype = dtype})), DTypeError)
          << c.name << ", " << dtype;
    }
  }
}

TEST(Elementwise, UnaryGradientsAgreeWithDifferences) {
  for (const UnaryCase& c : unary_cases()) {
    if (c.name == "sign" || c.name == "floor" || c.name == "ceil" || c.name == "round")
      continue;  // steps
    Generator generator(test::seed());
    const double offset = c.shift != 0 ? c.shift : 0.3;  // away from the kinks at whole numbers
    Tensor x = randint(-1, 2, {3, 4}, {.dtype = i64}, generator).to(f64) + offset;
    x.set_requires_grad();
    const GradCheck result =
        check_gradients([&](const Tensors& in) { return c.operation(in[0]); }, {x});
    EXPECT_TRUE(result.ok) << c.name << ": " << result.message;
  }
}

TEST(Elementwise, AbsOfMinusZeroIsZeroInEveryLayout) {
  for (const DType dtype : {f32, f64}) {
    const Tensor x = full({3, 2}, -0.0, {.dtype = dtype});
    for (const Tensor& view : {x, x.select(1, 0)})
      EXPECT_GT((1 / abs(view)).min().item<double>(), 0) << dtype;
  }
}

// What a gradient does not read is not kept, and may be overwritten.
TEST(Elementwise, NegAndStepsKeepNothing) {
  for (const auto f : {neg, sign, floor, ceil, round}) {
    const Tensor x = tensor({1.5, -2}, {.requires_grad = true});
    Tensor twice = x * 2;
    const Tensor y = f(twice);
    {
      const NoGrad no_grad;
      twice.fill_(7);
    }
    y.sum().backward();
    EXPECT_TRUE(equal(x.grad(), full({2}, f == neg ? -2 : 0)));
  }
}

struct BinaryCase {
  std::string name;
  Tensor (*operation)(const Tensor&, const Tensor&);
  std::function<double(double, double)> oracle;
  std::vector<DType> takes;
  bool differentiable;
};

const std::vector<DType> kComputable = {f32, f64, i64, u8, boolean};

const std::vector<BinaryCase>& binary_cases() {
  static const std::vector<BinaryCase> cases = {
      {"add", add, [](double a, double b) { return a + b; }, kNumbers, true},
      {"sub", sub, [](double a, double b) { return a - b; }, {f32, f64, i64}, true},
      {"mul", mul, [](double a, double b) { return a * b; }, kNumbers, true},
      {"div", div, [](double a, double b) { return a / b; }, kFloating, true},
      {"pow", pow, [](double a, double b) { return std::pow(a, b); }, kFloating, true},
      {"trunc_div", trunc_div, [](double a, double b) { return std::trunc(a / b); }, kFloating,
       false},
      {"fmod", fmod, [](double a, double b) { return std::fmod(a, b); }, kFloating, true},
      {"remainder", remainder, [](double a, double b) { return a - b * std::floor(a / b); },
       kFloating, true},
      {"maximum", maximum, [](double a, double b) { return std::max(a, b); }, kNumbers, true},
      {"minimum", minimum, [](double a, double b) { return std::min(a, b); }, kNumbers, true},
      {"eq", eq, [](double a, double b) { return a == b; }, kComputable, false},
      {"ne", ne, [](double a, double b) { return a != b; }, kComputable, false},
      {"lt", lt, [](double a, double b) { return a < b; }, kComputable, false},
      {"le", le, [](double a, double b) { return a <= b; }, kComputable, false},
      {"gt", gt, [](double a, double b) { return a > b; }, kComputable, false},
      {"ge", ge, [](double a, double b) { return a >= b; }, kComputable, false},
      {"logical_and",
       logical_and,
       [](double a, double b) { return a != 0 && b != 0; },
       {boolean},
       false},
      {"logical_or",
       logical_or,
       [](double a, double b) { return a != 0 || b != 0; },
       {boolean},
       false},
      {"logical_xor",
       logical_xor,
       [](double a, double b) { return (a != 0) != (b != 0); },
       {boolean},
       false},
  };
  return cases;
}

void expect_elements(const BinaryCase& c, const Tensor& a, const Tensor& b) {
  const Tensor y = c.operation(a, b);
  const Shape sizes = broadcast_shapes(a.sizes(), b.sizes(), "test");
  ASSERT_EQ(y.sizes(), sizes);
  const auto p = a.expand(sizes).to_vector<double>(), q = b.expand(sizes).to_vector<double>();
  const auto out = y.to_vector<double>();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double expected = c.oracle(p[i], q[i]);
    if (std::isnan(expected) || std::isinf(expected)) {
      EXPECT_EQ(str(out[i]), str(expected)) << p[i] << ", " << q[i];
    } else {
      EXPECT_NEAR(out[i], expected, 4 * 1.2e-7 * std::abs(expected)) << p[i] << ", " << q[i];
    }
  }
}

TEST(Elementwise, BinaryFunctionsAgreeWithTheStandardLibrary) {
  for (const BinaryCase& c : binary_cases()) {
    for (const DType dtype : c.takes) {
      const auto left = every_layout(dtype, test::seed()),
                 right = every_layout(dtype, test::seed() + 1);
      for (std::size_t i = 0; i < left.size(); ++i) {
        SCOPED_TRACE(str(c.name, ", ", dtype, ", ", left[i].name));
        expect_elements(c, left[i].tensor, right[i].tensor);
        expect_elements(c, left[i].tensor, right[i].tensor.contiguous());
        expect_elements(c, left[i].tensor, right.back().tensor);  // a single value
        expect_elements(c, right.back().tensor, left[i].tensor);
      }
      expect_elements(c, left[2].tensor.unsqueeze(1), right[0].tensor);  // [3, 1, 5] with [3, 5]
    }
  }
}

TEST(Elementwise, BinaryFunctionsRefuseOtherDTypes) {
  for (const BinaryCase& c : binary_cases()) {
    for (const DType dtype : kAllDTypes) {
      const bool taken = std::find(c.takes.begin(), c.takes.end(), dtype) != c.takes.end();
      if (taken || (c.name == "sub" && dtype == u8)) continue;  // wraps in u8, as in C
      const bool divides = c.name == "trunc_div" || c.name == "fmod" || c.name == "remainder";
      if (divides && (dtype == i64 || dtype == u8)) continue;  // by hand, below: 0 is refused
      const Tensor x = zeros({2}, {.dtype = dtype});
      EXPECT_THROW(c.operation(x, x), DTypeError) << c.name << ", " << dtype;
    }
  }
}

TEST(Elementwise, BinaryGradientsAgreeWithDifferences) {
  for (const BinaryCase& c : binary_cases()) {
    if (!c.differentiable) continue;
    Generator generator(test::seed());
    for (const auto& [p, q] :
         {std::pair<Shape, Shape>{{3, 4}, {3, 4}}, {{3, 4}, {4}}, {{2, 1, 4}, {3, 1}}, {{}, {5}}}) {
      Tensor a = rand(p, {.dtype = f64}, generator) + 1,
             b = rand(q, {.dtype = f64}, generator) + 0.5;
      a.set_requires_grad();
      b.set_requires_grad();
      const GradCheck result =
          check_gradients([&](const Tensors& in) { return c.operation(in[0], in[1]); }, {a, b});
      EXPECT_TRUE(result.ok) << c.name << ": " << result.message;
    }
  }
}

TEST(Elementwise, WhereTakesFromEitherAndSplitsTheGradient) {
  for (const DType dtype : kAllDTypes) {
    for (const auto& [name, condition] : every_layout(boolean, test::seed())) {
      SCOPED_TRACE(str(dtype, ", ", name));
      const Tensor a = ones(condition.sizes(), {.dtype = dtype}), b = zeros({}, {.dtype = dtype});
      EXPECT_EQ(where(condition, a, b).to(i64).to_vector<std::int64_t>(),
                condition.to(i64).to_vector<std::int64_t>());
    }
  }
  const Tensor condition = tensor({1, 0, 1}).to(boolean);
  const Tensor a = tensor({1, 2, 3}, {.requires_grad = true}),
               b = tensor({9}, {.requires_grad = true});
  where(condition, a, b).sum().backward();
  EXPECT_EQ(a.grad().to_vector(), (std::vector<float>{1, 0, 1}));
  EXPECT_EQ(b.grad().to_vector(), (std::vector<float>{1}));
}

TEST(Elementwise, NumbersStandOnEitherSide) {
  const Tensor x = tensor({1, 2, 4});
  EXPECT_EQ((x + 1).to_vector(), (std::vector<float>{2, 3, 5}));
  EXPECT_EQ((1 - x).to_vector(), (std::vector<float>{0, -1, -3}));
  EXPECT_EQ((8 / x).to_vector(), (std::vector<float>{8, 4, 2}));
  EXPECT_EQ((x > 1.5).to_vector<bool>(), (std::vector<bool>{false, true, true}));
  EXPECT_EQ((x.to(i64) * 3).to_vector<std::int64_t>(), (std::vector<std::int64_t>{3, 6, 12}));
}

TEST(Elementwise, MaximumAndMinimumLetNanWinAndShareTies) {
  const Tensor a = tensor({NAN, 1, 2}, {.requires_grad = true}),
               b = tensor({1, NAN, 2}, {.requires_grad = true});
  for (const auto operation : {maximum, minimum}) {
    const auto y = operation(a, b).to_vector();
    EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[1]));
    EXPECT_EQ(grad(operation(a, b).sum(), {a})[0].to_vector()[2], 0.5f);
  }
}

TEST(Elementwise, WholeNumbersAreDividedExactlyAndRefuseZero) {
  const auto integers = [](const std::vector<std::int64_t>& values) {
    return from_data(values, {static_cast<std::int64_t>(values.size())});
  };
  constexpr std::int64_t least = INT64_MIN, most = INT64_MAX;
  const Tensor a = integers({7, -7, 7, -7, 6, -6, least, most, least});
  const Tensor b = integers({3, 3, -3, -3, 3, -3, -1, 2, 3});
  using Values = std::vector<std::int64_t>;
  EXPECT_EQ(trunc_div(a, b).to_vector<std::int64_t>(),
            (Values{2, -2, -2, 2, 2, 2, least, most / 2, least / 3}));  // the quotient wraps
  EXPECT_EQ(fmod(a, b).to_vector<std::int64_t>(), (Values{1, -1, 1, -1, 0, 0, 0, 1, least % 3}));
  EXPECT_EQ(remainder(a, b).to_vector<std::int64_t>(),
            (Values{1, 2, -2, -1, 0, 0, 0, 1, least % 3 + 3}));
  const Tensor bytes = tensor({200, 7, 255}).to(u8), by = tensor({7, 200, 255}).to(u8);
  EXPECT_TRUE(equal(trunc_div(bytes, by), tensor({28, 0, 1}).to(u8)));
  EXPECT_TRUE(equal(fmod(bytes, by), tensor({4, 7, 0}).to(u8)));
  EXPECT_TRUE(equal(remainder(bytes, by), tensor({4, 7, 0}).to(u8)));
  for (const auto operation : {trunc_div, fmod, remainder})
    EXPECT_THROW(operation(a, b - b), ArgumentError);
}

TEST(Elementwise, TruncatedQuotientsHaveNoSlope) {
  const Tensor a = tensor({5, -7}, {.requires_grad = true}),
               b = tensor({2}, {.requires_grad = true});
  trunc_div(a, b).sum().backward();
  EXPECT_TRUE(equal(a.grad(), zeros({2})));
  EXPECT_TRUE(equal(b.grad(), zeros({1})));
}

TEST(Elementwise, ErrorsNameOperationAndOperands) {
  const Tensor x = zeros({2, 3}), y = zeros({2, 4}), whole = zeros({2, 3}, {.dtype = i64});
  const auto message = [](auto&& call) {
    try {
      call();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_EQ(message([&] { add(x, y); }),
            "add: shapes expected to broadcast, got [2, 3] and [2, 4]");
  EXPECT_EQ(message([&] { mul(x, whole); }),
            "mul: operands expected of one dtype, got f32 and i64 (convert with .to(dtype))");
  EXPECT_EQ(message([&] { div(whole, whole); }), "div: dtype expected f32, f64, got i64");
  EXPECT_EQ(message([&] { fmod(whole, whole); }), "fmod: divisor expected not to be 0, got 0");
  EXPECT_EQ(message([&] { whole + 0.5; }), "add: number expected to be i64, got 0.5");
  EXPECT_EQ(message([&] { clamp(x, 2, 1); }), "clamp: low expected at most high, got 2 and 1");
  EXPECT_EQ(message([&] { where(x, x, x); }), "where: condition expected dtype bool, got f32");
  EXPECT_EQ(message([&] { add(Tensor(), x); }),
            "tensor: expected a defined tensor, got an undefined one");
}

// The C library's log and pow take numbers apart bit by bit: inside loops that flush denormals they
// must see them as they are.
template <class T>
void expect_logs_and_powers_of(const std::vector<T>& values, double bound) {
  // Not converted on the way, which would flush them.
  const Tensor x = from_data(values, {static_cast<std::int64_t>(values.size())});
  const auto expect = [&](const Tensor& actual, double (*f)(double)) {
    std::vector<double> expected;
    expected.reserve(values.size());
    for (const T value : values) expected.push_back(f(static_cast<double>(value)));
    EXPECT_TRUE(test::is_close(actual.to(f64), from_data(expected, x.sizes()), bound, 0));
  };
  const auto exponent = [&](double value) { return full(x.sizes(), value, {.dtype = x.dtype()}); };
  const auto tenth = [](double value) { return std::pow(value, 0.1); };
  expect(log(x), [](double value) { return std::log(value); });
  expect(pow(x, 0.1), tenth);
  expect(pow(x, exponent(0.1)), tenth);
  expect(pow(x, exponent(-0.1)), [](double value) { return std::pow(value, -0.1); });
}

TEST(Elementwise, LogAndPowOfDenormalsAreThoseOfTheNumber) {
  expect_logs_and_powers_of<float>({1e-40F, 2.8e-45F, 1.1e-38F, 1e-30F}, 1e-6);
  expect_logs_and_powers_of<double>({1e-310, 5e-324, 2e-308, 1e-30}, 1e-14);
}

}  // namespace
}  // namespace fovea
