#include "fovea/tensor/ops/conv_problem.h"

#include <ostream>
#include <span>

#include "fovea/tensor/ops/operand_types.h"
#include "fovea/tensor/prepared.h"

namespace fovea {

using kernels::ConvSpec;

namespace {

thread_local ConvAlgorithm scope_algorithm = ConvAlgorithm::kAuto;  // of the innermost scope

}  // namespace

ConvAlgorithmScope::ConvAlgorithmScope(ConvAlgorithm algorithm) : before_(scope_algorithm) {
  scope_algorithm = algorithm;
}
ConvAlgorithmScope::~ConvAlgorithmScope() { scope_algorithm = before_; }
ConvAlgorithm current_conv_algorithm() { return scope_algorithm; }

namespace {

/// The last entries of a shape: its spatial sizes.
Shape spatial_sizes(const Shape& sizes, int spatial) {
  return Shape(std::span(sizes.end() - spatial, sizes.end()));
}

ConvSpec make_spec(const char* operation, const Shape& kernel_size, const ConvOptions& options) {
  const int spatial = kernel_size.ndim();
  ConvSpec spec;
  spec.spatial = spatial;
  spec.stride = options.stride.expand(spatial, operation, "stride", 1);
  spec.dilation = options.dilation.expand(spatial, operation, "dilation", 1);
  check<ArgumentError>(options.groups >= 1, operation, ": groups expected at least 1, got ",
                       options.groups);
  spec.groups = options.groups;
  spec.algorithm = current_conv_algorithm();
  const Padding::Amounts padding =
      options.padding.resolve(operation, kernel_size, spec.stride, spec.dilation);
  spec.padding_begin = padding.begin;
  spec.padding_end = padding.end;
  return spec;
}

Shape output_size(const char* operation, const Shape& input, const Shape& kernel_size,
                  const ConvSpec& spec) {
  Shape output;
  for (int i = 0; i < spec.spatial; ++i) {
    const std::int64_t padding = checked_add(spec.padding_begin[i], spec.padding_end[i]);
    output.push_back(
        sliding_output_size(input[i], kernel_size[i], spec.stride[i], padding, spec.dilation[i]));
    check<ShapeError>(output[i] > 0, operation, ": kernel expected to fit the padded input, got ",
                      kernel_size, " for ", input, " (padding ", spec.padding_begin, " and ",
                      spec.padding_end, ", dilation ", spec.dilation, ")");
  }
  return output;
}

/// The end of a message. It is written where one is thrown, not for every convolution: text takes
/// longer than all checks.
struct Context {
  const Tensor& x;
  const Tensor& weight;
  std::int64_t groups;
  friend std::ostream& operator<<(std::ostream& out, const Context& c) {
    return out << " (input " << c.x.sizes() << ", weight " << c.weight.sizes() << ", groups "
               << c.groups << ")";
  }
};

/// Checks x (batched), weight and bias against each other.
void check_shapes(const char* operation, const Tensor& x, const Tensor& weight, const Tensor& bias,
                  std::int64_t groups) {
  const Context context{x, weight, groups};
  for (int i = 0; i < weight.dim(); ++i) {
    check<ShapeError>(weight.size(i) > 0, operation, ": weight expected sizes above 0, got ",
                      weight.sizes());
    check<ShapeError>(i == 0 || x.size(i) > 0, operation,
                      ": input expected sizes above 0 after the batch, got ", x.sizes());
  }
  check<ShapeError>(weight.size(0) % groups == 0, operation,
                    ": output channels expected a multiple of groups, got ", weight.size(0),
                    context);
  const std::int64_t channels = checked_mul(weight.size(1), groups);
  check<ShapeError>(x.size(1) == channels, operation, ": input expected ", channels,
                    " channels, got ", x.size(1), context);
  check<ShapeError>(!bias.defined() || bias.sizes() == Shape{weight.size(0)}, operation,
                    ": bias expected shape [", weight.size(0), "], got ",
                    bias.defined() ? bias.sizes() : Shape(), context);
}

}  // namespace

ConvProblem check_convolution(const char* operation, int spatial, const Tensor& x,
                              const Tensor& weight, const Tensor& bias,
                              const ConvOptions& options) {
  check_operand_types(operation, x, weight, bias);
  check<ShapeError>(weight.dim() == spatial + 2, operation, ": weight expected ", spatial + 2,
                    " dimensions, got ", weight.dim(), " (weight ", weight.sizes(), ")");
  check<ShapeError>(x.dim() == spatial + 2, operation, ": input expected ", spatial + 2,
                    " dimensions, or ", spatial + 1, " without a batch, got ", x.dim(), " (input ",
                    x.sizes(), ")");
  const Shape kernel_size = spatial_sizes(weight.sizes(), spatial);
  ConvProblem problem{make_spec(operation, kernel_size, options), {x.size(0), weight.size(0)}};
  check_shapes(operation, x, weight, bias, problem.spec.groups);
  for (const std::int64_t size :
       output_size(operation, spatial_sizes(x.sizes(), spatial), kernel_size, problem.spec)) {
    problem.output.push_back(size);
  }
  return problem;
}

Tensor prepared_for(const ConvProblem& problem, const kernels::ConvInputs& in,
                    const kernels::PreparedPlan& plan, const Tensor& weight) {
  return prepared_weight(weight, plan, !problem.spec.weight_kept, [&](const Tensor& value) {
    kernels::launch(weight.device(), &kernels::KernelTable::conv_prepare, problem.spec, in,
                    problem.output, value.kernel_view());
  });
}

Shape conv_output_size(const Shape& input, const PerDim& kernel_size, const ConvOptions& options) {
  const Shape kernel = kernel_size.expand(input.ndim(), "conv_output_size", "kernel_size", 1);
  return output_size("conv_output_size", input, kernel,
                     make_spec("conv_output_size", kernel, options));
}

}  // namespace fovea
