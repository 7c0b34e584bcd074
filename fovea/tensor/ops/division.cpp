// Divisions with a whole quotient: checks, forward and gradient.

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/unary.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::Binary;

namespace {

/// A division whose result is a whole number, or what one leaves over.
Tensor whole_division(const char* operation, Binary op, const Tensor& a, const Tensor& b) {
  if (b.dtype() == i64 || b.dtype() == u8) {
    check<ArgumentError>(!any(b == 0).item<bool>(), operation,
                         ": divisor expected not to be 0, got 0");
  }
  return binary_number(operation, op, a, b);
}

/// Records what a division leaves over, a - b q with the whole quotient q = rounded(a, b).
Tensor record_rest(const char* operation, Binary op, const Tensor& a, const Tensor& b,
                   Tensor (*rounded)(const Tensor& a, const Tensor& b)) {
  return record(operation, whole_division(operation, op, a, b), {a, b}, {a, b},
                [rounded](const Backward& back) -> Tensors {
                  const Tensor x = back.saved(0), y = back.saved(1);
                  return {sum_to_size(back.grad(), x.sizes()),
                          back.needs(1) ? sum_to_size(neg(back.grad() * rounded(x, y)), y.sizes())
                                        : Tensor()};
                });
}

}  // namespace

Tensor trunc_div(const Tensor& a, const Tensor& b) {
  if (tracer()) {
    if (!is_floating(a.dtype()))
      return traced_whole("Div", {a, b}, {}, [&] { return trunc_div(a, b); });
    const Tensor quotient = a / b;
    return where(quotient < 0, ceil(quotient), floor(quotient));
  }
  return record("trunc_div", whole_division("trunc_div", Binary::kTruncDiv, a, b), {a, b}, {},
                [p = a.sizes(), q = b.sizes()](const Backward& back) -> Tensors {
                  const TensorOptions like{.dtype = back.grad().dtype(),
                                           .device = back.grad().device()};
                  return {zeros(p, like), zeros(q, like)};
                });
}

Tensor fmod(const Tensor& a, const Tensor& b) {
  if (tracer()) {
    return traced_whole("Mod", {a, b}, {{"fmod", std::int64_t{1}}}, [&] { return fmod(a, b); });
  }
  return record_rest("fmod", Binary::kFmod, a, b, trunc_div);
}

Tensor remainder(const Tensor& a, const Tensor& b) {
  if (tracer()) {
    if (is_floating(a.dtype())) return a - b * floor(a / b);
    return traced_whole("Mod", {a, b}, {}, [&] { return remainder(a, b); });
  }
  return record_rest("remainder", Binary::kRemainder, a, b,
                     [](const Tensor& x, const Tensor& y) { return floor(x / y); });
}

}  // namespace fovea
