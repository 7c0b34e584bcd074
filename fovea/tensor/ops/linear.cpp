#include "fovea/tensor/ops/linear.h"

#include "fovea/kernels/cpu/product/bf16.h"
#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/dropout.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::ConstView;
using kernels::KernelTable;
using kernels::LinearInputs;
using kernels::LinearSpec;
using kernels::View;

namespace {

thread_local Precision scope_precision = Precision::kF32;  // of the innermost PrecisionScope

}  // namespace

PrecisionScope::PrecisionScope(Precision precision) : before_(scope_precision) {
  check<ArgumentError>(precision == Precision::kF32 || kernels::cpu::has_bf16_products(),
                       "PrecisionScope: precision expected f32, got bf16 (this processor has no "
                       "bf16 dot products)");
  scope_precision = precision;
}
PrecisionScope::~PrecisionScope() { scope_precision = before_; }
Precision current_precision() { return scope_precision; }

namespace {

void check_operands(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  for (const Tensor& parameter : {weight, bias}) {
    if (!parameter.defined()) continue;
    check<DeviceError>(parameter.device() == x.device(), "linear: parameters expected on ",
                       x.device(), ", got ", parameter.device());
    check<DTypeError>(parameter.dtype() == x.dtype(), "linear: parameters expected ", x.dtype(),
                      ", got ", parameter.dtype(), " (convert with .to(dtype))");
  }
  dispatch_float(x.dtype(), "linear", [](auto) {});
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
  check_operands(x, weight, bias);
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
