#include "fovea/train/fine_tuning.h"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/nn/batch_norm.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

/// What is between the commas of a setting that may be empty.
std::vector<std::string> parts_of(const std::string& list) {
  return list.empty() ? std::vector<std::string>() : split(list, ',');
}

/// The number that all of `text` is.
template <class T>
std::optional<T> number_of(std::string_view text) {
  T number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || after != end) return {};
  return number;
}

/// Both sides of "PATTERN=X". Throws ArgumentError.
std::pair<std::string, double> read_scale(const std::string& part) {
  const std::size_t equals = std::min(part.rfind('='), part.size());
  const auto scale =
      number_of<double>(std::string_view(part).substr(std::min(equals + 1, part.size())));
  check<ArgumentError>(equals > 0 && scale && std::isfinite(*scale) && *scale > 0,
                       "config: lr_scale expected PATTERN=X with X above 0, got \"", part, "\"");
  return {part.substr(0, equals), *scale};
}

/// Whether `pattern` names the parameter, or a part that it lies in.
bool matches_name(const std::string& pattern, const std::string& parameter) {
  for (std::size_t end = parameter.size(); end != std::string::npos && end > 0;
       end = parameter.rfind('.', end - 1)) {
    if (::fnmatch(pattern.c_str(), parameter.substr(0, end).c_str(), 0) == 0) return true;
  }
  return false;
}

/// A part of the model that is counted by `freeze = N`, by its dotted name.
std::vector<std::string> stages_of(nn::Module& model) {
  std::vector<std::string> stages;
  for (const auto& [name, child] : model.named_children()) {
    if (child->parameters().empty()) continue;
    if (name != "features") {
      stages.push_back(name);
      continue;
    }
    for (const auto& [inner, part] : child->named_children())
      if (!part->parameters().empty()) stages.push_back(str(name, ".", inner));
  }
  return stages;
}

/// Everything that a pattern could name, the nearest to the root first.
std::vector<std::string> names_in(nn::Module& model, const NamedTensors& parameters) {
  std::vector<std::string> names;
  for (const auto& [name, module] : model.named_modules())
    if (!name.empty() && !module->parameters().empty()) names.push_back(name);
  for (const auto& [name, tensor] : parameters) names.push_back(name);
  std::stable_sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return std::count(a.begin(), a.end(), '.') < std::count(b.begin(), b.end(), '.');
  });
  return names;
}

/// Puts batch norm whose parameters are all frozen, with the part around it where it has none, in
/// evaluation mode.
void hold_statistics(nn::Module& model) {
  for (const auto& [name, part] : model.named_modules()) {
    const Tensors parameters = part->parameters();
    const bool learns = std::any_of(parameters.begin(), parameters.end(),
                                    [](const Tensor& p) { return p.requires_grad(); });
    if (parameters.empty() || learns) continue;
    part->apply([](nn::Module& module) {
      if (dynamic_cast<nn::BatchNorm*>(&module) != nullptr) module.eval();
    });
  }
}

}  // namespace

void check_fine_tuning(const TrainConfig& config) {
  for (const std::string& part : parts_of(config.freeze)) {
    check<ArgumentError>(!part.empty(),
                         "config: freeze expected patterns with commas between "
                         "them, got \"",
                         config.freeze, "\"");
    const auto stages = number_of<std::int64_t>(part);
    check<ArgumentError>(!stages || *stages >= 1, "config: freeze expected at least 1 stage, got ",
                         part);
  }
  for (const std::string& part : parts_of(config.lr_scale)) (void)read_scale(part);
  check<ArgumentError>(config.unfreeze_at == 0 || config.unfreeze_at >= 2,
                       "config: unfreeze_at expected an epoch from 2, or 0 for never, got ",
                       config.unfreeze_at);
  check<ArgumentError>(config.unfreeze_at == 0 || !config.freeze.empty(),
                       "config: unfreeze_at expected with freeze only, got it without");
}

FineTuning::FineTuning(nn::Module& model, const TrainConfig& config)
    : model_(model),
      parameters_(model.named_parameters()),
      unfreeze_at_(config.unfreeze_at),
      scales_(parameters_.size(), 1) {
  check_fine_tuning(config);
  for (const std::string& part : parts_of(config.freeze)) freeze_part(part);
  check<ArgumentError>(frozen_.size() < parameters_.size() || parameters_.empty(),
                       "config: freeze expected to leave something to learn, got all ",
                       parameters_.size(), " parameters frozen by \"", config.freeze, "\"");
  for (const std::string& part : parts_of(config.lr_scale)) set_scale(part);
}

