// Losses of classes: cross entropy, against numbers or probabilities, and negative log likelihood.

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"

namespace fovea {

using kernels::KernelTable;

namespace {

/// The sizes of a problem: n samples, c classes, s positions in each sample.
struct Problem {
  std::int64_t n = 1;
  std::int64_t c = 1;
  std::int64_t s = 1;
};

Shape position_of(std::int64_t i, const Shape& sizes) {
  Shape position = sizes;
  for (int dim = sizes.ndim() - 1; dim >= 0; --dim) {
    position[dim] = i % sizes[dim];
    i /= sizes[dim];
  }
  return position;
}

void check_labels(const char* operation, const Tensor& target, std::int64_t classes,
                  std::int64_t ignore_index) {
  if (target.numel() == 0) return;
  const NoGrad no_grad;
  if (min(target).item<std::int64_t>() >= 0 && max(target).item<std::int64_t>() < classes) return;
  const std::vector<std::int64_t> labels = target.to_vector<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool good = (labels[i] >= 0 && labels[i] < classes) || labels[i] == ignore_index;
    check<IndexError>(good, operation, ": target expected a class in [0, ", classes, ") or ",
                      ignore_index, ", got ", labels[i], " (at ",
                      position_of(static_cast<std::int64_t>(i), target.sizes()), ")");
  }
}

void check_weight(const char* operation, const Tensor& x, const Tensor& weight,
                  std::int64_t classes) {
  if (!weight.defined()) return;
  check<DeviceError>(weight.device() == x.device(), operation, ": weight expected on ", x.device(),
                     ", got ", weight.device());
  check<DTypeError>(weight.dtype() == x.dtype(), operation, ": weight expected dtype ", x.dtype(),
                    ", got ", weight.dtype());
  check<ShapeError>(weight.sizes() == Shape{classes}, operation, ": weight expected shape ",
                    Shape{classes}, ", got ", weight.sizes());
}

Problem check_problem(const char* operation, const Tensor& x, const Tensor& target,
                      const Tensor& weight, std::int64_t ignore_index) {
  dispatch_float(x.dtype(), operation, [](auto) {});
  check<DTypeError>(target.dtype() == i64, operation, ": target expected dtype i64, got ",
                    target.dtype());
  check<DeviceError>(target.device() == x.device(), operation, ": target expected on ", x.device(),
                     ", got ", target.device());
  check<ShapeError>(x.dim() >= 1, operation, ": x expected 1 or more dimensions, got 0");
  const int class_dim = x.dim() == 1 ? 0 : 1;
  Shape expected = x.sizes();
  expected.erase(class_dim);
  check<ShapeError>(target.sizes() == expected, operation, ": target expected shape ", expected,
                    ", got ", target.sizes(), " (x ", x.sizes(), ")");
  Problem problem{class_dim == 1 ? x.size(0) : 1, x.size(class_dim), 1};
  for (int dim = 2; dim < x.dim(); ++dim) problem.s *= x.size(dim);
  check_weight(operation, x, weight, problem.c);
  check_labels(operation, target, problem.c, ignore_index);
  return problem;
}

/// losses [n, s] as the caller wants them; `total` is the sum of the samples' weights.
Tensor reduce(const Tensor& losses, const Tensor& total, const Shape& sizes, Reduction reduction) {
  switch (reduction) {
    case Reduction::kMean:
      return sum(losses) / total;
    case Reduction::kSum:
      return sum(losses);
    case Reduction::kNone:
      return losses.view(sizes);
  }
  no_case_for("reduction", reduction);
}

/// cross_entropy against probabilities.
Tensor soft_cross_entropy(const Tensor& x, const Tensor& target,
                          const CrossEntropyOptions& options) {
  constexpr const char* kName = "cross_entropy";
  dispatch_float(x.dtype(), kName, [](auto) {});
  check<DTypeError>(target.dtype() == x.dtype(), kName, ": target expected dtype i64, or ",
                    x.dtype(), " as x, got ", target.dtype());
  check<DeviceError>(target.device() == x.device(), kName, ": target expected on ", x.device(),
                     ", got ", target.device());
  check<ShapeError>(x.dim() >= 1 && target.sizes() == x.sizes(), kName,
                    ": target of probabilities expected shape ", x.sizes(), ", got ",
                    target.sizes());
  check<ArgumentError>(options.ignore_index < 0, kName,
                       ": ignore_index expected negative with probabilities, got ",
                       options.ignore_index);
  const int class_dim = x.dim() == 1 ? 0 : 1;
  const std::int64_t classes = x.size(class_dim);
  check_weight(kName, x, options.weight, classes);
  const double smoothing = options.label_smoothing;
  Tensor share = target;
  if (smoothing > 0) share = target * (1 - smoothing) + smoothing / static_cast<double>(classes);
  if (options.weight.defined()) {
    Shape along = Shape::filled(x.dim(), 1);
    along[class_dim] = classes;
    share = share * options.weight.detach().view(along);
  }
  Tensor losses = -(log_softmax(x, class_dim) * share).sum({class_dim});
  switch (options.reduction) {
    case Reduction::kMean:
      return losses.sum() / static_cast<double>(losses.numel());
    case Reduction::kSum:
      return losses.sum();
    case Reduction::kNone:
      return losses;
  }
  no_case_for("reduction", options.reduction);
}

}  // namespace

