#include "apps/base/exit_code.h"

#include <new>

#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

template <class E>
Failure failure_of(const E& error) {
  return describe_failure(std::make_exception_ptr(error));
}

TEST(ExitCode, FollowsTheKindOfError) {
  EXPECT_EQ(failure_of(UsageError("x")).code, 2);
  EXPECT_EQ(failure_of(ArgumentError("x")).code, 2);
  EXPECT_EQ(failure_of(DeviceError("x")).code, 2);
  EXPECT_EQ(failure_of(ParseError("x")).code, 3);
  EXPECT_EQ(failure_of(ShapeError("x")).code, 3);
  EXPECT_EQ(failure_of(DTypeError("x")).code, 3);
  EXPECT_EQ(failure_of(IndexError("x")).code, 3);
  EXPECT_EQ(failure_of(IoError("x")).code, 4);
  EXPECT_EQ(failure_of(NumericError("x")).code, 5);
  EXPECT_EQ(failure_of(std::bad_alloc()).code, 6);
  EXPECT_EQ(failure_of(DistError("x")).code, 7);
  EXPECT_EQ(failure_of(StateError("x")).code, 1);
  EXPECT_EQ(failure_of(std::logic_error("x")).code, 1);
  EXPECT_EQ(failure_of(7).code, 1);
}

TEST(ExitCode, MessagesAreOneLine) {
  EXPECT_EQ(failure_of(IoError("a\nb\x1b[2J\tc\x7f")).message.english, "a b [2J c ");
  EXPECT_EQ(failure_of(std::logic_error("x")).message.english, "internal error: x");
}

TEST(ExitCode, MessagesAreInKoreanWhereSomebodySaidThemSo) {
  const Text both = failure_of(InBoth<UsageError>({"a\nb", "가\n나"})).message;
  EXPECT_EQ(both.english, "a b");
  EXPECT_EQ(both.korean, "가 나");
  EXPECT_EQ(failure_of(InBoth<IoError>(both)).code, 4);
  EXPECT_EQ(failure_of(UsageError("x")).message.korean, "x");
}

}  // namespace
}  // namespace fovea::cli
