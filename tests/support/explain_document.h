// What walks say to programs, read by tests.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "fovea/explain/walk.h"

namespace fovea::test {

/// A field of an object. Throws std::out_of_range.
inline const explain::Value& field(const explain::Value& object, const std::string& name) {
  for (const auto& [key, value] : std::get<explain::Fields>(object.kind()))
    if (key == name) return value;
  throw std::out_of_range(name);
}
/// A field of a walk's document.
inline const explain::Value& field(const explain::Walk& walk, const std::string& name) {
  return field(walk.document, name);
}

/// A list.
inline const std::vector<explain::Value>& list(const explain::Value& value) {
  return std::get<std::vector<explain::Value>>(value.kind());
}

/// A string.
inline const std::string& text(const explain::Value& value) {
  return std::get<std::string>(value.kind());
}

/// True for null.
inline bool is_null(const explain::Value& value) {
  return std::holds_alternative<std::monostate>(value.kind());
}

/// A number, whole or not.
inline double number(const explain::Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.kind()))
    return static_cast<double>(*whole);
  return std::get<double>(value.kind());
}

/// All numbers of a tensor or of nested lists; null is none.
inline std::vector<double> numbers(const explain::Value& value) {
  if (const auto* tensor = std::get_if<Tensor>(&value.kind())) return tensor->to_vector<double>();
  if (const auto* many = std::get_if<std::vector<explain::Value>>(&value.kind())) {
    std::vector<double> all;
    for (const explain::Value& one : *many) {
      const std::vector<double> more = numbers(one);
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }
  return is_null(value) ? std::vector<double>() : std::vector<double>{number(value)};
}

/// Whole numbers as a shape.
inline Shape places(const explain::Value& value) {
  Shape shape;
  for (const double place : numbers(value)) shape.push_back(static_cast<std::int64_t>(place));
  return shape;
}

}  // namespace fovea::test
