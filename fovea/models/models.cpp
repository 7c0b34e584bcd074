#include "fovea/models/models.h"

#include <filesystem>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/core/suggest.h"
#include "fovea/io/read_file.h"
#include "fovea/models/entry.h"
#include "fovea/models/layers.h"
#include "fovea/models/onnx_model.h"
#include "fovea/models/zoo/alexnet.h"
#include "fovea/models/zoo/fashion_cnn.h"
#include "fovea/models/zoo/fashion_dnn.h"
#include "fovea/models/zoo/fashion_fast.h"
#include "fovea/models/zoo/googlenet.h"
#include "fovea/models/zoo/lenet.h"
#include "fovea/models/zoo/mobilenet.h"
#include "fovea/models/zoo/resnet.h"
#include "fovea/models/zoo/squeezenet.h"
#include "fovea/models/zoo/vgg.h"

namespace fovea::models {

namespace {

using ModelEntries = std::vector<ModelEntry>;

// A model's file pair in models/ and its name here are all that it needs.
const ModelEntries& entries() {
  static const ModelEntries kEntries = [] {
    ModelEntries all;
    for (const auto& family : {fashion_cnn_entries, fashion_dnn_entries, fashion_fast_entries,
                               lenet5_entries, alexnet_entries, vgg_entries, googlenet_entries,
                               resnet_entries, mobilenet_entries, squeezenet_entries})
      for (ModelEntry& entry : family()) all.push_back(std::move(entry));
    return all;
  }();
  return kEntries;
}

constexpr const char* kLayers = "layers";
constexpr const char* kOnnx = "onnx";

// Those of files, which people do not name.
const ModelEntries& file_entries() {
  static const ModelEntries kEntries = {layers_entry(), onnx_entry()};
  return kEntries;
}

const ModelEntry& entry_of(const std::string& name) {
  for (const ModelEntries* some : {&entries(), &file_entries()}) {
    for (const ModelEntry& entry : *some)
      if (entry.info.name == name) return entry;
  }
  const std::vector<std::string> names = model_names();
  const Text meant = meant_word(name, names);
  throw InBoth<ArgumentError>({str("model: name expected one of ", join_words(names), ", got \"",
                                   name, "\"", meant.english),
                               str("model: 이름은 ", join_words(names),
                                   " 가운데 하나여야 하는데 \"", name, "\"입니다", meant.korean)});
}

constexpr std::uint64_t kMostLayerText = std::uint64_t{1} << 20;

}  // namespace

const std::vector<ModelInfo>& known_models() {
  static const std::vector<ModelInfo> kModels = [] {
    std::vector<ModelInfo> all;
    for (const ModelEntry& entry : entries()) all.push_back(entry.info);
    return all;
  }();
  return kModels;
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelEntry& entry : entries()) names.push_back(entry.info.name);
  return names;
}

const ModelInfo& model_info(const std::string& name) { return entry_of(name).info; }

ModelChoice choose_model(const std::string& word, const ModelOptions& options) {
  ModelChoice choice{word, options};
  if (word.ends_with(".onnx")) {
    choice.name = kOnnx;
    choice.options["graph"] = onnx_graph_text(word);
    choice.weights = word;
  } else if (word.ends_with(".toml")) {
    choice.name = kLayers;
    choice.options["layers"] = io::read_text(word, kMostLayerText);
  } else {
    entry_of(word);
    return choice;
  }
  choice.options["file"] = std::filesystem::path(word).filename().string();
  return choice;
}

ModelOptions complete_options(const std::string& name, const ModelOptions& options) {
  const ModelEntry& entry = entry_of(name);
  ModelOptions complete;
  std::vector<std::string> known;
  for (const ModelOption& option : entry.info.options) {
    complete[option.name] = option.value;
    known.push_back(option.name);
  }
  if (entry.defaults)
    for (const auto& [key, value] : entry.defaults(options)) complete[key] = value;
  for (const auto& [key, value] : options) {
    check_in_both<ArgumentError>(complete.contains(key), [&, &option = key] {
      const Text meant = meant_word(option, known);
      return Text(str(name, ": option expected one of ", join_words(known), ", got \"", option,
                      "\"", meant.english),
                  str(name, ": 옵션은 ", join_words(known), " 가운데 하나여야 하는데 \"", option,
                      "\"입니다", meant.korean));
    });
    complete[key] = value;
  }
  (void)entry.prepare(OptionReader(name, complete));
  return complete;
}

std::shared_ptr<nn::Module> make_model(const std::string& name, const ModelOptions& options) {
  const ModelOptions complete = complete_options(name, options);
  return entry_of(name).prepare(OptionReader(name, complete))();
}

Shape model_input(const std::string& name, const ModelOptions& options) {
  const ModelOptions complete = complete_options(name, options);
  const OptionReader read(name, complete);
  const std::int64_t channels = read.integer("in_channels", 1, kMaxChannels);
  const std::int64_t side = read.integer("image_size", 1, kMaxSide);
  return {channels, side, side};
}

}  // namespace fovea::models
