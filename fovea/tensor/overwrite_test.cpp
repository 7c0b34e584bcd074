#include "fovea/tensor/overwrite.h"

#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea {
namespace {

using test::message_of;

std::span<const std::byte> bytes_of(const std::vector<float>& values) {
  return std::as_bytes(std::span(values));
}

TEST(Overwrite, ReplacesElementsFromAPosition) {
  const Tensor x = zeros({2, 3});
  const std::uint64_t version = x.impl()->storage->version();
  overwrite(x, 2, bytes_of({7, 8}));
  EXPECT_EQ(x.to_vector(), (std::vector<float>{0, 0, 7, 8, 0, 0}));
  EXPECT_GT(x.impl()->storage->version(), version);
  overwrite(x, 6, {});
  overwrite(x[1], 1, bytes_of({5}));
  EXPECT_EQ(x.to_vector(), (std::vector<float>{0, 0, 7, 8, 5, 0}));
}

TEST(Overwrite, NamesWhatDoesNotFit) {
  const Tensor x = zeros({2, 3});
  const auto message = [&](const Tensor& target, std::int64_t first,
                           std::span<const std::byte> bytes) {
    return message_of<ShapeError>([&] { overwrite(target, first, bytes); });
  };
  EXPECT_EQ(message(x.t(), 0, {}),
            "overwrite: target expected contiguous, got strides [1, 3] (shape [3, 2])");
  EXPECT_EQ(message(x, 0, bytes_of({1}).first(3)),
            "overwrite: bytes expected a multiple of 4, got 3 (dtype f32)");
  EXPECT_EQ(message(x, 5, bytes_of({1, 2})),
            "overwrite: elements expected within 6, got 2 from 5 (shape [2, 3])");
  EXPECT_EQ(message(x, -1, bytes_of({1})),
            "overwrite: elements expected within 6, got 1 from -1 (shape [2, 3])");
}

}  // namespace
}  // namespace fovea
