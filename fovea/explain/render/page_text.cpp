#include "fovea/explain/render/page_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "fovea/io/base64.h"
#include "fovea/io/json.h"

namespace fovea::explain {

namespace {

template <class T>
void append_number(std::string& text, T value) {
  if (!std::isfinite(value)) {
    text += std::isnan(value) ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"";
    return;
  }
  std::array<char, 32> digits;
  // -0 is 0 for people.
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value == 0 ? T(0) : value);
  text.append(digits.data(), end.ptr);
}

template <class T>
std::string list_of_numbers(const std::vector<T>& values) {
  std::string text = "[";
  for (const T value : values) {
    if (text.size() > 1) text += ',';
    append_number(text, value);
  }
  return text + "]";
}

}  // namespace

std::string page_number(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

std::string page_number(float value) {
  std::string text;
  append_number(text, value);
  return text;
}

std::string page_numbers(const Tensor& values) {
  if (!values.defined()) return "[]";
  if (values.dtype() == f64 || !is_floating(values.dtype()))
    return list_of_numbers(values.detach().to_vector<double>());
  return list_of_numbers(values.detach().to_vector<float>());
}

std::string page_numbers(const std::vector<double>& values) { return list_of_numbers(values); }

std::string page_string(const std::string& text) { return io::json_line(io::Json(text)); }

std::string page_text(const Text& text) {
  if (text.english == text.korean) return page_string(text.english);
  return R"({"en":)" + page_string(text.english) + R"(,"ko":)" + page_string(text.korean) + "}";
}

std::string page_picture(const io::Image& image) {
  return "\"data:image/png;base64," + io::encode_base64(io::encode_png(image)) + "\"";
}

}  // namespace fovea::explain