Tensor cross_entropy(const Tensor& x, const Tensor& target, const CrossEntropyOptions& options) {
  check<ArgumentError>(options.label_smoothing >= 0 && options.label_smoothing <= 1,
                       "cross_entropy: label_smoothing expected in [0, 1], got ",
                       options.label_smoothing);
  if (is_differentiable(target.dtype())) return soft_cross_entropy(x, target, options);
  const Problem size =
      check_problem("cross_entropy", x, target, options.weight, options.ignore_index);
  const kernels::CrossEntropySpec spec{options.label_smoothing, options.ignore_index};
  const TensorOptions like{.dtype = x.dtype(), .device = x.device()};

  Tensor log_probs = empty({size.n, size.c, size.s}, like);
  Tensor labels, weight, total, result;
  {
    const NoGrad no_grad;  // all of it is one operation
    const Tensor scores = x.contiguous().view(log_probs.sizes());
    labels = target.contiguous().view({size.n, size.s});
    if (options.weight.defined()) weight = options.weight.contiguous();
    Tensor losses = empty(labels.sizes(), like), sample_weights = empty(labels.sizes(), like);
    kernels::launch(x.device(), &KernelTable::cross_entropy_forward, spec, scores.kernel_view(),
                    labels.kernel_view(), Tensor::optional_view(weight), log_probs.kernel_view(),
                    losses.kernel_view(), sample_weights.kernel_view());
    if (options.reduction == Reduction::kMean) total = sum(sample_weights);
    result = reduce(losses, total, target.sizes(), options.reduction);
  }
  return record(
      "cross_entropy", result, {x}, {log_probs, labels, weight, total},
      [spec, sizes = x.sizes()](const Backward& back) -> Tensors {
        const Tensor log_p = back.saved(0), label = back.saved(1), sum_of_weights = back.saved(3);
        Tensor dlosses = sum_of_weights.defined() ? back.grad() / sum_of_weights : back.grad();
        dlosses = dlosses.dim() == 0 ? dlosses.expand(label.sizes()) : dlosses.view(label.sizes());
        dlosses = dlosses.contiguous();
        Tensor dx = empty_like(log_p);
        kernels::launch(dx.device(), &KernelTable::cross_entropy_backward, spec,
                        dlosses.kernel_view(), log_p.kernel_view(), label.kernel_view(),
                        Tensor::optional_view(back.saved(2)), dx.kernel_view());
        return {dx.view(sizes)};
      });
}

Tensor nll_loss(const Tensor& x, const Tensor& target, const NllLossOptions& options) {
  const Problem size = check_problem("nll_loss", x, target, options.weight, options.ignore_index);
  const Tensor labels = target.view({size.n, 1, size.s});
  const Tensor classes = arange(static_cast<double>(size.c), {.dtype = i64, .device = x.device()});
  // True at each sample's class, and nowhere for a sample that is ignored.
  const Tensor hit = logical_and(labels == classes.view({size.c, 1}),
                                 labels != static_cast<double>(options.ignore_index));
  const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
  const Tensor none = zeros({}, like);
  const Tensor weight =
      (options.weight.defined() ? options.weight.detach() : ones({size.c}, like)).view({size.c, 1});
  // Selected before it is summed: 0 times a log-probability of -inf would be NaN.
  const Tensor losses = -where(hit, x.view({size.n, size.c, size.s}) * weight, none).sum({1});
  return reduce(losses, where(hit, weight, none).sum(), target.sizes(), options.reduction);
}

}  // namespace fovea
