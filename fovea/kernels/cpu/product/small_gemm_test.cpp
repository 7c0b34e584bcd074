// Small products against plain loops, exactly, on every instruction set.

#include "fovea/kernels/cpu/product/small_gemm.h"

#include <gtest/gtest.h>

#include "tests/support/array.h"
#include "tests/support/vector_targets.h"

namespace fovea::kernels::cpu {
namespace {

using test::Array;

TEST(SmallGemm, IsExactOnWholeNumbersForEveryShape) {
  test::for_each_vector_target([] {
    const std::int64_t lanes = gemm_lanes();
    for (const std::int64_t rows : {1, 2, 5, 6, 7, 8, 12, 13, 16, 17, 31}) {
      for (std::int64_t vectors = 1; vectors <= 6; ++vectors) {
        for (const std::int64_t steps : {0, 1, 3, 18}) {
          const std::int64_t columns = vectors * lanes, ldb = columns + 3, ldc = columns + 5;
          auto a = Array<float>({rows, steps + 1}).fill_integers(-4, 4, 1);
          auto at = Array<float>({steps + 1, rows});
          for (std::int64_t i = 0; i < rows; ++i) {
            for (std::int64_t s = 0; s <= steps; ++s) {
              at.values[static_cast<std::size_t>(s * rows + i)] =
                  a.values[static_cast<std::size_t>(i * (steps + 1) + s)];
            }
          }
          auto b = Array<float>({steps + 1, ldb}).fill_integers(-4, 4, 2);
          auto c = Array<float>({rows, ldc}).fill_integers(-4, 4, 3);
          for (const GemmC mode : {GemmC::kReplace, GemmC::kAdd}) {
            auto expected = c.values;
            for (std::int64_t i = 0; i < rows; ++i) {
              for (std::int64_t j = 0; j < columns; ++j) {
                float& to = expected[static_cast<std::size_t>(i * ldc + j)];
                if (mode == GemmC::kReplace) to = 0;
                for (std::int64_t s = 0; s < steps; ++s) {
                  to += a.values[static_cast<std::size_t>(i * (steps + 1) + s)] *
                        b.values[static_cast<std::size_t>(s * ldb + j)];
                }
              }
            }
            auto plain = c.values, transposed = c.values;
            small_gemm(rows, columns, steps, {a.values.data(), steps + 1, 1}, b.values.data(), ldb,
                       plain.data(), ldc, mode);
            small_gemm(rows, columns, steps, {at.values.data(), 1, rows}, b.values.data(), ldb,
                       transposed.data(), ldc, mode);
            ASSERT_EQ(plain, expected) << rows << "x" << columns << "x" << steps;
            ASSERT_EQ(transposed, expected) << rows << "x" << columns << "x" << steps;
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace fovea::kernels::cpu
