// fill, where, arange, and the functions of one and two elements, against the reference: in every
// dtype they have, over layouts and lengths that meet tails.

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/table.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"
#include "tests/support/strides.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(ElementwiseContract, &KernelTable::fill, &KernelTable::where, &KernelTable::arange);
FOVEA_CONTRACT(UnaryContract, &KernelTable::unary, &KernelTable::unary_backward);
FOVEA_CONTRACT(BinaryContract, &KernelTable::binary);
FOVEA_CONTRACT(WholeNumbersContract, &KernelTable::binary, &KernelTable::unary);

using test::Array;
using test::reversed_strides;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Every second element of twice as many.
Shape gapped_strides(const Shape& sizes) {
  Shape strides = contiguous_strides(sizes);
  for (std::int64_t& stride : strides) stride *= 2;
  return strides;
}

/// Memory enough for any of the layouts.
template <class T>
Array<T> make(const Shape& sizes, Shape (*layout)(const Shape&), std::uint64_t stream) {
  Array<T> array(sizes, layout);
  array.values.resize(static_cast<std::size_t>(2 * sizes.numel()));
  if constexpr (std::is_floating_point_v<T>)
    array.fill_normal(0, 3, stream);
  else
    array.fill_integers(std::is_signed_v<T> ? -9 : 0, 9, stream);
  return array;
}

const Shape kSizes[] = {{}, {0}, {1}, {67}, {3, 5}, {4, 3, 5, 7}, {40, 1037}};
constexpr Shape (*kLayouts[])(const Shape&) = {contiguous_strides, reversed_strides,
                                               gapped_strides};

/// Calls `f(sizes, layout of the operands, layout of the result)`.
template <class F>
void for_each_layout(const F& f) {
  for (const Shape& sizes : kSizes)
    for (const auto from : kLayouts)
      for (const auto to : kLayouts) {
        SCOPED_TRACE(str("sizes ", sizes));
        f(sizes, from, to);
      }
}

/// Runs a kernel of the reference as run() runs the device's.
template <class... Parameters>
void define(void (*KernelTable::*entry)(Queue&, Parameters...),
            std::type_identity_t<Parameters>... arguments) {
  (reference::table().*entry)(queue_of(Device()), arguments...);
}

TEST_P(ElementwiseContract, FillWritesEveryElement) {
  const auto compare = [](auto tag, double value) {
    using T = decltype(tag);
    for (const Shape& sizes : kSizes)
      for (const auto layout : kLayouts) {
        Array<T> y = make<T>(sizes, layout, 1), expected = y;
        run(&KernelTable::fill, value, y.view());
        define(&KernelTable::fill, value, expected.view());
        EXPECT_EQ(y.values, expected.values) << sizes;
      }
  };
  compare(float(), 1.5);
  compare(double(), -2.25);
  compare(std::int64_t(), -7);
  compare(std::uint8_t(), 300);  // saturates
}

TEST_P(ElementwiseContract, WhereTakesEitherSide) {
  const auto compare = [](auto tag) {
    using T = decltype(tag);
    for_each_layout([](const Shape& sizes, auto from, auto to) {
      Array<T> a = make<T>(sizes, from, 1), b = make<T>(sizes, to, 2), y = make<T>(sizes, to, 3);
      Array<T> expected = y;
      std::vector<std::uint8_t> truth(static_cast<std::size_t>(sizes.numel()) * 2);
      for (std::size_t i = 0; i < truth.size(); ++i) truth[i] = i % 3 == 0;
      const ConstView condition{truth.data(), boolean, sizes, from(sizes)};
      run(&KernelTable::where, condition, a.view(), b.view(), y.view());
      define(&KernelTable::where, condition, a.view(), b.view(), expected.view());
      EXPECT_EQ(y.values, expected.values);
    });
  };
  compare(float()), compare(double()), compare(std::int64_t()), compare(std::uint8_t());
}

