#include "fovea/kernels/cpu/norm/norm_pool.h"

#include <cmath>
#include <utility>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/prefetch.h"
#include "fovea/kernels/reference/norm_pool.h"

namespace fovea::kernels::cpu {

namespace {

/// Parts that the rows are cut into for sums: by the problem alone, so that results do not depend
/// on threads.
constexpr int kSumParts = 32;

std::uint8_t* bytes_or_null(View positions, std::int64_t at) {
  return positions.data ? positions.as<std::uint8_t>() + at : nullptr;
}
const std::uint8_t* bytes_or_null(ConstView positions, std::int64_t at) {
  return positions.data ? positions.as<std::uint8_t>() + at : nullptr;
}

/// Calls f(image, first row, rows) in parallel for rows of x that cover it: one row of windows
/// each, the last of an image with what is left below.
template <class F>
void parallel_window_rows(const NormPoolRows& rows, std::int64_t images, const F& f) {
  // Below so many rows a second thread does not pay.
  const std::int64_t size = rows.width() * rows.channels() * rows.row().window;
  const std::int64_t count = rows.count(), grain = std::max<std::int64_t>(1, 8192 / (size + 1));
  parallel_for(images * count, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const std::int64_t first = r % count * rows.window_height();
      const bool last = (r + 1) % count == 0;
      f(r / count, first, last ? rows.height() - first : rows.window_height());
    }
  });
}

}  // namespace

NormAffine::NormAffine(std::int64_t channels, ConstView mean, ConstView var, double eps,
                       ConstView weight, ConstView bias) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const double a = reference::norm_factor<float>(var, eps, weight, c);
    const double centre = mean.data ? static_cast<double>(mean.as<float>()[c]) : 0;
    scale.push_back(static_cast<float>(a));
    shift.push_back(static_cast<float>((bias.data ? static_cast<double>(bias.as<float>()[c]) : 0) -
                                       a * centre));
  }
}

NormPoolRows::NormPoolRows(const BlockSpec& spec, const Shape& sizes)
    : h_(sizes[2]), w_(sizes[3]), window_h_(spec.window_h) {
  const std::int64_t c = sizes[1];
  for (std::int64_t p = 0; p < spec.window(); ++p)
    offsets_.push_back((p / spec.window_w * w_ + p % spec.window_w) * c);
  row_ = {.columns = w_ / spec.window_w,
          .channels = c,
          .step = spec.window_w * c,
          .window = spec.window(),
          .offsets = nullptr,
          .relu = spec.relu};
}

NormPoolForward::NormPoolForward(const BlockSpec& spec, const Shape& sizes, NormAffine affine,
                                 View y, View positions)
    : rows_(spec, sizes), affine_(std::move(affine)), y_(y), positions_(positions) {}

void NormPoolForward::rows(std::int64_t image, std::int64_t first, std::int64_t count,
                           const float* x) const {
  const WindowRow row = rows_.row();
  const std::int64_t line = rows_.width() * rows_.channels();
  const std::int64_t end = rows_.end_of_windows(first, count);
  for (std::int64_t i = first; i < end; i += rows_.window_height()) {
    const std::int64_t at = rows_.y_at(image, i);
    norm_pool_forward_row(row, x + (i - first) * line, affine_.scale.data(), affine_.shift.data(),
                          y_.as<float>() + at, bytes_or_null(positions_, at));
  }
}

namespace {

void sums_f32(const BlockSpec& spec, ConstView dy, ConstView y, ConstView positions, ConstView x,
              ConstView mean, ConstView var, double eps, View sum_dz, View sum_dz_xhat) {
  const NormPoolRows rows(spec, x.sizes);
  const WindowRow row = rows.row();
  const auto channels = static_cast<std::size_t>(rows.channels());
  std::vector<double> totals(kSumParts * 2 * channels);
  parallel_parts(
      x.size(0) * rows.count(), kSumParts, [&](int part, std::int64_t begin, std::int64_t end) {
        double* sum = totals.data() + static_cast<std::size_t>(part) * 2 * channels;
        for (std::int64_t r = begin; r < end; ++r) {
          const std::int64_t image = r / rows.count();
          const std::int64_t first = r % rows.count() * rows.window_height();
          const std::int64_t at = rows.y_at(image, first);
          norm_pool_sums_row(row, dy.as<float>() + at, y.as<float>() + at,
                             bytes_or_null(positions, at), x.as<float>() + rows.x_at(image, first),
                             mean.as<float>(), sum, sum + channels);
        }
      });
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0, centred = 0;
    for (std::size_t part = 0; part < kSumParts; ++part) {
      sum += totals[part * 2 * channels + c];
      centred += totals[(part * 2 + 1) * channels + c];
    }
    sum_dz.as<float>()[c] = static_cast<float>(sum);
    sum_dz_xhat.as<float>()[c] =
        static_cast<float>(centred / std::sqrt(static_cast<double>(var.as<float>()[c]) + eps));
  }
}

}  // namespace

