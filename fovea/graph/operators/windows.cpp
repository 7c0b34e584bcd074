#include "fovea/graph/operators/windows.h"

#include <algorithm>

namespace fovea::graph {

namespace {

AutoPad read_auto_pad(const NodeReader& node) {
  const std::string text = node.text("auto_pad", "NOTSET");
  if (text == "NOTSET" || text.empty()) return AutoPad::kNone;
  if (text == "SAME_UPPER") return AutoPad::kSameUpper;
  if (text == "SAME_LOWER") return AutoPad::kSameLower;
  node.require(text == "VALID", "auto_pad expected NOTSET, SAME_UPPER, SAME_LOWER or VALID, got \"",
               text, "\"");
  return AutoPad::kValid;
}

/// An attribute of one number for each of `spatial` dimensions; it sets `spatial` when that is 0.
std::optional<Shape> read_list(const NodeReader& node, std::string_view name, std::int64_t least,
                               std::size_t& spatial) {
  if (!node.has(name)) return std::nullopt;
  const std::vector<std::int64_t> values = node.ints(name);
  if (spatial == 0) spatial = values.size();
  node.require(values.size() == spatial && spatial >= 1 && spatial <= 3, name, " expected ",
               spatial >= 1 && spatial <= 3 ? str(spatial, " numbers") : "1 to 3 numbers", ", got ",
               values.size());
  check_range(node, name, values, least);
  return Shape(values);
}

}  // namespace

void check_range(const NodeReader& node, std::string_view name,
                 std::span<const std::int64_t> values, std::int64_t least) {
  for (const std::int64_t value : values) {
    node.require(value >= least, name, " expected at least ", least, ", got ", value);
    node.require(value < std::int64_t{1} << 31, name, " expected below 2^31, got ", value);
  }
}

void split_border(std::int64_t total, AutoPad auto_pad, std::int64_t& begin, std::int64_t& end) {
  const std::int64_t less = total / 2, more = total - less;
  begin = auto_pad == AutoPad::kSameUpper ? less : more;
  end = total - begin;
}

Windows::Windows(const NodeReader& node) : auto_pad_(read_auto_pad(node)) {
  std::size_t spatial = 0;
  kernel_ = read_list(node, "kernel_shape", 1, spatial);
  stride_ = read_list(node, "strides", 1, spatial);
  dilation_ = read_list(node, "dilations", 1, spatial);
  if (!node.has("pads")) return;
  const std::vector<std::int64_t> pads = node.ints("pads");
  if (spatial == 0) spatial = pads.size() / 2;
  node.require(pads.size() == 2 * spatial && spatial >= 1 && spatial <= 3, "pads expected ",
               spatial >= 1 && spatial <= 3 ? str(2 * spatial) : "2, 4 or 6", " numbers, got ",
               pads.size());
  check_range(node, "pads", pads, 0);
  const std::span<const std::int64_t> both(pads);
  begin_ = Shape(both.first(spatial));
  end_ = Shape(both.last(spatial));
}

WindowPlaces Windows::given_places(const Inputs& in, const Shape& input,
                                   const Shape& kernel) const {
  const int spatial = kernel.ndim();
  in.require(input.ndim() == spatial + 2, "input expected ", spatial + 2, " dimensions, got ",
             input);
  const auto list = [&](const std::optional<Shape>& values, std::int64_t otherwise) {
    if (!values) return Shape::filled(spatial, otherwise);
    in.require(values->ndim() == spatial, "attributes expected for ", spatial,
               " spatial dimensions, got ", *values);
    return *values;
  };
  const bool explicit_pads = auto_pad_ == AutoPad::kNone;
  return {.kernel = kernel,
          .stride = list(stride_, 1),
          .dilation = list(dilation_, 1),
          .begin = explicit_pads ? list(begin_, 0) : Shape::filled(spatial, 0),
          .end = explicit_pads ? list(end_, 0) : Shape::filled(spatial, 0)};
}

WindowPlaces Windows::places(const Inputs& in, const Shape& input, const Shape& kernel) const {
  WindowPlaces places = given_places(in, input, kernel);
  if (auto_pad_ == AutoPad::kNone || auto_pad_ == AutoPad::kValid) return places;
  for (int i = 0; i < kernel.ndim(); ++i) {
    const std::int64_t size = input[i + 2], stride = places.stride[i];
    const std::int64_t outputs = (size + stride - 1) / stride;
    const std::int64_t total = (outputs - 1) * stride + places.reach(i) - size;
    split_border(std::max<std::int64_t>(total, 0), auto_pad_, places.begin[i], places.end[i]);
  }
  return places;
}

Shape spatial_sizes(const Inputs& in, const Tensor& x) {
  in.require(x.dim() >= 3 && x.dim() <= 5,
             "input expected 3 to 5 dimensions [n, c, spatial...], got ", x.sizes());
  return Shape(std::span(x.sizes().begin() + 2, x.sizes().end()));
}

}  // namespace fovea::graph
