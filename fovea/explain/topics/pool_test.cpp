#include "fovea/explain/topics/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops/pool.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using test::stops;
using testing::ElementsAre;
using testing::HasSubstr;
using Numbers = std::vector<double>;

TEST(WalkPool, IsTheTextbooksThreeKinds) {
  const Walk walk = walk_pool();
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 12u);
  std::vector<std::string> lines;
  lines.reserve(all.size());
  for (const Stop* const stop : all) lines.push_back(stop->lines.at(0));
  EXPECT_THAT(lines, ElementsAre("max(3, -1, -3, 1) = 3", "max(12, -1, 0, 1) = 12",
                                 "max(2, -3, 3, -2) = 3", "max(0, 1, 4, -1) = 4",
                                 "(3 + (-1) + (-3) + 1) / 4 = 0", "(12 + (-1) + 0 + 1) / 4 = 3",
                                 "(2 + (-3) + 3 + (-2)) / 4 = 0", "(0 + 1 + 4 + (-1)) / 4 = 1",
                                 "min(3, -1, -3, 1) = -3", "min(12, -1, 0, 1) = -1",
                                 "min(2, -3, 3, -2) = -3", "min(0, 1, 4, -1) = -1"));
  const auto& output = test::as<Fields>(get(walk, "output"));
  EXPECT_EQ(test::numbers(get(output, "max")), (Numbers{3, 12, 3, 4}));
  EXPECT_EQ(test::numbers(get(output, "average")), (Numbers{0, 3, 0, 1}));
  EXPECT_EQ(test::numbers(get(output, "min")), (Numbers{-3, -1, -3, -1}));
  EXPECT_EQ(test::as<std::string>(get(walk, "kind")), "all");
  EXPECT_EQ(test::as<std::string>(get(all[4]->facts, "kind")), "average");
  EXPECT_EQ(test::boards(walk)[0]->grids.size(), 4u);
  EXPECT_THAT(test::notes(walk), HasSubstr("\n(4 - 2) / 2 + 1 = 2\n"));
  EXPECT_THAT(test::notes(walk), HasSubstr("a mean blurs the strong responses"));
}

TEST(WalkPool, TellsProgramsOfOneKind) {
  const Walk walk = walk_pool({.kind = PoolKind::kAverage});
  EXPECT_THAT(test::names(test::as<Fields>(walk.document)),
              ElementsAre("topic", "kind", "input", "kernel_size", "stride", "padding",
                          "size_formula", "stops", "output"));
  EXPECT_EQ(test::as<std::string>(get(walk, "kind")), "average");
  EXPECT_EQ(test::as<std::int64_t>(get(walk, "kernel_size")), 2);
  EXPECT_EQ(test::as<std::int64_t>(get(walk, "stride")), 2);
  EXPECT_EQ(test::as<Tensor>(get(walk, "output")).sizes(), (Shape{2, 2}));
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_THAT(test::names(all[1]->facts), ElementsAre("step", "at", "window", "value"));
  EXPECT_EQ(test::numbers(get(all[1]->facts, "window")), (Numbers{12, -1, 0, 1}));
  EXPECT_EQ(test::as<double>(get(all[1]->facts, "value")), 3);
  EXPECT_EQ(test::whole(get(all[1]->facts, "at")), (std::vector<std::int64_t>{0, 1}));
}

TEST(WalkPool, MarksTheNumberThatCounts) {
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kMin}) {
    Generator generator(3);
    const Tensor image = randint(-9, 10, {2, 7, 6}, {.dtype = f64, .device = cpu}, generator);
    const Walk walk = walk_pool(
        {.image = image, .kind = kind, .kernel_size = {3, 2}, .stride = {2, 1}, .padding = {1, 1}});
    const Board& board = *test::boards(walk)[0];
    ASSERT_EQ(board.stops.size(), 2u * 4u * 7u);
    for (const Stop& stop : board.stops) {
      const double value = test::as<double>(get(stop.facts, "value"));
      EXPECT_EQ(test::marked(board, stop, Role::kChosen), Numbers{value});
      EXPECT_EQ(test::marked(board, stop, Role::kWrite), Numbers{value});
      EXPECT_EQ(test::marked(board, stop, Role::kRead), test::numbers(get(stop.facts, "window")));
    }
    const MaxPoolOptions options{.kernel_size = {3, 2}, .stride = {2, 1}, .padding = {1, 1}};
    const Tensor expected = kind == PoolKind::kMax ? max_pool2d(image.unsqueeze(0), options)
                                                   : min_pool2d(image.unsqueeze(0), options);
    EXPECT_EQ(test::numbers(get(walk, "output")), expected.to_vector<double>());
    EXPECT_EQ(board.stops[28].title.english, "Step 29: channel 1, row 0, column 0");
  }
}

TEST(WalkPool, CountsTheBordersZerosInAMeanOnly) {
  const Walk walk = walk_pool({.padding = 1});
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 27u);
  EXPECT_THAT(all[0]->lines, ElementsAre("max(3) = 3"));
  EXPECT_THAT(all[9]->lines, ElementsAre("(0 + 0 + 0 + 3) / 4 = 0.75"));
  EXPECT_THAT(test::notes(walk), HasSubstr("(4 - 2 + 2x1) / 2 + 1 = 3"));
}

TEST(WalkPool, SaysWhatItCannotShow) {
  const auto refusal = [](const PoolTopic& topic) {
    return message_of<Error>([&] { walk_pool(topic); });
  };
  EXPECT_EQ(refusal({.image = ones({4})}),
            "explain pool: image expected 2 or 3 dimensions, got 1 (image [4])");
  EXPECT_EQ(refusal({.kernel_size = 0}), "explain pool: kernel_size expected at least 1, got 0");
  EXPECT_EQ(refusal({.stride = 0}), "explain pool: stride expected at least 1, got 0");
  EXPECT_EQ(refusal({.padding = 2}),
            "explain pool: padding expected at most half the window, got 2 for 2");
  EXPECT_EQ(refusal({.kernel_size = 5}),
            "explain pool: window expected to fit the padded image, got [5, 5] for [1, 4, 4] "
            "(padding [0, 0])");
  EXPECT_EQ(refusal({.image = ones({600, 600})}),
            "explain pool: stops expected at most 65536, got 270000");
  EXPECT_EQ(refusal({.kind = static_cast<PoolKind>(9)}),
            "explain pool: enumerator expected one of its type's, got number 9");
}

}  // namespace
}  // namespace fovea::explain
