// What `fovea data info` says of a folder of pictures or of shards.
#pragma once

#include <cstdint>
#include <string>

namespace fovea::cli {

/// Reads all pictures in DIR/train, and in DIR/test and DIR/val where they are there, each of which
/// holds class folders or shards; then prints classes, counts, sizes, what cannot be read or
/// decoded, what was left out, and which folders are not used. Returns the exit code: bad input
/// when a picture cannot be decoded.
/// Throws   IoError, ParseError when the folders are not as they have to be, or their targets are
///          not all of one kind; ArgumentError for a data root, as open_folder.
int show_folder(const std::string& folder, const std::string& root, std::uint64_t max_pixels);

}  // namespace fovea::cli
