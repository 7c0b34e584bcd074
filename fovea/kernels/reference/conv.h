// Convolution by its definition: the oracle of the fast kernels, and what f64 runs on. Any strides.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// A place in a volume, or its size.
using Index3 = std::array<std::int64_t, 3>;

/// The last `spatial` numbers of `shape` behind as many fillers as make three.
inline Index3 last_three(const Shape& shape, int spatial, std::int64_t filler) {
  Index3 numbers{filler, filler, filler};
  for (int i = 0; i < spatial; ++i) {
    numbers[static_cast<std::size_t>(3) - static_cast<std::size_t>(spatial - i)] =
        shape[shape.ndim() - spatial + i];
  }
  return numbers;
}

/// A view of two leading and up to three spatial dimensions, as if there were three.
template <class T>
struct Volume {
  T* data;              ///< first element
  std::int64_t first;   ///< stride of the first dimension
  std::int64_t second;  ///< stride of the second dimension
  Index3 size;          ///< of the spatial dimensions
  Index3 stride;        ///< of the spatial dimensions

  /// Of a view [., ., spatial dimensions...].
  template <class AnyView>
  Volume(const AnyView& view, int spatial)
      : data(view.template as<std::remove_const_t<T>>()),
        first(view.strides[0]),
        second(view.strides[1]),
        size(last_three(view.sizes, spatial, 1)),
        stride(last_three(view.strides, spatial, 0)) {}
  /// The element [i, j, p].
  T& at(std::int64_t i, std::int64_t j, const Index3& p) const {
    return data[i * first + j * second + p[0] * stride[0] + p[1] * stride[1] + p[2] * stride[2]];
  }
};

/// Calls `f(position)` for every position of a volume, in order.
template <class F>
void for_each(const Index3& size, const F& f) {
  for (std::int64_t d = 0; d < size[0]; ++d) {
    for (std::int64_t h = 0; h < size[1]; ++h) {
      for (std::int64_t w = 0; w < size[2]; ++w) f(Index3{d, h, w});
    }
  }
}

/// Where kernel elements meet the input.
struct Geometry {
  Index3 stride;    ///< of the kernel over the input
  Index3 padding;   ///< before the input
  Index3 dilation;  ///< between kernel elements

  /// A convolution's.
  explicit Geometry(const ConvSpec& spec)
      : stride(last_three(spec.stride, spec.spatial, 1)),
        padding(last_three(spec.padding_begin, spec.spatial, 0)),
        dilation(last_three(spec.dilation, spec.spatial, 1)) {}

  /// The input position under `kernel` when the output is `output`; false in the padding.
  bool input_of(const Index3& output, const Index3& kernel, const Index3& size,
                Index3& input) const {
    for (std::size_t i = 0; i < 3; ++i) {
      input[i] = output[i] * stride[i] - padding[i] + kernel[i] * dilation[i];
      if (input[i] < 0 || input[i] >= size[i]) return false;
    }
    return true;
  }
  /// The output whose `kernel` element lies on `input`; false when there is none.
  bool output_of(const Index3& input, const Index3& kernel, const Index3& size,
                 Index3& output) const {
    for (std::size_t i = 0; i < 3; ++i) {
      const std::int64_t steps = input[i] + padding[i] - kernel[i] * dilation[i];
      output[i] = steps / stride[i];
      if (steps < 0 || steps % stride[i] != 0 || output[i] >= size[i]) return false;
    }
    return true;
  }
};

