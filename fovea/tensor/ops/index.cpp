// index_select, gather and one_hot.

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::KernelTable;

namespace {

void check_index(const char* operation, const Tensor& x, const Tensor& index) {
  check<DTypeError>(index.dtype() == i64, operation, ": index expected dtype i64, got ",
                    index.dtype());
  check<DeviceError>(index.device() == x.device(), operation, ": index expected on ", x.device(),
                     ", got ", index.device());
}

/// Every index must lie in [0, size). `context` ends the message.
template <class... Context>
void check_range(const char* operation, const char* what, const Tensor& index, std::int64_t size,
                 const Context&... context) {
  const std::vector<std::int64_t> values = index.to_vector<std::int64_t>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    check<IndexError>(values[i] >= 0 && values[i] < size, operation, ": ", what,
                      " expected in [0, ", size, "), got ", values[i], " (position ", i, context...,
                      ")");
  }
}

/// zeros that a gradient of `sizes` is added to.
Tensor zeros_for(const Shape& sizes, const Tensor& dy) {
  return zeros(sizes, {.dtype = dy.dtype(), .device = dy.device()});
}

}  // namespace

Tensor index_select(const Tensor& x, int dim, const Tensor& index) {
  constexpr const char* kName = "index_select";
  check_index(kName, x, index);
  check<ShapeError>(x.dim() > 0, kName, ": input expected at least 1-D, got 0-D");
  check<ShapeError>(index.dim() == 1, kName, ": index expected 1-D, got shape ", index.sizes());
  const int d = wrap_dim(dim, x.dim(), kName);
  check_range(kName, "index", index, x.size(d), ", dim ", d, ", input ", x.sizes());
  if (tracer()) {
    return traced_whole("Gather", {x, index}, {{"axis", std::int64_t{d}}},
                        [&] { return index_select(x, dim, index); });
  }
  Shape sizes = x.sizes();
  sizes[d] = index.size(0);
  const bool channels_last = !x.is_contiguous() && x.is_contiguous(MemoryFormat::kChannelsLast);
  const Tensor y = empty(sizes, {.dtype = x.dtype(), .device = x.device()},
                         channels_last ? MemoryFormat::kChannelsLast : MemoryFormat::kContiguous);
  kernels::launch(x.device(), &KernelTable::index_select, x.kernel_view(), d, index.kernel_view(),
                  y.kernel_view());
  return record(kName, y, {x}, {index}, [d, shape = x.sizes()](const Backward& back) -> Tensors {
    const Tensor dx = zeros_for(shape, back.grad());
    kernels::launch(dx.device(), &KernelTable::index_add, d, back.saved(0).kernel_view(),
                    back.grad().kernel_view(), dx.kernel_view());
    return {dx};
  });
}

Tensor gather(const Tensor& x, int dim, const Tensor& index) {
  constexpr const char* kName = "gather";
  check_index(kName, x, index);
  check<ShapeError>(x.dim() > 0 && index.dim() == x.dim(), kName,
                    ": index expected as many dimensions as input, at least 1, got ", index.dim(),
                    " and ", x.dim());
  const int d = wrap_dim(dim, x.dim(), kName);
  for (int i = 0; i < x.dim(); ++i) {
    check<ShapeError>(i == d || index.size(i) <= x.size(i), kName,
                      ": index expected no larger than input except in dim ", d, ", got ",
                      index.sizes(), " and ", x.sizes());
  }
  check_range(kName, "index", index, x.size(d), ", dim ", d, ", input ", x.sizes());
  if (tracer()) {
    return traced_whole("GatherElements", {x, index}, {{"axis", std::int64_t{d}}},
                        [&] { return gather(x, dim, index); });
  }
  const Tensor y = empty(index.sizes(), {.dtype = x.dtype(), .device = x.device()});
  kernels::launch(x.device(), &KernelTable::gather, x.kernel_view(), d, index.kernel_view(),
                  y.kernel_view());
  return record(kName, y, {x}, {index}, [d, shape = x.sizes()](const Backward& back) -> Tensors {
    const Tensor dx = zeros_for(shape, back.grad());
    kernels::launch(dx.device(), &KernelTable::scatter_add, d, back.saved(0).kernel_view(),
                    back.grad().kernel_view(), dx.kernel_view());
    return {dx};
  });
}

Tensor one_hot(const Tensor& labels, std::int64_t classes) {
  constexpr const char* kName = "one_hot";
  check<DTypeError>(labels.dtype() == i64, kName, ": labels expected dtype i64, got ",
                    labels.dtype());
  check<ArgumentError>(classes > 0, kName, ": classes expected at least 1, got ", classes);
  check_range(kName, "labels", labels, classes);
  const Tensor every_class =
      arange(0, static_cast<double>(classes), 1, {.dtype = i64, .device = labels.device()});
  return eq(labels.unsqueeze(-1), every_class).to(i64);
}

}  // namespace fovea
