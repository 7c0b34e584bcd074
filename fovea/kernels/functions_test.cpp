#include "fovea/kernels/functions.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/function_values.h"

namespace fovea::kernels {
namespace {

TEST(Functions, AWordFindsItsRow) {
  EXPECT_STREQ(row_of(Unary::kNeg).name, "neg");
  EXPECT_STREQ(row_of(Unary::kMish).name, "mish");
  EXPECT_STREQ(row_of(Unary::kThreshold).name, "threshold");
  EXPECT_TRUE(gradient_uses_result(Unary::kTanh));
  EXPECT_FALSE(gradient_uses_result(Unary::kMish));
  EXPECT_FALSE(gradient_uses_result(Unary::kNeg));
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
}

}  // namespace
}  // namespace fovea::kernels
