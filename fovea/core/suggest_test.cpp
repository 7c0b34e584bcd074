#include "fovea/core/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

TEST(EditDistance, CountsEachKindOfSlipOnce) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("train", "trin"), 1u);    // left out
  EXPECT_EQ(edit_distance("train", "trrain"), 1u);  // too many
  EXPECT_EQ(edit_distance("train", "tr4in"), 1u);   // changed
  EXPECT_EQ(edit_distance("train", "trian"), 1u);   // swapped
  EXPECT_EQ(edit_distance("TRAIN", "train"), 0u);   // case
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(EditDistance, IsSymmetric) {
  EXPECT_EQ(edit_distance("fashion-cnn", "fashion_dnn"),
            edit_distance("fashion_dnn", "fashion-cnn"));
}

TEST(DidYouMean, OffersOnlyWhatIsNear) {
  const std::vector<std::string> known = {"fashion-mnist", "mnist", "cifar10"};
  EXPECT_EQ(closest_word("mnits", known), "mnist");
  EXPECT_EQ(did_you_mean("fashion-mnits", known), "; did you mean \"fashion-mnist\"?");
  EXPECT_EQ(did_you_mean("imagenet", known), "");
  EXPECT_EQ(did_you_mean("", known), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
  EXPECT_EQ(meant_word("mnits", known).korean, "; \"mnist\"입니까?");
}

TEST(JoinWords, Separates) {
  const std::vector<std::string> words = {"a", "b", "c"};
  EXPECT_EQ(join_words(words), "a, b, c");
  EXPECT_EQ(join_words({}), "");
}

}  // namespace
}  // namespace fovea
