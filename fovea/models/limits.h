// Sizes that no model, setting or file may exceed: beyond them memory overflows long before they
// mean anything.
#pragma once

#include <cstdint>

namespace fovea::models {

inline constexpr std::int64_t kMaxClasses = 1'000'000;  ///< most classes of a model
inline constexpr std::int64_t kMaxChannels = 4096;      ///< most channels of an image
inline constexpr std::int64_t kMaxSide = 4096;          ///< most pixels of an image's side

}  // namespace fovea::models
