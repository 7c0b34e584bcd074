#include "fovea/kernels/functions.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/function_values.h"
#include "fovea/kernels/reference/binary.h"

namespace fovea::kernels {
namespace {

TEST(Functions, AWordFindsItsRow) {
  EXPECT_STREQ(row_of(Unary::kNeg).name, "neg");
  EXPECT_STREQ(row_of(Unary::kMish).name, "mish");
  EXPECT_STREQ(row_of(Unary::kThreshold).name, "threshold");
  EXPECT_EQ(row_of(Unary::kTanh).reads, Reads::kResult);
  EXPECT_EQ(row_of(Unary::kMish).reads, Reads::kInput);
  EXPECT_EQ(row_of(Unary::kNeg).reads, Reads::kNothing);
  EXPECT_EQ(row_of(Unary::kMish).onnx.since, 18);
  EXPECT_TRUE(row_of(Unary::kClamp).onnx.by_inputs);
  for (std::size_t i = 0; i < std::size(kFunctionRows); ++i) {
    const auto kind = static_cast<Unary>(i);
    EXPECT_EQ(with_function(kind, [](auto f) { return f.kKind; }), kind);
  }
}

// What kernels get never holds another value; if it did, nothing would be computed in silence.
TEST(Functions, AValueThatIsNoWordIsRefused) {
  Queue& queue = queue_of(Device());
  float x = 1, y = 0;
  const View to{&y, f32, {1}, {1}};
  const ConstView from{&x, f32, {1}, {1}};
  const auto message = [](const auto& call) {
    try {
      call();
    } catch (const ArgumentError& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_EQ(message([&] { cpu::unary(queue, {static_cast<Unary>(200)}, from, to); }),
            "with_function: enumerator expected one of its type's, got number 200");
  EXPECT_EQ(message([&] { cpu::binary(queue, static_cast<Binary>(201), from, from, to); }),
            "binary: enumerator expected one of its type's, got number 201");
  const auto truth = static_cast<int>(Binary::kEq), sum = static_cast<int>(Binary::kAdd);
  EXPECT_EQ(message([] { reference::binary_value(Binary::kEq, 1.0f, 2.0f); }),
            str("binary_value: enumerator expected one of its type's, got number ", truth));
  EXPECT_EQ(message([] { reference::binary_truth(Binary::kAdd, 1.0f, 2.0f); }),
            str("binary_truth: enumerator expected one of its type's, got number ", sum));
}

}  // namespace
}  // namespace fovea::kernels
