#include "fovea/models/load_model.h"

#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"

namespace fovea::models {

namespace {

/// The model with its card; without weights.
LoadedModel make(const FoundModel& found) {
  LoadedModel model;
  const ModelOptions options = complete_options(found.name, found.options);
  model.module = make_model(found.name, options);
  model.card = {.model = found.name,
                .options = options,
                .classes = {},
                .input = model_input(found.name, options)};
  model.classes = std::stoll(options.at("num_classes"));
  return model;
}

/// Adds what the file knows beyond name and options.
void add_card(const ModelFile& file, const std::filesystem::path& path, LoadedModel& model) {
  ModelCard& card = model.card;
  if (file.card.model == card.model && !file.card.input.empty()) {
    check<ParseError>(file.card.input[0] == card.input[0], "weights: images expected ",
                      card.input[0], " channels as the model, got ", format_input(file.card.input),
                      " (", path.string(), ")");
    card.input = file.card.input;
  }
  card.classes = file.card.classes;
  card.normalize = file.card.normalize;
  card.targets = file.card.targets;
  card.fit = file.card.fit;
  card.held_out = file.card.held_out;
  card.ground = file.card.ground;
}

}  // namespace

/// Throws unless the file may be this model's.
void FoundModel::check_owner() const {
  const ModelFile& from = weights.value();
  const std::string& owner = from.card.model;
  check<ParseError>(owner.empty() || owner == name || from.model.name == name,
                    "weights: file expected to hold those of \"", name, "\", got those of \"",
                    owner, "\" (", file.string(), ")");
}

std::string FoundModel::load_into(nn::Module& module) const {
  check_owner();
  return describe(load_weights(module, weights->weights, name, file), file);
}

std::vector<std::string> FoundModel::load_body_into(nn::Module& module,
                                                    const ModelOptions& given) const {
  check_owner();
  const BodyReport report = load_body(module, weights->weights, name, given, file);
  std::vector<std::string> lines;
  if (const std::string line = describe(report.weights, file); !line.empty()) lines.push_back(line);
  std::string news;
  for (const std::string& remark : report.channels) news += "; " + remark;
  if (!report.fresh.empty()) {
    const auto scores = given.find("num_classes");
    news +=
        str("; ", join_words(report.fresh), report.fresh.size() == 1 ? " is new: " : " are new: ");
    news += report.classes == 0 ? "the file has none"
                                : str(scores->second, " classes instead of ", report.classes);
  }
  if (!news.empty())
    lines.push_back(str("train: the body is taken from ", file.string(), " (", report.taken,
                        " tensors)", news));
  return lines;
}

FoundModel find_model(ModelRequest request) {
  ModelChoice choice;
  if (!request.model.empty()) choice = choose_model(request.model);
  FoundModel found;
  found.file = request.weights.empty() ? std::filesystem::path(choice.weights) : request.weights;
  if (!found.file.empty()) found.weights.emplace(load_model_file(found.file));
  if (request.model.empty() && found.weights) choice = found.weights->model;
  found.name = choice.name;
  found.options = request.options;
  found.options.merge(choice.options);
  if (found.weights && found.name == found.weights->card.model)
    found.options.merge(ModelOptions(found.weights->card.options));
  found.request = std::move(request);
  return found;
}

LoadedModel load_model(const FoundModel& found) {
  check<ArgumentError>(!found.name.empty(), "model: name expected, got none",
                       found.weights ? ", nor do the weights name theirs (" : "",
                       found.file.string(), found.weights ? ")" : "");
  LoadedModel model;
  try {
    model = make(found);
  } catch (const ArgumentError& error) {
    // What nobody asked for came from the file.
    if (!found.request.model.empty() || !found.request.options.empty()) throw;
    throw ParseError(str(error.what(), " (", found.file.string(), ")"));
  }
  if (found.weights) {
    add_card(*found.weights, found.file, model);
    model.note = found.load_into(*model.module);
  }
  model.module->eval();
  return model;
}

LoadedModel load_model(ModelRequest request) { return load_model(find_model(std::move(request))); }

}  // namespace fovea::models
