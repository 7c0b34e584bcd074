#include "fovea/kernels/cpu/pool/pool_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace fovea::kernels::cpu {

namespace {

/// Below this many channels a window does not fill even four lanes, so lanes run over windows and
/// channels together.
constexpr std::int64_t kFewChannels = 4;
/// Below this many, windows one source apart are run together too: they are one dense row, without
/// tails.
constexpr std::int64_t kDenseChannels = 64;

/// Whether window `b` of `axis` is window `a`, shifted.
bool alike(const AxisWindows& axis, std::size_t a, std::size_t b) {
  const auto& first = axis.windows[a];
  const auto& second = axis.windows[b];
  if (first.count != second.count || first.extent != second.extent) return false;
  if (axis.weights.empty()) return true;
  const auto* weights = axis.weights.data();
  return std::equal(weights + first.begin, weights + first.begin + first.count,
                    weights + second.begin);
}

std::vector<WindowRun> find_runs(const AxisWindows& axis) {
  std::vector<WindowRun> runs;
  for (std::size_t i = 0; i < axis.windows.size(); ++i) {
    const std::int64_t shift = i == 0 ? 0 : axis.windows[i].begin - axis.windows[i - 1].begin;
    WindowRun* run = runs.empty() ? nullptr : &runs.back();
    if (run && (run->count == 1 || run->stride == shift) &&
        alike(axis, static_cast<std::size_t>(run->first), i)) {
      run->stride = shift;
      ++run->count;
    } else {
      runs.push_back({.first = static_cast<std::int64_t>(i)});
    }
  }
  return runs;
}

void number_lanes(WindowRun& run, std::int64_t channels) {
  const std::int64_t lanes = run.count * channels;
  run.lane_window.reserve(static_cast<std::size_t>(lanes));
  run.lane_offset.reserve(static_cast<std::size_t>(lanes));
  for (std::int64_t window = 0; window < run.count; ++window) {
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      run.lane_window.push_back(static_cast<std::int32_t>(window));
      run.lane_offset.push_back(
          static_cast<std::int32_t>(window * run.stride * channels + channel));
    }
  }
}

}  // namespace

std::int64_t AxisWindows::longest() const {
  std::int64_t result = 0;
  for (const Window& window : windows) result = std::max(result, window.count);
  return result;
}

AxisWindows sliding_windows(const PoolSpec& spec, int axis, std::int64_t in, std::int64_t out) {
  const auto i = static_cast<std::size_t>(axis);
  const std::int64_t kernel = reference::extent3(spec.kernel, 0, 1)[i];
  const std::int64_t stride = reference::extent3(spec.stride, 0, 1)[i];
  const std::int64_t before = reference::extent3(spec.padding_begin, 0, 0)[i];
  const std::int64_t after = reference::extent3(spec.padding_end, 0, 0)[i];
  const std::int64_t dilation = reference::extent3(spec.dilation, 0, 1)[i];
  AxisWindows result;
  result.step = dilation;
  for (std::int64_t at = 0; at < out; ++at) {
    const std::int64_t start = at * stride - before;
    // The first and last tap inside the input; none when dilation steps over it.
    const std::int64_t skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;
    const std::int64_t begin = start + skipped * dilation;
    const std::int64_t reachable = begin < in ? (in - 1 - begin) / dilation + 1 : 0;
    const std::int64_t count = std::clamp<std::int64_t>(kernel - skipped, 0, reachable);
    const std::int64_t padded = std::min(kernel, (in + after - 1 - start) / dilation + 1);
    const std::int64_t extent = spec.count_include_pad ? padded : count;
    result.windows.push_back({count > 0 ? begin : 0, count, static_cast<float>(extent)});
  }
  return result;
}

AxisWindows adaptive_windows(std::int64_t in, std::int64_t out) {
  AxisWindows result;
  for (std::int64_t at = 0; at < out; ++at) {
    const std::int64_t begin = at * in / out;
    const std::int64_t end = ((at + 1) * in + out - 1) / out;
    result.windows.push_back({begin, end - begin, static_cast<float>(end - begin)});
  }
  return result;
}

AxisWindows adjoint_windows(const AxisWindows& forward, std::int64_t in, bool divisor_given) {
  AxisWindows result;
  result.windows.resize(static_cast<std::size_t>(in));
  for (std::size_t window = 0; window < forward.windows.size(); ++window) {
    const auto& from = forward.windows[window];
    result.weights.push_back(divisor_given ? 1.0f : 1.0f / from.extent);
    // Begins and ends of windows never decrease, so the windows that took a source are neighbours.
    for (std::int64_t source = from.begin; source < from.begin + from.count; ++source) {
      auto& to = result.windows[static_cast<std::size_t>(source)];
      if (to.count++ == 0) to.begin = static_cast<std::int64_t>(window);
    }
  }
  return result;
}

bool PoolPlan::fits() const {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  return source[0] * source[1] * source[2] <= kMost && source[2] * channels <= kMost;
}

PoolPlan make_plan(const Shape& source, const Shape& target, std::array<AxisWindows, 3> axes) {
  PoolPlan plan{.images = source[0],
                .channels = source[1],
                .source = reference::extent3(source, 2, 1),
                .target = reference::extent3(target, 2, 1),
                .axes = std::move(axes),
                .runs = {}};
  plan.runs = find_runs(plan.axes[2]);
  if (!plan.fits()) return plan;
  for (WindowRun& run : plan.runs) {
    const bool dense = run.stride == 1 && plan.channels < kDenseChannels;
    if (run.count > 1 && (plan.channels < kFewChannels || dense)) {
      number_lanes(run, plan.channels);
    }
  }
  return plan;
}

}  // namespace fovea::kernels::cpu