NormPoolInput::NormPoolInput(const BlockSpec& spec, const Shape& sizes, ConstView dy, ConstView y,
                             ConstView positions, ConstView x, ConstView mean, ConstView var,
                             double eps, ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat)
    : rows_(spec, sizes),
      dy_(dy),
      y_(y),
      positions_(positions),
      x_(sum_dz.data ? x.as<float>() : nullptr) {
  const double count = static_cast<double>(sizes[0] * sizes[2] * sizes[3]);
  for (std::int64_t c = 0; c < sizes[1]; ++c) {
    const double a = reference::norm_factor<float>(var, eps, weight, c);
    double b = 0, d = 0;
    if (sum_dz.data) {
      const double inverse = 1 / std::sqrt(static_cast<double>(var.as<float>()[c]) + eps);
      b = -a * inverse * static_cast<double>(sum_dz_xhat.as<float>()[c]) / count;
      d = -a * static_cast<double>(sum_dz.as<float>()[c]) / count -
          b * static_cast<double>(mean.as<float>()[c]);
    }
    by_dz_.push_back(static_cast<float>(a));
    by_x_.push_back(static_cast<float>(b));
    constant_.push_back(static_cast<float>(d));
  }
}

void NormPoolInput::uncovered(std::int64_t at, std::int64_t pixels, float* dx) const {
  norm_pool_uncovered(pixels, rows_.channels(), x_ ? x_ + at : nullptr, by_x_.data(),
                      constant_.data(), dx);
}

void NormPoolInput::rows(std::int64_t image, std::int64_t first, std::int64_t count,
                         float* dx) const {
  const WindowRow row = rows_.row();
  const std::int64_t base = rows_.x_at(image, first), pixels = rows_.width();
  const std::int64_t line = pixels * row.channels, covered = row.columns * row.step;
  const std::int64_t end = rows_.end_of_windows(first, count);
  for (std::int64_t i = first; i < end; i += rows_.window_height()) {
    const std::int64_t from = rows_.x_at(image, i), at = rows_.y_at(image, i);
    norm_pool_input_row(row, dy_.as<float>() + at, y_.as<float>() + at,
                        bytes_or_null(positions_, at), x_ ? x_ + from : nullptr, by_dz_.data(),
                        by_x_.data(), constant_.data(), dx + (from - base));
    for (std::int64_t j = 0; j < rows_.window_height() && covered < line; ++j) {
      const std::int64_t right = from + j * line + covered;
      uncovered(right, (line - covered) / row.channels, dx + (right - base));
    }
  }
  const std::int64_t below = rows_.x_at(image, end);
  if (end < first + count) uncovered(below, (first + count - end) * pixels, dx + (below - base));
}

void NormPoolInput::prefetch(std::int64_t image, std::int64_t first, std::int64_t count) const {
  const std::int64_t from = rows_.x_at(image, first), end = rows_.end_of_windows(first, count);
  if (x_) cpu::prefetch(x_ + from, rows_.x_at(image, first + count) - from);
  if (end == first) return;
  const std::int64_t at = rows_.y_at(image, first), values = rows_.y_at(image, end) - at;
  cpu::prefetch(dy_.as<float>() + at, values);
  cpu::prefetch(y_.as<float>() + at, values);
  if (positions_.data) cpu::prefetch(positions_.as<std::uint8_t>() + at, values);
}

void norm_pool_forward(Queue&, const BlockSpec& spec, ConstView x, ConstView mean, ConstView var,
                       double eps, ConstView weight, ConstView bias, View y, View positions) {
  if (x.dtype != f32)
    return reference::norm_pool_forward<double>(spec, x, mean, var, eps, weight, bias, y,
                                                positions);
  const NormPoolForward forward(spec, x.sizes, NormAffine(x.size(1), mean, var, eps, weight, bias),
                                y, positions);
  const NormPoolRows& layout = forward.layout();
  parallel_window_rows(layout, x.size(0),
                       [&](std::int64_t image, std::int64_t first, std::int64_t count) {
                         const float* from = x.as<float>() + layout.x_at(image, first);
                         forward.rows(image, first, count, from);
                       });
}

void norm_pool_backward_sums(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                             ConstView positions, ConstView x, ConstView mean, ConstView var,
                             double eps, View sum_dz, View sum_dz_xhat) {
  if (x.dtype == f32)
    return sums_f32(spec, dy, y, positions, x, mean, var, eps, sum_dz, sum_dz_xhat);
  reference::norm_pool_backward_sums<double>(spec, dy, y, positions, x, mean, var, eps, sum_dz,
                                             sum_dz_xhat);
}

void norm_pool_backward_input(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                              ConstView positions, ConstView x, ConstView mean, ConstView var,
                              double eps, ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat,
                              View dx) {
  if (x.dtype != f32)
    return reference::norm_pool_backward_input<double>(spec, dy, y, positions, x, mean, var, eps,
                                                       weight, sum_dz, sum_dz_xhat, dx);
  const NormPoolInput input(spec, dx.sizes, dy, y, positions, x, mean, var, eps, weight, sum_dz,
                            sum_dz_xhat);
  const NormPoolRows& layout = input.layout();
  parallel_window_rows(layout, dx.size(0),
                       [&](std::int64_t image, std::int64_t first, std::int64_t count) {
                         float* to = dx.as<float>() + layout.x_at(image, first);
                         input.rows(image, first, count, to);
                       });
}

}  // namespace fovea::kernels::cpu
