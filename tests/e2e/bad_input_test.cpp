// Files that are not what they should be, and directories that cannot be written: each gives one
// clear line and the right exit code, and leaves nothing half written.

#include <cmath>
#include <functional>

#include <nlohmann/json.hpp>

#include "fovea/io/tensors/npz.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/models/model_file.h"
#include "fovea/models/models.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/e2e/fovea.h"
#include "tests/support/gzip_file.h"
#include "tests/support/tiny_data.h"

namespace fovea::test {
namespace {

constexpr const char* kImages = "fashion-mnist/train-images-idx3-ubyte";
constexpr const char* kLabels = "fashion-mnist/train-labels-idx1-ubyte";

/// A damaged data set and what `train` says about it.
struct Damage {
  std::string name;
  std::function<void(const std::filesystem::path& root)> apply;
  std::string part;
  int code = 3;
};

std::vector<Damage> damages() {
  const auto change = [](const char* file, const std::function<std::string(std::string)>& f) {
    return [file, f](const std::filesystem::path& root) {
      put_file(root / file, f(get_file(root / file)));
    };
  };
  const auto set_byte = [](std::size_t at, char value) {
    return [at, value](std::string text) {
      text[at] = value;
      return text;
    };
  };
  const auto cut = [](std::size_t length) {
    return [length](const std::string& text) { return text.substr(0, length); };
  };
  return {
      {"no data set", [](const auto& root) { std::filesystem::remove_all(root / "fashion-mnist"); },
       "fovea data download fashion-mnist", 4},
      {"empty images", change(kImages, cut(0)), kImages},
      {"images that end in the header", change(kImages, cut(9)), kImages},
      {"images that end early", change(kImages, cut(5000)), kImages},
      {"images with bytes to spare",
       change(kImages, [](const std::string& text) { return text + "x"; }), kImages},
      {"a wrong magic number", change(kImages, set_byte(0, 1)), kImages},
      {"an unknown element type", change(kImages, set_byte(2, 3)), kImages},
      {"another number of dimensions", change(kImages, set_byte(3, 2)), kImages},
      {"sizes beyond all memory", change(kImages, set_byte(4, '\x7f')), kImages},
      {"images of another size", change(kImages, set_byte(11, 14)), kImages},
      {"a label out of range", change(kLabels, set_byte(8 + 5, 10)),
       "label expected 0 to 9, got 10"},
      {"too few labels",
       [](const auto& root) { put_file(root / kLabels, idx(8, {399}, std::string(399, '\0'))); },
       "labels expected 400, one an image, got 399"},
      {"images and labels swapped",
       [](const auto& root) {
         const std::string images = get_file(root / kImages);
         put_file(root / kImages, get_file(root / kLabels));
         put_file(root / kLabels, images);
       },
       "labels where images belong"},
      {"a gzip file that ends early",
       [](const auto& root) {
         const std::string packed = gzipped(get_file(root / kImages));
         std::filesystem::remove(root / kImages);
         put_file(root / (std::string(kImages) + ".gz"), packed.substr(0, packed.size() / 2));
       },
       kImages},
      {"a gzip file that is damaged",
       [](const auto& root) {
         std::string packed = gzipped(get_file(root / kImages));
         packed[packed.size() / 2] ^= 0x55;
         std::filesystem::remove(root / kImages);
         put_file(root / (std::string(kImages) + ".gz"), packed);
       },
       kImages},
  };
}

TEST(BadInput, DamagedDataIsRefusedAndNothingIsWritten) {
  for (const Damage& damage : damages()) {
    SCOPED_TRACE(damage.name);
    const TempDir root, work;
    write_tiny_data(root.path(), 400, 100);
    damage.apply(root.path());
    const ProcessResult result = fovea(
        {"train", "fashion-dnn", "--data-root", root.path().string()}, {.directory = work.path()});
    expect_failure(result, damage.code, "fovea train: ", damage.part);
    EXPECT_TRUE(work.names().empty());
  }
}

/// A safetensors file with `header` and so many bytes of data.
std::string safetensors(const std::string& header, std::size_t bytes) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += static_cast<char>(header.size() >> 8 * i & 0xff);
  return text + header + std::string(bytes, '\0');
}

TEST(BadInput, WeightsThatAreNoneAreRefused) {
  const TempDir directory;
  const std::string good = get_file(trained_weights());
  const std::pair<std::string, std::string> files[] = {
      {"empty.safetensors", ""},
      {"short.safetensors", good.substr(0, 100)},
      {"cut.safetensors", good.substr(0, good.size() - 4)},
      {"long.safetensors", good + "abcd"},
      {"text.safetensors", "these are no weights, only some words of a text file\n"},
      {"hole.safetensors",
       safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8)},
      {"twice.safetensors", safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                        R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                                        8)},
  };
  for (const auto& [name, content] : files) {
    SCOPED_TRACE(name);
    put_file(directory / name, content);
    const std::string path = (directory / name).string();
    expect_failure(fovea({"eval", "--weights", path, "--data-root", tiny_root()}), 3,
                   "fovea eval: ", name);
    expect_failure(fovea(quick_training({"--weights", path}), {.directory = directory.path()}), 3,
                   "fovea train: ", name);
  }
  EXPECT_FALSE(std::filesystem::exists(directory / "runs"));
  expect_failure(fovea({"eval", "--weights", "none.safetensors"}), 4,
                 "fovea eval: ", "none.safetensors");
  expect_failure(fovea({"eval", "--weights", directory.path().string()}), 4,
                 "fovea eval: ", directory.path().string());
}

