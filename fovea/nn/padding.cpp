#include "fovea/nn/padding.h"

#include <vector>

#include "fovea/core/error.h"
#include "fovea/nn/text.h"

namespace fovea::nn {

Shape Pads::expand(const char* type, int spatial) const {
  const int ends = 2 * spatial;
  check<ArgumentError>(values_.ndim() == 1 || values_.ndim() == ends, type,
                       ": padding expected 1 or ", ends, " numbers, got ", values_.ndim(), " (",
                       values_, ")");
  return values_.ndim() == ends ? values_ : Shape::filled(ends, values_[0]);
}

Tensor PadBase::forward(const Tensor& x) {
  return pad(x, std::vector<std::int64_t>(pads_.begin(), pads_.end()), mode_, value_);
}

std::string PadBase::options_text() const { return text::tuple(pads_); }

std::string ConstantPad::options_text() const {
  return "padding=" + text::tuple(pads()) + ", value=" + text::number(value());
}

}  // namespace fovea::nn
