#include "fovea/nn/text.h"

#include <charconv>
#include <cmath>

namespace fovea::nn::text {

namespace {

std::string write(double value, std::chars_format format) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  return {buffer, result.ptr};
}

}  // namespace

std::string number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string scientific = write(value, std::chars_format::scientific);
  const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  if (exponent < -4 || exponent >= 16) return scientific;
  std::string fixed = write(value, std::chars_format::fixed);
  return fixed.find('.') == std::string::npos ? fixed + ".0" : fixed;
}

std::string tuple(const Shape& values) {
  std::string joined;
  for (const std::int64_t value : values)
    joined += (joined.empty() ? "" : ", ") + std::to_string(value);
  return "(" + joined + (values.ndim() == 1 ? ",)" : ")");
}

std::string per_dim(const PerDim& values) {
  return values.values().ndim() == 1 ? std::to_string(values.values()[0]) : tuple(values.values());
}

}  // namespace fovea::nn::text
