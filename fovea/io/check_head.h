// What decides by the first bytes of a file whether the rest is worth reading: a pipe may go on for
// ever with what is no such file at all.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace fovea::io {

/// How much of a file tells whether it is what it should be.
inline constexpr std::size_t kHeadBytes = 4096;
/// Looks at the first bytes of a file and throws when the rest is not worth reading.
using CheckHead = std::function<void(std::span<const std::byte> head)>;

}  // namespace fovea::io
