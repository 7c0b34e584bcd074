#include "fovea/models/public_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fovea/models/models.h"

namespace fovea::models {
namespace {

TEST(PublicWeights, AreOfModelsThatThereAreAndCarryTheirChecksum) {
  std::set<std::string_view> files;
  const std::vector<std::string> names = model_names();
  for (const PublicWeights& one : public_weights()) {
    EXPECT_NE(std::find(names.begin(), names.end(), one.model), names.end()) << one.model;
    EXPECT_TRUE(files.insert(one.file()).second) << one.file();
    EXPECT_TRUE(one.url.starts_with("https://")) << one.url;
    EXPECT_EQ(checksum_in_name(one.file()).size(), 8u) << one.file();
    EXPECT_EQ(find_public_weights(one.file()), &one);
  }
  EXPECT_EQ(find_public_weights("resnet18.pth"), nullptr);
  EXPECT_EQ(find_public_weights("resnet18-f37072fd.pth")->model, "resnet18");
  EXPECT_EQ(find_public_weights("googlenet-1378be20.pth")->normalization().mean,
            (std::vector<double>{0.5, 0.5, 0.5}));
}

// The checksum and the size of resnet18-f37072fd.pth, as those who fetched it wrote them down.
TEST(PublicWeights, AreKnownByTheirContentAndSize) {
  const PublicWeights* found = find_public_weights_by_sha256(
      "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->file(), "resnet18-f37072fd.pth");
  EXPECT_TRUE(found->may_weigh(46'830'571));
  EXPECT_FALSE(found->may_weigh(46'830'571 - 4096));
  EXPECT_FALSE(found->may_weigh(0));
  EXPECT_EQ(find_public_weights_by_sha256(std::string(64, '0')), nullptr);
  EXPECT_TRUE(find_public_weights("resnet50_a1_0-14fe96d1.pth")->may_weigh(1)) << "nobody says";
}

TEST(PublicWeights, ReadChecksumsFromNames) {
  EXPECT_EQ(checksum_in_name("alexnet-owt-7be5be79.pth"), "7be5be79");
  EXPECT_EQ(checksum_in_name("folder-12345678/model.pth"), "");
  EXPECT_EQ(checksum_in_name("model-7be5be7.pth"), "") << "too short to be one";
  EXPECT_EQ(checksum_in_name("model-7be5be7g.pth"), "");
  EXPECT_EQ(checksum_in_name("model.pth"), "");
}

}  // namespace
}  // namespace fovea::models