/// y = conv(x, weight) + bias. Sums in double.
template <class T>
void conv_forward(const ConvSpec& spec, const ConstView& x, const ConstView& weight,
                  const ConstView& bias, const View& y) {
  const Volume<const T> in(x, spec.spatial), kernel(weight, spec.spatial);
  const Volume<T> out(y, spec.spatial);
  const Geometry geometry(spec);
  const std::int64_t outputs = weight.size(0) / spec.groups, inputs = weight.size(1);
  for (std::int64_t n = 0; n < y.size(0); ++n) {
    for (std::int64_t k = 0; k < y.size(1); ++k) {
      for_each(out.size, [&](const Index3& o) {
        double sum = bias.data ? bias.as<T>()[k * bias.strides[0]] : 0;
        Index3 i;
        for (std::int64_t c = 0; c < inputs; ++c) {
          for_each(kernel.size, [&](const Index3& p) {
            if (!geometry.input_of(o, p, in.size, i)) return;
            sum += static_cast<double>(in.at(n, k / outputs * inputs + c, i)) * kernel.at(k, c, p);
          });
        }
        out.at(n, k, o) = static_cast<T>(sum);
      });
    }
  }
}

/// y = min(max(y + residual, low), high); NaN stays NaN.
template <class T>
void conv_epilogue(const ConvEpilogue& epilogue, const ConstView& residual, const View& y) {
  const T low = static_cast<T>(epilogue.low), high = static_cast<T>(epilogue.high);
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    T& value = y.as<T>()[i];
    if (residual.data) value += residual.as<T>()[i];
    if (value < low) value = low;
    if (value > high) value = high;
  }
}

/// dx: each input element gathers from the outputs that it reached. Sums in double.
template <class T>
void conv_backward_input(const ConvSpec& spec, const ConstView& dy, const ConstView& weight,
                         const View& dx) {
  const Volume<const T> out(dy, spec.spatial), kernel(weight, spec.spatial);
  const Volume<T> in(dx, spec.spatial);
  const Geometry geometry(spec);
  const std::int64_t outputs = weight.size(0) / spec.groups, inputs = weight.size(1);
  for (std::int64_t n = 0; n < dx.size(0); ++n) {
    for (std::int64_t c = 0; c < dx.size(1); ++c) {
      const std::int64_t group = c / inputs;
      for_each(in.size, [&](const Index3& i) {
        double sum = 0;
        Index3 o;
        for (std::int64_t k = group * outputs; k < (group + 1) * outputs; ++k) {
          for_each(kernel.size, [&](const Index3& p) {
            if (!geometry.output_of(i, p, out.size, o)) return;
            sum += static_cast<double>(out.at(n, k, o)) * kernel.at(k, c - group * inputs, p);
          });
        }
        in.at(n, c, i) = static_cast<T>(sum);
      });
    }
  }
}

/// dweight, and dbias unless absent. Sums in double.
template <class T>
void conv_backward_weight(const ConvSpec& spec, const ConstView& x, const ConstView& dy,
                          const View& dweight, const View& dbias) {
  const Volume<const T> in(x, spec.spatial), out(dy, spec.spatial);
  const Volume<T> kernel(dweight, spec.spatial);
  const Geometry geometry(spec);
  const std::int64_t outputs = dweight.size(0) / spec.groups, inputs = dweight.size(1);
  for (std::int64_t k = 0; k < dweight.size(0); ++k) {
    for (std::int64_t c = 0; c < inputs; ++c) {
      for_each(kernel.size, [&](const Index3& p) {
        double sum = 0;
        Index3 i;
        for (std::int64_t n = 0; n < x.size(0); ++n) {
          for_each(out.size, [&](const Index3& o) {
            if (!geometry.input_of(o, p, in.size, i)) return;
            sum += static_cast<double>(in.at(n, k / outputs * inputs + c, i)) * out.at(n, k, o);
          });
        }
        kernel.at(k, c, p) = static_cast<T>(sum);
      });
    }
    if (!dbias.data) continue;
    double sum = 0;
    for (std::int64_t n = 0; n < x.size(0); ++n)
      for_each(out.size, [&](const Index3& o) { sum += out.at(n, k, o); });
    dbias.as<T>()[k * dbias.strides[0]] = static_cast<T>(sum);
  }
}

}  // namespace fovea::kernels::reference