// A file of PyTorch's older form whose pickle calls the shell when Python loads it.
TEST(BadInput, NothingInAPickleIsExecuted) {
  const TempDir directory;
  const std::string start("\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", 21);
  const std::string command = "touch " + (directory / "executed").string();
  const std::string path = (directory / "evil.pth").string();
  put_file(path, start + "\x80\x02" + "cposix\nsystem\nU" + static_cast<char>(command.size()) +
                     command + "\x85R.");
  expect_failure(fovea({"eval", "--weights", path, "--model", "fashion-dnn"}), 3,
                 "fovea eval: ", "got posix.system (" + path + ", byte 23)");
  EXPECT_EQ(directory.names(), std::vector<std::string>{"evil.pth"});
}

TEST(BadInput, WeightsOfAnotherModelAreRefused) {
  const TempDir work;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"eval", "--model", "fashion-cnn", "--data-root", tiny_root()},
        {"train", "fashion-cnn", "--data-root", tiny_root()},
        {"predict", "--model", "fashion-cnn", "--index", "0", "--data-root", tiny_root()}}) {
    std::vector<std::string> line = words;
    line.insert(line.end(), {"--weights", trained_weights()});
    expect_failure(fovea(line, {.directory = work.path()}), 3, "fovea " + words[0] + ": ",
                   "\"fashion-cnn\", got those of \"fashion-dnn\"");
  }
  EXPECT_TRUE(work.names().empty());
}

TEST(BadInput, ArraysAreThoseOfTheModel) {
  const TempDir directory;
  const auto run = [&](const NamedTensors& arrays) {
    io::save_npz(directory / "in.npz", arrays);
    return fovea({"run", trained_weights(), "--input", (directory / "in.npz").string(), "--output",
                  (directory / "out.npy").string()});
  };
  const Tensor images = zeros({2, 1, 28, 28}, {.device = cpu});
  expect_failure(run({{"inptu", images}}), 3, "fovea run: ", "array \"input\" expected");
  expect_failure(run({{"input", images}, {"more", images}}), 3, "fovea run: ", "arrays expected 1");
  EXPECT_EQ(run({{"input", images}}).exit_code, 0);
}

TEST(BadInput, AFolderIsNoListOfLayers) {
  const TempDir directory;
  std::filesystem::create_directory(directory / "d.toml");
  expect_failure(fovea({"summary", (directory / "d.toml").string()}), 4,
                 "fovea summary: ", "d.toml");
}

TEST(BadInput, WeightsThatDoNotNameTheirModelNeedOne) {
  const TempDir directory;
  const std::string path = (directory / "anonymous.safetensors").string();
  put_file(path, safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4));
  expect_failure(
      fovea({"eval", "--weights", path}), 2, "fovea eval: ",
      "--model is missing: the weights do not name theirs, as files from PyTorch do not (" + path +
          ")");
}

/// A file of a fashion-dnn with so many classes, all of whose weights are `value`.
std::string saved_model(const TempDir& directory, const std::string& classes, double value = 0) {
  const models::ModelCard card{.model = "fashion-dnn",
                               .options = {{"num_classes", classes}},
                               .classes = {},
                               .input = {1, 28, 28}};
  const auto model = models::make_model(card.model, card.options);
  const NoGrad no_grad;
  for (Tensor parameter : model->parameters()) parameter.fill_(value);
  models::save_model_file(directory / "w.safetensors", *model, card);
  return (directory / "w.safetensors").string();
}

TEST(BadInput, ImagesOfWeightsAndDataAreTheModels) {
  const TempDir directory;
  const io::TensorFile trained(trained_weights());
  const auto with = [&](const std::string& key, const std::string& value) {
    io::Metadata metadata = trained.metadata();
    metadata[key] = value;
    io::save_safetensors(directory / "w.safetensors", trained.read_all(), metadata);
    return (directory / "w.safetensors").string();
  };
  const std::string coloured = with("fovea.input", "3x28x28");
  expect_failure(
      fovea({"eval", "--weights", coloured, "--data-root", tiny_root()}), 3, "fovea eval: ",
      "weights: images expected 1 channels as the model, got 3x28x28 (" + coloured + ")");
  expect_failure(fovea({"eval", "--weights", trained_weights(), "--data-root", tiny_root(),
                        "--normalize", "imagenet"}),
                 2, "fovea eval: ", "--normalize expected values for 1 channel, got 3");
  const std::string few = saved_model(directory, "3");
  expect_failure(fovea({"eval", "--weights", few, "--data-root", tiny_root()}), 3,
                 "fovea eval: ", "fashion-mnist: classes expected at most the model's 3, got 10");
}

