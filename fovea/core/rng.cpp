#include "fovea/core/rng.h"

#include "fovea/core/error.h"

namespace fovea {

std::uint64_t Generator::below(std::uint64_t n) {
  check<ArgumentError>(n > 0, "below: n expected at least 1, got 0");
  return to_below(philox(next(), 0), n);
}

Generator Generator::fork(std::uint64_t id) const {
  // A stream number that next() never reaches.
  const auto words = philox({seed_, ~std::uint64_t{0}}, id);
  return Generator(std::uint64_t{words[0]} << 32 | words[1], device_);
}

Generator& default_generator() {
  thread_local Generator generator;
  return generator;
}

void manual_seed(std::uint64_t seed) { default_generator().manual_seed(seed); }

}  // namespace fovea
