#include "fovea/kernels/cpu/product/linear.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "fovea/kernels/cpu/loops.h"
#include "fovea/kernels/cpu/product/bf16_product.h"
#include "fovea/kernels/cpu/product/linear_rows.h"
#include "fovea/kernels/cpu/product/matmul.h"
#include "fovea/kernels/cpu/random/random.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/reference/random.h"

namespace fovea::kernels::cpu {

namespace {

// Elements of a pass worth a second thread: a fork costs about 3 us, one of dropout's numbers about
// 1 ns.
constexpr std::int64_t kDropoutGrain = 4096;

/// A matrix as a batch of one.
View batched(const View& v) {
  return {v.data, v.dtype, {1, v.size(0), v.size(1)}, {v.numel(), v.size(1), 1}};
}
ConstView batched(const ConstView& v) {
  return {v.data, v.dtype, {1, v.size(0), v.size(1)}, {v.numel(), v.size(1), 1}};
}
ConstView batched_transpose(const ConstView& v) {
  return {v.data, v.dtype, {1, v.size(1), v.size(0)}, {v.numel(), 1, v.size(1)}};
}

/// Parts to cut the rows of a pass over `elements` into.
int parts_of(std::int64_t rows, std::int64_t elements, std::int64_t grain) {
  const std::int64_t most = std::clamp<std::int64_t>(rows, 1, num_threads());
  return static_cast<int>(std::clamp<std::int64_t>(elements / grain, 1, most));
}

std::int64_t grain_of(const LinearSpec& spec) {
  return spec.dropout > 0 ? kDropoutGrain : kElementGrain;
}

/// y = dropout(relu(y)).
void finish(Queue& queue, const LinearSpec& spec, const View& y) {
  if (y.dtype == f64) {
    if (spec.relu) unary(queue, {Unary::kRelu}, y, y);
    if (spec.dropout > 0) dropout(queue, spec.key, spec.dropout, y, y);
    return;
  }
  if (!spec.relu && spec.dropout == 0) return;
  float* data = y.as<float>();
  const DropoutRange range(spec.key, spec.dropout, spec.relu);
  parallel_for(y.numel(), grain_of(spec), [&](std::int64_t begin, std::int64_t end) {
    if (spec.dropout > 0) return dropout_range(range, begin, end, data, data);
    unary_row({Unary::kRelu}, data + begin, data + begin, end - begin);
  });
}

// --- bf16 ----------------------------------------------------------------------------------------

bool in_bf16(const LinearSpec& spec, const ConstView& x, const View& y) {
  return spec.precision == Precision::kBf16 && y.dtype == f32 && x.numel() > 0 && y.numel() > 0;
}

/// The weight in bf16: what was prepared, or made now.
class RoundedWeight {
 public:
  explicit RoundedWeight(const LinearInputs& in)
      : own_(in.prepared.data ? 0 : in.weight.numel()),
        data_(in.prepared.data ? static_cast<const bf16_t*>(in.prepared.data) : own_.data()) {
    if (!in.prepared.data) round_to_bf16(in.weight.as<float>(), in.weight.numel(), own_.data());
  }
  const bf16_t* data() const { return data_; }

