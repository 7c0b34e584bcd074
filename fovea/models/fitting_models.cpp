#include "fovea/models/fitting_models.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/models/fit_weights.h"

namespace fovea::models {

namespace {

// Networks for small images have fewer numbers to draw, and the names of those for large ones.
constexpr const char* kSmallSide = "32";

// What stands in some name of all weights of such models, whoever named them. A network of a
// hundred million numbers need not be drawn to see that it is not meant.
constexpr std::pair<std::string_view, std::string_view> kMarks[] = {{"vgg", "features."},
                                                                    {"alexnet", "features."},
                                                                    {"resnet", "conv2."},
                                                                    {"googlenet", "inception"},
                                                                    {"squeezenet", "squeeze"}};

bool may_be(std::string_view name, const std::vector<nn::StateSource>& sources) {
  for (const auto& family : kMarks) {
    if (!name.starts_with(family.first)) continue;
    return std::any_of(sources.begin(), sources.end(), [&](const nn::StateSource& source) {
      return source.name.find(family.second) != std::string::npos;
    });
  }
  return true;
}

std::vector<nn::StateSource> sources_of(const io::TensorFile& weights) {
  std::vector<nn::StateSource> sources;
  for (std::size_t i = 0; i < weights.size(); ++i)
    sources.push_back({.name = weights.name_of(i),
                       .dtype = weights.array(i).dtype,
                       .sizes = weights.array(i).sizes,
                       .copy_into = [](const Tensor&) {}});
  return sources;
}

/// The model's state with these options; nothing when it cannot be made so.
std::optional<StateDict> state_of(const std::string& name, const ModelOptions& options) {
  try {
    return make_model(name, options)->state_dict();
  } catch (const Error&) {
    return {};
  }
}

bool has_names_of(const StateDict& state, const FittedWeights& fitted) {
  std::set<std::string> own, given;
  for (const auto& [name, tensor] : state) own.insert(name);
  for (const nn::StateSource& source : fitted.sources) given.insert(source.name);
  return own == given;
}

/// The file's sizes of the first of `names` that has `least` dimensions or more.
std::optional<Shape> sizes_of(const FittedWeights& fitted, const std::set<std::string>& names,
                              int least) {
  for (const nn::StateSource& source : fitted.sources)
    if (names.contains(source.name) && source.sizes.ndim() >= least) return source.sizes;
  return {};
}

std::optional<FittingModel> fitting(const std::string& name,
                                    const std::vector<nn::StateSource>& sources) {
  ModelOptions options = {{"image_size", kSmallSide}};
  std::optional<StateDict> state = state_of(name, options);
  if (!state) return {};
  FittedWeights fitted = fit_weights(*state, sources, name);
  if (!has_names_of(*state, fitted)) return {};
  const LooseParts loose = loose_parts(name, complete_options(name, options), *state);
  if (const auto head = sizes_of(fitted, loose.head, 1))
    options["num_classes"] = std::to_string((*head)[0]);
  // (Of a linear layer one cannot tell how many channels how large an image has.)
  if (const auto stem = sizes_of(fitted, loose.stem, 4))
    options["in_channels"] = std::to_string((*stem)[1]);
  for (const bool usual : {true, false}) {
    if (usual) {
      options.erase("image_size");
    } else {
      options["image_size"] = kSmallSide;
    }
    state = state_of(name, options);
    if (state && fits(*state, fit_weights(*state, sources, name).sources))
      return FittingModel{name, complete_options(name, options)};
  }
  return {};
}

}  // namespace

std::vector<FittingModel> fitting_models(const io::TensorFile& weights,
                                         const std::vector<std::string>& names) {
  const Generator before = default_generator();
  const std::vector<nn::StateSource> sources = sources_of(weights);
  std::vector<FittingModel> found;
  for (const std::string& name : names) {
    if (!may_be(name, sources)) continue;
    if (auto model = fitting(name, sources)) found.push_back(*std::move(model));
  }
  default_generator() = before;
  return found;
}

}  // namespace fovea::models
