#include "fovea/nn/pooling.h"

#include "fovea/core/error.h"
#include "fovea/nn/text.h"

namespace fovea::nn {

namespace {

// Window, stride and padding: what all poolings must have right, so that a bad layer fails where it
// is made.
template <class Options>
Options checked(const char* type, int spatial, Options options) {
  const Shape kernel = options.kernel_size.expand(spatial, type, "kernel_size", 1);
  if (options.stride.empty()) options.stride = options.kernel_size;
  options.stride.expand(spatial, type, "stride", 1);
  const Shape padding = options.padding.expand(spatial, type, "padding", 0);
  for (int i = 0; i < spatial; ++i) {
    check<ArgumentError>(padding[i] <= kernel[i] / 2, type,
                         ": padding expected at most half of kernel_size, got ", padding,
                         " (kernel_size ", kernel, ")");
  }
  return options;
}

}  // namespace

ExtremePool::ExtremePool(const char* type, int spatial, Function function,
                         const MaxPoolOptions& options)
    : function_(function), options_(checked(type, spatial, options)) {
  options_.dilation.expand(spatial, type, "dilation", 1);
}

std::string ExtremePool::options_text() const {
  return str("kernel_size=", text::per_dim(options_.kernel_size),
             ", stride=", text::per_dim(options_.stride),
             ", padding=", text::per_dim(options_.padding),
             ", dilation=", text::per_dim(options_.dilation),
             ", ceil_mode=", text::flag(options_.ceil_mode));
}

AvgPool::AvgPool(const char* type, int spatial, Function function, const AvgPoolOptions& options)
    : spatial_(spatial), function_(function), options_(checked(type, spatial, options)) {
  check<ArgumentError>(options.divisor_override >= 0, type,
                       ": divisor_override expected at least 0, got ", options.divisor_override);
}

std::string AvgPool::options_text() const {
  // PyTorch turns the options of its 1-D layer, and of that one alone, into tuples.
  const auto write = [this](const PerDim& value) {
    return spatial_ == 1 ? text::tuple(value.values()) : text::per_dim(value);
  };
  return str("kernel_size=", write(options_.kernel_size), ", stride=", write(options_.stride),
             ", padding=", write(options_.padding));
}

AdaptivePool::AdaptivePool(const char* type, int spatial, Function function,
                           const PerDim& output_size)
    : function_(function), output_size_(output_size) {
  output_size.expand(spatial, type, "output_size", 1);
}

std::string AdaptivePool::options_text() const {
  return "output_size=" + text::per_dim(output_size_);
}

}  // namespace fovea::nn
