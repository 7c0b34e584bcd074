#include "fovea/tensor/ops/activation.h"

#include <cmath>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/unary.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::Unary;

Tensor leaky_relu(const Tensor& x, double negative_slope) {
  check<ArgumentError>(std::isfinite(negative_slope),
                       "leaky_relu: negative_slope expected a finite number, got ", negative_slope);
  return unary({Unary::kLeakyRelu, negative_slope}, x);
}

Tensor hardtanh(const Tensor& x, double low, double high) {
  check<ArgumentError>(low < high, "hardtanh: low expected below high, got ", low, " and ", high);
  return unary({Unary::kHardtanh, low, high}, x);
}

Tensor relu6(const Tensor& x) { return unary({Unary::kHardtanh, 0, 6}, x, "relu6"); }

Tensor gelu(const Tensor& x, GeluForm form) {
  return unary({form == GeluForm::kErf ? Unary::kGelu : Unary::kGeluTanh}, x);
}

Tensor softplus(const Tensor& x) { return unary({Unary::kSoftplus}, x); }

Tensor elu(const Tensor& x, double alpha) { return unary({Unary::kElu, alpha}, x); }

Tensor selu(const Tensor& x, double alpha, double scale) {
  return unary({Unary::kSelu, alpha, scale}, x);
}

Tensor celu(const Tensor& x, double alpha) {
  check<ArgumentError>(std::isfinite(alpha) && alpha != 0,
                       "celu: alpha expected a finite number other than 0, got ", alpha);
  return unary({Unary::kCelu, alpha}, x);
}

Tensor hardsigmoid(const Tensor& x, double slope, double offset) {
  return unary({Unary::kHardSigmoid, slope, offset}, x);
}

Tensor threshold(const Tensor& x, double threshold, double value) {
  return unary({Unary::kThreshold, threshold, value}, x);
}

namespace {

/// The shape in which prelu's weight broadcasts to x.
Shape slope_sizes(const Tensor& x, const Tensor& weight) {
  Shape sizes = Shape::filled(x.dim(), 1);
  bool fits = true;
  if (weight.numel() != 1) {
    const bool channels = weight.dim() == 1 && x.dim() > 1;
    fits = channels || weight.dim() == x.dim();
    if (channels) sizes[1] = weight.size(0);
    if (fits && !channels) sizes = weight.sizes();
  }
  for (int d = 0; d < x.dim(); ++d) fits &= sizes[d] == 1 || sizes[d] == x.size(d);
  check<ShapeError>(fits,
                    "prelu: weight expected 1 element, one a channel, or x's dimensions, got ",
                    weight.sizes(), " (x ", x.sizes(), ")");
  return sizes;
}

}  // namespace

Tensor prelu(const Tensor& x, const Tensor& weight) {
  const Tensor slope = weight.view(slope_sizes(x, weight));
  if (tracer()) return traced_whole("PRelu", {x, slope}, {}, [&] { return prelu(x, weight); });
  return record(
      "prelu", binary_number("prelu", kernels::Binary::kPRelu, x, slope), {x, slope}, {x, slope},
      [](const Backward& back) -> Tensors {
        const Tensor in = back.saved(0), w = back.saved(1);
        const Tensor& dy = back.grad();
        const Tensor none = zeros({}, {.dtype = in.dtype(), .device = in.device()});
        const Tensor positive = gt(in, none);
        return {back.needs(0) ? where(positive, dy, dy * w) : Tensor(),
                back.needs(1) ? sum_to_size(where(positive, none, dy * in), w.sizes()) : Tensor()};
      });
}

}  // namespace fovea
