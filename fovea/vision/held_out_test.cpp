#include "fovea/vision/held_out.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

namespace fovea::vision {
namespace {

using testing::ElementsAre;
using Samples = std::vector<std::int64_t>;

/// Ten pictures of class 0, three of class 1, one of class 2.
struct Pictures {
  std::vector<std::string> names;
  Samples labels;

  Pictures() { add("a", 10, 0), add("b", 3, 1), add("c", 1, 2); }
  void add(const std::string& folder, int count, std::int64_t label) {
    for (int i = 0; i < count; ++i) {
      names.push_back(folder + "/" + std::to_string(i) + ".png");
      labels.push_back(label);
    }
  }
  Samples held(double share, std::int64_t seed) const {
    return samples_of({{share, seed}, Split::kTest}, names, labels);
  }
  Samples learned(double share, std::int64_t seed) const {
    return samples_of({{share, seed}, Split::kTrain}, names, labels);
  }
};

// Which pictures these are is said by Python's hashlib: the first by sha256(f"{seed}\0{name}").
// They may never change: weights files of old name them so.
TEST(HeldOut, IsAShareOfEachClassBySeed) {
  const Pictures pictures;
  EXPECT_THAT(pictures.held(0.2, 0), ElementsAre(0, 6, 12));
  EXPECT_THAT(pictures.held(0.2, 1), ElementsAre(5, 8, 10));
  // 0.25 * 10 is rounded up; of two pictures or more each side has one, of one picture none judges.
  EXPECT_EQ(pictures.held(0.25, 0).size(), 3u + 1u);
  EXPECT_EQ(pictures.held(0.01, 0).size(), 1u + 1u);
  EXPECT_EQ(pictures.held(0.99, 0).size(), 9u + 2u);
}

TEST(HeldOut, LeavesTheOthersToLearnFrom) {
  const Pictures pictures;
  Samples both = pictures.held(0.3, 5);
  for (const std::int64_t sample : pictures.learned(0.3, 5)) both.push_back(sample);
  std::sort(both.begin(), both.end());
  Samples all(14);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(both, all);
}

TEST(HeldOut, DependsOnNamesAndNotOnTheirOrder) {
  Pictures pictures;
  const auto names_of = [&](const Samples& samples) {
    std::vector<std::string> names;
    for (const std::int64_t i : samples)
      names.push_back(pictures.names[static_cast<std::size_t>(i)]);
    std::sort(names.begin(), names.end());
    return names;
  };
  const std::vector<std::string> held = names_of(pictures.held(0.3, 2));
  std::reverse(pictures.names.begin(), pictures.names.end());
  std::reverse(pictures.labels.begin(), pictures.labels.end());
  EXPECT_EQ(names_of(pictures.held(0.3, 2)), held);
  // Another class changes nothing for these.
  pictures.add("d", 5, 3);
  const std::vector<std::string> more = names_of(pictures.held(0.3, 2));
  EXPECT_TRUE(std::includes(more.begin(), more.end(), held.begin(), held.end()));
}

TEST(HeldOut, IsCalledByItsPart) {
  EXPECT_STREQ(describe({{}, Split::kTest}), "held out");
  EXPECT_STREQ(describe({{}, Split::kTrain}), "to learn from");
}

}  // namespace
}  // namespace fovea::vision
