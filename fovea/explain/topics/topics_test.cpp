#include "fovea/explain/topics/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fovea/core/error.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using testing::ElementsAre;
using testing::HasSubstr;
using Numbers = std::vector<double>;

/// Whether a text has a letter of Hangul.
bool has_hangul(const std::string& text) {
  for (const char letter : text)
    if (static_cast<unsigned char>(letter) >= 0xEA && static_cast<unsigned char>(letter) <= 0xED)
      return true;
  return false;
}

TEST(Topics, SayAllInBothLanguages) {
  std::set<std::string> names;
  for (const Topic& topic : topics()) {
    EXPECT_TRUE(names.insert(topic.name).second) << topic.name;
    EXPECT_TRUE(has_hangul(topic.summary.korean)) << topic.name;
    // As all commands' summaries.
    EXPECT_THAT(topic.summary.english, testing::MatchesRegex("[A-Z].*[^.]")) << topic.name;
    const Walk walk = topic.make();
    EXPECT_EQ(test::as<std::string>(get(walk, "topic")), topic.name);
    EXPECT_TRUE(has_hangul(walk.title.korean)) << topic.name;
    for (const Block& block : walk.blocks)
      if (const auto* const note = std::get_if<Note>(&block))
        if (note->look == Note::Look::kParagraph) {
          EXPECT_TRUE(has_hangul(note->text.korean)) << note->text.english;
          EXPECT_FALSE(has_hangul(note->text.english)) << note->text.english;
        }
    EXPECT_EQ(&topic_called(topic.name), &topic);
  }
  EXPECT_EQ(names.size(), 16u);
  EXPECT_THAT(message_of<ArgumentError>([] { topic_called("cnov"); }),
              testing::StartsWith("explain: topic expected one of linear, layers, input, conv, "));
  EXPECT_THAT(message_of<ArgumentError>([] { topic_called("cnov"); }),
              testing::EndsWith("got \"cnov\"; did you mean \"conv\"?"));
}

TEST(Topics, NumberStopsAsTheyAreCounted) {
  for (const Topic& topic : topics()) {
    const Walk walk = topic.make();
    std::int64_t step = 0;
    for (const Stop* const stop : test::stops(walk)) {
      EXPECT_EQ(test::as<std::int64_t>(get(stop->facts, "step")), ++step) << topic.name;
      EXPECT_THAT(stop->title.english, testing::StartsWith(str("Step ", step, ": ")));
      EXPECT_THAT(stop->title.korean, testing::StartsWith(str(step, "단계: ")));
    }
  }
}

TEST(WalkLayers, HasTheFiveKindsAndTheirShapes) {
  const Walk walk = walk_layers();
  std::vector<std::string> names;
  std::vector<std::vector<std::int64_t>> shapes;
  for (const Value& layer : test::as<std::vector<Value>>(get(walk, "layers"))) {
    names.push_back(test::as<std::string>(get(test::as<Fields>(layer), "layer")));
    shapes.push_back(test::whole(get(test::as<Fields>(layer), "output")));
  }
  EXPECT_THAT(names, ElementsAre("input", "convolution", "pooling", "fully connected", "output"));
  EXPECT_THAT(shapes, ElementsAre(ElementsAre(28, 28, 1), ElementsAre(28, 28, 32),
                                  ElementsAre(14, 14, 32), ElementsAre(10), ElementsAre(10)));
  EXPECT_EQ(test::first<Diagram>(walk).boxes.size(), 5u);
  EXPECT_EQ(test::first<Diagram>(walk).arrows.size(), 4u);
  EXPECT_EQ(message_of<ArgumentError>([] { walk_layers({.height = 1}); }),
            "explain layers: height expected in 2 to 65536, got 1");
}

TEST(WalkInput, IsAVolume) {
  const Walk walk = walk_input();
  EXPECT_EQ(test::whole(get(walk, "shape")), (std::vector<std::int64_t>{4, 4, 3}));
  EXPECT_EQ(walk.title.english, "An image as a volume: (4, 4, 3)");
  EXPECT_EQ(test::first<Board>(walk).grids.size(), 3u);
  EXPECT_EQ(message_of<ShapeError>([] {
              walk_input({.image = ones({4, 4})});
            }),
            "explain input: image expected [channels, height, width], got [4, 4]");
}

