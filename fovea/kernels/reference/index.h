// Picking and adding by indices, as plain loops over any strides: the oracle of the fast kernels.
#pragma once

#include <cstdint>

#include "fovea/kernels/reference/walk.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// Calls `f(a, b)` for every element of `part`, in logical order: a is the offset in `whole` of the
/// element that an index names, b the offset in `part`. The index is 1-D and names positions along
/// `dim` of `whole`, or has part's sizes.
template <class F>
void for_each_indexed(ConstView whole, int dim, ConstView index, ConstView part, const F& f) {
  Shape whole_strides = whole.strides, index_strides = Shape::filled(part.ndim(), 0);
  whole_strides[dim] = 0;
  if (index.ndim() == part.ndim() && index.sizes == part.sizes)
    index_strides = index.strides;
  else
    index_strides[dim] = index.strides[0];
  Walker to(part.sizes, part.strides), from(part.sizes, whole_strides);
  Walker name(part.sizes, index_strides);
  for (std::int64_t left = part.numel(); left > 0; --left) {
    const std::int64_t position = index.as<std::int64_t>()[name.offset()];
    f(from.offset() + position * whole.strides[dim], to.offset());
    to.next(), from.next(), name.next();
  }
}

/// KernelTable::index_select and KernelTable::gather.
template <class T>
void pick(ConstView x, int dim, ConstView index, View y) {
  const auto* const from = static_cast<const T*>(x.data);
  auto* const to = static_cast<T*>(y.data);
  for_each_indexed(x, dim, index, y,
                   [&](std::int64_t source, std::int64_t target) { to[target] = from[source]; });
}

/// KernelTable::index_add and KernelTable::scatter_add.
template <class T>
void add_at(int dim, ConstView index, ConstView x, View y) {
  for_each_indexed(y, dim, index, x, [&](std::int64_t target, std::int64_t source) {
    y.as<T>()[target] += x.as<T>()[source];
  });
}

}  // namespace fovea::kernels::reference
