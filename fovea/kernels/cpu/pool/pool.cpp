#include "fovea/kernels/cpu/pool/pool.h"

#include <algorithm>
#include <limits>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/loops.h"
#include "fovea/kernels/cpu/pool/pool_plan.h"
#include "fovea/kernels/cpu/pool/pool_vector.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/reference/pool.h"

namespace fovea::kernels::cpu {

namespace {

/// A cache line of floats: channels are never cut finer between threads.
constexpr std::int64_t kChannelBlock = 16;

/// Where a row of windows is, besides what TapRow says.
struct RowPlace {
  std::int64_t target;    ///< element of the output
  std::int32_t position;  ///< flat spatial position of the first source
  std::int32_t stride;    ///< positions from one window to the next
  float extent;           ///< product of the windows' extents
};

/// The taps of the window that is being worked on.
struct Taps {
  std::int64_t* offsets;
  std::int32_t* positions;
  float* weights;

  /// Up to `longest` of them, in memory for twice as many numbers.
  Taps(std::int64_t longest, std::int64_t* memory)
      : offsets(memory),
        positions(reinterpret_cast<std::int32_t*>(memory + longest)),
        weights(reinterpret_cast<float*>(positions + longest)) {}
};

using AxisWindow = AxisWindows::Window;

float weight_of(const AxisWindows& axis, std::int64_t source) {
  return axis.weights.empty() ? 1.0f : axis.weights[static_cast<std::size_t>(source)];
}

/// Lists the taps of the box d x h x w, relative to its first source; returns their number.
std::int64_t list_taps(const PoolPlan& plan, const AxisWindow& d, const AxisWindow& h,
                       const AxisWindow& w, const Taps& taps) {
  const auto& [depth, height, width] = plan.axes;
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < d.count; ++i) {
    for (std::int64_t j = 0; j < h.count; ++j) {
      const float weight = weight_of(depth, d.begin + i) * weight_of(height, h.begin + j);
      const std::int64_t row = (i * depth.step * plan.source[1] + j * height.step) * plan.source[2];
      for (std::int64_t k = 0; k < w.count; ++k, ++count) {
        const std::int64_t position = row + k * width.step;
        taps.positions[count] = static_cast<std::int32_t>(position);
        taps.offsets[count] = position * plan.channels;
        taps.weights[count] = weight * weight_of(width, w.begin + k);
      }
    }
  }
  return count;
}

/// Calls `f(window_row, place)` for the runs of channels [from, to) of output row `row`.
template <class F>
void for_runs(const PoolPlan& plan, const float* x, std::int64_t row, std::int64_t from,
              std::int64_t to, const Taps& taps, const F& f) {
  const std::int64_t image = row / (plan.target[0] * plan.target[1]);
  const AxisWindow& d =
      plan.axes[0].windows[static_cast<std::size_t>(row / plan.target[1] % plan.target[0])];
  const AxisWindow& h = plan.axes[1].windows[static_cast<std::size_t>(row % plan.target[1])];
  const std::int64_t positions = plan.source[0] * plan.source[1] * plan.source[2];
  for (const WindowRun& run : plan.runs) {
    const AxisWindow& w = plan.axes[2].windows[static_cast<std::size_t>(run.first)];
    const std::int64_t count = list_taps(plan, d, h, w, taps);
    const std::int64_t position = (d.begin * plan.source[1] + h.begin) * plan.source[2] + w.begin;
    const TapRow window_row{
        .x = x + (image * positions + position) * plan.channels + from,
        .offsets = taps.offsets,
        .positions = taps.positions,
        .weights = taps.weights,
        .taps = count,
        .windows = run.count,
        .channels = to - from,
        .x_step = run.stride * plan.channels,
        .y_step = plan.channels,
        .dense = run.stride == 1,
        .lane_window = run.lane_window.empty() ? nullptr : run.lane_window.data(),
        .lane_offset = run.lane_offset.data()};
    const std::int64_t target = (row * plan.target[2] + run.first) * plan.channels + from;
    f(window_row, RowPlace{target, static_cast<std::int32_t>(position),
                           static_cast<std::int32_t>(run.stride), d.extent * h.extent * w.extent});
  }
}

/// for_runs over the whole output, in parallel: over rows, and over channels too when rows are few.
template <class F>
void run_plan(const PoolPlan& plan, const float* x, const F& f) {
  const std::int64_t rows = plan.rows();
  std::int64_t blocks = 1;
  if (rows < 2 * num_threads() && plan.channels >= 64) {
    blocks = std::min<std::int64_t>(num_threads(), plan.channels / (2 * kChannelBlock));
  }
  const std::int64_t longest = plan.longest();
  const std::int64_t work =
      plan.target[2] * plan.channels * std::max<std::int64_t>(longest, 1) / blocks;
  const std::int64_t grain =
      std::max<std::int64_t>(1, kElementGrain / std::max<std::int64_t>(work, 1));
  const int parts = detail::parts_for(rows * blocks, grain);
  const PartScratch<std::int64_t> memory(parts, 2 * longest);
  parallel_parts(rows * blocks, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    const Taps taps(longest, memory.of(part));
    const std::int64_t lines = (plan.channels + kChannelBlock - 1) / kChannelBlock;
    for (std::int64_t item = begin; item < end; ++item) {
      const std::int64_t block = item % blocks;
      const std::int64_t from = lines * block / blocks * kChannelBlock;
      const std::int64_t to = std::min(plan.channels, lines * (block + 1) / blocks * kChannelBlock);
      for_runs(plan, x, item / blocks, from, to, taps, f);
    }
  });
}

