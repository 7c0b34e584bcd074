#include "fovea/explain/model/map_sheet.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"

namespace fovea::explain {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

TEST(MapSheet, TilesStandInReadingOrder) {
  const MapSheet sheet = map_sheet(tensor({0, 1, 2, 4, 5, 5, 5, 5, -1, 0, 0, 1}).view({3, 2, 2}));
  EXPECT_EQ(sheet.columns, 2);
  EXPECT_EQ(sheet.rows, 2);
  EXPECT_EQ(sheet.width, 2);
  EXPECT_EQ(sheet.height, 2);
  EXPECT_EQ(sheet.count, 3);
  ASSERT_EQ(sheet.image.sizes(), Shape({1, 4, 4}));
  const auto row = [&](std::int64_t i) { return sheet.image[0][i].to_vector<std::uint8_t>(); };
  EXPECT_THAT(row(0), ElementsAre(0, 64, 0, 0)) << "each from its least to its largest";
  EXPECT_THAT(row(1), ElementsAre(128, 255, 0, 0));
  EXPECT_THAT(row(2), ElementsAre(0, 128, 0, 0));
  EXPECT_THAT(row(3), ElementsAre(128, 255, 0, 0));
}

TEST(MapSheet, SignsAreBlueWhiteAndOrange) {
  const MapSheet sheet =
      map_sheet(tensor({-2, 0, 1}).view({1, 1, 3}), {.look = MapSheetOptions::Look::kSigns});
  ASSERT_EQ(sheet.image.sizes(), Shape({3, 1, 3}));
  const auto colour = [&](std::int64_t i) {
    return sheet.image.select(2, i).to_vector<std::uint8_t>();
  };
  EXPECT_THAT(colour(0), ElementsAre(0, 95, 170)) << "the largest in size has the full colour";
  EXPECT_THAT(colour(1), ElementsAre(255, 255, 255));
  EXPECT_THAT(colour(2), ElementsAre(228, 165, 128)) << "half of the way";
}

TEST(MapSheet, ShowsAPartOfManyMaps) {
  const Tensor maps = arange(10 * 4).view({10, 2, 2}).to(f32);
  const MapSheet sheet = map_sheet(maps, {.from = 6, .count = 3});
  EXPECT_EQ(sheet.count, 3);
  EXPECT_EQ(map_sheet(maps, {.from = 8}).count, 2);
  EXPECT_EQ(map_sheet(maps, {.count = 64}).count, 10);
}

TEST(MapSheet, AveragesLargeMaps) {
  Tensor map = zeros({1, 5, 9});
  map.narrow(1, 0, 2).narrow(2, 2, 2).fill_(1);
  const MapSheet sheet = map_sheet(map, {.side = 5});
  EXPECT_EQ(sheet.height, 2);
  EXPECT_EQ(sheet.width, 4);
  EXPECT_THAT(sheet.image.to_vector<std::uint8_t>(), ElementsAre(0, 255, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(map_sheet(rand({1, 1, 300}), {.side = 96}).height, 1);
}

TEST(MapSheet, WhatIsNoNumberIsBlack) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor map = tensor({NAN, 1, 3, inf}).view({1, 1, 4});
  EXPECT_THAT(map_sheet(map).image.to_vector<std::uint8_t>(), ElementsAre(0, 0, 255, 0));
  const MapSheet signs = map_sheet(map, {.look = MapSheetOptions::Look::kSigns});
  EXPECT_THAT(signs.image.select(2, 0).to_vector<std::uint8_t>(), ElementsAre(0, 0, 0));
  EXPECT_THAT(map_sheet(tensor({NAN, NAN}).view({1, 1, 2})).image.to_vector<std::uint8_t>(),
              ElementsAre(0, 0));
}

TEST(MapSheet, SaysWhatIsWrong) {
  EXPECT_THAT(
      [] {
        map_sheet(zeros({2, 2}));
      },
      ThrowsMessage<ShapeError>("explain: maps expected [maps, height, width], got [2, 2]"));
  const auto of = [](const MapSheetOptions& options) {
    return [options] { map_sheet(zeros({2, 2, 2}), options); };
  };
  EXPECT_THAT(of({.from = 2}),
              ThrowsMessage<ArgumentError>("explain: first map expected in 0 to 1, got 2"));
  EXPECT_THAT(of({.count = 0}),
              ThrowsMessage<ArgumentError>("explain: maps expected at least 1, got 0"));
  EXPECT_THAT(of({.side = 0}),
              ThrowsMessage<ArgumentError>("explain: side of a map expected at least 1, got 0"));
}

}  // namespace
}  // namespace fovea::explain
