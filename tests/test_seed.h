// The seed that every test draws its random cases from. It is fixed, and printed when a test
// executable starts; FOVEA_TEST_SEED in the environment changes it, to look for new failures.
#pragma once

#include <cstdint>

namespace fovea::test {

/// The seed of this run; the same value in every call.
std::uint64_t seed();

}  // namespace fovea::test
