#include "fovea/data/gaussian_blur.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/data/image_loop.h"

namespace fovea::data {

namespace {

void check_kernel(ImageSize kernel, const char* transform) {
  const auto odd = [](std::int64_t length) { return length >= 1 && length % 2 == 1; };
  check<ArgumentError>(odd(kernel.height) && odd(kernel.width), transform,
                       ": kernel expected odd lengths, got ", kernel.height, "x", kernel.width);
}

/// Writes the weights of `count` pixels in a line; their sum is 1.
template <class Real>
void write_weights(double sigma, std::int64_t count, Real* weights) {
  const double middle = static_cast<double>(count - 1) / 2;
  const auto weight = [&](std::int64_t k) {
    const double distance = (static_cast<double>(k) - middle) / sigma;
    return std::exp(-0.5 * distance * distance);
  };
  double sum = 0;
  for (std::int64_t k = 0; k < count; ++k) sum += weight(k);
  for (std::int64_t k = 0; k < count; ++k) weights[k] = static_cast<Real>(weight(k) / sum);
}

/// What pixel `i` of a line is the mirror image of; the edge is not repeated. Requires that it is
/// less than `count` outside.
std::int64_t mirrored(std::int64_t i, std::int64_t count) {
  if (i < 0) return -i;
  return i < count ? i : 2 * (count - 1) - i;
}

/// sums[j] += weight * line[j].
template <class Real>
void add_line(Real weight, const Real* __restrict line, std::int64_t count, Real* __restrict sums) {
  for (std::int64_t j = 0; j < count; ++j) sums[j] += weight * line[j];
}

/// The image with its rows blurred in scratch, then its columns where it lies.
template <class T>
void blur(const ImageInPlace<T>& image, ImageSize kernel, double sigma) {
  using Real = RealOf<T>;
  const std::int64_t width = image.width, height = image.height;
  Real* const rows = image.scratch;
  Real* const across = rows + image.plane();
  Real* const down = across + kernel.width;
  Real* const line = down + kernel.height;
  write_weights(sigma, kernel.width, across);
  write_weights(sigma, kernel.height, down);
  const std::int64_t left = kernel.width / 2, above = kernel.height / 2;
  for (std::int64_t c = 0; c < image.channels; ++c) {
    T* const pixels = image.channel(c);
    std::fill_n(rows, image.plane(), Real{0});
    for (std::int64_t i = 0; i < height; ++i) {
      const T* const row = pixels + i * width;
      for (std::int64_t j = 0; j < left; ++j) {
        line[j] = row[mirrored(j - left, width)];
        line[left + width + j] = row[mirrored(width + j, width)];
      }
      std::copy_n(row, width, line + left);
      for (std::int64_t k = 0; k < kernel.width; ++k)
        add_line(across[k], line + k, width, rows + i * width);
    }
    for (std::int64_t i = 0; i < height; ++i) {
      std::fill_n(line, width, Real{0});
      for (std::int64_t k = 0; k < kernel.height; ++k)
        add_line(down[k], rows + mirrored(i + k - above, height) * width, width, line);
      for (std::int64_t j = 0; j < width; ++j) pixels[i * width + j] = to_pixel<T>(line[j]);
    }
  }
}

}  // namespace

Tensor gaussian_blur(const Tensor& batch, ImageSize kernel, std::span<const double> sigmas) {
  check_pixels(batch, "gaussian_blur");
  check_kernel(kernel, "gaussian_blur");
  const std::int64_t height = batch.size(2), width = batch.size(3);
  check<ShapeError>(kernel.height / 2 < height && kernel.width / 2 < width,
                    "gaussian_blur: image expected more than half as large as the kernel ",
                    kernel.height, "x", kernel.width, ", got ", batch.sizes());
  check<ArgumentError>(static_cast<std::int64_t>(sigmas.size()) == batch.size(0),
                       "gaussian_blur: sigmas expected for ", batch.size(0), " images, got ",
                       sigmas.size());
  for (const double sigma : sigmas)
    check<ArgumentError>(sigma >= 0 && std::isfinite(sigma),
                         "gaussian_blur: sigma expected finite and at least 0, got ", sigma);
  const std::int64_t scratch = height * width + width + 2 * kernel.width + kernel.height;
  return changed_images(batch, scratch, [&](const auto& image, std::size_t i) {
    if (sigmas[i] > 0) blur(image, kernel, sigmas[i]);
  });
}

GaussianBlur::GaussianBlur(ImageSize kernel, GaussianBlurOptions options)
    : kernel_(kernel), options_(options) {
  check_kernel(kernel, "GaussianBlur");
  const auto [low, high] = options.sigma;
  check<ArgumentError>(low > 0 && low <= high && std::isfinite(high),
                       "GaussianBlur: sigma expected a finite range above 0, got [", low, ", ",
                       high, "]");
  check<ArgumentError>(options.p >= 0 && options.p <= 1, "GaussianBlur: p expected in [0, 1], got ",
                       options.p);
}

double GaussianBlur::sigma(const SampleKeys& keys, std::size_t i) const {
  const auto words = keys.draw(i);
  if (to_unit_double(words[0], words[1]) >= options_.p) return 0;
  return options_.sigma.low +
         (options_.sigma.high - options_.sigma.low) * to_unit_double(words[2], words[3]);
}

Tensor GaussianBlur::operator()(const Tensor& batch, const SampleKeys& keys) const {
  check_keys(batch, keys, "GaussianBlur");
  std::vector<double> sigmas;
  sigmas.reserve(keys.indices.size());
  for (std::size_t i = 0; i < keys.indices.size(); ++i) sigmas.push_back(sigma(keys, i));
  return gaussian_blur(batch, kernel_, sigmas);
}

}  // namespace fovea::data
