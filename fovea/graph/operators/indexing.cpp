// What picks, cuts and lays out elements, without computing: any dtype.

#include <algorithm>
#include <optional>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/arguments.h"
#include "fovea/graph/operators/windows.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/pad.h"

namespace fovea::graph {

namespace {

using Ints = std::vector<std::int64_t>;

// --- Slice ---------------------------------------------------------------------------------------

/// Elements start, start + step, ... of a dimension, `step` being negative: they end after `end`.
/// A start before the first element is the first one, by ONNX's definition and unlike NumPy's.
Tensor slice_backwards(const Tensor& x, int dim, std::int64_t start, std::int64_t end,
                       std::int64_t step) {
  const std::int64_t size = x.size(dim);
  const auto place = [size](std::int64_t p, std::int64_t least) {
    return std::clamp<std::int64_t>(p < 0 ? p + size : p, least, std::max(least, size - 1));
  };
  const std::int64_t stride = std::max(step, -size - 1);  // one element, as any longer step gives
  Ints index;
  const std::int64_t last = place(end, -1);
  for (std::int64_t at = place(start, 0); size > 0 && at > last; at += stride) index.push_back(at);
  return index_select(x, dim,
                      from_data(index, {static_cast<std::int64_t>(index.size())}, x.device()));
}

Run bind_slice(const NodeReader& node) {
  return [starts = AttributeOrInput(node, "starts", 1), ends = AttributeOrInput(node, "ends", 2),
          axes = AttributeOrInput(node, "axes", 3)](const Inputs& in) -> Tensors {
    const std::optional<Ints> first = starts.get(in), last = ends.get(in), along = axes.get(in);
    in.require(first && last, "starts and ends expected, got none");
    const Ints steps = in.has(4) ? in.ints(4) : Ints(first->size(), 1);
    in.require(last->size() == first->size() && steps.size() == first->size() &&
                   (!along || along->size() == first->size()),
               "starts, ends, axes and steps expected of one length, got ", first->size(),
               " starts");
    Tensor y = in[0];
    for (std::size_t i = 0; i < first->size(); ++i) {
      const int dim = wrap_axis(in, along ? (*along)[i] : static_cast<std::int64_t>(i), y.dim());
      in.require(steps[i] != 0, "steps expected other than 0, got 0");
      y = steps[i] > 0 ? y.slice(dim, (*first)[i], (*last)[i], steps[i])
                       : slice_backwards(y, dim, (*first)[i], (*last)[i], steps[i]);
    }
    return {y};
  };
}

// --- Gather --------------------------------------------------------------------------------------

/// Indices as i64 from 0, where negative ones count from the end of `size` elements.
Tensor wrapped_indices(const Inputs& in, const Tensor& indices, std::int64_t size) {
  in.require(!is_floating(indices.dtype()), "indices expected whole numbers, got ",
             indices.dtype());
  const Tensor wide = indices.to(i64);
  const TensorOptions like{.dtype = i64, .device = wide.device()};
  return where(lt(wide, scalar(0, like)), wide + static_cast<double>(size), wide);
}

Run bind_gather(const NodeReader& node) {
  return [axis = node.integer("axis", 0)](const Inputs& in) -> Tensors {
    const Tensor &x = in[0], &indices = in[1];
    const int dim = wrap_axis(in, axis, x.dim());
    Ints sizes(x.sizes().begin(), x.sizes().begin() + dim);
    sizes.insert(sizes.end(), indices.sizes().begin(), indices.sizes().end());
    sizes.insert(sizes.end(), x.sizes().begin() + dim + 1, x.sizes().end());
    const Tensor flat = wrapped_indices(in, indices, x.size(dim)).view({indices.numel()});
    return {index_select(x, dim, flat).view(to_shape(in, sizes))};
  };
}

Run bind_gather_elements(const NodeReader& node) {
  return [axis = node.integer("axis", 0)](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    const int dim = wrap_axis(in, axis, x.dim());
    return {gather(x, dim, wrapped_indices(in, in[1], x.size(dim)))};
  };
}

// --- Split ---------------------------------------------------------------------------------------

/// Sizes of `count` parts of `size` elements. From opset 18 on the last one may be smaller.
Ints equal_parts(const Inputs& in, std::int64_t size, std::int64_t count, bool uneven) {
  in.require(uneven || size % count == 0, "dimension expected a multiple of ", count,
             " outputs, got ", size);
  const std::int64_t each = (size + count - 1) / count;
  Ints parts;
  for (std::int64_t left = size; count-- > 0; left -= parts.back()) {
    parts.push_back(std::min(each, left));
  }
  return parts;
}

Run bind_split(const NodeReader& node) {
  const auto outputs = static_cast<std::int64_t>(node.node().outputs.size());
  node.require(outputs > 0, "outputs expected at least one, got none");
  const bool uneven = node.opset() >= 18;
  const std::int64_t count = node.integer("num_outputs", outputs);
  node.require(count == outputs, "num_outputs expected the number of outputs ", outputs, ", got ",
               count);
  return [axis = node.integer("axis", 0), split = AttributeOrInput(node, "split", 1), outputs,
          uneven](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    const int dim = wrap_axis(in, axis, x.dim());
    const std::optional<Ints> given = split.get(in);
    const Ints parts = given ? *given : equal_parts(in, x.size(dim), outputs, uneven);
    in.require(static_cast<std::int64_t>(parts.size()) == outputs, "split expected ", outputs,
               " numbers, got ", parts.size());
    Tensors results;
    std::int64_t at = 0;
    for (const std::int64_t length : parts) {
      in.require(length >= 0 && length <= x.size(dim) - at, "split expected to sum to ",
                 x.size(dim), ", got ", length, " after ", at);
      results.push_back(x.narrow(dim, at, length));
      at += length;
    }
    in.require(at == x.size(dim), "split expected to sum to ", x.size(dim), ", got ", at);
    return results;
  };
}

// --- Pad -----------------------------------------------------------------------------------------

PadMode read_pad_mode(const NodeReader& node) {
  const std::string mode = node.text("mode", "constant");
  if (mode == "constant") return PadMode::kConstant;
  if (mode == "reflect") return PadMode::kReflect;
  if (mode == "edge") return PadMode::kReplicate;
  node.require(mode == "wrap" && node.opset() >= 19,
               "mode expected constant, reflect, edge or (from opset 19) wrap, got \"", mode, "\"");
  return PadMode::kCircular;
}

/// Amounts for every dimension of x in the order of tensor/ops/pad.h, from ONNX's: all that come
/// before, then all that come after, of `axes`.
Ints pads_of(const Inputs& in, const Tensor& x, const Ints& pads, const std::optional<Ints>& axes) {
  const auto ndim = static_cast<std::size_t>(x.dim());
  const std::size_t count = axes ? axes->size() : ndim;
  in.require(pads.size() == 2 * count, "pads expected ", 2 * count, " numbers, got ", pads.size());
  Ints result(2 * ndim, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto dim = static_cast<std::size_t>(
        wrap_axis(in, axes ? (*axes)[i] : static_cast<std::int64_t>(i), x.dim()));
    result[2 * (ndim - 1 - dim)] = pads[i];
    result[2 * (ndim - 1 - dim) + 1] = pads[i + count];
  }
  return result;
}

/// Negative amounts crop in every mode; what they leave is padded. `value` is the constant, as a
/// tensor, which keeps every digit.
Tensor crop_and_pad(const Tensor& x, Ints amounts, PadMode mode, const Tensor& value) {
  if (mode == PadMode::kConstant) return pad(x, amounts, value);
  Ints crops = amounts;
  for (std::int64_t& amount : crops) amount = std::min<std::int64_t>(amount, 0);
  for (std::int64_t& amount : amounts) amount = std::max<std::int64_t>(amount, 0);
  const bool crop = std::ranges::any_of(crops, [](std::int64_t amount) { return amount < 0; });
  return pad(crop ? pad(x, crops) : x, amounts, mode);
}

/// What Pad writes: its third input, or the attribute of older operator sets.
Tensor pad_value(const Inputs& in, double attribute) {
  if (!in.has(2)) return scalar(attribute, {.dtype = in[0].dtype(), .device = in[0].device()});
  in.require(in[2].numel() == 1, "constant_value expected 1 element, got shape ", in[2].sizes());
  return in[2].to(in[0].dtype()).view({});
}

Run bind_pad(const NodeReader& node) {
  return [pads = AttributeOrInput(node, "pads", 1), value = node.real("value", 0),
          mode = read_pad_mode(node)](const Inputs& in) -> Tensors {
    const std::optional<Ints> amounts = pads.get(in);
    in.require(amounts.has_value(), "pads expected, got none");
    const auto axes = in.has(3) ? std::optional(in.ints(3)) : std::nullopt;
    const Ints all = pads_of(in, in[0], *amounts, axes);
    return {crop_and_pad(in[0], all, mode, pad_value(in, value))};
  };
}

// --- OneHot --------------------------------------------------------------------------------------

Run bind_one_hot(const NodeReader& node) {
  return [axis = node.integer("axis", -1)](const Inputs& in) -> Tensors {
    const Tensor& off_and_on = in[2];
    in.require(in[1].numel() == 1, "depth expected one number, got ", in[1].sizes());
    in.require(off_and_on.sizes() == Shape{2}, "values expected shape [2], got ",
               off_and_on.sizes());
    const auto depth = static_cast<std::int64_t>(in[1].item<double>());
    in.require(depth >= 1, "depth expected at least 1, got ", depth);
    const int ndim = in[0].dim() + 1;
    in.require(ndim <= kMaxDims, "indices expected fewer dimensions, got ", in[0].sizes());
    const int dim = wrap_axis(in, axis, ndim);
    const Tensor indices = wrapped_indices(in, in[0].to(i64), depth);
    Shape along = Shape::filled(ndim, 1);
    along[dim] = depth;
    const TensorOptions like{.dtype = i64, .device = indices.device()};
    const Tensor classes = arange(0, static_cast<double>(depth), 1, like).view(along);
    // An index outside [-depth, depth) meets no class: all off.
    const Tensor hot = eq(indices.unsqueeze(dim), classes).to(i64);
    return {index_select(off_and_on, 0, hot.view({hot.numel()})).view(hot.sizes())};
  };
}

// --- DepthToSpace, SpaceToDepth ------------------------------------------------------------------

std::int64_t read_block(const NodeReader& node) {
  const std::int64_t block = node.integer("blocksize");
  check_range(node, "blocksize", {&block, 1}, 1);
  return block;
}

Run bind_depth_to_space(const NodeReader& node) {
  const std::string mode = node.text("mode", "DCR");
  node.require(mode == "DCR" || mode == "CRD", "mode expected DCR or CRD, got \"", mode, "\"");
  return [b = read_block(node), block_first = mode == "DCR"](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    in.require(x.dim() == 4 && x.size(1) % (b * b) == 0,
               "input expected [n, c, h, w] with c a multiple of ", b * b, ", got ", x.sizes());
    const std::int64_t n = x.size(0), c = x.size(1) / (b * b), h = x.size(2), w = x.size(3);
    const Tensor split = block_first ? x.view({n, b, b, c, h, w}).permute({0, 3, 4, 1, 5, 2})
                                     : x.view({n, c, b, b, h, w}).permute({0, 1, 4, 2, 5, 3});
    return {split.view({n, c, h * b, w * b})};
  };
}

Run bind_space_to_depth(const NodeReader& node) {
  return [b = read_block(node)](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    in.require(x.dim() == 4 && x.size(2) % b == 0 && x.size(3) % b == 0,
               "input expected [n, c, h, w] with h and w multiples of ", b, ", got ", x.sizes());
    const std::int64_t n = x.size(0), c = x.size(1), h = x.size(2) / b, w = x.size(3) / b;
    return {x.view({n, c, h, b, w, b}).permute({0, 3, 5, 1, 2, 4}).view({n, c * b * b, h, w})};
  };
}

constexpr Operator kIndexingOperators[] = {
    {"DepthToSpace", bind_depth_to_space},
    {"Gather", bind_gather},
    {"GatherElements", bind_gather_elements},
    {.name = "OneHot", .bind = bind_one_hot, .dtype = {.input = 2}, .numbers = {1, 3}},
    {.name = "Pad", .bind = bind_pad, .numbers = {1, 4}},
    {.name = "Slice", .bind = bind_slice, .numbers = {1, 5}},
    {"SpaceToDepth", bind_space_to_depth},
    {.name = "Split", .bind = bind_split, .numbers = {1, 2}},
};

}  // namespace

std::span<const Operator> indexing_operators() { return kIndexingOperators; }

}  // namespace fovea::graph