 private:
  Scratch<bf16_t> own_;
  const bf16_t* data_;
};

// --- The gradient of the product -----------------------------------------------------------------

/// The gradient dz of x W^T + bias from dy, for the rows [begin, end) of n elements. With relu, y
/// tells which elements passed it and dropout; without, dropout's numbers are drawn again.
void passed_gradient(const LinearSpec& spec, const float* y, const float* dy, float* dz,
                     std::int64_t begin, std::int64_t end) {
  if (spec.relu) {
    const float scale = spec.dropout > 0 ? reference::keep_scale<float>(spec.dropout) : 1.0f;
    return passed_gradient_row(dy + begin, y + begin, scale, dz + begin, end - begin);
  }
  dropout_range(DropoutRange(spec.key, spec.dropout, false), begin, end, dy, dz);
}

/// dz (unless it is dy itself) and its column sums (unless their view is absent), in one pass.
/// Partial sums are kept by part, in double, and added in the parts' order.
void split_gradient(const LinearSpec& spec, const ConstView& y, const ConstView& dy, float* dz,
                    const View& dbias) {
  const std::int64_t m = dy.size(0), n = dy.size(1);
  const float* y_data = spec.relu ? y.as<float>() : nullptr;
  const int parts = parts_of(m, m * n, grain_of(spec));
  const std::int64_t sum_count = dbias.data ? parts * n : 0;
  const Scratch<double> memory(sum_count);
  double* const sums = memory.data();
  std::fill_n(sums, sum_count, 0.0);
  parallel_parts(m, parts, [&](int part, std::int64_t first, std::int64_t last) {
    if (dz != dy.data) passed_gradient(spec, y_data, dy.as<float>(), dz, first * n, last * n);
    if (dbias.data) add_rows(dz + first * n, last - first, n, sums + part * n);
  });
  for (std::int64_t j = 0; dbias.data && j < n; ++j) {
    double sum = 0;
    for (int part = 0; part < parts; ++part) sum += sums[part * n + j];
    dbias.as<float>()[j] = static_cast<float>(sum);
  }
}

/// As split_gradient, for f64.
void split_gradient_f64(Queue& queue, const LinearSpec& spec, const ConstView& y,
                        const ConstView& dy, const View& dz, const View& dbias) {
  if (spec.dropout > 0) dropout(queue, spec.key, spec.dropout, dy, dz);
  if (spec.relu) unary_backward(queue, {Unary::kRelu}, spec.dropout > 0 ? dz : dy, y, dz);
  if (dbias.data) {
    const View row{dbias.data, dbias.dtype, {1, dbias.numel()}, {dbias.numel(), 1}};
    reduce(queue, Reduce::kSum, dz, row);
  }
}

}  // namespace

void linear_plan(Queue&, const LinearSpec& spec, const LinearInputs& in, PreparedPlan* plan) {
  *plan = {};
  if (spec.precision != Precision::kBf16 || in.weight.dtype != f32) return;
  *plan = {.purpose = Purpose::kElements,
           .precision = Precision::kBf16,
           .bytes = in.weight.numel() * std::int64_t{sizeof(bf16_t)}};
}

void linear_prepare(Queue&, const LinearSpec&, const LinearInputs& in, View prepared) {
  round_to_bf16(in.weight.as<float>(), in.weight.numel(), static_cast<bf16_t*>(prepared.data));
}

void linear_forward(Queue& queue, const LinearSpec& spec, const LinearInputs& in, View y) {
  const auto& [x, weight, bias, prepared] = in;
  assert(x.contiguous() && weight.contiguous() && y.contiguous());
  if (in_bf16(spec, x, y)) {
    const RoundedWeight rounded(in);
    bf16_linear({y.size(0), y.size(1), x.size(1)}, x.as<float>(), rounded.data(),
                bias.data ? bias.as<float>() : nullptr, y.as<float>());
  } else {
    matmul(queue, batched(x), batched_transpose(weight), bias, batched(y));
  }
  finish(queue, spec, y);
}

void linear_backward(Queue& queue, const LinearSpec& spec, const LinearInputs& in, ConstView y,
                     ConstView dy, View dx, View dweight, View dbias) {
  const ConstView &x = in.x, &weight = in.weight;
  assert(x.contiguous() && weight.contiguous() && dy.contiguous());
  // Without anything after the product, its gradient is dy; nobody writes to it then.
  View dz{const_cast<void*>(dy.data), dy.dtype, dy.sizes, dy.strides};
  std::optional<Scratch<std::byte>> memory;
  if (spec.relu || spec.dropout > 0) {
    memory.emplace(dy.numel() * static_cast<std::int64_t>(size_of(dy.dtype)));
    dz.data = memory->data();
  }
  if (dy.dtype == f64) {
    split_gradient_f64(queue, spec, y, dy, dz, dbias);
  } else if (memory || dbias.data) {
    split_gradient(spec, y, dy, dz.as<float>(), dbias);
  }
  if (in_bf16(spec, x, dz)) {
    const LinearSizes sizes{dy.size(0), dy.size(1), x.size(1)};
    if (dx.data) {
      const RoundedWeight rounded(in);
      bf16_linear_input_gradient(sizes, dz.as<float>(), rounded.data(), dx.as<float>());
    }
    if (dweight.data)
      bf16_linear_weight_gradient(sizes, dz.as<float>(), x.as<float>(), dweight.as<float>());
    return;
  }
  if (dx.data) matmul(queue, batched(ConstView(dz)), batched(weight), {}, batched(dx));
  if (dweight.data) matmul(queue, batched_transpose(dz), batched(x), {}, batched(dweight));
}

}  // namespace fovea::kernels::cpu
