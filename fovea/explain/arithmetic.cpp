#include "fovea/explain/arithmetic.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "fovea/core/error.h"

namespace fovea::explain {

namespace {

/// Above it doubles are whole, and so many digits that nobody reads them all.
constexpr double kLongest = 1e15;

template <class... How>
std::string digits_of(How... how) {
  std::array<char, 64> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), how...);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string();
}

/// Without zeros at the end of what stands after the point.
std::string without_zeros(std::string text) {
  const std::size_t power = std::min(text.find('e'), text.size());
  if (text.find('.') >= power) return text;
  std::size_t end = power;
  while (text[end - 1] == '0') --end;
  if (text[end - 1] == '.') --end;
  return text.erase(end, power - end);
}

/// In brackets when it is below 0.
std::string bracketed(double value) {
  std::string text = number_text(value);
  return text.starts_with('-') ? "(" + text + ")" : text;
}

}  // namespace

std::string number_text(double value, int digits) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const double size = std::abs(value);
  if (size >= kLongest) return digits_of(value);
  if (value == std::trunc(value)) return digits_of(static_cast<std::int64_t>(value));
  // More digits than a float has would show what is not in it.
  constexpr int kOfFloat = 9;
  if (digits >= kOfFloat && value == static_cast<float>(value))
    return digits_of(static_cast<float>(value));
  // As it is written below 1, so that no number of everyday size has an exponent.
  if (size < 1)
    return without_zeros(digits_of(value, std::chars_format::general, std::max(digits, 1)));
  const int before_point = static_cast<int>(std::log10(size)) + 1;
  return without_zeros(
      digits_of(value, std::chars_format::fixed, std::max(digits - before_point, 0)));
}

std::string products_text(std::span<const double> values, std::span<const double> weights,
                          std::int64_t columns) {
  check<ArgumentError>(weights.size() == values.size(),
                       "products_text: weights expected as many as values, ", values.size(),
                       ", got ", weights.size());
  const auto row = static_cast<std::size_t>(std::max<std::int64_t>(columns, 1));
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += i % row == 0 ? " + " : "+";
    text += "(" + number_text(values[i]) + "x" + bracketed(weights[i]) + ")";
  }
  return text;
}

std::string sum_text(std::span<const double> terms) {
  std::string text;
  for (const double term : terms) text += (text.empty() ? "" : " + ") + bracketed(term);
  return text;
}

}  // namespace fovea::explain
