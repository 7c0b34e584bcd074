#include "apps/serve/api/query_reader.h"

#include <charconv>
#include <string_view>

#include "apps/base/exit_code.h"

namespace fovea::serve {

namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

bool QueryReader::has(const std::string& name) const {
  const auto found = request_.query.find(name);
  return found != request_.query.end() && !found->second.empty();
}

const std::string& QueryReader::text(const std::string& name) const {
  if (!has(name))
    throw BadRequest(str(cli::one_line(request_.path), ": ", name, " expected, got none"));
  return request_.query.at(name);
}

std::string QueryReader::text_or(const std::string& name, const std::string& otherwise) const {
  return has(name) ? text(name) : otherwise;
}

std::int64_t QueryReader::whole(const std::string& name, std::int64_t least,
                                std::int64_t most) const {
  const std::optional<std::int64_t> number = whole_number(text(name));
  if (!number || *number < least || *number > most)
    refuse(name, str("a whole number in ", least, " to ", most));
  return *number;
}

std::optional<std::int64_t> QueryReader::maybe_whole(const std::string& name, std::int64_t least,
                                                     std::int64_t most) const {
  if (!has(name)) return {};
  return whole(name, least, most);
}

std::int64_t QueryReader::whole_or(const std::string& name, std::int64_t otherwise,
                                   std::int64_t least, std::int64_t most) const {
  return has(name) ? whole(name, least, most) : otherwise;
}

bool QueryReader::flag(const std::string& name) const {
  if (!has(name)) return false;
  if (text(name) != "0" && text(name) != "1") refuse(name, "0 or 1");
  return text(name) == "1";
}

Shape QueryReader::place(const std::string& name) const {
  Shape place;
  if (!has(name)) return place;
  std::string_view left = text(name);
  for (;;) {
    const std::size_t comma = left.find(',');
    const std::optional<std::int64_t> number = whole_number(left.substr(0, comma));
    if (!number || place.ndim() == 3) refuse(name, "1 to 3 whole numbers with commas between them");
    place.push_back(*number);
    if (comma == std::string_view::npos) return place;
    left.remove_prefix(comma + 1);
  }
}

void QueryReader::refuse(const std::string& name, const std::string& expected) const {
  throw BadRequest(str(cli::one_line(request_.path), ": ", name, " expected ", expected, ", got \"",
                       cli::one_line(text(name)), "\""));
}

}  // namespace fovea::serve
