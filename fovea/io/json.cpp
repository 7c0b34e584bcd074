#include "fovea/io/json.h"

namespace fovea::io {

namespace {

std::string written(const Json& value, int indent, bool ascii) {
  return value.dump(indent, ' ', ascii, Json::error_handler_t::replace);
}

}  // namespace

std::optional<Json> parse_json(std::string_view text, int deepest) {
  bool deeper = false;
  const auto keep = [&](int depth, Json::parse_event_t, Json&) {
    deeper = deeper || depth > deepest;
    return depth <= deepest;
  };
  Json value = Json::parse(text, keep, /*allow_exceptions=*/false);
  if (deeper || value.is_discarded()) return std::nullopt;
  return value;
}

std::string json_line(const Json& value) { return written(value, -1, false); }
std::string json_ascii(const Json& value) { return written(value, -1, true); }
std::string json_lines(const Json& value) { return written(value, 2, false); }

}  // namespace fovea::io
