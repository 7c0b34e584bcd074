// Arithmetic, comparison and functions of one element: checks, forward and gradient.

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/unary.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::Binary;
using kernels::Domain;
using kernels::KernelTable;
using kernels::Reads;
using kernels::Unary;
using kernels::UnaryOp;

namespace {

void check_operands(const Tensor& a, const Tensor& b, const char* operation) {
  check<DeviceError>(a.device() == b.device(), operation, ": operands expected on one device, got ",
                     a.device(), " and ", b.device());
  check<DTypeError>(a.dtype() == b.dtype(), operation, ": operands expected of one dtype, got ",
                    a.dtype(), " and ", b.dtype(), " (convert with .to(dtype))");
}

/// Which dtypes an operation takes.
enum class Takes { kFloating, kNumbers, kNumbersAndBool, kBool };

Takes takes(Domain domain) {
  switch (domain) {
    case Domain::kFloats:
    case Domain::kTests:
      return Takes::kFloating;
    case Domain::kNumbers:
      return Takes::kNumbers;
    case Domain::kLogic:
      return Takes::kBool;
  }
  no_case_for("domain", domain);
}

void check_dtype(DType dtype, Takes takes, const char* operation) {
  const auto nothing = [](auto) {};
  switch (takes) {
    case Takes::kFloating:
      return dispatch_float(dtype, operation, nothing);
    case Takes::kNumbers:
      return dispatch_number(dtype, operation, nothing);
    case Takes::kNumbersAndBool:
      return dispatch_compute(dtype, operation, nothing);
    case Takes::kBool:
      return dispatch_dtype<bool>(dtype, operation, nothing);
  }
}

Tensor compute(const char* operation, Binary op, const Tensor& a, const Tensor& b, Takes takes,
               DType result) {
  check_operands(a, b, operation);
  check_dtype(a.dtype(), takes, operation);
  const Shape sizes = broadcast_shapes(a.sizes(), b.sizes(), operation);
  const NoGrad no_grad;  // the expansions are part of this operation
  const Tensor left = a.expand(sizes), right = b.expand(sizes);
  const Tensor& like = a.sizes() == sizes ? a : right;
  const bool channels_last =
      !like.is_contiguous() && like.is_contiguous(MemoryFormat::kChannelsLast);
  Tensor y = empty(sizes, {.dtype = result, .device = a.device()},
                   channels_last ? MemoryFormat::kChannelsLast : MemoryFormat::kContiguous);
  kernels::launch(a.device(), &KernelTable::binary, op, left.kernel_view(), right.kernel_view(),
                  y.kernel_view());
  return y;
}

Tensor arithmetic(const char* operation, Binary op, const Tensor& a, const Tensor& b,
                  Takes takes = Takes::kNumbers) {
  return compute(operation, op, a, b, takes, a.dtype());
}

Tensor comparison(const char* operation, Binary op, const Tensor& a, const Tensor& b) {
  return compute(operation, op, a, b, Takes::kNumbersAndBool, boolean);
}

/// A number as an operand beside `like`. Whole-number tensors take whole numbers only.
Tensor operand(double value, const Tensor& like, const char* operation) {
  Tensor number = scalar(value, {.dtype = like.dtype(), .device = like.device()});
  check<DTypeError>(is_floating(like.dtype()) || number.item<double>() == value, operation,
                    ": number expected to be ", like.dtype(), ", got ", value);
  return number;
}

/// The gradient of maximum and minimum: to the winner, half to each on a tie, as in PyTorch.
Tensor extreme(const char* operation, Binary op, const Tensor& a, const Tensor& b) {
  return record(
      operation, arithmetic(operation, op, a, b), {a, b}, {a, b},
      [op](const Backward& back) -> Tensors {
        const Tensor x = back.saved(0), y = back.saved(1), half = back.grad() * 0.5;
        const Tensor none = zeros_like(back.grad());
        const Tensor a_wins = op == Binary::kMaximum ? gt(x, y) : lt(x, y);
        const Tensor tie = eq(x, y);
        const Tensor for_a = where(a_wins, back.grad(), where(tie, half, none));
        return {sum_to_size(for_a, x.sizes()), sum_to_size(back.grad() - for_a, y.sizes())};
      });
}

}  // namespace

