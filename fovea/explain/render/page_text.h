// JSON as it is written for pages: large arrays of numbers, where io/json.h would build a tree
// first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/core/language.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/tensor.h"

namespace fovea::explain {

/// A number with the fewest digits that give it back; the strings "nan", "inf" and "-inf" for what
/// is none.
std::string page_number(double value);
std::string page_number(float value);  ///< see above

/// The elements of a tensor in logical order, as a flat list: those of f64 as doubles, other
/// floating ones as floats.
std::string page_numbers(const Tensor& values);
/// Numbers as a list.
std::string page_numbers(const std::vector<double>& values);

/// A string with its quotes.
std::string page_string(const std::string& text);
/// A string where both languages have the same, else {"en": "...", "ko": "..."}.
std::string page_text(const Text& text);

/// "data:image/png;base64,..." with its quotes.
std::string page_picture(const io::Image& image);

/// A word of ours with its quotes: one that needs no escapes.
inline std::string quoted(std::string_view word) { return "\"" + std::string(word) + "\""; }

/// A list whose elements are what `json_of` makes of the items.
template <class T, class F>
std::string list_of_all(const std::vector<T>& items, const F& json_of) {
  std::string text = "[";
  for (const T& item : items) {
    if (text.size() > 1) text += ',';
    text += json_of(item);
  }
  return text + "]";
}

/// The members of an object, in their order.
class PageObject {
 public:
  /// Adds a member whose value is JSON already.
  PageObject& json(std::string_view name, std::string_view json) {
    text_ += text_.size() > 1 ? ",\"" : "\"";
    text_.append(name).append("\":").append(json);
    return *this;
  }
  /// Adds words.
  PageObject& text(std::string_view name, const Text& text) { return json(name, page_text(text)); }
  /// Adds a whole number.
  PageObject& number(std::string_view name, std::int64_t number) {
    return json(name, std::to_string(number));
  }
  /// Adds true or false.
  PageObject& flag(std::string_view name, bool value) {
    return json(name, value ? "true" : "false");
  }
  std::string finish() const { return text_ + "}"; }  ///< the object

 private:
  std::string text_ = "{";
};

}  // namespace fovea::explain
