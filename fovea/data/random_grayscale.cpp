#include "fovea/data/random_grayscale.h"

#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/data/adjust_colors.h"
#include "fovea/data/image_loop.h"

namespace fovea::data {

RandomGrayscale::RandomGrayscale(double p) : p_(p) {
  check<ArgumentError>(p >= 0 && p <= 1, "RandomGrayscale: p expected in [0, 1], got ", p);
}

bool RandomGrayscale::greys(const SampleKeys& keys, std::size_t i) const {
  const auto words = keys.draw(i);
  return to_unit_double(words[0], words[1]) < p_;
}

Tensor RandomGrayscale::operator()(const Tensor& batch, const SampleKeys& keys) const {
  check_keys(batch, keys, "RandomGrayscale");
  std::vector<ColorSteps> steps(keys.indices.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (greys(keys, i)) steps[i] = {{ColorProperty::kSaturation, 0}};
  }
  return adjust_colors(batch, steps);
}

}  // namespace fovea::data
