// What `fovea data info` says of a folder of pictures or of shards.
#pragma once

#include <string>

namespace fovea::cli {

/// Reads all pictures in DIR/train, and in DIR/test or DIR/val where there is one; prints classes,
/// counts, sizes, and what cannot be decoded. Returns the exit code: bad input when there is such a
/// picture. Of shards it prints classes and counts, and unpacks none.
/// Throws   IoError, ParseError when the folders are not as they have to be.
int show_folder(const std::string& folder);

}  // namespace fovea::cli
