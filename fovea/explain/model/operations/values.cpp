#include "fovea/explain/model/operations/values.h"

#include <algorithm>
#include <cmath>

#include "fovea/explain/arithmetic.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/pad.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

constexpr std::int64_t kLargestMap = 64;  // rows and columns that are shown whole
constexpr std::int64_t kMapPart = 40;     // and what is shown of a larger one

/// How far a window reaches in dimension i.
std::int64_t reach(const WindowAt& window, int i) {
  return (window.cells[i] - 1) * window.step[i] + 1;
}

Value nested(const std::vector<double>& values, const std::vector<bool>& there, const Shape& sizes,
             int dim, std::size_t& at) {
  if (dim == sizes.ndim()) {
    const std::size_t i = at++;
    return there[i] ? Value(values[i]) : Value();
  }
  std::vector<Value> list;
  list.reserve(static_cast<std::size_t>(sizes[dim]));
  for (std::int64_t i = 0; i < sizes[dim]; ++i)
    list.push_back(nested(values, there, sizes, dim + 1, at));
  return list;
}

/// [rows, columns] or [slices, rows, columns].
Shape grid_sizes(const Shape& sizes) {
  if (sizes.ndim() == 2 || sizes.ndim() == 3) return sizes;
  return {1, sizes.numel()};
}

}  // namespace

double value_at(const Tensor& tensor, const Shape& index) {
  const NoGrad no_grad;
  Tensor part = tensor.detach();
  for (const std::int64_t i : index) part = part.select(0, i);
  return part.item();
}

Shape broadcast_index(const Shape& index, const Shape& sizes) {
  Shape result;
  const int skipped = index.ndim() - sizes.ndim();
  for (int i = 0; i < sizes.ndim(); ++i) result.push_back(sizes[i] == 1 ? 0 : index[i + skipped]);
  return result;
}

Tensor tensor_from(const std::vector<double>& values, const Shape& sizes) {
  return from_data(values, sizes, cpu);
}

Value list_with_gaps(const std::vector<double>& values, const std::vector<bool>& there,
                     const Shape& sizes) {
  std::size_t at = 0;
  return nested(values, there, sizes, 0, at);
}

double sum_of(const std::vector<double>& values) {
  // Neumaier 1974: what each addition loses is added up too.
  double sum = 0, lost = 0;
  for (const double value : values) {
    const double next = sum + value;
    lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }
  return sum + lost;
}

std::string bracketed(double value, int digits) {
  const std::string text = number_text(value, digits);
  return value < 0 ? "(" + text + ")" : text;
}

Text place_text(const Shape& at) {
  if (at.ndim() == 1) return {"place " + std::to_string(at[0]), "위치 " + std::to_string(at[0])};
  if (at.ndim() != 2) {
    const std::string list = at.to_string();
    return {"(" + list.substr(1, list.size() - 2) + ")"};
  }
  return {"row " + std::to_string(at[0]) + ", column " + std::to_string(at[1]),
          "행 " + std::to_string(at[0]) + ", 열 " + std::to_string(at[1])};
}

WindowAt window_at(const graph::WindowPlaces& places, const Shape& at) {
  WindowAt window{.begin = at, .cells = places.kernel, .step = places.dilation, .border = at};
  for (int i = 0; i < at.ndim(); ++i) {
    window.begin[i] = at[i] * places.stride[i] - places.begin[i];
    window.border[i] = std::max(places.begin[i], places.end[i]);
  }
  return window;
}

WindowAt whole_window(const Shape& sizes) {
  const Shape zeros = Shape::filled(sizes.ndim(), 0);
  return {zeros, sizes, Shape::filled(sizes.ndim(), 1), zeros};
}

OutputRange outputs_that_see(const graph::WindowPlaces& places, int dim, std::int64_t cell,
                             std::int64_t outputs) {
  // Window o holds cells from o stride - begin on, `reach` of them.
  const std::int64_t stride = places.stride[dim], padded = cell + places.begin[dim];
  const std::int64_t below = padded - places.reach(dim);  // whose windows end before it
  const std::int64_t first = below < 0 ? 0 : below / stride + 1;
  const std::int64_t last = std::min(padded / stride, outputs - 1);
  return {.first = std::min(first, outputs), .count = std::max<std::int64_t>(last - first + 1, 0)};
}

