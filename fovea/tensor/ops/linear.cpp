#include "fovea/tensor/ops/linear.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/dropout.h"
#include "fovea/tensor/ops/operand_types.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::KernelTable;
using kernels::LinearInputs;
using kernels::LinearSpec;
using kernels::View;

namespace {

thread_local Precision scope_precision = Precision::kF32;  // of the innermost PrecisionScope

}  // namespace

PrecisionScope::PrecisionScope(Precision precision) : before_(scope_precision) {
  scope_precision = precision;
}
PrecisionScope::~PrecisionScope() { scope_precision = before_; }
Precision current_precision() { return scope_precision; }

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

/// That x's device multiplies in the precision in force.
void check_precision(const Tensor& x) {
  check<DeviceError>(scope_precision == Precision::kF32 || x.dtype() != f32 ||
                         kernels::can(x.device(), kernels::Feature::kBf16Products),
                     "linear: precision expected f32 on ", x.device(),
                     ", which has no bf16 dot products, got bf16");
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

/// As as_matrix, or an absent view.
View optional_matrix(const Tensor& x) { return x.defined() ? as_matrix(x) : View(); }

/// Saved: x, weight, what is prepared of it and, with relu, y.
Tensors backward(const Backward& b, const LinearSpec& spec) {
  const Tensor x = b.saved(0), weight = b.saved(1), prepared = b.saved(2), y = b.saved(3);
  const Tensor dx = b.needs(0) ? b.buffer(0) : Tensor();
  const Tensor dweight = b.needs(1) ? b.buffer(1) : Tensor();
  const Tensor dbias = b.needs(2) ? b.buffer(2) : Tensor();
  const Tensor rows = gapless(x), gradient = gapless(b.grad()), dense = gapless(weight);
  const LinearInputs in{.x = as_matrix(rows),
                        .weight = dense.kernel_view(),
                        .prepared = Tensor::optional_view(prepared)};
  kernels::launch(x.device(), &KernelTable::linear_backward, spec, in, optional_matrix(y),
                  as_matrix(gradient), optional_matrix(dx), optional_matrix(dweight),
                  Tensor::optional_view(dbias));
  return {dx, dweight, dbias};
}

bool has_linear(Device device) {
  return kernels::has_kernel(device, &KernelTable::linear_forward, &KernelTable::linear_backward);
}

/// x W^T + bias by operations that every device has, in the dtype of the operands.
Tensor product(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  Shape sizes = x.sizes();
  sizes[x.dim() - 1] = weight.size(0);
  std::int64_t rows = 1;
  for (int i = 0; i + 1 < x.dim(); ++i) rows *= x.size(i);
  const Tensor y = matmul(x.view({rows, x.size(-1)}), weight.t()).view(sizes);
  return bias.defined() ? add(y, bias) : y;
}

/// What the device makes of `weight`, if it is kept beside it.
Tensor prepare(const LinearSpec& spec, const LinearInputs& in, const Tensor& weight,
               bool recording) {
  if (recording) forget_prepared(weight);
  const Device device = weight.device();
  return prepared_weight(weight, plan_prepared(device, &KernelTable::linear_plan, spec, in),
                         recording, [&](const Tensor& value) {
                           kernels::launch(device, &KernelTable::linear_prepare, spec, in,
                                           value.kernel_view());
                         });
}

/// Forward and record of a layer that `operation` names; the epilogue is checked.
Tensor run(const char* operation, const Tensor& x, const Tensor& weight, const Tensor& bias,
           LinearSpec spec) {
  spec.precision = current_precision();
  Shape sizes = x.sizes();
  sizes[x.dim() - 1] = weight.size(0);
  const Tensor y = empty(sizes, {.dtype = x.dtype(), .device = x.device()});
  const Tensor shift = bias.defined() ? gapless(bias) : Tensor();
  const Tensor rows = gapless(x), dense = gapless(weight);
  LinearInputs in{as_matrix(rows), dense.kernel_view(), Tensor::optional_view(shift)};
  const Tensor prepared = prepare(spec, in, weight, is_recording({x, weight, bias}));
  in.prepared = Tensor::optional_view(prepared);
  kernels::launch(x.device(), &KernelTable::linear_forward, spec, in, as_matrix(y));
  return record(operation, y, {x, weight, bias}, {x, weight, prepared, spec.relu ? y : Tensor()},
                [spec](const Backward& b) { return backward(b, spec); });
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (tracer() && x.defined() && x.dim() != 2) {  // ONNX's Gemm takes matrices alone
    const Tensor product = matmul(x, weight.t());
    return bias.defined() ? add(product, bias) : product;
  }
  check_operands(x, weight, bias);
  check_precision(x);
  const auto compute = [&] {
    return has_linear(x.device()) ? run("linear", x, weight, bias, {}) : product(x, weight, bias);
  };
  if (!tracer()) return compute();
  return traced_whole("Gemm", {x, weight, bias}, {{"transB", std::int64_t{1}}}, compute);
}

Tensor linear_relu_dropout(const Tensor& x, const Tensor& weight, const Tensor& bias,
                           const LinearEpilogue& epilogue, Generator& generator) {
  constexpr const char* operation = "linear_relu_dropout";
  if (epilogue.dropout) check_dropout(operation, x, *epilogue.dropout, generator);
  check_operands(x, weight, bias);
  check_precision(x);
  if (!has_linear(x.device())) {
    Tensor y = product(x, weight, bias);
    if (epilogue.relu) y = relu(y);
    return epilogue.dropout ? dropout(y, *epilogue.dropout, true, generator) : y;
  }
  LinearSpec spec{.relu = epilogue.relu};
  if (epilogue.dropout) {
    spec.dropout = *epilogue.dropout;
    spec.key = generator.next();
  }
  return run(operation, x, weight, bias, spec);
}

}  // namespace fovea
