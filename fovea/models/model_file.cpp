#include "fovea/models/model_file.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/core/suggest.h"
#include "fovea/graph/onnx.h"
#include "fovea/io/bytes.h"
#include "fovea/io/json.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/models/limits.h"

namespace fovea::models {

namespace {

using io::Json;

constexpr const char* kModel = "fovea.model";
constexpr const char* kOptions = "fovea.model_options";
constexpr const char* kClasses = "fovea.classes";
constexpr const char* kTargets = "fovea.targets";
constexpr const char* kInput = "fovea.input";
constexpr const char* kNormalize = "fovea.normalize";
constexpr const char* kFit = "fovea.fit";
constexpr const char* kHeldOut = "fovea.held_out";
constexpr const char* kGround = "fovea.ground";

/// A file's own text in a message: the first 80 characters.
std::string shown(std::string_view text) { return io::printable(text, 80); }
std::string shown_json(const Json& value) { return shown(io::json_line(value)); }

/// Ours is a list in an object at most.
constexpr int kDeepest = 8;

/// The JSON under `key`, or a null value when the metadata has no such key.
Json read_json(const io::Metadata& metadata, const char* key, const std::string& file) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return nullptr;
  std::optional<Json> value = io::parse_json(found->second, kDeepest);
  check<ParseError>(value.has_value(), "model file: metadata ", key,
                    " expected JSON, nested at most ", kDeepest, " deep, got \"",
                    shown(found->second), "\" (", file, ")");
  return *std::move(value);
}

std::string text_of(const Json& value, const char* key, const std::string& file) {
  check<ParseError>(value.is_string(), "model file: metadata ", key, " expected strings, got ",
                    shown_json(value), " (", file, ")");
  return value.get<std::string>();
}

std::vector<double> numbers_of(const Json& value, const char* key, const std::string& file) {
  check<ParseError>(value.is_array(), "model file: metadata ", kNormalize, " expected a list \"",
                    key, "\", got ", shown_json(value), " (", file, ")");
  std::vector<double> numbers;
  for (const Json& number : value) {
    check<ParseError>(number.is_number(), "model file: metadata ", kNormalize,
                      " expected numbers, got ", shown_json(number), " (", file, ")");
    numbers.push_back(number.get<double>());
  }
  return numbers;
}

Normalization read_normalization(const io::Metadata& metadata, const Shape& input,
                                 const std::string& file) {
  const Json object = read_json(metadata, kNormalize, file);
  if (object.is_null()) return {};
  check<ParseError>(object.is_object(), "model file: metadata ", kNormalize,
                    " expected an object, got ", shown_json(object), " (", file, ")");
  const auto list = [&](const char* key) {
    return numbers_of(object.contains(key) ? object[key] : Json(), key, file);
  };
  Normalization normalization{list("mean"), list("std")};
  try {  // what a setting could not be, a file cannot be either
    const std::string what = str("model file: metadata ", kNormalize);
    (void)parse_normalization(format_normalization(normalization), what);
    if (!input.empty()) check_channels(normalization, input[0], what);
  } catch (const ArgumentError& error) {
    throw ParseError(str(error.what(), " (", file, ")"));
  }
  return normalization;
}

std::optional<PictureFit> read_fit(const io::Metadata& metadata, const std::string& file) {
  const auto found = metadata.find(kFit);
  if (found == metadata.end()) return {};
  const std::optional<PictureFit> fit = parse_picture_fit(found->second);
  check<ParseError>(fit.has_value(), "model file: metadata ", kFit, " expected one of ",
                    join_words(picture_fit_words()), ", got \"", shown(found->second), "\" (", file,
                    ")");
  return fit;
}

data::Targets read_targets(const io::Metadata& metadata, const std::string& file) {
  const auto found = metadata.find(kTargets);
  if (found == metadata.end()) return data::Targets::kSingleLabel;
  for (const data::Targets targets : {data::Targets::kSingleLabel, data::Targets::kMultiLabel})
    if (found->second == word_of(targets)) return targets;
  throw ParseError(str("model file: metadata ", kTargets,
                       " expected single-label or multi-label, got \"", shown(found->second),
                       "\" (", file, ")"));
}

std::optional<HeldOut> read_held_out(const io::Metadata& metadata, const std::string& file) {
  const Json object = read_json(metadata, kHeldOut, file);
  if (object.is_null()) return {};
  const bool ok = object.is_object() && object.contains("share") && object["share"].is_number() &&
                  object.contains("seed") && object["seed"].is_number_integer();
  HeldOut held_out;
  if (ok) held_out = {object["share"].get<double>(), object["seed"].get<std::int64_t>()};
  check<ParseError>(ok && held_out.share > 0 && held_out.share < 1 && held_out.seed >= 0,
                    "model file: metadata ", kHeldOut,
                    " expected a share between 0 and 1 and a seed of at least 0, got ",
                    shown_json(object), " (", file, ")");
  return held_out;
}

std::optional<Ground> read_ground(const io::Metadata& metadata, const std::string& file) {
  const Json object = read_json(metadata, kGround, file);
  if (object.is_null()) return {};
  const auto number = [&](const char* key) {
    const Json value = object.is_object() && object.contains(key) ? object[key] : Json();
    const double share = value.is_number() ? value.get<double>() : -1;
    check<ParseError>(share >= 0 && share <= 1, "model file: metadata ", kGround, " expected a \"",
                      key, "\" in [0, 1], got ", shown_json(object), " (", file, ")");
    return share;
  };
  return Ground{.mean = number("mean"), .std = number("std")};
}

ModelCard read_card(const io::Metadata& metadata, const std::string& file) {
  ModelCard card;
  if (const auto found = metadata.find(kModel); found != metadata.end()) card.model = found->second;
  const Json options = read_json(metadata, kOptions, file);
  check<ParseError>(options.is_null() || options.is_object(), "model file: metadata ", kOptions,
                    " expected an object, got ", shown_json(options), " (", file, ")");
  for (const auto& [key, value] : options.items())
    card.options.emplace(key, text_of(value, kOptions, file));
  const Json classes = read_json(metadata, kClasses, file);
  check<ParseError>(classes.is_null() || classes.is_array(), "model file: metadata ", kClasses,
                    " expected an array, got ", shown_json(classes), " (", file, ")");
  for (const Json& name : classes) card.classes.push_back(text_of(name, kClasses, file));
  if (const auto found = metadata.find(kInput); found != metadata.end()) {
    try {
      card.input = parse_input(found->second, "metadata fovea.input");
    } catch (const ArgumentError&) {
      throw ParseError(str("metadata fovea.input: shape expected as 1x28x28, got \"",
                           shown(found->second), "\" (", file, ")"));
    }
    const bool image = card.input.ndim() == 3 && card.input[0] <= kMaxChannels &&
                       std::max(card.input[1], card.input[2]) <= kMaxSide;
    static_assert(kMaxChannels == kMaxSide, "the message names one number");
    check<ParseError>(image, "model file: metadata ", kInput,
                      " expected channels, height and width of at most ", kMaxSide, ", got ",
                      shown(found->second), " (", file, ")");
  }
  card.normalize = read_normalization(metadata, card.input, file);
  card.targets = read_targets(metadata, file);
  card.fit = read_fit(metadata, file);
  card.held_out = read_held_out(metadata, file);
  card.ground = read_ground(metadata, file);
  return card;
}

bool is_onnx(const std::filesystem::path& path) { return path.extension() == ".onnx"; }

}  // namespace

