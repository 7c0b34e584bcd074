#include "fovea/nn/local_response_norm.h"

#include "fovea/core/error.h"
#include "fovea/nn/text.h"

namespace fovea::nn {

LocalResponseNorm::LocalResponseNorm(const LocalResponseNormOptions& options) : options_(options) {
  check<ArgumentError>(options.size >= 1, "LocalResponseNorm: size expected at least 1, got ",
                       options.size);
}

std::string LocalResponseNorm::options_text() const {
  return str(options_.size, ", alpha=", text::number(options_.alpha),
             ", beta=", text::number(options_.beta), ", k=", text::number(options_.k));
}

}  // namespace fovea::nn
