#include "fovea/io/growing_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "fovea/core/error.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/read_file.h"
#include "tests/support/child.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using testing::StartsWith;

TEST(GrowingFile, GrowsByPieces) {
  const test::TempDir dir;
  GrowingFile file(dir / "log");
  EXPECT_EQ(file.size(), 0u);
  file.append("one\n");
  EXPECT_EQ(read_text(dir / "log"), "one\n") << "others may follow";
  file.append("two\n");
  EXPECT_EQ(file.size(), 8u);
  EXPECT_NO_THROW(file.sync());
  EXPECT_EQ(read_text(dir / "log"), "one\ntwo\n");
  EXPECT_EQ(GrowingFile(dir / "log").size(), 0u) << "a new one is empty";
}

TEST(GrowingFile, GoesOnWhereItIsTold) {
  const test::TempDir dir;
  write_file(dir / "log", "one\ntwo\nthr");
  {
    GrowingFile file(dir / "log", 8);
    file.append("3\n");
  }
  EXPECT_EQ(read_text(dir / "log"), "one\ntwo\n3\n");
  EXPECT_EQ(GrowingFile(dir / "log", 1000).size(), 10u) << "shorter than was thought";
  EXPECT_EQ(GrowingFile(dir / "new", 1000).size(), 0u) << "lost";
}

// A piece for which there is no room leaves no part of itself, and the next that fits follows.
TEST(GrowingFile, APieceThatDoesNotFitLeavesNothing) {
  const test::TempDir dir;
  const std::string message = test::in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10, 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    GrowingFile file(dir / "log");
    file.append("12345678");
    std::string said = test::message_of<IoError>([&] { file.append("90123"); });
    file.append("9\n");
    return said;
  });
  EXPECT_THAT(message, StartsWith("write_file: " + (dir / "log").string() +
                                  " expected to grow, got \"File too large\" (write after 8"));
  EXPECT_EQ(read_text(dir / "log"), "123456789\n");
}

TEST(GrowingFile, SaysWhyItCannotBeOpened) {
  const test::TempDir dir;
  EXPECT_THAT(test::message_of<IoError>([&] { GrowingFile(dir.path()); }),
              StartsWith("write_file: " + dir.path().string() + " expected to grow, got \""));
}

}  // namespace
}  // namespace fovea::io
