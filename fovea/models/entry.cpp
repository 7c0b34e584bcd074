#include "fovea/models/entry.h"

#include <charconv>

#include "fovea/core/error.h"
#include "fovea/core/language.h"

namespace fovea::models {

namespace {

/// Whether all of `text` is a number, which then is in `value`.
template <class T>
bool is_number(const std::string& text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::int64_t OptionReader::integer(const std::string& name, std::int64_t low,
                                   std::int64_t high) const {
  const std::string& text = options_.at(name);
  std::int64_t value = 0;
  check_in_both<ArgumentError>(is_number(text, value) && value >= low && value <= high, [&] {
    return Text(str(model_, ": ", name, " expected a whole number from ", low, " to ", high,
                    ", got \"", text, "\""),
                str(model_, ": ", name, "은(는) ", low, "에서 ", high, "까지의 정수여야 하는데 \"",
                    text, "\"입니다"));
  });
  return value;
}

double OptionReader::probability(const std::string& name) const {
  const std::string& text = options_.at(name);
  double value = 0;
  check<ArgumentError>(is_number(text, value) && value >= 0 && value < 1, model_, ": ", name,
                       " expected a number from 0 to below 1, got \"", text, "\"");
  return value;
}

bool OptionReader::flag(const std::string& name) const {
  const std::string& text = options_.at(name);
  check<ArgumentError>(text == "true" || text == "false", model_, ": ", name,
                       " expected true or false, got \"", text, "\"");
  return text == "true";
}

std::vector<ModelOption> image_options(const std::string& classes, const std::string& channels,
                                       const std::string& side) {
  return {{"num_classes", classes, "classes to tell apart"},
          {"in_channels", channels, "channels of an image"},
          {"image_size", side, "height and width of an image"}};
}

std::vector<ModelOption> image_options(const std::string& classes, const std::string& channels,
                                       const std::string& side, const std::string& dropout) {
  std::vector<ModelOption> options = image_options(classes, channels, side);
  options.push_back({"dropout", dropout, "probability that a value is dropped in training"});
  return options;
}

void check_image_size(const char* model, std::int64_t size, std::int64_t least) {
  check<ArgumentError>(size >= least, model, ": image_size expected at least ", least, ", got ",
                       size);
}

}  // namespace fovea::models
