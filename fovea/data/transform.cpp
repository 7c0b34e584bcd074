#include "fovea/data/transform.h"

#include "fovea/core/rng.h"

namespace fovea::data {

SampleKeys SampleKeys::nested(std::uint64_t position) const {
  return {Generator(seed).fork(position).seed(), epoch, indices};
}

std::array<std::uint32_t, 4> SampleKeys::draw(std::size_t i) const {
  return philox({seed, epoch}, static_cast<std::uint64_t>(indices[i]));
}

}  // namespace fovea::data
