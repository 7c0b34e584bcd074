// The directory of a ZIP archive: reading it with every check that zip.h promises.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "fovea/io/archive/zip.h"

namespace fovea::io {

/// The entries of the archive `content`, called `name` in messages. Throws ParseError.
std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> content,
                                         const std::string& name);

}  // namespace fovea::io
