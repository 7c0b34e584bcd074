#include "apps/cli/weights/known_file.h"

#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "apps/base/table.h"
#include "fovea/core/error.h"
#include "fovea/io/json.h"
#include "fovea/models/fitting_models.h"
#include "fovea/models/model_file.h"
#include "fovea/vision/sha256.h"

namespace fovea::cli {

namespace {

using io::Json;

std::string size_text(const models::PublicWeights& weights) {
  return weights.mebibytes == 0 ? "-" : fmt::format("{:.1f} MiB", weights.mebibytes);
}

Json to_json(const models::PublicWeights& weights) {
  Json json = {{"model", weights.model},
               {"source", weights.source},
               {"file", weights.file()},
               {"url", weights.url},
               {"sha256_begins", models::checksum_in_name(weights.file())}};
  if (weights.mebibytes != 0) json["mebibytes"] = weights.mebibytes;
  return json;
}

/// What is in a file of weights, counted.
struct Contents {
  std::int64_t tensors = 0, numbers = 0;
  std::map<std::string, std::int64_t> dtypes;  // tensors of each
};

Contents contents_of(const io::TensorFile& file) {
  Contents contents;
  for (std::size_t i = 0; i < file.size(); ++i) {
    ++contents.tensors;
    contents.numbers += file.array(i).sizes.numel();
    ++contents.dtypes[str(file.array(i).dtype)];
  }
  return contents;
}

std::vector<models::FittingModel> fitting_models(const models::ModelFile& file,
                                                 const KnownFile& known) {
  const std::string& own = file.model.name;
  if (!own.empty()) return {{own, file.model.options}};  // the file says it itself
  if (known.weights != nullptr) {
    auto found = models::fitting_models(file.weights, {std::string(known.weights->model)});
    if (!found.empty()) return found;
  }
  return models::fitting_models(file.weights);
}

std::string describe(const models::FittingModel& model) {
  std::string text = model.name;
  for (const char* option : {"num_classes", "in_channels", "image_size"}) {
    const auto found = model.options.find(option);
    if (found != model.options.end()) text += fmt::format(" {}={}", option, found->second);
  }
  return text;
}

std::string checksum_text(const KnownFile& known) {
  if (known.said.empty())
    return known.is_public() ? fmt::format("that of {}", known.weights->file())
                             : "its name has none";
  return known.agrees() ? "agrees with its name"
                        : fmt::format("DIFFERS from its name, which says {}...", known.said);
}

Json to_json(const std::string& path, const models::ModelFile& file, const KnownFile& known,
             const std::vector<models::FittingModel>& fitting) {
  const Contents contents = contents_of(file.weights);
  Json json = {{"file", path},
               {"bytes", std::filesystem::file_size(path)},
               {"sha256", known.sha256},
               {"sha256_in_name", known.said},
               {"agrees", known.agrees()},
               {"tensors", contents.tensors},
               {"numbers", contents.numbers},
               {"dtypes", contents.dtypes},
               {"part", file.weights.part()},
               {"public", known.weights == nullptr ? Json() : to_json(*known.weights)},
               {"models", Json::array()}};
  for (const models::FittingModel& model : fitting) {
    Json options = Json::object();
    for (const auto& [key, value] : model.options)
      if (key != "layers" && key != "graph") options[key] = value;
    json["models"].push_back({{"model", model.name}, {"options", options}});
  }
  const models::ModelCard& card = file.card;
  json["classes"] = card.classes;
  if (!card.input.empty()) json["input"] = models::format_input(card.input);
  if (!card.normalize.empty()) json["normalize"] = models::format_normalization(card.normalize);
  if (card.fit) json["resize"] = models::word_of(*card.fit);
  // Files that name no classes say nothing of targets either.
  if (!card.classes.empty()) json["targets"] = data::word_of(card.targets);
  return json;
}

/// "cut": what is done to pictures of other sizes.
const char* done_by(models::PictureFit fit) {
  switch (fit) {
    case models::PictureFit::kStretch:
      return "stretched";
    case models::PictureFit::kCrop:
      return "cut";
    case models::PictureFit::kPad:
      return "padded";
  }
  no_case_for("PictureFit", fit);
}

void print(const std::string& path, const models::ModelFile& file, const KnownFile& known,
           const std::vector<models::FittingModel>& fitting) {
  const auto row = [](std::string_view name, const std::string& value) {
    put("  {:<10}{}\n", name, one_line(value));
  };
  const Contents contents = contents_of(file.weights);
  put("{}\n\n", styled(Terminal::output(), Style::kBold, one_line(path)));
  std::string dtypes;
  for (const auto& [dtype, count] : contents.dtypes)
    dtypes += fmt::format("{}{} of {}", dtypes.empty() ? "" : ", ", count, dtype);
  row("tensors", fmt::format("{} ({}), {} numbers", with_commas(contents.tensors), dtypes,
                             with_commas(contents.numbers)));
  if (!file.weights.part().empty())
    row("within", fmt::format("\"{}\" of a checkpoint", file.weights.part()));
  row("SHA-256", known.sha256);
  row("checksum", checksum_text(known));
  if (known.weights != nullptr) {
    row(known.is_public() ? "is" : "named as",
        fmt::format("{} of {}", known.weights->model, known.weights->source));
    row("from", std::string(known.weights->url));
  }
  for (const models::FittingModel& model : fitting) row("model", describe(model));
  if (fitting.empty()) row("model", "none that Fovea has");
  if (!file.card.classes.empty())
    row("classes", fmt::format("{}", fmt::join(file.card.classes, ", ")));
  if (file.card.targets == data::Targets::kMultiLabel) row("labels", "several a picture");
  if (!file.card.input.empty()) row("input", models::format_input(file.card.input));
  if (!file.card.normalize.empty())
    row("normalize", models::format_normalization(file.card.normalize));
  if (file.card.fit)
    row("pictures", fmt::format("are {} ({})", done_by(*file.card.fit), word_of(*file.card.fit)));
}

}  // namespace

KnownFile known_file(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  KnownFile known{.sha256 = vision::sha256_file(path), .said = models::checksum_in_name(name)};
  known.weights = models::find_public_weights_by_sha256(known.sha256);
  if (known.weights != nullptr) return known;
  known.weights = models::find_public_weights(name);
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
  if (known.weights != nullptr && !known.weights->may_weigh(bytes)) {
    throw ParseError(str("weights: size expected ", size_text(*known.weights),
                         ", as the public file of this name has, got ", bytes,
                         " bytes: was its download cut off? (", path, ")"));
  }
  return known;
}

int list_weights(const std::string& model, bool json) {
  if (!model.empty()) (void)models::model_info(model);  // an unknown name is an error
  Table table({{"model", Align::kLeft},
               {"from", Align::kLeft},
               {"size", Align::kRight},
               {"where", Align::kLeft}});
  Json list = Json::array();
  for (const models::PublicWeights& one : models::public_weights()) {
    if (!model.empty() && one.model != model) continue;
    table.add_row(
        {std::string(one.model), std::string(one.source), size_text(one), std::string(one.url)});
    list.push_back(to_json(one));
  }
  if (json) {
    put("{}\n", io::json_lines(list));
  } else if (list.empty()) {
    say("no public weights are known of {}\n", model);
  } else {
    put("{}", table.to_string(Terminal::output()));
  }
  return kExitDone;
}

int show_weights(const std::string& path, bool json) {
  const KnownFile known = known_file(path);
  const models::ModelFile file = models::load_model_file(path);
  const std::vector<models::FittingModel> fitting = fitting_models(file, known);
  if (json) {
    put("{}\n", io::json_lines(to_json(path, file, known, fitting)));
  } else {
    print(path, file, known, fitting);
  }
  return known.agrees() ? kExitDone : kExitBadInput;
}

}  // namespace fovea::cli
