// cat and stack, and comparing whole tensors.

#include <algorithm>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

Tensor cat(const Tensors& tensors, int dim) {
  check<ArgumentError>(!tensors.empty(), "cat: tensors expected at least one, got none");
  const Tensor& first = tensors[0];
  check<ShapeError>(first.dim() > 0, "cat: tensors expected at least 1-D, got 0-D");
  const int d = wrap_dim(dim, first.dim(), "cat");
  Shape sizes = first.sizes();
  sizes[d] = 0;
  std::vector<std::int64_t> lengths;
  for (const Tensor& t : tensors) {
    check<DTypeError>(t.dtype() == first.dtype(), "cat: tensors expected of one dtype, got ",
                      first.dtype(), " and ", t.dtype());
    check<DeviceError>(t.device() == first.device(), "cat: tensors expected on one device, got ",
                       first.device(), " and ", t.device());
    Shape expected = first.sizes();
    if (t.dim() == first.dim()) expected[d] = t.sizes()[d];
    check<ShapeError>(t.sizes() == expected, "cat: tensors expected to differ only in dim ", d,
                      ", got ", first.sizes(), " and ", t.sizes());
    lengths.push_back(t.sizes()[d]);
    sizes[d] = checked_add(sizes[d], t.sizes()[d]);
  }
  if (tracer()) {
    return traced_whole("Concat", tensors, {{"axis", std::int64_t{d}}},
                        [&] { return cat(tensors, dim); });
  }
  // Activations stay channels-last, as the layers around a concatenation want them.
  const auto lie = [&](MemoryFormat format) {
    return std::ranges::all_of(tensors, [&](const Tensor& t) { return t.is_contiguous(format); });
  };
  const bool channels_last = lie(MemoryFormat::kChannelsLast) && !lie(MemoryFormat::kContiguous);
  const Tensor y = empty(sizes, {.dtype = first.dtype(), .device = first.device()},
                         channels_last ? MemoryFormat::kChannelsLast : MemoryFormat::kContiguous);
  {
    const NoGrad no_grad;
    std::int64_t at = 0;
    for (const Tensor& t : tensors) {
      y.narrow(d, at, t.sizes()[d]).copy_(t);
      at += t.sizes()[d];
    }
  }
  return record("cat", y, tensors, {}, [d, lengths](const Backward& b) -> Tensors {
    Tensors gradients;
    std::int64_t at = 0;
    for (const std::int64_t length : lengths) {
      gradients.push_back(b.grad().narrow(d, at, length));
      at += length;
    }
    return gradients;
  });
}

Tensor stack(const Tensors& tensors, int dim) {
  check<ArgumentError>(!tensors.empty(), "stack: tensors expected at least one, got none");
  const int d = wrap_dim(dim, tensors[0].dim() + 1, "stack");
  Tensors rows;
  for (const Tensor& t : tensors) {
    check<ShapeError>(t.sizes() == tensors[0].sizes(), "stack: tensors expected of one shape, got ",
                      tensors[0].sizes(), " and ", t.sizes());
    rows.push_back(t.unsqueeze(d));
  }
  return cat(rows, d);
}

bool equal(const Tensor& a, const Tensor& b) {
  if (a.sizes() != b.sizes() || a.dtype() != b.dtype()) return false;
  const NoGrad no_grad;
  if (is_computable(a.dtype())) return all(eq(a, b)).item<bool>();
  return to_bytes(a) == to_bytes(b);
}

bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol) {
  if (a.sizes() != b.sizes() || a.dtype() != b.dtype()) return false;
  const NoGrad no_grad;
  const Tensor x = a.to(f64), y = b.to(f64);
  return all(logical_or(eq(x, y), le(abs(x - y), abs(y) * rtol + atol))).item<bool>();
}

}  // namespace fovea
