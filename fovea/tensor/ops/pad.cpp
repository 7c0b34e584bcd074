#include "fovea/tensor/ops/pad.h"

#include <algorithm>
#include <sstream>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

namespace {

using Pads = std::vector<std::int64_t>;

std::string text(const Pads& pads) {
  std::ostringstream out;
  out << "[";
  for (std::size_t i = 0; i < pads.size(); ++i) out << (i ? ", " : "") << pads[i];
  out << "]";
  return out.str();
}

/// The amounts of one dimension.
struct Ends {
  std::int64_t before = 0, after = 0;
};

Ends ends_of(const Pads& pads, int dim, int ndim) {
  const std::size_t i = 2 * static_cast<std::size_t>(ndim - 1 - dim);
  return i < pads.size() ? Ends{pads[i], pads[i + 1]} : Ends{};
}

const char* name_of(PadMode mode) {
  switch (mode) {
    case PadMode::kReflect:
      return "reflect";
    case PadMode::kReplicate:
      return "replicate";
    case PadMode::kCircular:
      return "circular";
    case PadMode::kConstant:
      return "constant";
  }
  no_case_for("pad", mode);
}

void check_arguments(const Tensor& x, const Pads& pads, PadMode mode) {
  check<ArgumentError>(pads.size() % 2 == 0, "pad: pads expected in pairs, got ", pads.size(), " (",
                       text(pads), ")");
  check<ShapeError>(pads.size() <= 2 * static_cast<std::size_t>(x.dim()),
                    "pad: pads expected for at most ", x.dim(), " dimensions, got ",
                    pads.size() / 2, " (input ", x.sizes(), ")");
  for (int dim = 0; dim < x.dim(); ++dim) {
    const auto [before, after] = ends_of(pads, dim, x.dim());
    const std::int64_t size = x.size(dim);
    if (mode == PadMode::kConstant) {
      const bool each_fits = before >= -size && after >= -size;
      const bool fits =
          each_fits &&
          std::min<std::int64_t>(before, 0) + std::min<std::int64_t>(after, 0) >= -size;
      check<ShapeError>(fits, "pad: pads expected to crop at most ", size, " of dimension ", dim,
                        ", got ", before, " and ", after, " (input ", x.sizes(), ")");
      continue;
    }
    check<ArgumentError>(before >= 0 && after >= 0, "pad: pads expected at least 0 in mode ",
                         name_of(mode), ", got ", text(pads));
    check<ShapeError>(size > 0 || (before == 0 && after == 0), "pad: pads expected 0 of dimension ",
                      dim, ", which is empty, in mode ", name_of(mode), ", got ", before, " and ",
                      after, " (input ", x.sizes(), ")");
  }
}

/// What is written around a tensor: a number, or where that is defined a tensor of one element.
struct Constant {
  double number = 0;
  Tensor exact = {};

