// Views: new sizes and strides over the same memory, and their gradients.

#include <algorithm>
#include <optional>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/tensor.h"
#include "fovea/tensor/trace.h"

namespace fovea {

namespace {

Tensor alias(const Tensor& x, std::int64_t offset, const Shape& sizes, const Shape& strides) {
  auto impl = std::make_shared<TensorImpl>();
  impl->storage = x.impl()->storage;
  impl->offset = offset;
  impl->sizes = sizes;
  impl->strides = strides;
  impl->dtype = x.dtype();
  return Tensor(std::move(impl));
}

/// Replaces the one -1 in `sizes` by what makes the number of elements fit.
Shape infer_sizes(const Shape& sizes, const Shape& from) {
  const std::int64_t count = from.numel();
  Shape result = sizes;
  int unknown = -1;
  std::int64_t known = 1;
  for (int i = 0; i < sizes.ndim(); ++i) {
    check<ShapeError>(sizes[i] >= -1, "view: sizes expected -1 or more, got ", sizes);
    if (sizes[i] == -1) {
      check<ShapeError>(unknown < 0, "view: sizes expected at most one -1, got ", sizes);
      unknown = i;
    } else {
      known = checked_mul(known, sizes[i]);
    }
  }
  if (unknown >= 0 && known > 0 && count % known == 0) result[unknown] = count / known;
  const bool inferred = unknown < 0 || result[unknown] >= 0;
  check<ShapeError>(inferred && result.numel() == count, "view: shape expected ", count,
                    " elements, got ", sizes, " (from shape ", from, ")");
  return result;
}

/// Strides that show the same elements in the same order with other sizes, if there are any. Walks
/// the old dimensions from the last in chunks that step evenly; each chunk must be cut up exactly
/// by new dimensions.
std::optional<Shape> strides_for_view(const Shape& sizes, const Shape& from_sizes,
                                      const Shape& from_strides) {
  if (sizes.numel() == 0 || from_sizes.ndim() == 0) return contiguous_strides(sizes);
  Shape strides = Shape::filled(sizes.ndim(), 1);
  int to = sizes.ndim() - 1;
  std::int64_t chunk_stride = from_strides.back(), chunk = 1, covered = 1;
  for (int from = from_sizes.ndim() - 1; from >= 0; --from) {
    chunk *= from_sizes[from];
    const bool goes_on =
        from > 0 && (from_sizes[from - 1] == 1 || from_strides[from - 1] == chunk * chunk_stride);
    if (goes_on) continue;
    for (; to >= 0 && (covered < chunk || sizes[to] == 1); --to) {
      strides[to] = covered * chunk_stride;
      covered *= sizes[to];
    }
    if (covered != chunk) return std::nullopt;
    if (from > 0) chunk_stride = from_strides[from - 1];
    chunk = covered = 1;
  }
  return to < 0 ? std::optional(strides) : std::nullopt;
}

}  // namespace

namespace {

Tensor ints(const std::vector<std::int64_t>& values) {
  return from_data(values, {static_cast<std::int64_t>(values.size())}, cpu);
}

/// ONNX's shape of a view: a first size that stays as it is, as a batch's does, is left free.
std::vector<std::int64_t> reshape_of(const Shape& sizes, const Shape& from) {
  std::vector<std::int64_t> shape = to_ints(sizes);
  if (!shape.empty() && from.ndim() > 0 && shape[0] == from[0]) shape[0] = 0;
  return shape;
}

}  // namespace

Tensor Tensor::view(const Shape& sizes) const {
  const Shape resolved = infer_sizes(sizes, this->sizes());
  if (tracer()) {
    return traced_whole("Reshape", {*this, ints(reshape_of(resolved, this->sizes()))}, {},
                        [&] { return view(sizes); });
  }
  const auto strides = strides_for_view(resolved, this->sizes(), this->strides());
  if (!strides) return contiguous().view(resolved);
  return record(
      "view", alias(*this, impl_->offset, resolved, *strides), {*this}, {},
      [from = this->sizes()](const Backward& b) -> Tensors { return {b.grad().view(from)}; });
}

Tensor Tensor::flatten(int start_dim, int end_dim) const {
  const int first = wrap_dim(start_dim, dim(), "flatten"),
            last = wrap_dim(end_dim, dim(), "flatten");
  check<ShapeError>(first <= last, "flatten: start_dim expected at most end_dim, got ", start_dim,
                    " and ", end_dim);
  if (dim() == 0) return view({1});
  if (tracer() && first == 1 && last == dim() - 1) {
    return traced_whole("Flatten", {*this}, {{"axis", std::int64_t{1}}},
                        [&] { return flatten(start_dim, end_dim); });
  }
  Shape sizes;
  std::int64_t joined = 1;
  for (int i = 0; i < dim(); ++i) {
    if (i >= first && i <= last) joined = checked_mul(joined, this->sizes()[i]);
    if (i < first || i > last) sizes.push_back(this->sizes()[i]);
    if (i == last) sizes.push_back(joined);
  }
  return view(sizes);
}

Tensor Tensor::permute(const Shape& dims) const {
  check<ShapeError>(dims.ndim() == dim(), "permute: dims expected ", dim(), " entries, got ", dims);
  Shape sizes, strides, inverse = Shape::filled(dim(), -1);
  for (int i = 0; i < dim(); ++i) {
    const int from = wrap_dim(static_cast<int>(dims[i]), dim(), "permute");
    check<ShapeError>(inverse[from] < 0, "permute: dims expected each once, got ", dims);
    inverse[from] = i;
    sizes.push_back(this->sizes()[from]);
    strides.push_back(this->strides()[from]);
  }
  const Tensor y =
      record("permute", alias(*this, impl_->offset, sizes, strides), {*this}, {},
             [inverse](const Backward& b) -> Tensors { return {b.grad().permute(inverse)}; });
  return traced("Transpose", y, {*this}, [&] { return Attributes{{"perm", to_ints(dims)}}; });
}

Tensor Tensor::transpose(int dim0, int dim1) const {
  Shape dims;
  for (int i = 0; i < dim(); ++i) dims.push_back(i);
  const int a = wrap_dim(dim0, dim(), "transpose"), b = wrap_dim(dim1, dim(), "transpose");
  if (dim() > 0) std::swap(dims[a], dims[b]);
  return permute(dims);
}

Tensor Tensor::t() const {
  check<ShapeError>(dim() == 2, "t: tensor expected 2-D, got ", dim(), "-D (shape ", sizes(), ")");
  return transpose(0, 1);
}

Tensor Tensor::slice(int dim, std::int64_t start, std::int64_t end, std::int64_t step) const {
  check<ShapeError>(this->dim() > 0, "slice: tensor expected at least 1-D, got 0-D");
  check<ArgumentError>(step > 0, "slice: step expected at least 1, got ", step);
  const int d = wrap_dim(dim, this->dim(), "slice");
  const std::int64_t size = sizes()[d];
  const auto place = [size](std::int64_t p) {
    return std::clamp<std::int64_t>(p < 0 ? p + size : p, 0, size);
  };
  const std::int64_t first = place(start), last = std::max(place(end), first);
  const std::int64_t count = (last - first) / step + ((last - first) % step != 0);
  Shape new_sizes = sizes(), new_strides = strides();
  new_sizes[d] = count;
  new_strides[d] *= count > 1 ? step : 1;
  if (tracer()) {
    return traced_whole("Slice", {*this, ints({start}), ints({end}), ints({d}), ints({step})}, {},
                        [&] { return slice(dim, start, end, step); });
  }
  const std::int64_t offset = impl_->offset + (count > 0 ? first * strides()[d] : 0);
  return record("slice", alias(*this, offset, new_sizes, new_strides), {*this}, {},
                [from = sizes(), d, first, last, step](const Backward& b) -> Tensors {
                  Tensor dx = zeros(from, {.dtype = b.grad().dtype(), .device = b.grad().device()});
                  dx.slice(d, first, last, step).copy_(b.grad());
                  return {dx};
                });
}

Tensor Tensor::narrow(int dim, std::int64_t start, std::int64_t length) const {
  const int d = wrap_dim(dim, this->dim(), "narrow");
  const std::int64_t size = this->size(d);
  check<IndexError>(start >= 0 && length >= 0 && start <= size && length <= size - start,
                    "narrow: range expected inside [0, ", size, ")", ", got start ", start,
                    ", length ", length);
  return slice(d, start, start + length);
}

Tensor Tensor::select(int dim, std::int64_t index) const {
  check<IndexError>(this->dim() > 0, "select: tensor expected at least 1-D, got 0-D");
  const int d = wrap_dim(dim, this->dim(), "select");
  const std::int64_t size = sizes()[d];
  check<IndexError>(index >= -size && index < size, "select: index expected in [", -size, ", ",
                    size, "), got ", index, " (dim ", d, " of shape ", sizes(), ")");
  if (tracer()) {
    return traced_whole("Gather", {*this, scalar(static_cast<double>(index), {.dtype = i64})},
                        {{"axis", std::int64_t{d}}}, [&] { return select(dim, index); });
  }
  const std::int64_t position = index < 0 ? index + size : index;
  Shape new_sizes = sizes(), new_strides = strides();
  new_sizes.erase(d);
  new_strides.erase(d);
  return record("select",
                alias(*this, impl_->offset + position * strides()[d], new_sizes, new_strides),
                {*this}, {}, [from = sizes(), d, position](const Backward& b) -> Tensors {
                  Tensor dx = zeros(from, {.dtype = b.grad().dtype(), .device = b.grad().device()});
                  dx.select(d, position).copy_(b.grad());
                  return {dx};
                });
}

Tensor Tensor::at(std::initializer_list<std::int64_t> index) const {
  check<IndexError>(static_cast<int>(index.size()) == dim(), "at: index expected ", dim(),
                    " positions, got ", index.size());
  Tensor element = *this;
  for (const std::int64_t position : index) element = element.select(0, position);
  return element;
}

Tensor Tensor::squeeze() const {
  Shape sizes;
  for (const std::int64_t size : this->sizes()) {
    if (size != 1) sizes.push_back(size);
  }
  return view(sizes);
}

Tensor Tensor::squeeze(int dim) const {
  const int d = wrap_dim(dim, this->dim(), "squeeze");
  if (this->dim() == 0 || sizes()[d] != 1) return *this;
  if (tracer())
    return traced_whole("Squeeze", {*this, ints({d})}, {}, [&] { return squeeze(dim); });
  return select(d, 0);
}

Tensor Tensor::unsqueeze(int dim) const {
  const int d = wrap_dim(dim, this->dim() + 1, "unsqueeze");
  if (tracer())
    return traced_whole("Unsqueeze", {*this, ints({d})}, {}, [&] { return unsqueeze(dim); });
  Shape sizes = this->sizes(), strides = this->strides();
  sizes.insert(d, 1);
  strides.insert(d, d < this->dim() ? this->sizes()[d] * this->strides()[d] : 1);
  return record(
      "unsqueeze", alias(*this, impl_->offset, sizes, strides), {*this}, {},
      [from = this->sizes()](const Backward& b) -> Tensors { return {b.grad().view(from)}; });
}

Tensor Tensor::expand(const Shape& sizes) const {
  check<ShapeError>(sizes.ndim() >= dim(), "expand: sizes expected at least ", dim(),
                    " entries, got ", sizes);
  Shape new_sizes = sizes, strides = Shape::filled(sizes.ndim(), 0);
  const int added = sizes.ndim() - dim();
  for (int i = 0; i < sizes.ndim(); ++i) {
    const std::int64_t own = i < added ? 1 : this->sizes()[i - added];
    if (sizes[i] == -1 && i >= added) new_sizes[i] = own;
    check<ShapeError>(new_sizes[i] >= 0 && (new_sizes[i] == own || own == 1),
                      "expand: sizes expected to extend ", this->sizes(), ", got ", sizes);
    if (i >= added && new_sizes[i] == own) strides[i] = this->strides()[i - added];
  }
  if (new_sizes == this->sizes()) return *this;
  if (tracer()) {
    // 1 leaves a size as it is, whatever it may be in another run.
    std::vector<std::int64_t> target = to_ints(new_sizes);
    for (int i = added; i < new_sizes.ndim(); ++i) {
      if (new_sizes[i] == this->sizes()[i - added]) target[static_cast<std::size_t>(i)] = 1;
    }
    return traced_whole("Expand", {*this, ints(target)}, {}, [&] { return expand(sizes); });
  }
  return record("expand", alias(*this, impl_->offset, new_sizes, strides), {*this}, {},
                [from = this->sizes()](const Backward& b) -> Tensors {
                  return {sum_to_size(b.grad(), from)};
                });
}

Tensor Tensor::detach() const {
  checked();
  Tensor same = alias(*this, impl_->offset, sizes(), strides());
  if (Tracer* listener = tracer()) [[unlikely]]
    listener->detached(*this, same);
  return same;
}

}  // namespace fovea
