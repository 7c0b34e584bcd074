// Sizes and strides: short lists of 64-bit integers that never allocate.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>

namespace fovea {

/// The most dimensions that a tensor can have.
inline constexpr int kMaxDims = 8;

/// A list of at most kMaxDims integers: sizes, strides or indices. Strides count elements, not
/// bytes.
class Shape {
 public:
  Shape() = default;
  /// From a braced list. Throws ShapeError beyond kMaxDims.
  Shape(std::initializer_list<std::int64_t> values)
      : Shape(std::span(values.begin(), values.size())) {}
  /// From a range. Throws ShapeError beyond kMaxDims.
  explicit Shape(std::span<const std::int64_t> values);
  /// `ndim` times `value`.
  static Shape filled(int ndim, std::int64_t value);

  /// The number of dimensions.
  int ndim() const { return ndim_; }
  /// True for the shape of a 0-d tensor.
  bool empty() const { return ndim_ == 0; }
  /// Element `i`; requires 0 <= i < ndim().
  std::int64_t operator[](int i) const {
    assert(i >= 0 && i < ndim_);
    return values_[static_cast<std::size_t>(i)];
  }
  /// Element `i`; requires 0 <= i < ndim().
  std::int64_t& operator[](int i) {
    assert(i >= 0 && i < ndim_);
    return values_[static_cast<std::size_t>(i)];
  }
  /// The last element; requires ndim() > 0.
  std::int64_t back() const { return (*this)[ndim_ - 1]; }
  const std::int64_t* begin() const { return values_.data(); }        ///< first element
  const std::int64_t* end() const { return values_.data() + ndim_; }  ///< past the last element
  std::int64_t* begin() { return values_.data(); }                    ///< first element
  std::int64_t* end() { return values_.data() + ndim_; }              ///< past the last element

  /// Appends a value. Throws ShapeError beyond kMaxDims.
  void push_back(std::int64_t value);
  /// Inserts `value` before position `i`.
  void insert(int i, std::int64_t value);
  /// Removes position `i`.
  void erase(int i);

  /// The product of the sizes, 1 for 0-d. Throws ShapeError when it exceeds 2^62 or a size is
  /// negative.
  std::int64_t numel() const;
  /// "[2, 4, 8, 8]".
  std::string to_string() const;

  bool operator==(const Shape& other) const;  ///< same length and values

 private:
  std::array<std::int64_t, kMaxDims> values_{};
  int ndim_ = 0;
};

/// Prints to_string().
std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// a * b. Throws ShapeError on overflow.
std::int64_t checked_mul(std::int64_t a, std::int64_t b);
/// a + b. Throws ShapeError on overflow.
std::int64_t checked_add(std::int64_t a, std::int64_t b);

/// Strides of a contiguous tensor, last dimension fastest.
Shape contiguous_strides(const Shape& sizes);
/// Strides with channels (dimension 1) fastest, then the spatial dimensions from the last to the
/// first, for 3 to 5 dimensions; contiguous_strides for others.
Shape channels_last_strides(const Shape& sizes);
/// True when the strides walk the sizes in logical order without gaps; dimensions of size 1 do not
/// count.
bool is_contiguous(const Shape& sizes, const Shape& strides);
/// True when the strides walk the sizes without gaps and with channels fastest (3 to 5 dimensions).
bool is_channels_last(const Shape& sizes, const Shape& strides);
/// The dimension that `dim` (possibly negative) means. Throws IndexError naming `operation`.
int wrap_dim(int dim, int ndim, const char* operation);
/// The shape that `a` and `b` broadcast to, as in NumPy. Throws ShapeError naming `operation`.
Shape broadcast_shapes(const Shape& a, const Shape& b, const char* operation);

}  // namespace fovea