std::array<AxisWindows, 3> sliding_axes(const PoolSpec& spec, const Extent3& in,
                                        const Extent3& out) {
  std::array<AxisWindows, 3> axes;
  for (int i = 0; i < 3; ++i) {
    const auto axis = static_cast<std::size_t>(i);
    axes[axis] = sliding_windows(spec, i, in[axis], out[axis]);
  }
  return axes;
}

std::array<AxisWindows, 3> adaptive_axes(const Extent3& in, const Extent3& out) {
  std::array<AxisWindows, 3> axes;
  for (std::size_t i = 0; i < 3; ++i) axes[i] = adaptive_windows(in[i], out[i]);
  return axes;
}

std::array<AxisWindows, 3> adjoint_axes(const std::array<AxisWindows, 3>& axes, const Extent3& in,
                                        bool divisor_given) {
  std::array<AxisWindows, 3> result;
  for (std::size_t i = 0; i < 3; ++i) result[i] = adjoint_windows(axes[i], in[i], divisor_given);
  return result;
}

Extent3 extent_of(const Shape& sizes) { return reference::extent3(sizes, 2, 1); }

void run_extreme(Extreme which, const PoolPlan& plan, const float* x, float* y,
                 std::int64_t* indices) {
  run_plan(plan, x, [&](const TapRow& row, const RowPlace& place) {
    std::int64_t* where = indices ? indices + place.target : nullptr;
    if (row.taps > 0) {
      extreme_row(which, row, place.position, place.stride, y + place.target, where);
      return;
    }
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    for (std::int64_t window = 0; window < row.windows; ++window) {
      std::fill_n(y + place.target + window * row.y_step, row.channels,
                  which == Extreme::kMax ? -kInfinity : kInfinity);
      if (where) std::fill_n(where + window * row.y_step, row.channels, -1);
    }
  });
}

void run_mean(const PoolPlan& plan, const float* x, std::int64_t divisor_override, float* y) {
  run_plan(plan, x, [&](const TapRow& row, const RowPlace& place) {
    const float divisor = divisor_override ? static_cast<float>(divisor_override) : place.extent;
    mean_row(row, divisor, y + place.target);
  });
}

void run_weighted(const PoolPlan& plan, const float* dy, float* dx) {
  run_plan(plan, dy,
           [&](const TapRow& row, const RowPlace& place) { weighted_row(row, dx + place.target); });
}

/// Adds dy to the winners of channels [from, to) of one image.
void scatter_image(const float* dy, const std::int64_t* indices, std::int64_t windows,
                   std::int64_t channels, std::int64_t from, std::int64_t to, float* dx) {
  for (std::int64_t window = 0; window < windows; ++window) {
    const float* gradient = dy + window * channels;
    const std::int64_t* index = indices + window * channels;
    for (std::int64_t c = from; c < to; ++c) {
      if (index[c] >= 0) dx[index[c] * channels + c] += gradient[c];
    }
  }
}

}  // namespace

void extreme_pool_forward(Queue&, Extreme which, const PoolSpec& spec, ConstView x, View y,
                          View indices) {
  if (y.numel() == 0) return;
  if (x.dtype == f32) {
    const Extent3 in = extent_of(x.sizes), out = extent_of(y.sizes);
    const PoolPlan plan = make_plan(x.sizes, y.sizes, sliding_axes(spec, in, out));
    if (plan.fits()) {
      std::int64_t* where = indices.data ? indices.as<std::int64_t>() : nullptr;
      return run_extreme(which, plan, x.as<float>(), y.as<float>(), where);
    }
  }
  dispatch_float(x.dtype, "extreme_pool", [&](auto tag) {
    reference::extreme_pool_forward<typename decltype(tag)::type>(which, spec, x, y, indices);
  });
}

