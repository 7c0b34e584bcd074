// A field of a file of comma-separated values.
#pragma once

#include <string>
#include <string_view>

namespace fovea::io {

/// `text` as a field: between quotes, with those in it doubled, where it holds a comma, a quote or
/// the end of a line; else as it is.
/// Source   RFC 4180, section 2.
std::string csv_field(std::string_view text);

}  // namespace fovea::io
