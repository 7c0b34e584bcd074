#include "fovea/io/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "fovea/core/error.h"
#include "tests/support/child.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

TEST(MappedFile, SaysThatThereAreNoAddressesLeft) {
  const test::TempDir dir;
  const std::string path = (dir / "a").string();
  test::put_file(path, "x");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 30);
  const std::string message = test::in_child([&] {
    const rlimit limit{0, 0};
    ::setrlimit(RLIMIT_AS, &limit);
    return test::message_of<IoError>([&] { const MappedFile file(path); });
  });
  EXPECT_EQ(message,
            "read_file: " + path + " expected to be mapped, got \"Cannot allocate memory\"");
}

}  // namespace
}  // namespace fovea::io