TEST_P(ElementwiseContract, ArangeCounts) {
  const auto compare = [](auto tag) {
    Array<decltype(tag)> y({1000}), expected = y;
    run(&KernelTable::arange, 3, 0.25, y.view());
    define(&KernelTable::arange, 3, 0.25, expected.view());
    EXPECT_EQ(y.values, expected.values);
  };
  compare(float()), compare(double()), compare(std::int64_t()), compare(std::uint8_t());
}

/// Within `bound` units in the last place of the expected value, or of 1 where that is less; NaN
/// and infinities alike.
template <class T>
void expect_near(const Array<T>& actual, const Array<T>& expected, double bound) {
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const double e = static_cast<double>(expected.values[i]);
    const double a = static_cast<double>(actual.values[i]);
    if (a == e || (std::isnan(a) && std::isnan(e))) continue;
    const double unit = std::numeric_limits<T>::epsilon() * std::max(1.0, std::abs(e));
    ASSERT_LE(std::abs(a - e), bound * unit) << "element " << i << ": " << a << ", not " << e;
  }
}

/// All that give a number, with parameters that leave no case out.
std::vector<UnaryOp> functions() {
  std::vector<UnaryOp> all;
  for (std::size_t i = 0; i < std::size(kFunctionRows); ++i) {
    const auto kind = static_cast<Unary>(i);
    const Domain domain = row_of(kind).domain;
    if (domain == Domain::kTests || domain == Domain::kLogic) continue;
    // A lower end and an upper one, or a slope, or a power.
    const bool ends = kind == Unary::kClamp || kind == Unary::kHardtanh;
    all.push_back(ends ? UnaryOp{kind, 1, 2.5} : UnaryOp{kind, 0.5, -3});
  }
  for (const double power : {3.0, 0.0, -0.5}) all.push_back({Unary::kPow, power});
  return all;
}

/// Values where functions turn, and where they end.
template <class T>
void add_corners(Array<T>& x) {
  const T corners[] = {0,        T(-0.0),   1,  -1,  3,    -3,        T(0.5),    T(2.5),
                       T(1e-30), T(-1e-30), 40, -40, kNan, kInfinity, -kInfinity};
  for (std::size_t i = 0; i < std::size(corners) && i < x.values.size(); ++i)
    x.values[i] = corners[i];
}

// A few roundings by a formula in T, whose argument may itself be rounded: tanh and exp of it err
// by as much more as it is large, and nothing here is larger than some ten where they do not
// saturate.
constexpr double kUnaryBound = 64;

TEST_P(UnaryContract, ValuesAreTheReferences) {
  const auto compare = [](auto tag, UnaryOp op, const Shape& sizes, auto from, auto to) {
    using T = decltype(tag);
    Array<T> x = make<T>(sizes, from, 1), y = make<T>(sizes, to, 2), expected = y;
    if constexpr (std::is_floating_point_v<T>) add_corners(x);
    run(&KernelTable::unary, op, x.view(), y.view());
    define(&KernelTable::unary, op, x.view(), expected.view());
    if constexpr (std::is_floating_point_v<T>)
      expect_near(y, expected, kUnaryBound);
    else
      EXPECT_EQ(y.values, expected.values);
  };
  for_each_variant([&] {
    for (const UnaryOp& op : functions()) {
      SCOPED_TRACE(str(row_of(op.kind).name, ", a ", op.a));
      for_each_layout([&](const Shape& sizes, auto from, auto to) {
        if (sizes.numel() > 1000 && from != to) return;
        compare(float(), op, sizes, from, to);
        if (row_of(op.kind).domain != Domain::kNumbers) return;
        compare(std::int64_t(), op, sizes, from, to);
        compare(std::uint8_t(), op, sizes, from, to);
      });
      compare(double(), op, {4, 3, 5, 7}, contiguous_strides, reversed_strides);
    }
  });
}

