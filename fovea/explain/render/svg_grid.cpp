#include "fovea/explain/render/svg_grid.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/io/colors.h"
#include "fovea/io/pictures/image.h"

namespace fovea::explain {

namespace {

/// A grid of more cells than this is one picture in place of a rectangle a cell.
constexpr std::int64_t kMostRects = 1024;

io::Rgb shade_of(const GridNumbers& numbers, double value) {
  if (has_signs(numbers))
    return io::signed_color(value / std::max(std::abs(numbers.least), std::abs(numbers.largest)));
  const double range = numbers.largest - numbers.least;
  return io::heat_color(range > 0 ? (value - numbers.least) / range : 0.5);
}

/// A slice as a picture of its shades, a pixel a cell.
io::Image picture_of(const GridNumbers& numbers, std::int64_t slice) {
  const auto area = static_cast<std::size_t>(numbers.rows * numbers.columns);
  std::vector<std::uint8_t> pixels(3 * area);
  for (std::size_t i = 0; i < area; ++i) {
    const io::Rgb color =
        shade_of(numbers, numbers.values[static_cast<std::size_t>(slice) * area + i]);
    for (std::size_t c = 0; c < color.size(); ++c) pixels[c * area + i] = color[c];
  }
  return from_data<std::uint8_t>(pixels, {3, numbers.rows, numbers.columns});
}

/// A cell without what it holds.
void svg_empty_cell(io::SvgCanvas& canvas, const SvgBox& box, bool padding, bool grows) {
  constexpr double kInset = 1.5, kCorner = 6;
  const double width = box.width - 2 * kInset, height = box.height - 2 * kInset;
  if (padding) {
    canvas.rect(box.x + kInset + 1, box.y + kInset + 1, width - 2, height - 2,
                {.stroke = "@grid", .stroke_width = 1.5, .corner = kCorner, .dashed = true});
  } else if (grows) {
    canvas.rect(box.x + kInset + 0.5, box.y + kInset + 0.5, width - 1, height - 1,
                {.stroke = "@grid", .stroke_width = 1.5, .corner = kCorner});
  } else {
    canvas.rect(box.x + kInset, box.y + kInset, width, height,
                {.fill = "@muted", .opacity = 0.13, .corner = kCorner});
  }
}

void svg_slice(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
               const SvgGridPlace& place, std::int64_t slice) {
  const bool grows = !numbers.written.empty();
  const SvgBox first = place.cell(slice, 0, 0);
  const double width = place.cell_width * static_cast<double>(numbers.columns);
  const double height = place.cell_height * static_cast<double>(numbers.rows);
  if (place.shaded && place.font == 0) {
    if (!grows && numbers.rows * numbers.columns > kMostRects)
      canvas.image(first.x, first.y, width, height, io::encode_png(picture_of(numbers, slice)),
                   place.title);
    canvas.rect(first.x - 1, first.y - 1, width + 2, height + 2, {.stroke = "@grid"});
    if (!grows && numbers.rows * numbers.columns > kMostRects) return;
  }
  for (std::int64_t r = 0; r < numbers.rows; ++r)
    for (std::int64_t c = 0; c < numbers.columns; ++c) {
      if (place.font > 0)
        svg_empty_cell(canvas, place.cell(slice, r, c), is_padding(grid, numbers, r, c), grows);
      if (!grows && place.shaded) svg_cell_value(canvas, grid, numbers, place, slice, r, c);
    }
}

}  // namespace

void svg_cell_value(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
                    const SvgGridPlace& place, std::int64_t slice, std::int64_t row,
                    std::int64_t column) {
  const SvgBox box = place.cell(slice, row, column);
  const std::size_t at = numbers.place(slice, row, column);
  std::string ink = is_padding(grid, numbers, row, column) ? "@muted" : "@text";
  if (place.shaded) {
    const io::Rgb shade = shade_of(numbers, numbers.values[at]);
    // Without numbers the cells touch one another.
    const bool touching = place.font == 0;
    const double inset = touching ? 0 : 1.5;
    canvas.rect(box.x + inset, box.y + inset, box.width - 2 * inset, box.height - 2 * inset,
                {.fill = io::hex_of(shade), .corner = touching ? 0.0 : 6.0, .crisp = touching});
    ink = io::ink_on(shade);
  }
  if (place.font == 0) return;
  canvas.text(box.centre().x, box.centre().y + 0.35 * place.font, number_text(numbers.values[at]),
              {.size = place.font, .anchor = io::SvgAnchor::kMiddle, .fill = ink});
}

void svg_written_cell(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
                      const SvgGridPlace& place, std::int64_t slice, std::int64_t row,
                      std::int64_t column) {
  if (!place.shaded) {
    const SvgBox box = place.cell(slice, row, column);
    const double width = box.width - 4, height = box.height - 4;
    canvas.rect(box.x + 2, box.y + 2, width, height,
                {.fill = "@paper", .stroke = "@grid", .stroke_width = 1.5, .corner = 6});
    canvas.rect(box.x + 2, box.y + 2, width, height,
                {.fill = "@series3", .opacity = 0.16, .corner = 6});
  }
  svg_cell_value(canvas, grid, numbers, place, slice, row, column);
}

void svg_numbers(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
                 const SvgGridPlace& place) {
  if (!numbers.written.empty() || place.shaded) return;
  for (std::int64_t s = 0; s < place.slices; ++s)
    for (std::int64_t r = 0; r < numbers.rows; ++r)
      for (std::int64_t c = 0; c < numbers.columns; ++c)
        svg_cell_value(canvas, grid, numbers, place, s, r, c);
}

void svg_grid(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
              const SvgGridPlace& place) {
  if (!place.title.empty())
    svg_paragraph(canvas, place.box.centre().x, place.title_y, place.title, svg_grid_title(place));
  for (std::int64_t s = 0; s < place.slices; ++s) {
    if (numbers.slices > 1) {
      const SvgBox card = place.card(s, numbers);
      canvas.rect(card.x, card.y, card.width, card.height,
                  {.fill = "@paper", .stroke = "@grid", .stroke_width = 1.5, .corner = 10});
      canvas.text(card.x + 10, card.y + 18, str("[", s, "]"), {.size = 14, .fill = "@muted"});
    }
    svg_slice(canvas, grid, numbers, place, s);
  }
}

}  // namespace fovea::explain
