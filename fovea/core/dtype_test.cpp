#include "fovea/core/dtype.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(DType, NamesSizesAndKinds) {
  EXPECT_EQ(name_of(f32), "f32");
  EXPECT_EQ(name_of(boolean), "bool");
  EXPECT_EQ(size_of(bf16), 2u);
  EXPECT_EQ(size_of(u64), 8u);
  EXPECT_TRUE(is_floating(f16));
  EXPECT_FALSE(is_differentiable(f16));
  EXPECT_TRUE(is_computable(u8));
  EXPECT_FALSE(is_computable(i32));
  for (const DType dtype : kAllDTypes) {
    dispatch_all(dtype, "test", [&](auto tag) {
      using T = typename decltype(tag)::type;
      EXPECT_EQ(dtype_of<T>, dtype);
      EXPECT_EQ(sizeof(T), size_of(dtype));
    });
  }
}

TEST(DType, DispatchNamesWhatIsAllowed) {
  try {
    dispatch_float(i64, "conv2d", [](auto) {});
    FAIL();
  } catch (const DTypeError& error) {
    EXPECT_STREQ(error.what(), "conv2d: dtype expected f32, f64, got i64");
  }
}

}  // namespace
}  // namespace fovea
