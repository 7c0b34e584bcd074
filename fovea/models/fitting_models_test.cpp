#include "fovea/models/fitting_models.h"

#include <gtest/gtest.h>

#include "fovea/core/rng.h"
#include "fovea/io/tensors/safetensors.h"
#include "tests/support/temp_dir.h"

namespace fovea::models {
namespace {

/// What takes the weights of a model, whose names begin with `prefix`.
std::vector<FittingModel> fitting(const std::string& name, const ModelOptions& options,
                                  const std::string& prefix = "") {
  const test::TempDir folder;
  StateDict state;
  for (const auto& [key, tensor] : make_model(name, options)->state_dict())
    state.emplace_back(prefix + key, tensor);
  io::save_safetensors(folder / "w.safetensors", state);
  const std::uint64_t before = default_generator().position();
  auto found = fitting_models(io::TensorFile(folder / "w.safetensors"),
                              {"fashion-cnn", "lenet5", "resnet18", "squeezenet1_1"});
  EXPECT_EQ(default_generator().position(), before);
  return found;
}

TEST(FittingModels, AreFoundByNamesAndSizes) {
  const auto found =
      fitting("squeezenet1_1", {{"num_classes", "7"}, {"in_channels", "1"}}, "module.model.");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "squeezenet1_1");
  EXPECT_EQ(found[0].options.at("num_classes"), "7");
  EXPECT_EQ(found[0].options.at("in_channels"), "1");
  EXPECT_EQ(found[0].options.at("image_size"), "224");
}

TEST(FittingModels, MayBeForSmallImages) {
  const auto found = fitting("resnet18", {{"image_size", "32"}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "resnet18");
  EXPECT_EQ(found[0].options.at("image_size"), "32");
}

TEST(FittingModels, AreNoneForWhatIsKnownNowhere) {
  const test::TempDir folder;
  io::save_safetensors(folder / "w.safetensors", {{"weight", zeros({2})}});
  EXPECT_TRUE(
      fitting_models(io::TensorFile(folder / "w.safetensors"), {"lenet5", "fashion-dnn"}).empty());
}

}  // namespace
}  // namespace fovea::models
