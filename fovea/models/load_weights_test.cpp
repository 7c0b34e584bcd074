#include "fovea/models/load_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/models/other_names.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::models {
namespace {

using test::is_close;
using test::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Tensor value_of(const nn::Module& model, const std::string& name) {
  return *find(model.state_dict(), name);
}

/// Weights of one model in files, under names that others give them.
class LoadWeights : public testing::Test {
 protected:
  /// Writes `state`, changed by `change`, which gives a name; an empty one leaves the tensor out.
  void put(const StateDict& state, const std::function<std::string(const std::string&)>& change) {
    StateDict changed;
    for (const auto& [name, tensor] : state)
      if (const std::string other = change(name); !other.empty())
        changed.emplace_back(other, tensor);
    io::save_safetensors(path_, changed);
  }
  std::string load(nn::Module& model, const std::string& name) const {
    return describe(load_weights(model, io::TensorFile(path_), name, "f"), "f");
  }
  BodyReport body(nn::Module& model, const std::string& name, const ModelOptions& options) const {
    return load_body(model, io::TensorFile(path_), name, options, "f");
  }

  test::TempDir folder_;
  std::filesystem::path path_ = folder_ / "f.safetensors";
};

const ModelOptions kSmall = {{"image_size", "8"}, {"num_classes", "4"}};

std::shared_ptr<nn::Module> small_resnet(ModelOptions options, int seed) {
  options.merge(ModelOptions(kSmall));
  manual_seed(static_cast<std::uint64_t>(seed));
  return make_model("resnet18", options);
}

std::shared_ptr<nn::Module> fashion_cnn(int seed) {
  manual_seed(static_cast<std::uint64_t>(seed));
  return make_model("fashion-cnn");
}

TEST_F(LoadWeights, TakesNamesWithoutWhatHeldTheModel) {
  const auto from = fashion_cnn(1);
  for (const std::string prefix :
       {"module.", "_orig_mod.", "model.", "module._orig_mod.", "model.backbone.", "net."}) {
    put(from->state_dict(), [&](const std::string& name) { return prefix + name; });
    const auto to = fashion_cnn(2);
    EXPECT_EQ(load(*to, "fashion-cnn"), "weights: names taken without \"" + prefix + "\" (f)");
    EXPECT_TRUE(is_close(value_of(*to, "fc3.weight"), value_of(*from, "fc3.weight"), 0, 0));
  }
}

// torch.optim.swa_utils.AveragedModel counts beside the module; Lightning's may have a loss.
TEST_F(LoadWeights, LeavesOutWhatStandsBesideAPrefix) {
  const auto from = fashion_cnn(1);
  StateDict state;
  for (const auto& [name, tensor] : from->state_dict())
    state.emplace_back("module." + name, tensor);
  state.emplace_back("n_averaged", zeros({}, {.dtype = i64}));
  put(state, [](const std::string& name) { return name; });
  const auto to = fashion_cnn(2);
  EXPECT_EQ(load(*to, "fashion-cnn"),
            "weights: names taken without \"module.\", n_averaged left out (f)");
  for (int i = 0; i < 4; ++i) state.emplace_back("loss." + std::to_string(i), zeros({1}));
  put(state, [](const std::string& name) { return name; });
  EXPECT_EQ(load(*to, "fashion-cnn"),
            "weights: names taken without \"module.\", n_averaged, loss.0, loss.1 and 2 more left "
            "out (f)");
}

TEST_F(LoadWeights, DoesWithoutCountersAsPyTorchDoes) {
  const auto from = fashion_cnn(1), to = fashion_cnn(2);
  put(from->state_dict(),
      [](const std::string& name) { return name.ends_with("num_batches_tracked") ? "" : name; });
  EXPECT_EQ(load(*to, "fashion-cnn"), "");
  EXPECT_TRUE(is_close(value_of(*to, "layer1.0.weight"), value_of(*from, "layer1.0.weight"), 0, 0));
}

TEST_F(LoadWeights, TakesTimmsNames) {
  manual_seed(1);
  const ModelOptions options = {{"image_size", "32"}, {"num_classes", "4"}};
  const auto from = make_model("mobilenet_v2", options), to = make_model("mobilenet_v2", options);
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "conv_stem.weight"), "features.0.0.weight");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "bn1.bias"), "features.0.1.bias");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "blocks.0.0.conv_dw.weight"),
            "features.1.conv.0.0.weight");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "blocks.0.0.bn2.running_var"),
            "features.1.conv.2.running_var");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "blocks.2.1.conv_pwl.weight"),
            "features.5.conv.2.weight");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "blocks.6.0.bn3.weight"),
            "features.17.conv.3.weight");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "bn2.weight"), "features.18.1.weight");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "classifier.bias"), "classifier.1.bias");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "blocks.x.0.bn3.weight"),
            "blocks.x.0.bn3.weight");
  EXPECT_EQ(name_from(Naming::kTimm, "mobilenet_v2", "blocks.9.0.bn3.weight"),
            "blocks.9.0.bn3.weight");
  EXPECT_EQ(name_from(Naming::kTimm, "vgg16", "features.3.weight"), "features.3.weight");
  EXPECT_EQ(name_from(Naming::kTimm, "vgg16_bn", "pre_logits.fc2.bias"), "classifier.3.bias");
  EXPECT_EQ(name_from(Naming::kTimm, "vgg16", "head.fc.weight"), "classifier.6.weight");

  put(from->state_dict(), [](const std::string& name) {
    return name == "classifier.1.weight" ? "classifier.weight"
           : name == "classifier.1.bias" ? "classifier.bias"
                                         : name;
  });
  EXPECT_EQ(load(*to, "mobilenet_v2"), "weights: timm's names mapped (f)");
}

