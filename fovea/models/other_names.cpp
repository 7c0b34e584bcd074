#include "fovea/models/other_names.h"

#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "fovea/core/error.h"

namespace fovea::models {

namespace {

/// The beginning of a name in timm, and what stands there in torchvision.
using Renamed = std::pair<std::string_view, std::string_view>;

constexpr Renamed kVgg[] = {{"pre_logits.fc1.", "classifier.0."},
                            {"pre_logits.fc2.", "classifier.3."},
                            {"head.fc.", "classifier.6."}};

constexpr Renamed kResNetChildren[] = {{"0.", "conv1."},  {"1.", "bn1."},    {"4.", "layer1."},
                                       {"5.", "layer2."}, {"6.", "layer3."}, {"7.", "layer4."},
                                       {"9.", "fc."}};

constexpr Renamed kMobileNetEnds[] = {{"conv_stem.", "features.0.0."},
                                      {"bn1.", "features.0.1."},
                                      {"conv_head.", "features.18.0."},
                                      {"bn2.", "features.18.1."},
                                      {"classifier.", "classifier.1."}};

// A block of MobileNetV2: without expansion in the first stage, with it in the others.
constexpr Renamed kFirstBlock[] = {
    {"conv_dw.", "0.0."}, {"bn1.", "0.1."}, {"conv_pw.", "1."}, {"bn2.", "2."}};
constexpr Renamed kBlock[] = {{"conv_pw.", "0.0."}, {"bn1.", "0.1."},    {"conv_dw.", "1.0."},
                              {"bn2.", "1.1."},     {"conv_pwl.", "2."}, {"bn3.", "3."}};

// The blocks before each stage.
constexpr std::array<int, 7> kBlocksBefore = {0, 1, 3, 6, 10, 13, 16};

std::optional<std::string> replaced(std::string_view name, std::span<const Renamed> table) {
  for (const auto& [from, to] : table)
    if (name.starts_with(from)) return std::string(to).append(name.substr(from.size()));
  return {};
}

/// Takes a number and the dot behind it off the front of `text`.
std::optional<std::size_t> take_number(std::string_view& text) {
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || after == end || *after != '.') return {};
  text.remove_prefix(static_cast<std::size_t>(after - text.data()) + 1);
  return number;
}

std::optional<std::string> mobilenet_name(std::string_view name) {
  constexpr std::string_view kBlocks = "blocks.";
  if (!name.starts_with(kBlocks)) return replaced(name, kMobileNetEnds);
  name.remove_prefix(kBlocks.size());
  const auto stage = take_number(name);
  const auto block = stage ? take_number(name) : std::nullopt;
  if (!block || *stage >= kBlocksBefore.size()) return {};
  const auto rest = *stage == 0 ? replaced(name, kFirstBlock) : replaced(name, kBlock);
  if (!rest) return {};
  const std::size_t before = static_cast<std::size_t>(kBlocksBefore[*stage]);
  return str("features.", 1 + before + *block, ".conv.", *rest);
}

}  // namespace

bool has_names(Naming naming, std::string_view model) {
  switch (naming) {
    case Naming::kOwn:
      return true;
    case Naming::kTimm:
      return model.starts_with("vgg") || model == "mobilenet_v2";
    case Naming::kNumbered:
      return model.starts_with("resnet");
  }
  no_case_for("name_from", naming);
}

std::string name_from(Naming naming, std::string_view model, const std::string& name) {
  if (naming == Naming::kOwn || !has_names(naming, model)) return name;
  const auto found = naming == Naming::kNumbered ? replaced(name, kResNetChildren)
                     : model.starts_with("vgg")  ? replaced(name, kVgg)
                                                 : mobilenet_name(name);
  return found.value_or(name);
}

}  // namespace fovea::models
