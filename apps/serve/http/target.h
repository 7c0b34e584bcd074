// The target of a request, "/api/maps?layer=layer1.0": taken apart and decoded, or refused.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fovea::serve {

/// A target, decoded.
struct Target {
  std::string path = {};                          ///< begins with "/"
  std::map<std::string, std::string> query = {};  ///< of a word that comes twice the last
};

/// Takes a target apart; nothing when it cannot be one of ours: a path that does not begin with
/// "/", holds an empty or dotted segment ("..", "."), a backslash or a control character, once it
/// is decoded; a "%" that no two hexadecimal digits follow; a "%" that is left after decoding, in
/// the path; bytes that are not UTF-8, or a NUL.
std::optional<Target> parse_target(std::string_view target);

}  // namespace fovea::serve
