#include "fovea/tensor/storage.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(Storage, CountsChanges) {
  Storage storage(10, default_device());
  EXPECT_EQ(storage.version(), 0u);
  storage.bump_version();
  EXPECT_EQ(storage.version(), 1u);
  EXPECT_EQ(storage.bytes(), 10u);
  EXPECT_EQ(storage.device(), default_device());
}

}  // namespace
}  // namespace fovea
