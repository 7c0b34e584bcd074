// Walks made by hand, for the tests of renderers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fovea/explain/walk.h"
#include "fovea/tensor/tensor.h"

namespace fovea::test {

/// A stop that reads a window of a side of 2, weighs it and writes a cell.
inline explain::Stop small_stop(std::int64_t number, std::int64_t row, std::int64_t column,
                                std::string sum) {
  const std::string n = std::to_string(number);
  return {.title = explain::Text("Step " + n, n + "단계"),
          .lines = {std::move(sum)},
          .marks = {{explain::Role::kRead, {.row = row, .column = column, .rows = 2, .columns = 2}},
                    {explain::Role::kWeigh, {.grid = 1, .rows = 2, .columns = 2}},
                    {explain::Role::kWrite, {.grid = 2, .row = row, .column = column}}},
          .facts = {{"step", number}, {"at", explain::list_of({row, column})}}};
}

/// A convolution of 2x3 by 2x2, in two stops.
inline explain::Board small_board() {
  return {
      .title = explain::Text("A small one", "작은 예"),
      .grids =
          {{.title = explain::Text("image", "이미지"), .values = tensor({{1, 0, -2}, {0, 1, 10}})},
           {.title = explain::Text("kernel", "커널"), .values = tensor({{1, 0}, {0, 0.5}})},
           {.title = explain::Text("map", "특성 맵"), .values = tensor({{1.5, 5}}), .grows = true}},
      .signs = {"x", "="},
      .stops = {small_stop(1, 0, 0, "(1x1)+(0x0) + (0x0)+(1x0.5) = 1.5"),
                small_stop(2, 0, 1, "(0x1)+(-2x0) + (1x0)+(10x0.5) = 5")}};
}

/// A walk over that board.
inline explain::Walk small_walk() {
  return {.title = explain::Text("Convolution", "합성곱"),
          .blocks = {explain::Note{.text = explain::Text("A kernel moves over an image.",
                                                         "커널이 움직입니다.")},
                     small_board()},
          .document = explain::Fields{{"topic", "conv"}, {"stops", explain::StopsHere{}}}};
}

/// A board of `rows` by `columns` whose stops copy it cell by cell.
inline explain::Board copying_board(std::int64_t rows, std::int64_t columns) {
  explain::Board board{.grids = {{.title = "from", .values = zeros({rows, columns})},
                                 {.title = "to", .values = zeros({rows, columns}), .grows = true}}};
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      board.stops.push_back(
          {.title = "Step " + std::to_string(r * columns + c + 1),
           .lines = {"0 = 0"},
           .marks = {{explain::Role::kRead, {.row = r, .column = c}},
                     {explain::Role::kWrite, {.grid = 1, .row = r, .column = c}}}});
  return board;
}

}  // namespace fovea::test
