#include "fovea/kernels/cpu/winograd/redo.h"

#include <algorithm>
#include <cmath>

namespace fovea::kernels::cpu {

namespace {

constexpr int kIn = static_cast<int>(kWinogradIn), kOut = static_cast<int>(kWinogradOut);

template <class T>
T* pixel(const Patch<T>& patch, int i, int j) {
  return patch.first + i * patch.row_stride + j * patch.channels;
}

/// True when each output has NaN among the pixels of its window.
bool is_all_nan(const Patch<const float>& x, const Patch<float>& y) {
  bool nan[kIn][kIn] = {};
  for (int i = x.top; i < x.bottom; ++i) {
    for (int j = x.left; j < x.right; ++j) {
      const float* at = pixel(x, i, j);
      nan[i][j] = std::any_of(at, at + x.channels, [](float value) { return std::isnan(value); });
    }
  }
  const auto window = [&](int i, int j) {
    for (int r = 0; r < 9; ++r)
      if (nan[i + r / 3][j + r % 3]) return true;
    return false;
  };
  for (int i = y.top; i < y.bottom; ++i) {
    for (int j = y.left; j < y.right; ++j)
      if (!window(i, j)) return false;
  }
  return true;
}

/// Some channels of a patch, each a dense square; 0 outside the image.
struct Squares {
  static constexpr int kMost = 32;
  float of[kMost][kIn][kIn] = {};

  Squares(const Patch<const float>& x, std::int64_t first, int count) {
    for (int i = x.top; i < x.bottom; ++i) {
      for (int j = x.left; j < x.right; ++j) {
        for (int c = 0; c < count; ++c) of[c][i][j] = pixel(x, i, j)[first + c];
      }
    }
  }
};

/// sum += the 3x3 convolution of a square by `kernel`.
void add_products(const float (&square)[kIn][kIn], const float* kernel, float (&sum)[kOut][kOut]) {
  for (int r = 0; r < 9; ++r) {
    for (int i = 0; i < kOut; ++i) {
      for (int j = 0; j < kOut; ++j) sum[i][j] += kernel[r] * square[i + r / 3][j + r % 3];
    }
  }
}

}  // namespace

void winograd_redo(const Patch<const float>& x, const float* weight, const float* bias,
                   const Patch<float>& y) {
  if (is_all_nan(x, y)) return;
  const auto for_outputs = [&](const auto& f) {
    for (int i = y.top; i < y.bottom; ++i) {
      for (int j = y.left; j < y.right; ++j) f(i, j);
    }
  };
  for_outputs([&](int i, int j) {
    if (bias)
      std::copy_n(bias, y.channels, pixel(y, i, j));
    else
      std::fill_n(pixel(y, i, j), y.channels, 0.0f);
  });
  for (std::int64_t first = 0; first < x.channels; first += Squares::kMost) {
    const int count = static_cast<int>(std::min<std::int64_t>(Squares::kMost, x.channels - first));
    const Squares squares(x, first, count);
    for (std::int64_t k = 0; k < y.channels; ++k) {
      float sum[kOut][kOut] = {};
      for (int c = 0; c < count; ++c)
        add_products(squares.of[c], weight + (k * x.channels + first + c) * 9, sum);
      for_outputs([&](int i, int j) { pixel(y, i, j)[k] += sum[i][j]; });
    }
  }
}

}  // namespace fovea::kernels::cpu