Tensor unary(UnaryOp op, const Tensor& x, const char* operation) {
  const kernels::FunctionRow& row = kernels::row_of(op.kind);
  if (operation == nullptr) operation = row.name;
  check_dtype(x.dtype(), takes(row.domain), operation);
  if (tracer()) return traced_unary(op, x, operation);
  const bool tests = row.domain == Domain::kTests;
  Tensor y = tests ? empty(x.sizes(), {.dtype = boolean, .device = x.device()}) : empty_like(x);
  kernels::launch(x.device(), &KernelTable::unary, op, x.kernel_view(), y.kernel_view());
  if (!is_differentiable(y.dtype())) return y;
  Tensors saved;
  if (row.reads != Reads::kNothing) saved.push_back(row.reads == Reads::kResult ? y : x);
  return record(operation, y, {x}, saved, [op](const Backward& back) -> Tensors {
    const bool reads = kernels::row_of(op.kind).reads != Reads::kNothing;
    const Tensor read = reads ? back.saved(0) : back.grad();
    Tensor dx = empty_like(read);
    kernels::launch(dx.device(), &KernelTable::unary_backward, op, back.grad().kernel_view(),
                    read.kernel_view(), dx.kernel_view());
    return {dx};
  });
}

Tensor binary_number(const char* operation, Binary op, const Tensor& a, const Tensor& b) {
  return arithmetic(operation, op, a, b);
}

// --- Two operands --------------------------------------------------------------------------------

Tensor add(const Tensor& a, const Tensor& b) {
  if (tracer()) return traced_whole("Add", {a, b}, {}, [&] { return add(a, b); });
  return record("add", arithmetic("add", Binary::kAdd, a, b), {a, b}, {},
                [p = a.sizes(), q = b.sizes()](const Backward& back) -> Tensors {
                  return {sum_to_size(back.grad(), p), sum_to_size(back.grad(), q)};
                });
}

Tensor sub(const Tensor& a, const Tensor& b) {
  if (tracer()) return traced_whole("Sub", {a, b}, {}, [&] { return sub(a, b); });
  return record("sub", arithmetic("sub", Binary::kSub, a, b), {a, b}, {},
                [p = a.sizes(), q = b.sizes()](const Backward& back) -> Tensors {
                  return {back.needs(0) ? sum_to_size(back.grad(), p) : Tensor(),
                          back.needs(1) ? sum_to_size(neg(back.grad()), q) : Tensor()};
                });
}

Tensor mul(const Tensor& a, const Tensor& b) {
  if (tracer()) return traced_whole("Mul", {a, b}, {}, [&] { return mul(a, b); });
  return record("mul", arithmetic("mul", Binary::kMul, a, b), {a, b}, {a, b},
                [](const Backward& back) -> Tensors {
                  const Tensor x = back.saved(0), y = back.saved(1);
                  return {back.needs(0) ? sum_to_size(back.grad() * y, x.sizes()) : Tensor(),
                          back.needs(1) ? sum_to_size(back.grad() * x, y.sizes()) : Tensor()};
                });
}

Tensor div(const Tensor& a, const Tensor& b) {
  if (tracer()) return traced_whole("Div", {a, b}, {}, [&] { return div(a, b); });
  return record(
      "div", arithmetic("div", Binary::kDiv, a, b, Takes::kFloating), {a, b}, {a, b},
      [](const Backward& back) -> Tensors {
        const Tensor x = back.saved(0), y = back.saved(1);
        return {back.needs(0) ? sum_to_size(back.grad() / y, x.sizes()) : Tensor(),
                back.needs(1) ? sum_to_size(neg(back.grad() * x / (y * y)), y.sizes()) : Tensor()};
      });
}

Tensor pow(const Tensor& a, const Tensor& b) {
  if (tracer()) return traced_whole("Pow", {a, b}, {}, [&] { return pow(a, b); });
  Tensor y = arithmetic("pow", Binary::kPow, a, b, Takes::kFloating);
  return record("pow", y, {a, b}, {a, b, y}, [](const Backward& back) -> Tensors {
    const Tensor base = back.saved(0), exponent = back.saved(1), result = back.saved(2);
    const Tensor none = zeros({}, {.dtype = base.dtype(), .device = base.device()});
    // 0^b has slope 0 in b where b >= 0, and x^0 has slope 0 in x: without the selects both would
    // be NaN.
    const Tensor slope_a = where(eq(exponent, none), none, exponent * pow(base, exponent - 1));
    const Tensor slope_b =
        where(logical_and(eq(base, none), ge(exponent, none)), none, result * log(base));
    return {back.needs(0) ? sum_to_size(back.grad() * slope_a, base.sizes()) : Tensor(),
            back.needs(1) ? sum_to_size(back.grad() * slope_b, exponent.sizes()) : Tensor()};
  });
}

Tensor maximum(const Tensor& a, const Tensor& b) {
  if (tracer()) return traced_whole("Max", {a, b}, {}, [&] { return maximum(a, b); });
  return extreme("maximum", Binary::kMaximum, a, b);
}
Tensor minimum(const Tensor& a, const Tensor& b) {
  if (tracer()) return traced_whole("Min", {a, b}, {}, [&] { return minimum(a, b); });
  return extreme("minimum", Binary::kMinimum, a, b);
}

