#include "fovea/nn/batch_norm.h"

#include "fovea/core/error.h"
#include "fovea/nn/text.h"
#include "fovea/tensor/ops/norm.h"
#include "fovea/tensor/tape.h"

namespace fovea::nn {

BatchNorm::BatchNorm(const char* type, int least, int most, std::int64_t num_features,
                     const BatchNormLayerOptions& options)
    : least_(least), most_(most), num_features_(num_features), options_(options) {
  check<ArgumentError>(num_features >= 1, type, ": num_features expected at least 1, got ",
                       num_features);
  check<ArgumentError>(options.eps >= 0, type, ": eps expected at least 0, got ", options.eps);
  check<ArgumentError>(!options.momentum || (*options.momentum >= 0 && *options.momentum <= 1),
                       type, ": momentum expected in [0, 1], got ", options.momentum.value_or(0));
  if (options.affine) {
    weight_ = register_parameter("weight", ones({num_features}));
    bias_ = register_parameter("bias", zeros({num_features}));
  }
  if (options.track_running_stats) {
    running_mean_ = register_buffer("running_mean", zeros({num_features}));
    running_var_ = register_buffer("running_var", ones({num_features}));
    num_batches_tracked_ = register_buffer("num_batches_tracked", zeros({}, {.dtype = i64}));
  }
}

BatchNormOptions BatchNorm::next_options() const {
  BatchNormOptions next{.training = uses_batch_statistics(), .momentum = 0, .eps = options_.eps};
  if (is_training() && num_batches_tracked_.defined()) {
    next.momentum =
        options_.momentum ? *options_.momentum : 1 / (num_batches_tracked_.item<double>() + 1);
  }
  return next;
}

void BatchNorm::count_batch() {
  if (!is_training() || !num_batches_tracked_.defined()) return;
  const NoGrad no_grad;
  num_batches_tracked_.add_(scalar(1, {.dtype = i64, .device = num_batches_tracked_.device()}));
}

Tensor BatchNorm::forward(const Tensor& x) {
  check<ShapeError>(x.dim() >= least_ && x.dim() <= most_, type_name(), ": input expected ", least_,
                    least_ == most_ ? "" : str(" or ", most_), " dimensions, got ", x.dim(),
                    " (input ", x.sizes(), ")");
  Tensor y = batch_norm(x, running_mean_, running_var_, weight_, bias_, next_options());
  count_batch();
  return y;
}

std::string BatchNorm::options_text() const {
  return str(num_features_, ", eps=", text::number(options_.eps),
             ", momentum=", options_.momentum ? text::number(*options_.momentum) : "None",
             ", affine=", text::flag(options_.affine),
             ", track_running_stats=", text::flag(options_.track_running_stats));
}

}  // namespace fovea::nn
