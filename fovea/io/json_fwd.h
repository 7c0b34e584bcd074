// The name of JSON values, for headers: the parser and the writer are in json.h.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace fovea::io {

/// A value whose objects keep the order in which their keys were given.
using Json = nlohmann::ordered_json;

}  // namespace fovea::io
