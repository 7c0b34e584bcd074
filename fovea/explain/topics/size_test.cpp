#include "fovea/explain/topics/size.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using testing::HasSubstr;

TEST(SizeFormula, PutsTheNumbersIn) {
  EXPECT_EQ(size_formula({.input = 6, .kernel = 3}), "(6 - 3 + 2x0) / 1 + 1 = 4");
  EXPECT_EQ(size_formula({.input = 4, .kernel = 2, .stride = 2}, NoPadding::kLeftOut),
            "(4 - 2) / 2 + 1 = 2");
  EXPECT_EQ(size_formula({.input = 7, .kernel = 2, .stride = 2}),
            "floor((7 - 2 + 2x0) / 2) + 1 = 3");
  EXPECT_EQ(size_formula({.input = 6, .kernel = 3, .dilation = 2}),
            "(6 - (2x(3 - 1) + 1) + 2x0) / 1 + 1 = 2");
  EXPECT_EQ(size_formula({.input = 6, .kernel = 2, .padding_end = 1}, NoPadding::kLeftOut),
            "(6 - 2 + 0 + 1) / 1 + 1 = 6");
  // The sizes of the textbook's second classifier.
  EXPECT_EQ(size_formula({.input = 28, .kernel = 3, .padding_begin = 1, .padding_end = 1}),
            "(28 - 3 + 2x1) / 1 + 1 = 28");
  EXPECT_EQ(size_formula({.input = 14, .kernel = 3}), "(14 - 3 + 2x0) / 1 + 1 = 12");
}

TEST(SizeFormula, SaysWhatNoWindowHas) {
  EXPECT_EQ(message_of<ArgumentError>([] { size_formula({.input = 6, .kernel = 0}); }),
            "explain size: numbers expected at least 1, padding at least 0, got input 6, kernel 0, "
            "stride 1, padding 0 and 0, dilation 1");
  EXPECT_EQ(message_of<ShapeError>([] { size_formula({.input = 6, .kernel = 7}); }),
            "explain size: kernel expected to fit the padded input, got 7 for 6 (padding 0 and 0)");
  try {
    size_formula({.input = 6, .kernel = 7});
    ADD_FAILURE() << "nothing thrown";
  } catch (const SaidInBoth& error) {
    EXPECT_EQ(error.message().korean,
              "explain size: 커널 7이(가) 패딩한 입력 6보다 큽니다 (패딩 0, 0)");
  }
}

TEST(WalkSize, HasTheFormulaOfEachDimension) {
  const Walk walk = walk_size({.input = {28, 20}, .kernel_size = {3, 5}, .padding = 1});
  EXPECT_EQ(test::whole(get(walk, "output")), (std::vector<std::int64_t>{28, 18}));
  const Table& table = test::first<Table>(walk);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[1][0].korean, "너비");
  EXPECT_EQ(table.rows[1][1].english, "(20 - 5 + 2x1) / 1 + 1 = 18");
  EXPECT_EQ(test::whole(get(walk, "same_padding")), (std::vector<std::int64_t>{2, 2}));
  EXPECT_THAT(test::notes(walk), HasSubstr("(20 - 5 + 2x2) / 1 + 1 = 20"));
}

TEST(WalkSize, IsTheTextbooksByDefault) {
  const Walk walk = walk_size();
  EXPECT_EQ(test::whole(get(walk, "output")), (std::vector<std::int64_t>{4, 4}));
  EXPECT_EQ(test::first<Table>(walk).rows[0][1].english, "(6 - 3 + 2x0) / 1 + 1 = 4");
  const Walk pool = walk_size({.input = {4, 4}, .kernel_size = 2, .stride = 2, .filters = 0});
  EXPECT_EQ(test::first<Table>(pool).rows[0][1].english, "(4 - 2) / 2 + 1 = 2");
  EXPECT_EQ(test::as<std::string>(get(pool, "layer")), "pool");
}

TEST(WalkSize, SaysWhatNoWindowHas) {
  const auto refusal = [](const SizeTopic& topic) {
    return message_of<Error>([&] { walk_size(topic); });
  };
  EXPECT_EQ(refusal({.input = {1, 2, 3, 4}}),
            "explain size: input expected 1 to 3 sizes, got 4 ([1, 2, 3, 4])");
  EXPECT_EQ(refusal({.filters = -1}), "explain size: filters expected at least 0, got -1");
  EXPECT_EQ(refusal({.stride = 2, .padding = "same"}),
            "explain size: stride expected 1 with padding \"same\", got [2, 2]");
}

}  // namespace
}  // namespace fovea::explain
