#include "fovea/vision/models.h"

#include <charconv>
#include <string_view>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/vision/models/fashion_cnn.h"
#include "fovea/vision/models/fashion_dnn.h"

namespace fovea::vision {

namespace {

// Reads one option's text; messages name the model.
class OptionReader {
 public:
  OptionReader(std::string_view model, const ModelOptions& options)
      : model_(model), options_(options) {}

  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high) const {
    const std::string& text = options_.at(name);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool ok =
        error == std::errc() && end == text.data() + text.size() && value >= low && value <= high;
    check<ArgumentError>(ok, model_, ": ", name, " expected a whole number from ", low, " to ",
                         high, ", got \"", text, "\"");
    return value;
  }
  // A probability below 1.
  double probability(const std::string& name) const {
    const std::string& text = options_.at(name);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool ok =
        error == std::errc() && end == text.data() + text.size() && value >= 0 && value < 1;
    check<ArgumentError>(ok, model_, ": ", name, " expected a number from 0 to below 1, got \"",
                         text, "\"");
    return value;
  }

 private:
  std::string_view model_;
  const ModelOptions& options_;
};

// Beyond these, sizes would overflow memory long before they mean anything.
constexpr std::int64_t kMaxClasses = 1'000'000, kMaxChannels = 4096, kMaxSide = 4096;

std::vector<ModelOption> image_options() {
  return {{"num_classes", "10", "classes to tell apart"},
          {"in_channels", "1", "channels of an image"},
          {"image_size", "28", "height and width of an image"},
          {"dropout", "0.25", "probability that a value is dropped in training"}};
}

FashionCNNOptions fashion_cnn_options(const ModelOptions& options) {
  const OptionReader read("fashion-cnn", options);
  return {.num_classes = read.integer("num_classes", 1, kMaxClasses),
          .in_channels = read.integer("in_channels", 1, kMaxChannels),
          .image_size = read.integer("image_size", FashionCNN::kMinImageSize, kMaxSide),
          .dropout = read.probability("dropout")};
}

FashionDNNOptions fashion_dnn_options(const ModelOptions& options) {
  const OptionReader read("fashion-dnn", options);
  return {.num_classes = read.integer("num_classes", 1, kMaxClasses),
          .in_channels = read.integer("in_channels", 1, kMaxChannels),
          .image_size = read.integer("image_size", 1, kMaxSide),
          .dropout = read.probability("dropout")};
}

struct Entry {
  ModelInfo info;
  // Checks the values of complete options.
  void (*validate)(const ModelOptions&);
  std::shared_ptr<nn::Module> (*make)(const ModelOptions&);
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> kEntries = {
      {{"fashion-cnn", "two convolutions with batch norm, three fully connected layers",
        image_options()},
       [](const ModelOptions& options) { (void)fashion_cnn_options(options); },
       [](const ModelOptions& options) -> std::shared_ptr<nn::Module> {
         return std::make_shared<FashionCNN>(fashion_cnn_options(options));
       }},
      {{"fashion-dnn", "three fully connected layers", image_options()},
       [](const ModelOptions& options) { (void)fashion_dnn_options(options); },
       [](const ModelOptions& options) -> std::shared_ptr<nn::Module> {
         return std::make_shared<FashionDNN>(fashion_dnn_options(options));
       }}};
  return kEntries;
}

const Entry& entry_of(const std::string& name) {
  for (const Entry& entry : entries())
    if (entry.info.name == name) return entry;
  const std::vector<std::string> names = model_names();
  throw ArgumentError(str("model: name expected one of ", join_words(names), ", got \"", name, "\"",
                          did_you_mean(name, names)));
}

}  // namespace

const std::vector<ModelInfo>& models() {
  static const std::vector<ModelInfo> kModels = [] {
    std::vector<ModelInfo> all;
    for (const Entry& entry : entries()) all.push_back(entry.info);
    return all;
  }();
  return kModels;
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) names.push_back(entry.info.name);
  return names;
}

const ModelInfo& model_info(const std::string& name) { return entry_of(name).info; }

ModelOptions complete_options(const std::string& name, const ModelOptions& options) {
  const Entry& entry = entry_of(name);
  ModelOptions complete;
  std::vector<std::string> known;
  for (const ModelOption& option : entry.info.options) {
    complete[option.name] = option.value;
    known.push_back(option.name);
  }
  for (const auto& [key, value] : options) {
    check<ArgumentError>(complete.contains(key), name, ": option expected one of ",
                         join_words(known), ", got \"", key, "\"", did_you_mean(key, known));
    complete[key] = value;
  }
  entry.validate(complete);
  return complete;
}

std::shared_ptr<nn::Module> make_model(const std::string& name, const ModelOptions& options) {
  return entry_of(name).make(complete_options(name, options));
}

Shape model_input(const std::string& name, const ModelOptions& options) {
  const ModelOptions complete = complete_options(name, options);
  const OptionReader read(name, complete);
  const std::int64_t channels = read.integer("in_channels", 1, kMaxChannels);
  const std::int64_t side = read.integer("image_size", 1, kMaxSide);
  return {channels, side, side};
}

}  // namespace fovea::vision
