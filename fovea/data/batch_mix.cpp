#include "fovea/data/batch_mix.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/data/image_loop.h"
#include "fovea/tensor/ops.h"

namespace fovea::data {

namespace {

/// In (0, 1], by the first sample of a batch.
double draw_unit(const SampleKeys& keys) {
  const auto words = keys.draw(0);
  return 1 - to_unit_double(words[0], words[1]);
}

/// The logarithm of a number from Gamma(shape, 1), which may be too small to write.
/// Source   Marsaglia and Tsang 2000, "A Simple Method for Generating Gamma Variables".
double draw_log_gamma(const SampleKeys& keys, double shape) {
  // Below 1 the method does not work: Gamma(a) is Gamma(a + 1) times U^(1/a).
  const double boost = shape < 1 ? std::log(draw_unit(keys.nested(0))) / shape : 0;
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (std::uint64_t attempt = 1;; ++attempt) {
    const SampleKeys tried = keys.nested(attempt);
    const double x = to_normal(tried.nested(0).draw(0));
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root, log_v = std::log(v);
    if (std::log(draw_unit(tried.nested(1))) < x * x / 2 + d - d * v + d * log_v)
      return std::log(d) + log_v + boost;
  }
}

/// A number from Beta(alpha, alpha) for the batch.
double draw_beta(const SampleKeys& keys, double alpha) {
  const double one = draw_log_gamma(keys.nested(0), alpha),
               other = draw_log_gamma(keys.nested(1), alpha);
  return 1 / (1 + std::exp(other - one));
}

void check_options(std::int64_t classes, double alpha, const char* transform) {
  check<ArgumentError>(classes >= 1, transform, ": classes expected at least 1, got ", classes);
  check<ArgumentError>(alpha > 0 && std::isfinite(alpha), transform,
                       ": alpha expected finite and above 0, got ", alpha);
}

bool is_real(const Tensor& x) { return x.dtype() == f32 || x.dtype() == f64; }

/// Targets as probabilities.
Tensor probabilities(const Tensor& target, std::int64_t classes, const char* transform) {
  check<DTypeError>(target.dtype() == i64 || is_real(target), transform,
                    ": target expected dtype i64, f32 or f64, got ", target.dtype());
  const bool numbers = target.dtype() == i64;
  const bool fits = numbers ? target.dim() == 1 : target.dim() == 2 && target.size(1) == classes;
  check<ShapeError>(fits, transform, ": target expected ",
                    numbers ? Shape{target.numel()} : Shape{target.size(0), classes}, ", got ",
                    target.sizes());
  return numbers ? one_hot(target, classes).to(f32) : target;
}

/// Row i becomes row i - 1, the first one the last.
Tensor rolled(const Tensor& x) {
  const std::int64_t rows = x.size(0);
  if (rows < 2) return x;
  return cat({x.slice(0, rows - 1, rows), x.slice(0, 0, rows - 1)});
}

Tensor mixed(const Tensor& x, double share) { return rolled(x) * (1 - share) + x * share; }

void check_batch(const Batch& batch, const SampleKeys& keys, const char* transform) {
  check_keys(batch.data, keys, transform);
  check<ShapeError>(batch.target.dim() > 0 && batch.target.size(0) == batch.data.size(0), transform,
                    ": target expected for ", batch.data.sizes(), ", got ", batch.target.sizes());
}

}  // namespace

MixUp::MixUp(std::int64_t classes, double alpha) : classes_(classes), alpha_(alpha) {
  check_options(classes, alpha, "MixUp");
}

double MixUp::share(const SampleKeys& keys) const { return draw_beta(keys, alpha_); }

Batch MixUp::operator()(const Batch& batch, const SampleKeys& keys) const {
  check_batch(batch, keys, "MixUp");
  check<DTypeError>(is_real(batch.data), "MixUp: data expected dtype f32 or f64, got ",
                    batch.data.dtype());
  const Tensor target = probabilities(batch.target, classes_, "MixUp");
  if (keys.indices.empty()) return {batch.data, target};
  const double own = share(keys);
  return {mixed(batch.data, own), mixed(target, own)};
}

CutMix::CutMix(std::int64_t classes, double alpha) : classes_(classes), alpha_(alpha) {
  check_options(classes, alpha, "CutMix");
}

ImagePart CutMix::part(const SampleKeys& keys, ImageSize image) const {
  const double ratio = std::sqrt(1 - draw_beta(keys.nested(0), alpha_)) / 2;
  const auto words = keys.nested(1).draw(0);
  const auto cut = [&](std::uint32_t word, std::int64_t side) {
    const auto middle =
        static_cast<std::int64_t>(to_below({word, 0, 0, 0}, static_cast<std::uint64_t>(side)));
    const auto half = static_cast<std::int64_t>(ratio * static_cast<double>(side));
    return std::pair(std::max<std::int64_t>(middle - half, 0), std::min(middle + half, side));
  };
  const auto [left, right] = cut(words[0], image.width);
  const auto [top, bottom] = cut(words[1], image.height);
  return {.top = top, .left = left, .size = {bottom - top, right - left}};
}

Batch CutMix::operator()(const Batch& batch, const SampleKeys& keys) const {
  check_batch(batch, keys, "CutMix");
  check<ShapeError>(batch.data.dim() == 4 && batch.data.size(2) > 0 && batch.data.size(3) > 0,
                    "CutMix: data expected [k, c, h, w], got ", batch.data.sizes());
  const Tensor target = probabilities(batch.target, classes_, "CutMix");
  if (keys.indices.empty()) return {batch.data, target};
  const std::int64_t height = batch.data.size(2), width = batch.data.size(3);
  const ImagePart cut = part(keys, {height, width});
  const std::int64_t replaced = cut.size.height * cut.size.width;
  const auto window = [&](const Tensor& x) {
    return x.slice(2, cut.top, cut.top + cut.size.height)
        .slice(3, cut.left, cut.left + cut.size.width);
  };
  Tensor data = batch.data;
  if (replaced > 0) {
    data = data.clone();
    window(data).copy_(rolled(window(batch.data)));
  }
  const double own = 1 - static_cast<double>(replaced) /
                             (static_cast<double>(height) * static_cast<double>(width));
  return {data, mixed(target, own)};
}

BatchChoice::BatchChoice(std::vector<BatchTransform> choices) : choices_(std::move(choices)) {
  check<ArgumentError>(!choices_.empty(), "BatchChoice: choices expected at least 1, got 0");
}

Batch BatchChoice::operator()(const Batch& batch, const SampleKeys& keys) const {
  if (keys.indices.empty()) return choices_.front()(batch, keys);
  const std::uint64_t count = choices_.size();
  const std::uint64_t drawn = to_below(keys.nested(count).draw(0), count);
  return choices_[drawn](batch, keys.nested(drawn));
}

}  // namespace fovea::data