TEST_P(UnaryContract, SlopesAreTheReferences) {
  const auto compare = [](auto tag, UnaryOp op, const Shape& sizes, auto from, auto to) {
    using T = decltype(tag);
    Array<T> x = make<T>(sizes, from, 1), dy = make<T>(sizes, to, 2), dx = make<T>(sizes, to, 3);
    add_corners(x);
    Array<T> saved = x, expected = dx;
    if (row_of(op.kind).reads == Reads::kResult)
      define(&KernelTable::unary, op, x.view(), saved.view());
    run(&KernelTable::unary_backward, op, dy.view(), saved.view(), dx.view());
    define(&KernelTable::unary_backward, op, dy.view(), saved.view(), expected.view());
    expect_near(dx, expected, kUnaryBound);
  };
  for_each_variant([&] {
    for (const UnaryOp& op : functions()) {
      SCOPED_TRACE(str(row_of(op.kind).name, ", a ", op.a));
      for_each_layout([&](const Shape& sizes, auto from, auto to) {
        if (sizes.numel() > 1000 && from != to) return;
        compare(float(), op, sizes, from, to);
      });
      compare(double(), op, {4, 3, 5, 7}, contiguous_strides, reversed_strides);
    }
  });
}

TEST_P(UnaryContract, TruthsAreTheReferences) {
  Array<float> x({67});
  x.fill_normal(0, 1, 1);
  add_corners(x);
  std::vector<std::uint8_t> y(67), expected(67), again(67);
  const View view{y.data(), boolean, {67}, {1}}, wanted{expected.data(), boolean, {67}, {1}};
  for (const Unary kind : {Unary::kIsNan, Unary::kIsFinite}) {
    run(&KernelTable::unary, {kind}, x.view(), view);
    define(&KernelTable::unary, {kind}, x.view(), wanted);
    EXPECT_EQ(y, expected);
  }
  const View inverse{again.data(), boolean, {67}, {1}};
  run(&KernelTable::unary, {Unary::kNot}, view, inverse);
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NE(y[i], again[i]);
}

template <class T>
void compare_numbers(Binary op, const Shape& sizes, Shape (*from)(const Shape&),
                     Shape (*to)(const Shape&)) {
  Array<T> a = make<T>(sizes, from, 1), b = make<T>(sizes, to, 2), y = make<T>(sizes, to, 3);
  for (T& value : b.values)
    if (value == 0) value = 2;  // a whole divisor
  Array<T> expected = y;
  run(&KernelTable::binary, op, a.view(), b.view(), y.view());
  define(&KernelTable::binary, op, a.view(), b.view(), expected.view());
  if constexpr (std::is_floating_point_v<T>)
    expect_near(y, expected, op == Binary::kPow ? 4 : 0);  // the others are defined to the bit
  else
    EXPECT_EQ(y.values, expected.values);
}

/// A kernel's result for one element of each operand.
template <class T>
T of_one(Binary op, T a, T b) {
  Array<T> left({1}), right({1}), y({1});
  left.values = {a}, right.values = {b};
  run(&KernelTable::binary, op, left.view(), right.view(), y.view());
  return y.values[0];
}
template <class T>
T of_one(Unary kind, T x) {
  Array<T> in({1}), y({1});
  in.values = {x};
  run(&KernelTable::unary, UnaryOp{.kind = kind}, in.view(), y.view());
  return y.values[0];
}

// What overflows is taken modulo 2^n, as in PyTorch; C++ leaves it undefined, so UBSan looks here.
TEST_P(WholeNumbersContract, Wrap) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kOne = 1;
  EXPECT_EQ(of_one(Binary::kAdd, kMost, 5 * kOne), kLeast + 4);
  EXPECT_EQ(of_one(Binary::kSub, kLeast, 5 * kOne), kMost - 4);
  EXPECT_EQ(of_one(Binary::kMul, kMost, 2 * kOne), -2);
  EXPECT_EQ(of_one(Binary::kMul, kLeast, kMost), kLeast);
  EXPECT_EQ(of_one(Binary::kTruncDiv, kLeast, -kOne), kLeast);
  EXPECT_EQ(of_one(Unary::kNeg, kLeast), kLeast);
  EXPECT_EQ(of_one(Unary::kAbs, kLeast), kLeast);
  EXPECT_EQ(of_one(Unary::kSquare, kMost), 1);
  EXPECT_EQ(of_one(Unary::kSign, kLeast), -1);
  EXPECT_EQ(of_one<std::uint8_t>(Binary::kAdd, 250, 10), 4);
  EXPECT_EQ(of_one<std::uint8_t>(Binary::kMul, 200, 200), 64);
  EXPECT_EQ(of_one<std::uint8_t>(Unary::kNeg, 1), 255);
}

