// JSON as files and scripts have it: read and written in one place, since a parser and a writer of
// templates cost every file that brings its own two seconds of compiling.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/io/json_fwd.h"

namespace fovea::io {

/// The value that `text` is; nothing when it is not JSON, or when it is nested more than `deepest`
/// deep: values are written, copied and destroyed by recursion.
std::optional<Json> parse_json(std::string_view text, int deepest = 100);

/// `value` on one line. Bytes that are not UTF-8 become U+FFFD.
std::string json_line(const Json& value);

/// As json_line, with every character beyond ASCII by its number, as JSON escapes it.
std::string json_ascii(const Json& value);

/// `value` on lines indented by two spaces a level, without a newline at the end.
std::string json_lines(const Json& value);

}  // namespace fovea::io
