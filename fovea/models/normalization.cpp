#include "fovea/models/normalization.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/data/transforms.h"

namespace fovea::models {

namespace {

/// "0.5,0.25" as numbers; nothing when a piece is none.
std::optional<std::vector<double>> numbers_of(std::string_view text) {
  std::vector<double> numbers;
  const char* next = text.data();
  const char* const end = next + text.size();
  for (;;) {
    double number = 0;
    const auto [after, error] = std::from_chars(next, end, number);
    if (error != std::errc() || (after != end && *after != ',')) return std::nullopt;
    numbers.push_back(number);
    if (after == end) return numbers;
    next = after + 1;
  }
}

bool can_be(const Normalization& normalization) {
  bool ok = normalization.mean.size() == normalization.std.size();
  for (const double mean : normalization.mean) ok = ok && std::isfinite(mean);
  for (const double std : normalization.std) ok = ok && std::isfinite(std) && std > 0;
  return ok;
}

/// The shortest decimals that read back as these numbers.
std::string list_of(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) {
    std::array<char, 32> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    if (!text.empty()) text += ',';
    text.append(buffer.data(), result.ptr);
  }
  return text;
}

}  // namespace

const std::vector<NamedNormalization>& usual_normalizations() {
  static const std::vector<NamedNormalization> kAll = {
      {"imagenet",
       {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}},
       "torchvision's reference trainings and weights"},
      {"cifar10",
       {{0.4914, 0.4822, 0.4465}, {0.2470, 0.2435, 0.2616}},
       "over the 50,000 training images"},
      {"cifar100",
       {{0.5071, 0.4865, 0.4409}, {0.2673, 0.2564, 0.2762}},
       "over the 50,000 training images"},
      {"mnist", {{0.1307}, {0.3081}}, "over the 60,000 training images; PyTorch's examples"},
      {"fashion-mnist", {{0.2860}, {0.3530}}, "over the 60,000 training images"},
  };
  return kAll;
}

data::Transform Normalization::transform() const {
  if (empty()) return {};
  return data::Normalize(mean, std);
}

Normalization parse_normalization(std::string_view text, std::string_view what) {
  if (text == "none") return {};
  std::vector<std::string> words = {"none"};
  for (const NamedNormalization& known : usual_normalizations()) {
    if (text == known.name) return known.values;
    words.push_back(known.name);
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto mean = numbers_of(text.substr(0, slash)), std = numbers_of(text.substr(slash + 1));
    if (mean && std) {
      Normalization normalization{*mean, *std};
      if (can_be(normalization)) return normalization;
    }
  }
  throw ArgumentError(str(what, " expected ", join_words(words),
                          ", or means/deviations such as 0.5/0.25, got \"", text, "\"",
                          did_you_mean(text, words)));
}

std::string format_normalization(const Normalization& normalization) {
  if (normalization.empty()) return "none";
  return list_of(normalization.mean) + "/" + list_of(normalization.std);
}

void check_channels(const Normalization& normalization, std::int64_t channels,
                    std::string_view what) {
  const auto values = static_cast<std::int64_t>(normalization.mean.size());
  check<ArgumentError>(values <= 1 || values == channels, what, " expected values for ", channels,
                       channels == 1 ? " channel" : " channels", ", got ", values);
}

}  // namespace fovea::models
