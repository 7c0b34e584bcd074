// Whole numbers drawn at random.
#pragma once

#include <cstdint>
#include <random>

namespace fovea::test {

/// Where they come from; a test seeds it with seed().
using Random = std::mt19937_64;

/// One of low to high, both included.
inline std::int64_t draw(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

}  // namespace fovea::test
