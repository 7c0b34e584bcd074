#include "apps/base/flag_checks.h"

#include <gtest/gtest.h>

#include "apps/base/exit_code.h"
#include "tests/support/close.h"

namespace fovea::cli {
namespace {

using test::message_of;

TEST(FlagChecks, NameTheFlag) {
  check_range("--rows", 1, 1, 100);
  check_range("--rows", 100, 1, 100);
  EXPECT_EQ(message_of<UsageError>([] { check_range("--rows", 0, 1, 100); }),
            "--rows expected from 1 to 100, got 0");
  EXPECT_EQ(message_of<UsageError>([] { check_range("--rows", 101, 1, 100); }),
            "--rows expected from 1 to 100, got 101");
  check_at_least("--top", 1, 1);
  EXPECT_EQ(message_of<UsageError>([] { check_at_least("--top", 0, 1); }),
            "--top expected at least 1, got 0");
  check_share("--p", 0);
  check_share("--p", 1);
  EXPECT_EQ(message_of<UsageError>([] { check_share("--p", 1.5); }),
            "--p expected from 0 to 1, got 1.5");
}

TEST(FlagChecks, AFilesNameSaysWhatItIs) {
  EXPECT_EQ(check_extension("--output", "a.b/model.onnx", {".onnx", ".npz"}), ".onnx");
  EXPECT_EQ(message_of<UsageError>([] { check_extension("--svg", "m.png", {".svg"}); }),
            "--svg expected a .svg file, got \"m.png\"");
  EXPECT_EQ(message_of<UsageError>([] {
              check_extension("--input", "x", {".npy", ".npz"});
            }),
            "--input expected a .npy or .npz file, got \"x\"");
  EXPECT_EQ(message_of<UsageError>([] {
              check_extension("--output", "x.svg", {".onnx", ".safetensors", ".npz"});
            }),
            "--output expected a .onnx, .safetensors or .npz file, got \"x.svg\"");
}

}  // namespace
}  // namespace fovea::cli