// nn.Sequential(*list(model.children())[:-2]) within a model of Ultralytics': a body with another
// head.
TEST_F(LoadWeights, TakesTheBodyOfUltralyticsClassifiers) {
  const auto from = small_resnet({}, 1);
  const std::vector<std::pair<std::string, std::string>> numbers = {
      {"conv1.", "0."},  {"bn1.", "1."},    {"layer1.", "4."},
      {"layer2.", "5."}, {"layer3.", "6."}, {"layer4.", "7."}};
  StateDict state = {{"model.model.1.linear.weight", zeros({4, 1280})}};
  for (const auto& [name, tensor] : from->state_dict())
    for (const auto& [own, number] : numbers)
      if (name.starts_with(own))
        state.emplace_back("model.model.0.m." + number + name.substr(own.size()), tensor);
  put(state, [](const std::string& name) { return name; });
  const auto to = small_resnet({{"num_classes", "3"}}, 2);
  EXPECT_THAT(message_of<ParseError>([&] { load(*to, "resnet18"); }),
              HasSubstr("missing \"fc.weight\", \"fc.bias\""));
  const BodyReport report = body(
      *to, "resnet18", complete_options("resnet18", {{"image_size", "8"}, {"num_classes", "3"}}));
  EXPECT_EQ(describe(report.weights, "f"),
            "weights: names taken without \"model.model.0.m.\", numbers mapped to names, "
            "model.model.1.linear.weight left out (f)");
  EXPECT_EQ(report.classes, 0);
  EXPECT_THAT(report.fresh, ElementsAre("fc.weight", "fc.bias"));
  EXPECT_TRUE(is_close(value_of(*to, "layer4.0.downsample.1.running_var"),
                       value_of(*from, "layer4.0.downsample.1.running_var"), 0, 0));
  EXPECT_TRUE(is_close(value_of(*to, "conv1.weight"), value_of(*from, "conv1.weight"), 0, 0));
}

// timm's VGGs end in convolutions as large as what they see.
TEST_F(LoadWeights, FlattensTimmsConvolutions) {
  manual_seed(1);
  const ModelOptions options = {{"image_size", "32"}, {"num_classes", "4"}};
  const auto from = make_model("vgg11", options), to = make_model("vgg11", options);
  StateDict state;
  for (const auto& [name, tensor] : from->state_dict()) {
    const bool first = name == "classifier.0.weight";
    state.emplace_back(first ? "pre_logits.fc1.weight" : name,
                       first ? tensor.view({512, 128, 2, 2}) : tensor);
  }
  put(state, [](const std::string& name) { return name; });
  EXPECT_EQ(load(*to, "vgg11"), "weights: timm's names mapped (f)");
  EXPECT_TRUE(
      is_close(value_of(*to, "classifier.0.weight"), value_of(*from, "classifier.0.weight"), 0, 0));
}

