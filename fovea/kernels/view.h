// What kernels see of a tensor: an address, a dtype, sizes and strides.
#pragma once

#include <cassert>
#include <cstdint>

#include "fovea/core/dtype.h"
#include "fovea/core/shape.h"

namespace fovea::kernels {

/// A strided array that is read.
struct ConstView {
  const void* data = nullptr;  ///< first element
  DType dtype = f32;           ///< element type
  Shape sizes;                 ///< elements a dimension
  Shape strides;               ///< elements between neighbours, a dimension; 0 where broadcast

  int ndim() const { return sizes.ndim(); }                ///< dimensions
  std::int64_t numel() const { return sizes.numel(); }     ///< elements
  std::int64_t size(int dim) const { return sizes[dim]; }  ///< elements along `dim`
  /// The elements as T, which must be the dtype's type.
  template <class T>
  const T* as() const {
    assert(dtype == dtype_of<T>);
    return static_cast<const T*>(data);
  }
  /// Gapless in logical order.
  bool contiguous() const { return is_contiguous(sizes, strides); }
  /// Gapless, channels fastest.
  bool channels_last() const { return is_channels_last(sizes, strides); }
};

/// A strided array that is written.
struct View {
  void* data = nullptr;  ///< first element
  DType dtype = f32;     ///< element type
  Shape sizes;           ///< elements a dimension
  Shape strides;         ///< elements between neighbours, a dimension

  operator ConstView() const { return {data, dtype, sizes, strides}; }  ///< the same, to read
  int ndim() const { return sizes.ndim(); }                             ///< dimensions
  std::int64_t numel() const { return sizes.numel(); }                  ///< elements
  std::int64_t size(int dim) const { return sizes[dim]; }               ///< elements along `dim`
  /// The elements as T, which must be the dtype's type.
  template <class T>
  T* as() const {
    assert(dtype == dtype_of<T>);
    return static_cast<T*>(data);
  }
  /// Gapless in logical order.
  bool contiguous() const { return is_contiguous(sizes, strides); }
  /// Gapless, channels fastest.
  bool channels_last() const { return is_channels_last(sizes, strides); }
};

}  // namespace fovea::kernels
