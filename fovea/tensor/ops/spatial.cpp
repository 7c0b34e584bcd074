#include "fovea/tensor/ops/spatial.h"

#include <ostream>

#include "fovea/core/error.h"

namespace fovea {

Shape PerDim::expand(int spatial, const char* operation, const char* name,
                     std::int64_t least) const {
  check<ArgumentError>(values_.ndim() == 1 || values_.ndim() == spatial, operation, ": ", name,
                       " expected 1 or ", spatial, " numbers, got ", values_.ndim(), " (", values_,
                       ")");
  for (const std::int64_t value : values_) {
    check<ArgumentError>(value >= least, operation, ": ", name, " expected at least ", least,
                         ", got ", *this);
  }
  return values_.ndim() == spatial ? values_ : Shape::filled(spatial, values_[0]);
}

std::ostream& operator<<(std::ostream& out, const PerDim& value) {
  if (value.values().ndim() == 1) return out << value.values()[0];
  return out << value.values();
}

Padding::Amounts Padding::resolve(const char* operation, const Shape& kernel_size,
                                  const Shape& stride, const Shape& dilation) const {
  const int spatial = kernel_size.ndim();
  if (mode_.empty()) {
    return {begin_.expand(spatial, operation, "padding", 0),
            end_.expand(spatial, operation, "padding", 0)};
  }
  Amounts amounts{Shape::filled(spatial, 0), Shape::filled(spatial, 0)};
  if (mode_ == "valid") return amounts;
  check<ArgumentError>(mode_ == "same", operation,
                       ": padding expected numbers, \"same\" or \"valid\", got \"", mode_, "\"");
  for (int i = 0; i < spatial; ++i) {
    check<ArgumentError>(stride[i] == 1, operation,
                         ": stride expected 1 with padding \"same\", got ", stride);
    const std::int64_t total = checked_mul(dilation[i], kernel_size[i] - 1);
    amounts.begin[i] = total / 2;
    amounts.end[i] = total - total / 2;
  }
  return amounts;
}

std::int64_t sliding_output_size(std::int64_t input, std::int64_t kernel, std::int64_t stride,
                                 std::int64_t padding, std::int64_t dilation) {
  const std::int64_t reach = checked_add(checked_mul(dilation, kernel - 1), 1);
  const std::int64_t room = checked_add(input, padding) - reach;
  return room < 0 ? 0 : room / stride + 1;
}

}  // namespace fovea
