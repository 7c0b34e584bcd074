// What tests read of a walk: its document, stops and words.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/explain/walk.h"
#include "fovea/tensor/tensor.h"

namespace fovea::test {

using explain::Block;
using explain::Board;
using explain::Cells;
using explain::Fields;
using explain::Mark;
using explain::Note;
using explain::Role;
using explain::Stop;
using explain::Value;
using explain::Walk;

/// The value called `name`; fails the test when there is none.
inline const Value& get(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  ADD_FAILURE() << "no field " << name;
  static const Value kNone;
  return kNone;
}
/// That of an object.
inline const Value& get(const Value& object, std::string_view name) {
  return get(std::get<Fields>(object.kind()), name);
}
/// That of a walk's document.
inline const Value& get(const Walk& walk, std::string_view name) {
  return get(walk.document, name);
}
/// Whether there is one.
inline bool has(const Fields& fields, std::string_view name) {
  for (const auto& field : fields)
    if (field.first == name) return true;
  return false;
}

/// The names of fields.
inline std::vector<std::string> names(const Fields& fields) {
  std::vector<std::string> all;
  all.reserve(fields.size());
  for (const auto& field : fields) all.push_back(field.first);
  return all;
}

/// As a kind.
template <class T>
const T& as(const Value& value) {
  return std::get<T>(value.kind());
}
/// A list.
inline const std::vector<Value>& list(const Value& value) { return as<std::vector<Value>>(value); }
/// A string.
inline const std::string& text(const Value& value) { return as<std::string>(value); }
/// True for null.
inline bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value.kind());
}
/// A number, whole or not.
inline double number(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.kind()))
    return static_cast<double>(*whole);
  return as<double>(value);
}
/// All numbers of a tensor or of nested lists, in logical order; null is none.
inline std::vector<double> numbers(const Value& value) {
  if (const auto* tensor = std::get_if<Tensor>(&value.kind())) return tensor->to_vector<double>();
  if (const auto* many = std::get_if<std::vector<Value>>(&value.kind())) {
    std::vector<double> all;
    for (const Value& one : *many) {
      const std::vector<double> more = numbers(one);
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }
  return is_null(value) ? std::vector<double>() : std::vector<double>{number(value)};
}
/// Whole numbers as a shape.
inline Shape places(const Value& value) {
  Shape shape;
  for (const double place : numbers(value)) shape.push_back(static_cast<std::int64_t>(place));
  return shape;
}
/// A list's whole numbers.
inline std::vector<std::int64_t> whole(const Value& value) {
  std::vector<std::int64_t> all;
  all.reserve(as<std::vector<Value>>(value).size());
  for (const Value& one : as<std::vector<Value>>(value)) all.push_back(as<std::int64_t>(one));
  return all;
}

/// The boards of a walk that have stops.
inline std::vector<const Board*> boards(const Walk& walk) {
  std::vector<const Board*> all;
  for (const Block& block : walk.blocks)
    if (const auto* const board = std::get_if<Board>(&block))
      if (!board->stops.empty()) all.push_back(board);
  return all;
}
/// All stops, in their order.
inline std::vector<const Stop*> stops(const Walk& walk) {
  std::vector<const Stop*> all;
  for (const Board* const board : boards(walk))
    for (const Stop& stop : board->stops) all.push_back(&stop);
  return all;
}
/// The first block of a kind.
template <class T>
const T& first(const Walk& walk) {
  for (const Block& block : walk.blocks)
    if (const T* const one = std::get_if<T>(&block)) return *one;
  throw std::runtime_error("no such block");
}
/// All notes in one language, a line each.
inline std::string notes(const Walk& walk, Language language = Language::kEnglish) {
  std::string all;
  for (const Block& block : walk.blocks)
    if (const auto* const note = std::get_if<Note>(&block)) all += note->text.in(language) + "\n";
  return all;
}

/// A grid's cells that a mark names, in order: slices, rows, columns.
inline std::vector<double> marked(const Board& board, const Cells& cells) {
  const Tensor& values = board.grids.at(cells.grid).values;
  std::vector<double> all;
  for (std::int64_t s = 0; s < cells.slices; ++s)
    for (std::int64_t r = 0; r < cells.rows; ++r)
      for (std::int64_t c = 0; c < cells.columns; ++c) {
        const Tensor slice = values.dim() == 3 ? values[cells.slice + s] : values;
        all.push_back(
            slice.at({cells.row + r * cells.row_step, cells.column + c * cells.column_step})
                .item<double>());
      }
  return all;
}
/// All cells of a stop's marks of a role.
inline std::vector<double> marked(const Board& board, const Stop& stop, Role role) {
  std::vector<double> all;
  for (const Mark& mark : stop.marks)
    if (mark.role == role)
      for (const double value : marked(board, mark.cells)) all.push_back(value);
  return all;
}

}  // namespace fovea::test
