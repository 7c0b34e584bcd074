#include "fovea/core/shape.h"

#include <algorithm>
#include <ostream>

#include "fovea/core/error.h"

namespace fovea {

namespace {

/// True when walking the dimensions in `order` (slowest first) meets exactly the strides of a
/// gapless block.
bool is_dense_in_order(const Shape& sizes, const Shape& strides, std::span<const int> order) {
  if (std::count(sizes.begin(), sizes.end(), 0) > 0) return true;
  std::int64_t expected = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    const int dim = order[i];
    if (sizes[dim] == 1) continue;
    if (strides[dim] != expected) return false;
    expected *= sizes[dim];
  }
  return true;
}

/// The dimensions of a channels-last tensor, slowest first: n, spatial, c.
std::array<int, kMaxDims> channels_last_order(int ndim) {
  std::array<int, kMaxDims> order{};
  for (int i = 1; i < ndim; ++i) order[static_cast<std::size_t>(i)] = i + 1 < ndim ? i + 1 : 1;
  return order;
}

Shape strides_in_order(const Shape& sizes, std::span<const int> order) {
  Shape strides = sizes;
  std::int64_t stride = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    strides[order[i]] = stride;
    stride = checked_mul(stride, std::max<std::int64_t>(sizes[order[i]], 1));
  }
  return strides;
}

constexpr std::array<int, kMaxDims> kLogicalOrder = {0, 1, 2, 3, 4, 5, 6, 7};

}  // namespace

Shape::Shape(std::span<const std::int64_t> values) {
  check<ShapeError>(values.size() <= kMaxDims, "shape: dimensions expected at most ", kMaxDims,
                    ", got ", values.size());
  std::copy(values.begin(), values.end(), values_.begin());
  ndim_ = static_cast<int>(values.size());
}

Shape Shape::filled(int ndim, std::int64_t value) {
  Shape shape;
  for (int i = 0; i < ndim; ++i) shape.push_back(value);
  return shape;
}

void Shape::push_back(std::int64_t value) { insert(ndim_, value); }

void Shape::insert(int i, std::int64_t value) {
  assert(i >= 0 && i <= ndim_);
  check<ShapeError>(ndim_ < kMaxDims, "shape: dimensions expected at most ", kMaxDims, ", got ",
                    ndim_ + 1);
  std::copy_backward(begin() + i, end(), end() + 1);
  values_[static_cast<std::size_t>(i)] = value;
  ++ndim_;
}

void Shape::erase(int i) {
  assert(i >= 0 && i < ndim_);
  std::copy(begin() + i + 1, end(), begin() + i);
  --ndim_;
}

std::int64_t Shape::numel() const {
  std::int64_t product = 1;
  bool zero = false;
  for (const std::int64_t size : *this) {
    check<ShapeError>(size >= 0, "shape: sizes expected none negative, got ", *this);
    if (size == 0)
      zero = true;
    else
      product = checked_mul(product, size);
  }
  return zero ? 0 : product;
}

std::string Shape::to_string() const {
  std::string text = "[";
  for (int i = 0; i < ndim_; ++i) text += (i ? ", " : "") + std::to_string((*this)[i]);
  return text + "]";
}

bool Shape::operator==(const Shape& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.to_string(); }

std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &product);
  check<ShapeError>(!overflow && product <= (std::int64_t{1} << 62),
                    "shape: size expected at most 2^62, got ", a, " * ", b);
  return product;
}

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  const bool overflow = __builtin_add_overflow(a, b, &sum);
  check<ShapeError>(!overflow && sum <= (std::int64_t{1} << 62),
                    "shape: size expected at most 2^62, got ", a, " + ", b);
  return sum;
}

Shape contiguous_strides(const Shape& sizes) {
  return strides_in_order(sizes,
                          std::span(kLogicalOrder).first(static_cast<std::size_t>(sizes.ndim())));
}

Shape channels_last_strides(const Shape& sizes) {
  if (sizes.ndim() < 3 || sizes.ndim() > 5) return contiguous_strides(sizes);
  const auto order = channels_last_order(sizes.ndim());
  return strides_in_order(sizes, std::span(order).first(static_cast<std::size_t>(sizes.ndim())));
}

bool is_contiguous(const Shape& sizes, const Shape& strides) {
  return is_dense_in_order(sizes, strides,
                           std::span(kLogicalOrder).first(static_cast<std::size_t>(sizes.ndim())));
}

bool is_channels_last(const Shape& sizes, const Shape& strides) {
  if (sizes.ndim() < 3 || sizes.ndim() > 5) return false;
  const auto order = channels_last_order(sizes.ndim());
  return is_dense_in_order(sizes, strides,
                           std::span(order).first(static_cast<std::size_t>(sizes.ndim())));
}

int wrap_dim(int dim, int ndim, const char* operation) {
  const int range = std::max(ndim, 1);  // a 0-d tensor takes dimension 0 and -1, as in PyTorch
  check<IndexError>(dim >= -range && dim < range, operation, ": dim expected in [", -range, ", ",
                    range - 1, "], got ", dim);
  return dim < 0 ? dim + range : dim;
}

Shape broadcast_shapes(const Shape& a, const Shape& b, const char* operation) {
  const int ndim = std::max(a.ndim(), b.ndim());
  Shape out = Shape::filled(ndim, 1);
  for (int i = 0; i < ndim; ++i) {  // i counts from the last dimension
    const std::int64_t size_a = i < a.ndim() ? a[a.ndim() - 1 - i] : 1;
    const std::int64_t size_b = i < b.ndim() ? b[b.ndim() - 1 - i] : 1;
    check<ShapeError>(size_a == size_b || size_a == 1 || size_b == 1, operation,
                      ": shapes expected to broadcast, got ", a, " and ", b);
    out[ndim - 1 - i] = size_a == 1 ? size_b : size_a;
  }
  return out;
}

}  // namespace fovea
