#include "fovea/tensor/ops/linear.h"

#include <atomic>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/dropout.h"
#include "fovea/tensor/ops/operand_types.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::ConstView;
using kernels::KernelTable;
using kernels::LinearSpec;
using kernels::View;

namespace {

std::atomic<LinearPrecision> chosen_precision{LinearPrecision::kF32};

}  // namespace

LinearPrecision linear_precision() { return chosen_precision.load(std::memory_order_relaxed); }
void set_linear_precision(LinearPrecision precision) {
  check<ArgumentError>(precision == LinearPrecision::kF32 ||
                           kernels::can(default_device(), kernels::Feature::kBf16Products),
                       "set_linear_precision: precision expected f32, got bf16 (this processor has "
                       "no bf16 dot products)");
  chosen_precision.store(precision, std::memory_order_relaxed);
}

namespace {

void check_operands(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_operand_types("linear", x, weight, bias);
  check<ShapeError>(weight.dim() == 2, "linear: weight expected 2 dimensions [out, in], got ",
                    weight.sizes());
  check<ShapeError>(x.dim() > 0 && x.size(-1) == weight.size(1), "linear: input expected ",
                    weight.size(1), " features, got ", x.dim() > 0 ? x.size(-1) : 0, " (input ",
                    x.sizes(), ", weight ", weight.sizes(), ")");
  check<ShapeError>(!bias.defined() || bias.sizes() == Shape{weight.size(0)},
                    "linear: bias expected shape [", weight.size(0), "], got ",
                    bias.defined() ? bias.sizes() : Shape(), " (weight ", weight.sizes(), ")");
}

/// x itself where it is gapless, else a copy, not on the tape.
Tensor gapless(const Tensor& x) { return x.is_contiguous() ? x : x.detach().contiguous(); }

/// The view of a gapless tensor as a matrix of rows.
View as_matrix(const Tensor& x) {
  View view = x.kernel_view();
  const std::int64_t features = x.size(-1);
  std::int64_t rows = 1;
  for (int i = 0; i + 1 < x.dim(); ++i) rows *= x.size(i);
  view.sizes = {rows, features};
  view.strides = {features, 1};
  return view;
}

/// The bf16 copy that an optimiser wrote beside `weight`; undefined when there is none, or none
/// that is up to date.
Tensor rounded_copy(const LinearSpec& spec, const Tensor& weight) {
  const TensorImpl& impl = *weight.impl();
  const bool good = spec.precision == LinearPrecision::kBf16 && impl.rounded &&
                    impl.rounded_version == impl.storage->version() &&
                    impl.rounded->sizes == impl.sizes;
  return good ? Tensor(impl.rounded) : Tensor();
}

/// As as_matrix, or an absent view.
View optional_matrix(const Tensor& x) { return x.defined() ? as_matrix(x) : View(); }

/// Saved: x, weight, the weight's bf16 copy and, with relu, y.
Tensors backward(const Backward& b, const LinearSpec& spec) {
  const Tensor x = b.saved(0), weight = b.saved(1), copy = b.saved(2), y = b.saved(3);
  const Tensor dx = b.needs(0) ? b.buffer(0) : Tensor();
  const Tensor dweight = b.needs(1) ? b.buffer(1) : Tensor();
  const Tensor dbias = b.needs(2) ? b.buffer(2) : Tensor();
  const Tensor rows = gapless(x), gradient = gapless(b.grad()), dense = gapless(weight);
  kernels::launch(x.device(), &KernelTable::linear_backward, spec, as_matrix(rows),
                  dense.kernel_view(), Tensor::optional_view(copy), optional_matrix(y),
                  as_matrix(gradient), optional_matrix(dx), optional_matrix(dweight),
                  dbias.defined() ? dbias.kernel_view() : View());
  return {dx, dweight, dbias};
}

/// Forward and record of a layer that `operation` names; the epilogue is checked.
Tensor run(const char* operation, const Tensor& x, const Tensor& weight, const Tensor& bias,
           LinearSpec spec) {
  check_operands(x, weight, bias);
  spec.precision = linear_precision();
  Shape sizes = x.sizes();
  sizes[x.dim() - 1] = weight.size(0);
  const Tensor y = empty(sizes, {.dtype = x.dtype(), .device = x.device()});
  const Tensor copy = rounded_copy(spec, weight);
  const Tensor shift = bias.defined() ? gapless(bias) : Tensor();
  const Tensor rows = gapless(x), dense = gapless(weight);
  kernels::launch(x.device(), &KernelTable::linear_forward, spec, as_matrix(rows),
                  dense.kernel_view(), Tensor::optional_view(copy), Tensor::optional_view(shift),
                  as_matrix(y));
  return record(operation, y, {x, weight, bias}, {x, weight, copy, spec.relu ? y : Tensor()},
                [spec](const Backward& b) { return backward(b, spec); });
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (tracer() && x.defined() && x.dim() != 2) {  // ONNX's Gemm takes matrices alone
    const Tensor product = matmul(x, weight.t());
    return bias.defined() ? add(product, bias) : product;
  }
  return traced("Gemm", run("linear", x, weight, bias, {}), {x, weight, bias}, [] {
    return Attributes{{"transB", std::int64_t{1}}};
  });
}

Tensor linear_relu_dropout(const Tensor& x, const Tensor& weight, const Tensor& bias,
                           const LinearEpilogue& epilogue, Generator& generator) {
  constexpr const char* operation = "linear_relu_dropout";
  LinearSpec spec{.relu = epilogue.relu};
  if (epilogue.dropout) {
    check_dropout(operation, x, *epilogue.dropout, generator);
    spec.dropout = *epilogue.dropout;
    spec.key = generator.next();
  }
  return run(operation, x, weight, bias, spec);
}

}  // namespace fovea