  Tensor as_tensor(const Tensor& x) const {
    return exact.defined() ? exact : scalar(number, {.dtype = x.dtype(), .device = x.device()});
  }
};

Tensor pad_constant(const Tensor& x, const Pads& pads, const Constant& value) {
  Shape sizes = x.sizes();
  for (int dim = 0; dim < x.dim(); ++dim) {
    const auto [before, after] = ends_of(pads, dim, x.dim());
    sizes[dim] = checked_add(checked_add(sizes[dim], before), after);
  }
  const bool channels_last = !x.is_contiguous() && x.is_contiguous(MemoryFormat::kChannelsLast);
  const auto format = channels_last ? MemoryFormat::kChannelsLast : MemoryFormat::kContiguous;
  Tensor y = empty(sizes, {.dtype = x.dtype(), .device = x.device()}, format);
  {
    const NoGrad no_grad;
    if (value.exact.defined())
      y.copy_(value.exact.expand(sizes));
    else
      y.fill_(value.number);
    Tensor from = x, to = y;
    for (int dim = 0; dim < x.dim(); ++dim) {
      const auto [before, after] = ends_of(pads, dim, x.dim());
      const std::int64_t first = std::max<std::int64_t>(-before, 0);
      const std::int64_t kept = x.size(dim) - first - std::max<std::int64_t>(-after, 0);
      from = from.narrow(dim, first, kept);
      to = to.narrow(dim, std::max<std::int64_t>(before, 0), kept);
    }
    to.copy_(from);
  }
  Pads inverse = pads;
  for (std::int64_t& amount : inverse) amount = -amount;
  // What was padded is cropped from the gradient, and what was cropped gets none.
  return record("pad", y, {x}, {}, [inverse](const Backward& back) -> Tensors {
    return {pad_constant(back.grad(), inverse, {})};
  });
}

/// ONNX's order: the beginnings of all dimensions, then their ends.
Tensor onnx_pads(const Pads& pads, int dims) {
  std::vector<std::int64_t> begins, ends;
  for (int dim = 0; dim < dims; ++dim) {
    const auto [before, after] = ends_of(pads, dim, dims);
    begins.push_back(before);
    ends.push_back(after);
  }
  begins.insert(begins.end(), ends.begin(), ends.end());
  return from_data(begins, {2 * dims}, cpu);
}

/// The position within a dimension of `size` that position `at`, perhaps outside, shows.
std::int64_t source_of(PadMode mode, std::int64_t at, std::int64_t size) {
  if (mode == PadMode::kReplicate) return std::clamp<std::int64_t>(at, 0, size - 1);
  // It comes again after as many: on a ring, or between two mirrors there and back.
  const std::int64_t period =
      mode == PadMode::kCircular ? size : std::max<std::int64_t>(2 * (size - 1), 1);
  const std::int64_t within = (at % period + period) % period;
  return within < size ? within : period - within;
}

Tensor pad_as_said(const Tensor& x, const Pads& pads, PadMode mode, const Constant& value) {
  check_arguments(x, pads, mode);
  if (tracer() && mode != PadMode::kCircular) {  // which opset 17 does not have
    const char* const names[] = {"constant", "reflect", "edge"};
    return traced_whole("Pad", {x, onnx_pads(pads, x.dim()), value.as_tensor(x)},
                        {{"mode", std::string(names[static_cast<std::size_t>(mode)])}},
                        [&] { return pad_as_said(x, pads, mode, value); });
  }
  if (mode == PadMode::kConstant) return pad_constant(x, pads, value);
  Tensor y = x;
  for (int dim = 0; dim < x.dim(); ++dim) {
    const auto [before, after] = ends_of(pads, dim, x.dim());
    if (before == 0 && after == 0) continue;
    const std::int64_t count = checked_add(checked_add(x.size(dim), before), after);
    (void)checked_mul(count, sizeof(std::int64_t));
    // A file's amounts may be such that there is not so much memory: of the allocator's lack of it
    // every build throws, while a sanitizer ends the program in which a std::vector has none.
    const Tensor index = empty({count}, {.dtype = i64, .device = cpu});
    auto* const indices = index.data<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i) indices[i] = source_of(mode, i - before, x.size(dim));
    y = index_select(y, dim, index.to(x.device()));
  }
  return y;
}

}  // namespace

Tensor pad(const Tensor& x, const Pads& pads, PadMode mode, double value) {
  return pad_as_said(x, pads, mode, {.number = value});
}

Tensor pad(const Tensor& x, const Pads& pads, const Tensor& value) {
  check<ShapeError>(value.numel() == 1, "pad: value expected 1 element, got shape ", value.sizes());
  check<DTypeError>(value.dtype() == x.dtype(), "pad: value expected ", x.dtype(), ", got ",
                    value.dtype());
  return pad_as_said(x, pads, PadMode::kConstant, {.exact = value.detach().view({})});
}

}  // namespace fovea
