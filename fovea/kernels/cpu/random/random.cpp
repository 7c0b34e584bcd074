#include "fovea/kernels/cpu/random/random.h"

#include <algorithm>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/random/philox.h"
#include "fovea/kernels/reference/random.h"

namespace fovea::kernels::cpu {

namespace {

using reference::kGroupElements;
using reference::Walker;

// A number costs about 1 ns in vector registers and 10 to 50 ns otherwise; a fork costs about 3 us.
constexpr std::int64_t kGroupGrain = 64;
constexpr std::int64_t kDrawGrain = 512;

/// Calls `f(begin, end, words)` in parallel for the elements [begin, end) of each group of `count`
/// elements.
template <class F>
void for_groups(const RngKey& key, std::int64_t count, const F& f) {
  const std::int64_t groups = (count + kGroupElements - 1) / kGroupElements;
  parallel_for(groups, kGroupGrain, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t group = first; group < last; ++group) {
      std::uint32_t words[kGroupElements];
      philox_group(key, group, words);
      const std::int64_t begin = group * kGroupElements;
      f(begin, std::min(begin + kGroupElements, count), words);
    }
  });
}

void uniform_f32(double a, double b, const RngKey& key, View y) {
  const bool dense = y.contiguous();
  for_groups(key, y.numel(), [&](std::int64_t begin, std::int64_t end, const std::uint32_t* words) {
    const auto value = [&](std::int64_t i) {
      return reference::stretch(to_unit_float(words[i - begin]), a, b);
    };
    float* out = y.as<float>();
    if (dense) {
      for (std::int64_t i = begin; i < end; ++i) out[i] = value(i);
      return;
    }
    Walker to(y.sizes, y.strides, begin);
    for (std::int64_t i = begin; i < end; ++i, to.next()) out[to.offset()] = value(i);
  });
}

template <class T>
void dropout_strided(const RngKey& key, double p, ConstView x, View y) {
  const std::int32_t threshold = reference::keep_threshold(p);
  const T scale = reference::keep_scale<T>(p);
  for_groups(key, y.numel(), [&](std::int64_t begin, std::int64_t end, const std::uint32_t* words) {
    Walker from(x.sizes, x.strides, begin), to(y.sizes, y.strides, begin);
    for (std::int64_t i = begin; i < end; ++i, from.next(), to.next()) {
      const bool keep = static_cast<std::int32_t>(words[i - begin] >> 8) >= threshold;
      y.as<T>()[to.offset()] = keep ? x.as<T>()[from.offset()] * scale : T(0);
    }
  });
}

/// Dropout of the elements [begin, end) of group `group`, which need not be all of it.
void dropout_part(const DropoutRange& range, std::int64_t group, std::int64_t begin,
                  std::int64_t end, const float* x, float* y) {
  std::uint32_t words[kGroupElements];
  philox_group(range.key, group, words);
  for (std::int64_t i = begin; i < end; ++i) {
    const bool keep = static_cast<std::int32_t>(words[i % kGroupElements] >> 8) >= range.threshold;
    y[i] = keep && !(range.relu && x[i] < 0) ? x[i] * range.scale : 0.0f;
  }
}

void dropout_dense(const RngKey& key, double p, const float* x, float* y, std::int64_t count) {
  const DropoutRange range(key, p, false);
  parallel_for((count + kGroupElements - 1) / kGroupElements, kGroupGrain,
               [&](std::int64_t first, std::int64_t last) {
                 dropout_range(range, first * kGroupElements,
                               std::min(last * kGroupElements, count), x, y);
               });
}

}  // namespace

DropoutRange::DropoutRange(const RngKey& key_of_stream, double p, bool relu_before)
    : key(key_of_stream),
      threshold(reference::keep_threshold(p)),
      scale(reference::keep_scale<float>(p)),
      relu(relu_before) {}

void dropout_range(const DropoutRange& range, std::int64_t begin, std::int64_t end, const float* x,
                   float* y) {
  const std::int64_t first = (begin + kGroupElements - 1) / kGroupElements;
  const std::int64_t last = end / kGroupElements;
  if (first > last) return dropout_part(range, last, begin, end, x, y);  // inside one group
  if (begin < first * kGroupElements)
    dropout_part(range, first - 1, begin, first * kGroupElements, x, y);
  dropout_groups(range.key, first, last, range.threshold, range.scale, range.relu, x, y);
  if (last * kGroupElements < end) dropout_part(range, last, last * kGroupElements, end, x, y);
}

void random(Queue&, Distribution distribution, double a, double b, RngKey key, View y) {
  if (distribution == Distribution::kUniform && y.dtype == f32) return uniform_f32(a, b, key, y);
  dispatch_compute(y.dtype, "random", [&](auto tag) {
    using T = typename decltype(tag)::type;
    parallel_for(y.numel(), kDrawGrain, [&](std::int64_t begin, std::int64_t end) {
      Walker to(y.sizes, y.strides, begin);
      for (std::int64_t i = begin; i < end; ++i, to.next()) {
        y.as<T>()[to.offset()] = reference::draw<T>(distribution, a, b, key, i);
      }
    });
  });
}

void dropout(Queue&, RngKey key, double p, ConstView x, View y) {
  if (y.dtype == f64) return dropout_strided<double>(key, p, x, y);
  if (!x.contiguous() || !y.contiguous()) return dropout_strided<float>(key, p, x, y);
  dropout_dense(key, p, x.as<float>(), y.as<float>(), y.numel());
}

}  // namespace fovea::kernels::cpu
