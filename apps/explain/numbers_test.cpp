#include "apps/explain/numbers.h"

#include <gmock/gmock.h>

#include <limits>

#include "apps/base/exit_code.h"
#include "fovea/core/language.h"

namespace fovea::cli {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

TEST(Numbers, AreTypedAsRowsAndSlices) {
  const Tensor square = parse_numbers("--image", "1 0, 2; -0.5 1e2 3;");
  EXPECT_EQ(square.sizes(), Shape({1, 2, 3}));
  EXPECT_THAT(square.to_vector<double>(), ElementsAre(1, 0, 2, -0.5, 100, 3));
  const Tensor slices = parse_numbers("--image", "1 2; 3 4 | 5 6; 7 8");
  EXPECT_EQ(slices.sizes(), Shape({2, 2, 2}));
  EXPECT_EQ(slices.at({1, 0, 1}).item(), 6);
  EXPECT_EQ(parse_numbers("--image", "7").sizes(), Shape({1, 1, 1}));
}

TEST(Numbers, SayWhatIsWrong) {
  const auto parse = [](const char* text) { return [=] { parse_numbers("--kernel", text); }; };
  EXPECT_THAT(parse("1 x"), ThrowsMessage<UsageError>("--kernel expected a number, got \"x\""));
  EXPECT_THAT(parse("1 inf"), ThrowsMessage<UsageError>("--kernel expected a number, got \"inf\""));
  EXPECT_THAT(parse("1 2; 3"),
              ThrowsMessage<UsageError>("--kernel expected rows of 2 numbers, got \" 3\""));
  EXPECT_THAT(parse("1; 2 | 3"),
              ThrowsMessage<UsageError>("--kernel expected slices of 2 rows, got \"1\""));
  EXPECT_THAT(parse(" "), ThrowsMessage<UsageError>("--kernel expected numbers, got \" \""));
  EXPECT_THAT([] { parse_numbers("--image", std::string(400, '1')); },
              ThrowsMessage<UsageError>(testing::StartsWith("--image expected a number, got \"1")))
      << "beyond all that f64 holds";
  std::string many;
  for (int i = 0; i < 65'537; ++i) many += "1 ";
  EXPECT_THAT([&] { parse_numbers("--image", many); },
              ThrowsMessage<UsageError>("--image expected at most 65536 numbers, got \"...\""));
  try {
    parse_numbers("--image", "1 2; 3");
  } catch (const SaidInBoth& error) {
    EXPECT_EQ(error.message().korean, "--image: 수가 2개인 행이 와야 하는데 \" 3\"입니다");
  }
}

TEST(Numbers, ArePositionsToo) {
  EXPECT_EQ(parse_integers("--at", "5,-7", 1, 3), Shape({5, -7}));
  EXPECT_THAT([] { parse_integers("--at", "5, 7", 1, 3); },
              ThrowsMessage<UsageError>(
                  "--at expected whole numbers with commas between them, got \"5, 7\""));
  EXPECT_THAT([] { parse_integers("--at", "5", 2, 2); },
              ThrowsMessage<UsageError>("--at expected 2 whole numbers, got \"5\""));
  EXPECT_THAT([] { parse_integers("--at", "1,2,3,4", 1, 3); },
              ThrowsMessage<UsageError>("--at expected 1 to 3 whole numbers, got \"1,2,3,4\""));
}

TEST(Numbers, AreSizesOfDimensions) {
  EXPECT_EQ(parse_per_dim("--stride", "2", 2, 1), PerDim(2));
  EXPECT_EQ(parse_per_dim("--stride", "2,1", 2, 1), PerDim({2, 1}));
  EXPECT_EQ(parse_padding("--padding", "same", 2, 1).mode(), "same");
  EXPECT_EQ(parse_padding("--padding", "0", 2, 3).mode(), "");
  EXPECT_THAT([] { parse_padding("--padding", "some", 2, 1); },
              ThrowsMessage<UsageError>(
                  "--padding expected whole numbers with commas between them, got \"some\""));
  EXPECT_THAT(
      [] {
        parse_padding("--padding", "same", 2, {{1, 2}});
      },
      ThrowsMessage<UsageError>("--padding same expected a stride of 1, got 2"));
  const auto stride = [](const char* text, int dims) {
    return [=] { parse_per_dim("--stride", text, dims, 1); };
  };
  EXPECT_THAT(stride("1,2,3", 2),
              ThrowsMessage<UsageError>("--stride expected 1 or 2 whole numbers, got \"1,2,3\""));
  EXPECT_THAT(stride("1,2", 1),
              ThrowsMessage<UsageError>("--stride expected 1 whole numbers, got \"1,2\""));
  EXPECT_THAT(stride("1,0", 2),
              ThrowsMessage<UsageError>("--stride expected from 1 to 1000000, got 0"));
}

TEST(Numbers, AreRatesAndDecays) {
  check_rate("--lr", 0);
  check_decay("--beta1", 0);
  EXPECT_THAT([] { check_rate("--lr", -1); },
              ThrowsMessage<UsageError>("--lr expected a finite number of at least 0, got -1"));
  EXPECT_THAT([] { check_rate("--lr", std::numeric_limits<double>::infinity()); },
              ThrowsMessage<UsageError>("--lr expected a finite number of at least 0, got inf"));
  EXPECT_THAT([] { check_decay("--beta1", 1); },
              ThrowsMessage<UsageError>("--beta1 expected at least 0 and below 1, got 1"));
}

}  // namespace
}  // namespace fovea::cli