Seen read_window(const Tensor& x, std::int64_t sample, std::int64_t channel, std::int64_t channels,
                 const WindowAt& window) {
  const NoGrad no_grad;
  Tensor part = x.detach().select(0, sample).narrow(0, channel, channels);
  Shape first, sizes{channels};
  for (int i = 0; i < window.cells.ndim(); ++i) {
    const std::int64_t size = x.size(i + 2);
    const std::int64_t begin = std::clamp<std::int64_t>(window.begin[i], 0, size);
    const std::int64_t end =
        std::clamp<std::int64_t>(window.begin[i] + reach(window, i), begin, size);
    part = part.narrow(i + 1, begin, end - begin);
    first.push_back(begin);
    sizes.push_back(window.cells[i]);
  }
  const std::vector<double> there =
      part.numel() > 0 ? part.to_vector<double>() : std::vector<double>();
  Seen seen;
  for_each_index(sizes, [&](const Shape& index) {
    std::int64_t place = index[0];
    bool inside = true;
    for (int i = 0; i < window.cells.ndim(); ++i) {
      const std::int64_t cell = window.begin[i] + index[i + 1] * window.step[i] - first[i];
      inside = inside && cell >= 0 && cell < part.size(i + 1);
      place = place * part.size(i + 1) + cell;
    }
    seen.inside.push_back(inside);
    seen.values.push_back(inside ? there[static_cast<std::size_t>(place)] : 0);
  });
  return seen;
}

MapView map_view(const Text& title, const Tensor& map, const WindowAt& window) {
  const NoGrad no_grad;
  Tensor values = map.detach().to(f64).contiguous();
  if (values.dim() == 1) {
    values = values.unsqueeze(0);
    const auto lifted = [](Shape shape, std::int64_t value) {
      shape.insert(0, value);
      return shape;
    };
    return map_view(title, values,
                    {lifted(window.begin, 0), lifted(window.cells, 1), lifted(window.step, 1),
                     lifted(window.border, 0)});
  }
  const int last = values.dim() - 1;
  std::vector<std::int64_t> pads;  // last dimension first
  Shape begin = window.begin, border = window.border;
  for (int i = last; i >= 0; --i) {
    const std::int64_t over = window.begin[i] + reach(window, i) - values.size(i);
    border[i] = std::max({border[i], -window.begin[i], over, std::int64_t{0}});
    begin[i] += border[i];
    pads.insert(pads.end(), {border[i], border[i]});
  }
  values = pad(values, pads);
  Text shown = title;
  for (int i = last - 1; i <= last; ++i) {
    if (values.size(i) <= kLargestMap) continue;
    const std::int64_t part = std::max(kMapPart, reach(window, i));
    const std::int64_t middle = begin[i] + reach(window, i) / 2;
    const std::int64_t from = std::clamp<std::int64_t>(middle - part / 2, 0, values.size(i) - part);
    values = values.narrow(i, from, part);
    begin[i] -= from;
    const std::string range =
        std::to_string(from - border[i]) + ".." + std::to_string(from - border[i] + part - 1);
    shown.english += (i == last ? ", columns " : ", rows ") + range;
    shown.korean += (i == last ? ", 열 " : ", 행 ") + range;
    border[i] = 0;  // it is not at the part's edges
  }
  MapView view{.grid = {.title = shown,
                        .values = values.contiguous(),
                        .look = Grid::Look::kShades,
                        .padding_rows = border[last - 1],
                        .padding_columns = border[last]},
               .window = {.row = begin[last - 1],
                          .column = begin[last],
                          .rows = window.cells[last - 1],
                          .columns = window.cells[last],
                          .row_step = window.step[last - 1],
                          .column_step = window.step[last]}};
  if (last == 2) {
    view.window.slice = begin[0];
    view.window.slices = reach(window, 0);
  }
  return view;
}

Grid number_grid(const Text& title, const std::vector<double>& values, const Shape& sizes) {
  return {.title = title, .values = tensor_from(values, grid_sizes(sizes))};
}

}  // namespace fovea::explain
