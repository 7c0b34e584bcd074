#include "fovea/train/balance.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/io/read_file.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20;

/// A weight as text, or nothing.
std::optional<double> read_weight(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || after != end || !std::isfinite(value) || value < 0) return {};
  return value;
}

/// A number for each class; nothing when the text is something else.
std::optional<std::vector<double>> read_numbers(std::string_view text) {
  std::vector<double> weights;
  for (const std::string& piece : split(text, ',')) {
    const std::optional<double> weight = read_weight(piece);
    if (!weight) return {};
    weights.push_back(*weight);
  }
  return weights;
}

void check_count(std::size_t got, std::size_t classes, const std::string& source) {
  check<ParseError>(got == classes, "class weights: numbers expected ", classes,
                    ", one for each class, got ", got, " (", source, ")");
}

std::string class_called(const std::vector<std::string>& classes, std::size_t index) {
  return index < classes.size() ? classes[index] : std::to_string(index);
}

/// The weights of the classes of `train` that balance them.
std::vector<double> balanced_weights_of(const data::Dataset& train,
                                        const std::vector<std::string>& classes) {
  const auto count = static_cast<std::int64_t>(classes.size());
  if (train.targets() == data::Targets::kSingleLabel)
    return balanced_weights(count_classes(train.labels(), count), classes);
  std::vector<std::int64_t> all;
  for (const std::vector<std::int64_t>& labels : train.label_sets())
    all.insert(all.end(), labels.begin(), labels.end());
  return balanced_label_weights(count_classes(all, count), train.size(), classes);
}

}  // namespace

std::vector<std::int64_t> count_classes(const std::vector<std::int64_t>& labels,
                                        std::int64_t classes) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    check<IndexError>(labels[i] >= 0 && labels[i] < classes,
                      "count_classes: label expected in [0, ", classes, "), got ", labels[i],
                      " (sample ", i, ")");
    ++counts[static_cast<std::size_t>(labels[i])];
  }
  return counts;
}

std::vector<double> balanced_weights(const std::vector<std::int64_t>& counts,
                                     const std::vector<std::string>& classes) {
  double samples = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    check<ArgumentError>(counts[i] > 0,
                         "balanced_weights: samples expected of every class, got "
                         "none of \"",
                         class_called(classes, i), "\"");
    samples += static_cast<double>(counts[i]);
  }
  std::vector<double> weights;
  weights.reserve(counts.size());
  for (const std::int64_t count : counts)
    weights.push_back(samples / (static_cast<double>(counts.size()) * static_cast<double>(count)));
  return weights;
}

std::vector<double> balanced_label_weights(const std::vector<std::int64_t>& counts,
                                           std::int64_t samples,
                                           const std::vector<std::string>& classes) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    check<ArgumentError>(
        counts[i] > 0 && counts[i] < samples, "balanced_label_weights: samples with and without \"",
        class_called(classes, i), "\" expected, got ", counts[i], " with it of ", samples);
    weights.push_back(static_cast<double>(samples - counts[i]) / static_cast<double>(counts[i]));
  }
  return weights;
}

std::vector<double> parse_class_weights(std::string_view text,
                                        const std::vector<std::string>& classes,
                                        const std::string& source) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  const std::vector<std::string> lines = split(text, '\n');
  if (lines.size() == 1) {
    if (const auto numbers = read_numbers(lines.front())) {
      check_count(numbers->size(), classes.size(), source);
      return *numbers;
    }
  }
  std::vector<std::optional<double>> weights(classes.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (line.empty() || line == "\r") continue;
    const std::string place = str(source, ", line ", i + 1);
    const std::size_t comma = line.rfind(',');
    const auto weight =
        comma == std::string::npos ? std::optional<double>() : read_weight(line.substr(comma + 1));
    check<ParseError>(weight.has_value(),
                      "class weights: line expected NAME,WEIGHT with a weight at least 0, got \"",
                      line.substr(0, 80), "\" (", place, ")");
    const std::string name = line.substr(0, comma);
    const auto found = std::find(classes.begin(), classes.end(), name);
    check<ParseError>(found != classes.end(), "class weights: class expected of the data, got \"",
                      name, "\"", did_you_mean(name, classes), " (", place, ")");
    auto& own = weights[static_cast<std::size_t>(found - classes.begin())];
    check<ParseError>(!own, "class weights: class expected once, got \"", name, "\" again (", place,
                      ")");
    own = weight;
  }
  std::vector<double> numbers;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    check<ParseError>(weights[i].has_value(), "class weights: weight expected for \"", classes[i],
                      "\", got none (", source, ")");
    numbers.push_back(*weights[i]);
  }
  return numbers;
}

std::vector<double> class_weights_of(const std::string& setting, const data::Dataset& train,
                                     const std::vector<std::string>& classes) {
  if (setting == "none") return {};
  if (setting == "balanced") return balanced_weights_of(train, classes);
  if (const auto numbers = read_numbers(setting)) {
    check_count(numbers->size(), classes.size(), "config: class_weights");
    return *numbers;
  }
  return parse_class_weights(io::read_text(setting, kMostBytes), classes, setting);
}

std::string format_class_weights(const std::vector<double>& weights) {
  std::string text;
  for (const double weight : weights) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), weight).ptr;
    text += (text.empty() ? "" : ",") + std::string(buffer.data(), end);
  }
  return text;
}

std::shared_ptr<const data::Sampler> balanced_sampler(const data::Dataset& train,
                                                      const std::vector<std::string>& classes,
                                                      std::uint64_t seed) {
  const std::vector<std::int64_t> labels = train.labels();
  const std::vector<double> by_class =
      balanced_weights(count_classes(labels, static_cast<std::int64_t>(classes.size())), classes);
  std::vector<double> weights;
  weights.reserve(labels.size());
  for (const std::int64_t label : labels)
    weights.push_back(by_class[static_cast<std::size_t>(label)]);
  return std::make_shared<data::WeightedRandomSampler>(weights, train.size(), seed);
}

}  // namespace fovea::train