TEST(WalkDevices, AddsUpToTheWholeBatchsGradient) {
  for (const std::int64_t devices : {1, 2, 3, 8}) {
    const Walk walk = walk_devices({.devices = devices});
    const auto& parts = test::as<std::vector<Value>>(get(walk, "devices"));
    ASSERT_EQ(static_cast<std::int64_t>(parts.size()), devices);
    std::int64_t samples = 0;
    double sum = 0;
    for (const Value& part : parts) {
      EXPECT_EQ(test::as<std::int64_t>(get(test::as<Fields>(part), "first")), samples);
      samples += test::as<std::int64_t>(get(test::as<Fields>(part), "samples"));
      sum += test::as<double>(get(test::as<Fields>(part), "gradient"));
    }
    EXPECT_EQ(samples, 8);
    // The mean of 2 (x - 1) x over 1 to 8: 2 x (0 + 2 + 6 + 12 + 20 + 30 + 42 + 56) / 8.
    EXPECT_EQ(sum, 42);
    EXPECT_EQ(test::as<double>(get(walk, "sum_of_gradients")), 42);
    EXPECT_EQ(test::as<double>(get(walk, "gradient_of_whole_batch")), 42);
    EXPECT_EQ(test::first<Diagram>(walk).boxes.size(), parts.size() + 3);
  }
  EXPECT_EQ(message_of<ArgumentError>([] { walk_devices({.devices = 65}); }),
            "explain devices: devices expected in 1 to 64, got 65");
  EXPECT_EQ(message_of<ArgumentError>([] { walk_devices({.devices = 4, .batch = 3}); }),
            "explain devices: batch expected in 4 to 4096, got 3");
}

TEST(WalkArrays, IsTheTextbooks) {
  const Walk walk = walk_arrays();
  EXPECT_EQ(test::as<std::int64_t>(get(walk, "count")), 34);
  EXPECT_EQ(test::as<std::int64_t>(get(walk, "kept")), 24);
  const Tensor& resized = test::as<Tensor>(get(walk, "resized"));
  EXPECT_EQ(resized.sizes(), (Shape{6, 4}));
  EXPECT_EQ(resized.at({5, 3}).item(), 69);
  EXPECT_EQ(test::numbers(get(test::as<Fields>(get(walk, "row")), "values")),
            (Numbers{36, 39, 42, 45}));
  EXPECT_EQ(test::as<double>(get(test::as<Fields>(get(walk, "element")), "value")), 45);
  EXPECT_THAT(test::notes(walk), HasSubstr("a[3]  // [36, 39, 42, 45]\na.at({3, 3})  // 45\n"));
  EXPECT_THAT(test::notes(walk_arrays({.end = 6})), HasSubstr("new elements at the end are 0"));
  const auto refusal = [](const ArraysTopic& topic) {
    return message_of<Error>([&] { walk_arrays(topic); });
  };
  EXPECT_EQ(refusal({.step = -3}),
            "explain arrays: numbers expected 1 to 1000, got -33 (start 0, end 100, step -3)");
  EXPECT_THAT(refusal({.step = 0}), testing::StartsWith("explain arrays: numbers expected"));
  EXPECT_EQ(refusal({.rows = 0}),
            "explain arrays: rows and columns expected in 1 to 1000, got 0 and 4");
  EXPECT_EQ(refusal({.row = 6}), "explain arrays: element expected in the 6x4 array, got (6, 3)");
}

TEST(WalkModuleVsFunctional, ComputesTheSameNumbersByBoth) {
  manual_seed(11);
  const double before = rand({1}).item();
  manual_seed(11);
  const Walk walk = walk_module_vs_functional();
  EXPECT_TRUE(test::as<bool>(get(walk, "same_numbers")));
  EXPECT_EQ(test::first<Table>(walk).rows.size(), 7u);
  EXPECT_THAT(test::notes(walk), HasSubstr("the object calls it"));
  // Nobody's random numbers are touched.
  EXPECT_EQ(rand({1}).item(), before);
}

}  // namespace
}  // namespace fovea::explain