TEST_F(LoadWeights, ABodyIsTakenAndTheHeadIsNew) {
  const auto from = small_resnet({}, 1), to = small_resnet({{"num_classes", "3"}}, 2);
  const Tensor head = value_of(*to, "fc.weight").clone();
  put(from->state_dict(), [](const std::string& name) { return name; });
  EXPECT_THAT(message_of<ParseError>([&] { load(*to, "resnet18"); }),
              HasSubstr("\"fc.weight\" [4, 512] instead of [3, 512]"))
      << "where nothing is learned it stays an error";
  const std::uint64_t before = default_generator().position();
  const BodyReport report = body(
      *to, "resnet18", complete_options("resnet18", {{"image_size", "8"}, {"num_classes", "3"}}));
  EXPECT_EQ(default_generator().position(), before);
  EXPECT_THAT(report.fresh, ElementsAre("fc.weight", "fc.bias"));
  EXPECT_EQ(report.classes, 4);
  EXPECT_EQ(report.taken, 60);
  EXPECT_THAT(report.channels, IsEmpty());
  EXPECT_TRUE(is_close(value_of(*to, "fc.weight"), head, 0, 0));
  EXPECT_TRUE(is_close(value_of(*to, "layer4.1.conv2.weight"),
                       value_of(*from, "layer4.1.conv2.weight"), 0, 0));
  // A body of another library has no head at all.
  put(from->state_dict(),
      [](const std::string& name) { return name.starts_with("fc.") ? "" : "backbone." + name; });
  EXPECT_EQ(body(*to, "resnet18", complete_options("resnet18", {{"image_size", "8"}})).classes, 0);
}

TEST_F(LoadWeights, AuxiliaryHeadsAreHeads) {
  const auto made = [](const char* classes) {
    return make_model("googlenet", {{"image_size", "32"}, {"num_classes", classes}});
  };
  manual_seed(1);
  const auto from = made("4"), to = made("3");
  put(from->state_dict(), [](const std::string& name) { return name; });
  const BodyReport report =
      body(*to, "googlenet",
           complete_options("googlenet", {{"image_size", "32"}, {"num_classes", "3"}}));
  EXPECT_THAT(report.fresh,
              testing::UnorderedElementsAre("aux1.fc2.weight", "aux1.fc2.bias", "aux2.fc2.weight",
                                            "aux2.fc2.bias", "fc.weight", "fc.bias"));
}

TEST_F(LoadWeights, AllElseMustFit) {
  const auto from = small_resnet({{"image_size", "64"}}, 1), to = small_resnet({}, 2);
  put(from->state_dict(), [](const std::string& name) { return name; });
  EXPECT_THAT(message_of<ParseError>([&] { body(*to, "resnet18", kSmall); }),
              AllOf(HasSubstr("weights: file expected to hold those of \"resnet18\", got others: "),
                    HasSubstr("unfit \"conv1.weight\" [64, 3, 7, 7] instead of [64, 3, 3, 3]")));
  put(to->state_dict(),
      [](const std::string& name) { return name == "layer1.0.bn1.weight" ? "" : name; });
  EXPECT_THAT(message_of<ParseError>([&] { body(*to, "resnet18", kSmall); }),
              HasSubstr("missing \"layer1.0.bn1.weight\""));
}

// As timm does: a grey image gives what it gave in three channels.
TEST_F(LoadWeights, TheFirstConvolutionTakesOtherChannels) {
  const auto from = small_resnet({}, 1), grey = small_resnet({{"in_channels", "1"}}, 2);
  put(from->state_dict(), [](const std::string& name) { return name; });
  ModelOptions options = complete_options("resnet18", {{"image_size", "8"}, {"num_classes", "4"}});
  options["in_channels"] = "1";
  const Tensor weight = value_of(*from, "conv1.weight");
  EXPECT_THAT(body(*grey, "resnet18", options).channels,
              ElementsAre("conv1.weight is the sum over 3 channels"));
  EXPECT_TRUE(
      is_close(value_of(*grey, "conv1.weight"), weight.sum({1}, /*keepdim=*/true), 1e-6, 1e-6));

  const auto four = small_resnet({{"in_channels", "4"}}, 2);
  options["in_channels"] = "4";
  EXPECT_THAT(body(*four, "resnet18", options).channels,
              ElementsAre("conv1.weight of 3 channels is repeated for 4, scaled by 3/4"));
  EXPECT_TRUE(is_close(value_of(*four, "conv1.weight").narrow(1, 3, 1),
                       weight.narrow(1, 0, 1) * 0.75, 1e-6, 1e-6));

  put(grey->state_dict(), [](const std::string& name) { return name; });
  const auto three = small_resnet({}, 3);
  options["in_channels"] = "3";
  EXPECT_THAT(body(*three, "resnet18", options).channels,
              ElementsAre("conv1.weight of 1 channel is repeated for 3, scaled by 1/3"));
  EXPECT_TRUE(is_close(value_of(*three, "conv1.weight").sum({1}, /*keepdim=*/true),
                       value_of(*grey, "conv1.weight"), 1e-5, 1e-6));
}

}  // namespace
}  // namespace fovea::models