std::string format_input(const Shape& input) {
  std::string text;
  for (const std::int64_t size : input) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

Shape parse_input(std::string_view text, std::string_view what) {
  Shape shape;
  const char* next = text.data();
  const char* const end = text.data() + text.size();
  for (;;) {
    std::int64_t size = 0;
    const auto [after, error] = std::from_chars(next, end, size);
    const bool ok = error == std::errc() && size > 0 &&
                    (after == end || (*after == 'x' && shape.ndim() < kMaxDims - 1));
    check_in_both<ArgumentError>(ok, [&] {
      return Text(str(what, ": shape expected as 1x28x28, got \"", text, "\""),
                  str(what, ": 형태는 1x28x28처럼 써야 하는데 \"", text, "\"입니다"));
    });
    shape.push_back(size);
    if (after == end) return shape;
    next = after + 1;
  }
}

std::map<std::string, std::string> to_metadata(const ModelCard& card) {
  Json options = Json::object();
  for (const auto& [key, value] : card.options) options[key] = value;
  std::map<std::string, std::string> metadata;
  if (!card.model.empty()) metadata = {{kModel, card.model}, {kOptions, io::json_line(options)}};
  if (!card.classes.empty()) metadata[kClasses] = io::json_line(card.classes);
  if (!card.input.empty()) metadata[kInput] = format_input(card.input);
  if (!card.normalize.empty()) {
    metadata[kNormalize] =
        io::json_line({{"mean", card.normalize.mean}, {"std", card.normalize.std}});
  }
  if (card.targets != data::Targets::kSingleLabel) metadata[kTargets] = word_of(card.targets);
  if (card.fit) metadata[kFit] = word_of(*card.fit);
  if (card.held_out) {
    metadata[kHeldOut] =
        io::json_line({{"share", card.held_out->share}, {"seed", card.held_out->seed}});
  }
  if (card.ground)
    metadata[kGround] = io::json_line({{"mean", card.ground->mean}, {"std", card.ground->std}});
  return metadata;
}

void save_model_file(const std::filesystem::path& path, const nn::Module& model,
                     const ModelCard& card) {
  io::save_safetensors(path, model.state_dict(), to_metadata(card));
}

ModelFile load_model_file(const std::filesystem::path& path) {
  const bool onnx = is_onnx(path);
  io::TensorFile weights = onnx ? io::TensorFile(path, graph::onnx_arrays) : io::TensorFile(path);
  ModelCard card = read_card(weights.metadata(), path.string());
  // A name that comes from the file is never that of another file.
  ModelChoice model{.name = card.model, .options = card.options};
  if (onnx) model = choose_model(path.string());
  return {std::move(weights), std::move(card), std::move(model)};
}

}  // namespace fovea::models
