// What `fovea data info` says of a folder of pictures or of shards.
#pragma once

#include <string>

namespace fovea::cli {

/// Reads all pictures in DIR/train, and in DIR/test or DIR/val where there is one, each of which
/// holds class folders or shards; then prints classes, counts, sizes, and what cannot be decoded.
/// Returns the exit code: bad input when there is such a picture.
/// Throws   IoError, ParseError when the folders are not as they have to be; ArgumentError for a
///          data root, as open_folder.
int show_folder(const std::string& folder, const std::string& root);

}  // namespace fovea::cli
