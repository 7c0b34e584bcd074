// The readers of files that nobody vouches for, as functions of bytes: what a fuzzer calls, and
// what the test fuzz_corpus calls with the files that were found interesting.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace fovea::fuzz {

/// One reader.
struct Target {
  std::string_view name;                     ///< also of its folder in tests/fuzz/corpus
  void (*read)(std::span<const std::byte>);  ///< reads a file and uses all of it
  /// Sets the checksums of a file right, see repair.h; null for a format that has none.
  void (*repair)(std::span<std::byte>) = nullptr;
};

/// Every reader.
std::span<const Target> targets();
/// The reader called `name`; null when there is none.
const Target* find_target(std::string_view name);

/// Reads `content` as any file must be read: without an error, or with a ParseError of one line
/// that names the file. Anything else ends the program by abort, as a fuzzer expects.
void run(const Target& target, std::span<const std::byte> content);

}  // namespace fovea::fuzz
