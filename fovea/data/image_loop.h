// The loop that transforms of pixels share: each image of a batch is copied and changed where it
// lies, a sample a thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/data/transform.h"
#include "fovea/data/window_transform.h"
#include "fovea/tensor/tensor.h"

namespace fovea::data {

/// What an image of values of type T is computed in.
template <class T>
using RealOf = std::conditional_t<std::is_same_v<T, double>, double, float>;

/// An image that is changed where it lies, [channels, height, width] without gaps.
template <class T>
struct ImageInPlace {
  using Real = RealOf<T>;                                          ///< of sums
  static constexpr bool kBytes = std::is_same_v<T, std::uint8_t>;  ///< not numbers in [0, 1]
  static constexpr Real kMost = kBytes ? 255 : 1;                  ///< what white is
  T* data;                                                         ///< its first value
  std::int64_t channels;                                           ///< its planes
  std::int64_t height;                                             ///< its rows
  std::int64_t width;                                              ///< its columns
  Real* scratch;                                                   ///< as many as were asked for

  std::int64_t plane() const { return height * width; }  ///< pixels
  /// A channel.
  T* channel(std::int64_t c) const { return data + c * plane(); }
};

/// A value as an image has it: of bytes the nearest, half to even.
template <class T, class Real>
T to_pixel(Real value) {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    // Adding and taking away rounds as lrint does, and is vectorised.
    constexpr float kRound = 0x1.8p23f;
    const float bounded = std::min(std::max(value, 0.0f), 255.0f);
    return static_cast<std::uint8_t>((bounded + kRound) - kRound);
  } else {
    return value;
  }
}

/// Throws ShapeError, DTypeError unless `batch` is [k, c, h, w] of u8, f32 or f64.
inline void check_pixels(const Tensor& batch, std::string_view transform) {
  check<ShapeError>(batch.dim() == 4, transform, ": batch expected [k, c, h, w], got ",
                    batch.sizes());
  const DType dtype = batch.dtype();
  check<DTypeError>(dtype == u8 || dtype == f32 || dtype == f64, transform,
                    ": dtype expected u8, f32 or f64, got ", dtype);
}

/// Throws ArgumentError unless there is a key for each sample.
inline void check_keys(const Tensor& batch, const SampleKeys& keys, std::string_view transform) {
  check<ArgumentError>(
      batch.dim() > 0 && static_cast<std::int64_t>(keys.indices.size()) == batch.size(0), transform,
      ": keys expected for ", batch.sizes(), ", got ", keys.indices.size());
}

/// draw_of(i, size of the images) for each sample i of a batch: what a transform draws for it.
/// Throws   as check_pixels and check_keys.
template <class F>
auto draw_for_each(const Tensor& batch, const SampleKeys& keys, std::string_view transform,
                   const F& draw_of) {
  check_pixels(batch, transform);
  check_keys(batch, keys, transform);
  const ImageSize image(batch.size(2), batch.size(3));
  std::vector<std::invoke_result_t<F, std::size_t, ImageSize>> drawn;
  drawn.reserve(keys.indices.size());
  for (std::size_t i = 0; i < keys.indices.size(); ++i) drawn.push_back(draw_of(i, image));
  return drawn;
}

/// A copy of the images, each changed by `change(ImageInPlace<T>, sample)`, which may use `scratch`
/// numbers of its type. It must not throw. Requires check_pixels.
template <class F>
Tensor changed_images(const Tensor& batch, std::int64_t scratch, const F& change) {
  const auto of_type = [&]<class T>(T) {
    const Tensor x = batch.to(cpu).contiguous();
    const Tensor y = empty(x.sizes(), {.dtype = x.dtype(), .device = cpu});
    const std::int64_t images = x.size(0), values = x.size(1) * x.size(2) * x.size(3);
    const int parts =
        static_cast<int>(std::min<std::int64_t>(num_threads(), std::max<std::int64_t>(images, 1)));
    std::vector<RealOf<T>> rooms(static_cast<std::size_t>(parts * scratch));
    const T* const from = x.data<T>();
    T* const to = y.data<T>();
    parallel_parts(images, parts, [&](int part, std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        std::copy_n(from + i * values, values, to + i * values);
        change(ImageInPlace<T>{to + i * values, x.size(1), x.size(2), x.size(3),
                               rooms.data() + part * scratch},
               static_cast<std::size_t>(i));
      }
    });
    return y.to(batch.device());
  };
  if (batch.dtype() == u8) return of_type(std::uint8_t{});
  return batch.dtype() == f32 ? of_type(float{}) : of_type(double{});
}

}  // namespace fovea::data