/// The parameters that a pattern means. Throws where there is none.
std::vector<std::string> FineTuning::matches(const char* setting,
                                             const std::string& pattern) const {
  std::vector<std::string> found;
  for (const auto& [name, tensor] : parameters_)
    if (matches_name(pattern, name)) found.push_back(name);
  if (!found.empty()) return found;
  const std::string plain = pattern.substr(0, pattern.find_last_not_of("*.") + 1);
  const std::vector<std::string> names = names_in(model_, parameters_);
  const std::string near = did_you_mean(plain, names);
  throw ArgumentError(str("config: ", setting, " expected parameters or parts of the model, got \"",
                          pattern, "\", which matches none",
                          near.empty() ? " of " + join_words(stages_of(model_)) : near));
}

void FineTuning::freeze_part(const std::string& part) {
  const auto count = number_of<std::int64_t>(part);
  if (!count) {
    for (std::string& name : matches("freeze", part)) frozen_.insert(std::move(name));
    return;
  }
  const std::vector<std::string> stages = stages_of(model_);
  check<ArgumentError>(*count <= static_cast<std::int64_t>(stages.size()),
                       "config: freeze expected at most the model's ", stages.size(), " stages (",
                       join_words(stages), "), got ", *count);
  for (std::int64_t i = 0; i < *count; ++i)
    for (std::string& name : matches("freeze", stages[static_cast<std::size_t>(i)]))
      frozen_.insert(std::move(name));
}

/// Of several patterns that match a parameter, the last one counts.
void FineTuning::set_scale(const std::string& part) {
  const auto [pattern, scale] = read_scale(part);
  const std::vector<std::string> names = matches("lr_scale", pattern);
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (std::find(names.begin(), names.end(), parameters_[i].first) != names.end())
      scales_[i] = scale;
}

std::vector<ScaledParameters> FineTuning::groups() const {
  std::vector<ScaledParameters> groups;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto& [name, tensor] = parameters_[i];
    if (unfreeze_at_ == 0 && frozen_.contains(name)) continue;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const ScaledParameters& known) {
      return known.scale == scales_[i];
    });
    if (group == groups.end()) {
      // The rate that logs show is the first group's.
      const auto place = scales_[i] == 1 ? groups.begin() : groups.end();
      group = groups.insert(place, ScaledParameters{{}, scales_[i]});
    }
    group->parameters.push_back(tensor);
  }
  return groups;
}

std::vector<double> FineTuning::group_scales() const {
  std::vector<double> scales;
  for (const ScaledParameters& group : groups()) scales.push_back(group.scale);
  return scales;
}

void FineTuning::begin_epoch(std::int64_t epoch) const {
  if (frozen_.empty()) return;
  const bool frozen = is_frozen(epoch);
  for (const auto& [name, tensor] : parameters_)
    if (frozen_.contains(name)) Tensor(tensor).set_requires_grad(!frozen);
  if (frozen) hold_statistics(model_);
}

std::string FineTuning::describe() const {
  if (frozen_.empty()) return {};
  std::vector<std::string> parts;
  for (const std::string& name : names_in(model_, parameters_)) {
    const auto inside = [&](const std::string& outer) {
      return name == outer || name.starts_with(outer + ".");
    };
    const bool whole = std::all_of(parameters_.begin(), parameters_.end(), [&](const auto& named) {
      return (named.first != name && !named.first.starts_with(name + ".")) ||
             frozen_.contains(named.first);
    });
    if (whole && std::none_of(parts.begin(), parts.end(), inside)) parts.push_back(name);
  }
  constexpr std::size_t kShown = 8;
  const std::size_t more = parts.size() - std::min(parts.size(), kShown);
  parts.resize(parts.size() - more);
  const bool one = parts.size() == 1 && more == 0;
  return str("train: ", join_words(parts), more > 0 ? str(" and ", more, " more") : "",
             one ? " is" : " are", " frozen (", frozen_.size(), " of ", parameters_.size(),
             " parameters)", unfreeze_at_ > 0 ? str(" until epoch ", unfreeze_at_) : "");
}

}  // namespace fovea::train