Tensor eq(const Tensor& a, const Tensor& b) {
  return traced("Equal", comparison("eq", Binary::kEq, a, b), {a, b});
}
Tensor ne(const Tensor& a, const Tensor& b) {
  return tracer() ? logical_not(eq(a, b)) : comparison("ne", Binary::kNe, a, b);
}
Tensor lt(const Tensor& a, const Tensor& b) {
  return traced("Less", comparison("lt", Binary::kLt, a, b), {a, b});
}
Tensor le(const Tensor& a, const Tensor& b) {
  return traced("LessOrEqual", comparison("le", Binary::kLe, a, b), {a, b});
}
Tensor gt(const Tensor& a, const Tensor& b) {
  return traced("Greater", comparison("gt", Binary::kGt, a, b), {a, b});
}
Tensor ge(const Tensor& a, const Tensor& b) {
  return traced("GreaterOrEqual", comparison("ge", Binary::kGe, a, b), {a, b});
}

Tensor logical_and(const Tensor& a, const Tensor& b) {
  return traced("And", arithmetic("logical_and", Binary::kAnd, a, b, Takes::kBool), {a, b});
}
Tensor logical_or(const Tensor& a, const Tensor& b) {
  return traced("Or", arithmetic("logical_or", Binary::kOr, a, b, Takes::kBool), {a, b});
}
Tensor logical_xor(const Tensor& a, const Tensor& b) {
  return traced("Xor", arithmetic("logical_xor", Binary::kXor, a, b, Takes::kBool), {a, b});
}
// clang-format off
#define FOVEA_DEFINE_OPERATOR(op, name)                                                           \
  Tensor operator op(const Tensor& a, double b) { return name(a, operand(b, a, #name)); }         \
  Tensor operator op(double a, const Tensor& b) { return name(operand(a, b, #name), b); }
FOVEA_DEFINE_OPERATOR(+, add)
FOVEA_DEFINE_OPERATOR(-, sub)
FOVEA_DEFINE_OPERATOR(*, mul)
FOVEA_DEFINE_OPERATOR(/, div)
FOVEA_DEFINE_OPERATOR(==, eq)
FOVEA_DEFINE_OPERATOR(!=, ne)
FOVEA_DEFINE_OPERATOR(<, lt)
FOVEA_DEFINE_OPERATOR(<=, le)
FOVEA_DEFINE_OPERATOR(>, gt)
FOVEA_DEFINE_OPERATOR(>=, ge)
#undef FOVEA_DEFINE_OPERATOR
// clang-format on

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  check_operands(a, b, "where");
  check<DeviceError>(condition.device() == a.device(),
                     "where: operands expected on one device, got ", condition.device(), " and ",
                     a.device());
  check<DTypeError>(condition.dtype() == boolean, "where: condition expected dtype bool, got ",
                    condition.dtype());
  const Shape sizes =
      broadcast_shapes(condition.sizes(), broadcast_shapes(a.sizes(), b.sizes(), "where"), "where");
  if (tracer()) {
    return traced_whole("Where", {condition, a, b}, {}, [&] { return where(condition, a, b); });
  }
  Tensor y = empty(sizes, {.dtype = a.dtype(), .device = a.device()});
  {
    const NoGrad no_grad;
    kernels::launch(a.device(), &KernelTable::where, condition.expand(sizes).kernel_view(),
                    a.expand(sizes).kernel_view(), b.expand(sizes).kernel_view(), y.kernel_view());
  }
  if (!is_differentiable(a.dtype())) return y;
  return record("where", y, {a, b}, {condition},
                [p = a.sizes(), q = b.sizes()](const Backward& back) -> Tensors {
                  const Tensor taken = back.saved(0), none = zeros_like(back.grad());
                  return {sum_to_size(where(taken, back.grad(), none), p),
                          sum_to_size(where(taken, none, back.grad()), q)};
                });
}

// --- One operand ---------------------------------------------------------------------------------

#define FOVEA_DEFINE(Word, name, ...) \
  Tensor name(const Tensor& x) { return unary({Unary::k##Word}, x); }
#define FOVEA_DEFINE_LAYER(Class, ...) FOVEA_DEFINE(__VA_ARGS__)
#define FOVEA_OMIT(...)
FOVEA_FUNCTIONS(FOVEA_DEFINE, FOVEA_DEFINE_LAYER, FOVEA_OMIT)
#undef FOVEA_OMIT
#undef FOVEA_DEFINE_LAYER
#undef FOVEA_DEFINE

Tensor pow(const Tensor& x, double exponent) { return unary({Unary::kPow, exponent}, x); }

Tensor clamp(const Tensor& x, double low, double high) {
  check<ArgumentError>(low <= high, "clamp: low expected at most high, got ", low, " and ", high);
  return unary({Unary::kClamp, low, high}, x);
}

}  // namespace fovea