TEST_P(BinaryContract, NumbersAreTheReferences) {
  for_each_variant([] {
    for (const Binary op : {Binary::kAdd, Binary::kSub, Binary::kMul, Binary::kMaximum,
                            Binary::kMinimum, Binary::kTruncDiv, Binary::kFmod, Binary::kRemainder,
                            Binary::kPRelu, Binary::kDiv, Binary::kPow}) {
      SCOPED_TRACE(str("function ", static_cast<int>(op)));
      const bool whole = op != Binary::kDiv && op != Binary::kPow;
      for_each_layout([&](const Shape& sizes, auto from, auto to) {
        compare_numbers<float>(op, sizes, from, to);
        if (sizes.numel() > 1000) return;
        compare_numbers<double>(op, sizes, from, to);
        if (whole) compare_numbers<std::int64_t>(op, sizes, from, to);
        if (whole) compare_numbers<std::uint8_t>(op, sizes, from, to);
      });
    }
  });
}

TEST_P(BinaryContract, OneValueStandsForARow) {
  for_each_variant([] {
    for (const Binary op : {Binary::kAdd, Binary::kMul, Binary::kMaximum, Binary::kDiv}) {
      Array<float> a({5, 67}), b({67}), y({5, 67}), expected = y;
      a.fill_normal(0, 1, 1), b.fill_normal(0, 1, 2);
      for (const Shape& strides : {Shape{0, 1}, Shape{0, 0}, Shape{1, 0}}) {
        const ConstView repeated{b.values.data(), f32, {5, 67}, strides};
        run(&KernelTable::binary, op, a.view(), repeated, y.view());
        define(&KernelTable::binary, op, a.view(), repeated, expected.view());
        EXPECT_EQ(y.values, expected.values);
        run(&KernelTable::binary, op, repeated, a.view(), y.view());
        define(&KernelTable::binary, op, repeated, a.view(), expected.view());
        EXPECT_EQ(y.values, expected.values);
      }
    }
  });
}

template <class T>
void compare_truths(const std::vector<Binary>& ops) {
  for (const Shape& sizes : kSizes) {
    std::vector<T> a(static_cast<std::size_t>(sizes.numel())), b = a;
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = static_cast<T>(i % 5 % 2), b[i] = static_cast<T>(i % 3 % 2);
      if (std::is_floating_point_v<T> && i % 11 == 0) a[i] = static_cast<T>(kNan);
    }
    // Not vector<bool>, which has no address.
    const bool truths = sizeof(T) == 1 && ops.front() == Binary::kAnd;
    const DType dtype = truths ? boolean : dtype_of<T>;
    std::vector<std::uint8_t> y(a.size()), expected(a.size());
    const Shape strides = contiguous_strides(sizes);
    for (const Binary op : ops) {
      SCOPED_TRACE(str("function ", static_cast<int>(op), ", sizes ", sizes));
      const ConstView left{a.data(), dtype, sizes, strides}, right{b.data(), dtype, sizes, strides};
      run(&KernelTable::binary, op, left, right, View{y.data(), boolean, sizes, strides});
      define(&KernelTable::binary, op, left, right, View{expected.data(), boolean, sizes, strides});
      EXPECT_EQ(y, expected);
    }
  }
}

TEST_P(BinaryContract, TruthsAreTheReferences) {
  const std::vector<Binary> comparisons = {Binary::kEq, Binary::kNe, Binary::kLt,
                                           Binary::kLe, Binary::kGt, Binary::kGe};
  compare_truths<float>(comparisons);
  compare_truths<double>(comparisons);
  compare_truths<std::int64_t>(comparisons);
  compare_truths<std::uint8_t>(comparisons);
  compare_truths<std::uint8_t>({Binary::kAnd, Binary::kOr, Binary::kXor, Binary::kEq});
}

}  // namespace
}  // namespace fovea::kernels::contract