void adaptive_extreme_pool_forward(Queue&, Extreme which, ConstView x, View y, View indices) {
  if (y.numel() == 0) return;
  if (x.dtype == f32) {
    const PoolPlan plan =
        make_plan(x.sizes, y.sizes, adaptive_axes(extent_of(x.sizes), extent_of(y.sizes)));
    if (plan.fits()) {
      std::int64_t* where = indices.data ? indices.as<std::int64_t>() : nullptr;
      return run_extreme(which, plan, x.as<float>(), y.as<float>(), where);
    }
  }
  dispatch_float(x.dtype, "adaptive_extreme_pool", [&](auto tag) {
    reference::adaptive_extreme_pool_forward<typename decltype(tag)::type>(which, x, y, indices);
  });
}

void extreme_pool_backward(Queue&, ConstView dy, ConstView indices, View dx) {
  if (dx.numel() == 0) return;
  if (dx.dtype != f32) return reference::extreme_pool_backward<double>(dy, indices, dx);
  const std::int64_t images = dx.size(0), channels = dx.size(1);
  const std::int64_t sources = dx.numel() / (images * channels);
  const std::int64_t windows = dy.numel() / (images * channels);
  const std::int64_t lines = (channels + kChannelBlock - 1) / kChannelBlock;
  const std::int64_t blocks =
      images < num_threads() ? std::min<std::int64_t>(num_threads(), lines) : 1;
  const std::int64_t grain =
      std::max<std::int64_t>(1, kElementGrain * blocks / (sources * channels));
  parallel_for(images * blocks, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t item = begin; item < end; ++item) {
      const std::int64_t image = item / blocks, block = item % blocks;
      const std::int64_t from = lines * block / blocks * kChannelBlock;
      const std::int64_t to = std::min(channels, lines * (block + 1) / blocks * kChannelBlock);
      float* target = dx.as<float>() + image * sources * channels;
      for (std::int64_t s = 0; s < sources; ++s) {
        std::fill_n(target + s * channels + from, to - from, 0.0f);
      }
      const std::int64_t offset = image * windows * channels;
      scatter_image(dy.as<float>() + offset, indices.as<std::int64_t>() + offset, windows, channels,
                    from, to, target);
    }
  });
}

void avg_pool_forward(Queue&, const PoolSpec& spec, ConstView x, View y) {
  if (y.numel() == 0) return;
  if (x.dtype != f32) return reference::avg_pool_forward<double>(spec, x, y);
  const auto axes = sliding_axes(spec, extent_of(x.sizes), extent_of(y.sizes));
  const PoolPlan plan = make_plan(x.sizes, y.sizes, axes);
  if (!plan.fits()) return reference::avg_pool_forward<float>(spec, x, y);
  run_mean(plan, x.as<float>(), spec.divisor_override, y.as<float>());
}

void avg_pool_backward(Queue&, const PoolSpec& spec, ConstView dy, View dx) {
  if (dx.numel() == 0) return;
  if (dx.dtype != f32) return reference::avg_pool_backward<double>(spec, dy, dx);
  // With dilation the windows that took an element are no neighbours: the plan does not know them.
  const bool dense = std::ranges::all_of(spec.dilation, [](auto step) { return step == 1; });
  if (!dense) return reference::avg_pool_backward<float>(spec, dy, dx);
  const Extent3 in = extent_of(dx.sizes), out = extent_of(dy.sizes);
  auto axes = adjoint_axes(sliding_axes(spec, in, out), in, spec.divisor_override != 0);
  if (spec.divisor_override) {
    for (float& weight : axes[0].weights) weight /= static_cast<float>(spec.divisor_override);
  }
  const PoolPlan plan = make_plan(dy.sizes, dx.sizes, std::move(axes));
  if (!plan.fits()) return reference::avg_pool_backward<float>(spec, dy, dx);
  run_weighted(plan, dy.as<float>(), dx.as<float>());
}

void adaptive_avg_pool_forward(Queue&, ConstView x, View y) {
  if (y.numel() == 0) return;
  if (x.dtype != f32) return reference::adaptive_avg_pool_forward<double>(x, y);
  const PoolPlan plan =
      make_plan(x.sizes, y.sizes, adaptive_axes(extent_of(x.sizes), extent_of(y.sizes)));
  if (!plan.fits()) return reference::adaptive_avg_pool_forward<float>(x, y);
  run_mean(plan, x.as<float>(), 0, y.as<float>());
}

void adaptive_avg_pool_backward(Queue&, ConstView dy, View dx) {
  if (dx.numel() == 0) return;
  if (dx.dtype != f32) return reference::adaptive_avg_pool_backward<double>(dy, dx);
  const Extent3 in = extent_of(dx.sizes), out = extent_of(dy.sizes);
  const PoolPlan plan =
      make_plan(dy.sizes, dx.sizes, adjoint_axes(adaptive_axes(in, out), in, false));
  if (!plan.fits()) return reference::adaptive_avg_pool_backward<float>(dy, dx);
  run_weighted(plan, dy.as<float>(), dx.as<float>());
}

}  // namespace fovea::kernels::cpu
