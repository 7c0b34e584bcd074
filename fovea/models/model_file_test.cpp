#include "fovea/models/model_file.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "fovea/core/error.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/own_memory.h"
#include "tests/support/process.h"
#include "tests/support/sanitized.h"
#include "tests/support/temp_dir.h"

namespace fovea::models {
namespace {

namespace fs = std::filesystem;
using test::bytes_of_status;
using test::message_of;
using test::TempDir;

const fs::path kFiles = fs::path(FOVEA_SOURCE_DIR) / "tests/golden/files";

nn::Sequential small_model() {
  return nn::Sequential(nn::Conv2d({.in_channels = 1, .out_channels = 2, .kernel_size = 3}),
                        nn::BatchNorm2d(2));
}

// Every value of tensor i is i: tests/golden/array_files.py.
TEST(ModelFile, TakesWeightsOfAnyFormat) {
  const TempDir dir;
  nn::Sequential model = small_model();
  load_weights(model, load_model_file(kFiles / "model.pth").weights, "small", "model.pth");
  io::save_npz(dir / "model.npz", model.state_dict());
  io::save_safetensors(dir / "model.safetensors", model.state_dict());
  for (const fs::path& path : {kFiles / "model.pth", kFiles / "model_legacy.pth", dir / "model.npz",
                               dir / "model.safetensors"}) {
    nn::Sequential fresh = small_model();
    const ModelFile file = load_model_file(path);
    EXPECT_TRUE(file.card.model.empty());
    EXPECT_EQ(describe(load_weights(fresh, file.weights, "small", path), path), "");
    const StateDict state = fresh.state_dict();
    ASSERT_EQ(state.size(), 7U);
    for (std::size_t i = 0; i < state.size(); ++i) {
      const std::vector<double> expected(static_cast<std::size_t>(state[i].second.numel()),
                                         static_cast<double>(i));
      EXPECT_EQ(state[i].second.to_vector<double>(), expected) << path << state[i].first;
    }
  }
}

TEST(ModelFile, ConvertsDTypesAndSaysSo) {
  const TempDir dir;
  const fs::path path = dir / "model.safetensors";
  nn::Sequential model = small_model();
  const DType dtypes[] = {f16, f16, bf16, f64, i32, u8, i32};
  StateDict state = model.state_dict();
  for (std::size_t i = 0; i < state.size(); ++i) {
    Tensor& tensor = state[i].second;
    tensor = full(tensor.sizes(), static_cast<double>(i), {.dtype = f64}).to(dtypes[i]);
  }
  io::save_safetensors(path, state);
  const auto report = load_weights(model, load_model_file(path).weights, "small", path);
  EXPECT_EQ(
      describe(report, "model.safetensors"),
      "weights: 1 tensor of f64 became f32, 1 tensor of u8 became f32, 2 tensors of f16 became "
      "f32, 1 tensor of bf16 became f32, 1 tensor of i32 became f32, 1 tensor of i32 became "
      "i64 (model.safetensors)");
  EXPECT_EQ(describe({}, "model.safetensors"), "");
  for (std::size_t i = 0; i < state.size(); ++i)
    EXPECT_EQ(model.state_dict()[i].second.to(f64).max().item(), static_cast<double>(i));
}

TEST(ModelFile, KeepsWhatTheTrainingsImagesStandOn) {
  const TempDir dir;
  const fs::path path = dir / "model.safetensors";
  nn::Sequential model = small_model();
  ModelCard card;
  card.ground = {.mean = 0.051, .std = 0.034};
  save_model_file(path, model, card);
  EXPECT_EQ(load_model_file(path).card.ground, card.ground);
  save_model_file(path, model, {});
  EXPECT_EQ(load_model_file(path).card.ground, std::nullopt);
  for (const char* text : {R"({"mean":2,"std":0})", R"({"mean":"dark","std":0})", "[1]"}) {
    io::save_safetensors(path, {}, {{"fovea.ground", text}});
    EXPECT_EQ(message_of<ParseError>([&] { load_model_file(path); }),
              "model file: metadata fovea.ground expected a \"mean\" in [0, 1], got " +
                  std::string(text) + " (" + path.string() + ")");
  }
}

TEST(ModelFile, KeepsWhatItsScoresSayOfTheClasses) {
  const TempDir dir;
  const fs::path path = dir / "model.safetensors";
  nn::Sequential model = small_model();
  save_model_file(path, model, {});
  EXPECT_EQ(load_model_file(path).card.targets, data::Targets::kSingleLabel);
  EXPECT_FALSE(load_model_file(path).weights.metadata().contains("fovea.targets"));
  ModelCard card;
  card.targets = data::Targets::kMultiLabel;
  save_model_file(path, model, card);
  EXPECT_EQ(load_model_file(path).card.targets, data::Targets::kMultiLabel);
  io::save_safetensors(path, {}, {{"fovea.targets", "single-label"}});
  EXPECT_EQ(load_model_file(path).card.targets, data::Targets::kSingleLabel);
  io::save_safetensors(path, {}, {{"fovea.targets", "both"}});
  EXPECT_EQ(message_of<ParseError>([&] { load_model_file(path); }),
            "model file: metadata fovea.targets expected single-label or multi-label, got \"both\" "
            "(" +
                path.string() + ")");
}

TEST(ModelFile, NamesWeightsOfAnotherModel) {
  nn::Linear model(2, 2);
  EXPECT_EQ(message_of<ParseError>([&] {
              load_weights(model, load_model_file(kFiles / "arrays.npz").weights, "line", "a.npz");
            }),
            "weights: file expected to hold those of \"line\", got others: load_state_dict: state "
            "expected the names and sizes of Linear, got missing \"weight\", \"bias\"; unexpected "
            "\"layer1.weight\", \"fortran\", \"big\", \"half\", \"flags\", \"scalar\", \"empty\" "
            "(a.npz)");
}

TEST(ModelFile, KeepsHowImagesAreNormalized) {
  const TempDir dir;
  const fs::path path = dir / "model.safetensors";
  const Normalization numbers{{0.1307}, {0.3081}};
  const nn::Sequential model = small_model();
  ModelCard card{.model = "small", .options = {}, .classes = {}, .input = {1, 28, 28}};
  save_model_file(path, model, card);
  EXPECT_TRUE(load_model_file(path).card.normalize.empty());
  card.normalize = numbers;
  save_model_file(path, model, card);
  EXPECT_EQ(load_model_file(path).card.normalize, numbers);

  const auto refusal = [&](const std::string& text) {
    io::save_safetensors(path, {}, {{"fovea.normalize", text}, {"fovea.input", "1x28x28"}});
    const std::string message = message_of<ParseError>([&] { load_model_file(path); });
    return message.substr(0, message.find(" (" + path.string()));
  };
  const std::string key = "model file: metadata fovea.normalize expected ";
  EXPECT_EQ(refusal("[1]"), key + "an object, got [1]");
  EXPECT_EQ(refusal(R"({"mean": [0]})"), key + "a list \"std\", got null");
  EXPECT_EQ(refusal(R"({"mean": [0], "std": ["x"]})"), key + "numbers, got \"x\"");
  EXPECT_EQ(refusal(R"({"mean": [0, 0], "std": [1, 1]})"), key + "values for 1 channel, got 2");
  EXPECT_TRUE(refusal(R"({"mean": [0], "std": [0]})").starts_with(key + "none, imagenet"));
}

TEST(ModelFile, KeepsHowPicturesAreFitted) {
  const TempDir dir;
  const fs::path path = dir / "model.safetensors";
  ModelCard card{.model = "small", .options = {}, .classes = {}, .input = {1, 28, 28}};
  const std::optional<PictureFit> fits[] = {
      {}, PictureFit::kStretch, PictureFit::kCrop, PictureFit::kPad};
  for (const std::optional<PictureFit> fit : fits) {
    card.fit = fit;
    save_model_file(path, small_model(), card);
    EXPECT_EQ(load_model_file(path).card.fit, fit);
  }
  io::save_safetensors(path, {}, {{"fovea.fit", "squash"}});
  EXPECT_EQ(message_of<ParseError>([&] { load_model_file(path); }),
            "model file: metadata fovea.fit expected one of crop, pad, stretch, got \"squash\" (" +
                path.string() + ")");
}

TEST(ModelFile, KeepsWhatWasHeldOut) {
  const TempDir dir;
  const fs::path path = dir / "model.safetensors";
  ModelCard card{.model = "small", .options = {}, .classes = {}, .input = {1, 28, 28}};
  for (const std::optional<HeldOut> held_out :
       {std::optional<HeldOut>(), std::optional<HeldOut>({.share = 0.15, .seed = 7})}) {
    card.held_out = held_out;
    save_model_file(path, small_model(), card);
    EXPECT_EQ(load_model_file(path).card.held_out, held_out);
  }
  for (const char* text : {"[]", R"({"share": 1.0, "seed": 0})", R"({"share": 0.2, "seed": -1})",
                           R"({"share": 0.2})", R"({"share": "x", "seed": 0})"}) {
    io::save_safetensors(path, {}, {{"fovea.held_out", text}});
    EXPECT_THAT(message_of<ParseError>([&] { load_model_file(path); }),
                testing::StartsWith("model file: metadata fovea.held_out expected a share between "
                                    "0 and 1 and a seed of at least 0, got "));
  }
}

TEST(ModelFile, ANormalizationHasLists) {
  const test::TempDir directory;
  const std::filesystem::path path = directory / "w.safetensors";
  io::save_safetensors(path, {}, {{"fovea.normalize", R"({"mean": 0.5, "std": [0.25]})"}});
  EXPECT_EQ(message_of<ParseError>([&] { load_model_file(path); }),
            "model file: metadata fovea.normalize expected a list \"mean\", got 0.5 (" +
                path.string() + ")");
}

TEST(ModelFile, TheInputIsAnImageOfSomeSize) {
  const test::TempDir directory;
  const std::filesystem::path path = directory / "w.safetensors";
  for (const char* text : {"28", "3x4x4x4", "1x5000x28", "5000x28x28"}) {
    io::save_safetensors(path, {}, {{"fovea.input", text}});
    EXPECT_EQ(message_of<ParseError>([&] { load_model_file(path); }),
              str("model file: metadata fovea.input expected channels, height and width of at most "
                  "4096, got ",
                  text, " (", path.string(), ")"));
  }
}

// --- Memory --------------------------------------------------------------------------------------

constexpr std::int64_t kWidth = 4096;  // a weight of 64 MiB
constexpr double kModelBytes = 4.0 * kWidth * kWidth;
constexpr const char* kFileVariable = "FOVEA_TEST_WEIGHTS";

// Run by the test below in a process of its own, whose peak is then this one's.
TEST(ModelFileMemory, DISABLED_Child) {
  const char* path = std::getenv(kFileVariable);
  ASSERT_NE(path, nullptr);
  const double before = bytes_of_status("VmRSS");
  nn::Linear model(kWidth, kWidth);
  load_weights(model, load_model_file(path).weights, "line", path);
  EXPECT_EQ(model.weight().at({7, 9}).item(), 7 * kWidth + 9);
  const double peak = bytes_of_status("VmHWM") - before;
  EXPECT_GT(peak, kModelBytes) << "the measurement measures";
  EXPECT_LT(peak, 1.3 * kModelBytes);
}

TEST(ModelFileMemory, LoadsWithoutASecondCopy) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizers keep memory of their own";
  const TempDir dir;
  {
    const StateDict state = {{"weight", arange(kWidth * kWidth).to(f32).view({kWidth, kWidth})},
                             {"bias", zeros({kWidth})}};
    io::save_safetensors(dir / "line.safetensors", state);
    io::save_npz(dir / "line.npz", state);
    StateDict wide = state;
    wide[0].second = wide[0].second.to(f64);
    io::save_safetensors(dir / "line_f64.safetensors", wide);
  }
  for (const char* name : {"line.safetensors", "line.npz", "line_f64.safetensors"}) {
    test::ProcessOptions options;
    options.environment[kFileVariable] = (dir / name).string();
    const test::ProcessResult result = test::run_process(
        {fs::read_symlink("/proc/self/exe").string(),
         "--gtest_filter=ModelFileMemory.DISABLED_Child", "--gtest_also_run_disabled_tests"},
        options);
    EXPECT_EQ(result.exit_code, 0) << name << "\n" << result.out << result.err;
    EXPECT_NE(result.out.find("[  PASSED  ] 1 test"), std::string::npos) << result.out;
  }
}

// The library that reads JSON writes and copies it by recursion: what is nested without end is told
// by its key, and its beginning.
TEST(ModelFile, MetadataIsNestedAFewDeep) {
  const test::TempDir directory;
  const std::filesystem::path path = directory / "w.safetensors";
  constexpr int kDepth = 100'000;
  const std::string brackets(kDepth, '['), closed = brackets + std::string(kDepth, ']');
  for (const char* key : {"fovea.model_options", "fovea.classes", "fovea.normalize"}) {
    const auto refusal = [&](const std::string& text) {
      io::save_safetensors(path, {}, {{key, text}});
      return message_of<ParseError>([&] { load_model_file(path); });
    };
    const std::string deep =
        str("model file: metadata ", key, " expected JSON, nested at most 8 deep");
    const std::string end = str(brackets.substr(0, 80), "...\" (", path.string(), ")");
    EXPECT_EQ(refusal(closed), str(deep, ", got \"", end));
    EXPECT_EQ(refusal(str("{\"mean\": ", closed, "}")).substr(0, deep.size()), deep);
    EXPECT_LT(refusal(brackets).size(), 300 + path.string().size());
    EXPECT_LT(refusal("\"" + std::string(1000, 'x') + "\"").size(), 300 + path.string().size());
  }
  io::save_safetensors(path, {}, {{"fovea.input", std::string(1000, '1')}});
  EXPECT_LT(message_of<ParseError>([&] { load_model_file(path); }).size(),
            200 + path.string().size());
}

}  // namespace
}  // namespace fovea::models
