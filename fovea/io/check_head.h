// What decides by the first bytes of a file whether the rest is worth reading, and how much of it:
// a pipe may go on for ever with what is no such file, or with what was one at its beginning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>

namespace fovea::io {

/// How much of a file tells whether it is what it should be.
inline constexpr std::size_t kHeadBytes = 4096;
/// What a CheckHead says of a file whose first bytes do not tell how long it is.
inline constexpr std::uint64_t kAnyLength = std::numeric_limits<std::uint64_t>::max();
/// Looks at the first bytes of a file. Throws when the rest is not worth reading; else says how
/// long the file is at most, as far as they tell. When it says more than it was shown, it is shown
/// so many, and asked again: a header that is longer than the head comes to be seen as a whole.
using CheckHead = std::function<std::uint64_t(std::span<const std::byte> head)>;

}  // namespace fovea::io