// Answers by one data set's names for samples of another's would be taken for a judgement.
TEST(BadInput, DataOfOtherClassesAreRefused) {
  const TempDir directory;
  const models::ModelFile file = models::load_model_file(trained_weights());
  models::ModelCard card = file.card;
  card.classes[0] = "Hat";
  const auto model = models::make_model(card.model, card.options);
  models::load_weights(*model, file.weights, card.model, trained_weights());
  const std::string weights = (directory / "w.safetensors").string();
  models::save_model_file(weights, *model, card);
  const std::string others =
      "fashion-mnist: classes expected as the weights name them (Hat, Trouser, "
      "Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle Boot), got others: "
      "data of theirs are meant by --data";
  for (const char* command : {"eval", "predict"}) {
    std::vector<std::string> words = {command, "--weights", weights, "--data-root", tiny_root()};
    if (command == std::string("predict")) words.insert(words.end(), {"--index", "0"});
    expect_failure(fovea(words), 3, str("fovea ", command, ": "), others);
  }
}

TEST(BadInput, TextIsTakenForNoWeights) {
  expect_failure(fovea({"eval", "--weights", trained_run() + "/config.toml"}), 3, "fovea eval: ",
                 "weights: file expected of safetensors, .npz or PyTorch's .pth, got none of them "
                 "by its content (");
}

TEST(BadInput, AModelOfNoNumbersIsNotExportedAndNamesNothing) {
  const TempDir directory;
  const std::string weights = saved_model(directory, "10", NAN);
  expect_failure(
      fovea({"export", "--weights", weights, "--output", (directory / "m.onnx").string()}), 5,
      "fovea export: ",
      "export: scores expected finite, got others: weights of fashion-dnn are no numbers");
  expect_failure(
      fovea({"predict", "--weights", weights, "--index", "0", "--data-root", tiny_root()}), 5,
      "fovea predict: ",
      "classifier: scores expected finite, got others: weights of fashion-dnn are no numbers");
  EXPECT_EQ(directory.names(), std::vector<std::string>{"w.safetensors"});
}

TEST(BadInput, FilesThatAreNoImagesAreRefused) {
  const TempDir directory;
  put_file(directory / "text.png", "no picture");
  put_file(directory / "empty.jpg", "");
  for (const char* name : {"text.png", "empty.jpg"}) {
    const std::string path = (directory / name).string();
    for (const bool json : {false, true}) {
      std::vector<std::string> words = {"predict", "--weights", trained_weights(), path};
      if (json) words.emplace_back("--json");
      expect_failure(fovea(words), 3, "fovea predict: ", name);
    }
  }
  expect_failure(fovea({"predict", "--weights", trained_weights(), "none.png"}), 4,
                 "fovea predict: ", "none.png");
}

TEST(BadInput, AnOutputFolderThatCannotBeMadeIsAnError) {
  const TempDir work;
  // /proc takes no new files or folders, not even from root; a file is no folder.
  put_file(work / "file", "content");
  for (const std::string& project : {std::string("/proc/fovea"), (work / "file").string()}) {
    expect_failure(fovea(quick_training({"--project", project})), 4, "fovea train: ", project);
  }
  EXPECT_EQ(get_file(work / "file"), "content");
  expect_failure(fovea({"data", "grid", "--data-root", tiny_root(), "--output", "/proc/grid.svg"}),
                 4, "fovea data grid: ", "/proc/grid.svg");
}

TEST(BadInput, AFullDiskLeavesNoHalfFile) {
  const TempDir work;
  // The weights have 940 kB.
  const ProcessResult result =
      fovea(quick_training({"--quiet"}), {.directory = work.path(), .max_file_bytes = 500'000});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.out, "");
  for (const char* part : {"last.safetensors", "it is tried again\n", "\nfovea train: "})
    EXPECT_THAT(result.err, testing::HasSubstr(part));
  for (const std::string& file : files_below(work.path())) {
    EXPECT_EQ(file.find("safetensors"), std::string::npos) << file;
  }
  const ProcessResult grid = fovea({"data", "grid", "--data-root", tiny_root()},
                                   {.directory = work.path(), .max_file_bytes = 1000});
  expect_failure(grid, 4, "fovea data grid: ", "fashion-mnist-grid.svg");
  EXPECT_EQ(work.names(), std::vector<std::string>{"runs"});
}

}  // namespace
}  // namespace fovea::test
