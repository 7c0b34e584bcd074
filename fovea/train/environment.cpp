#include "fovea/train/environment.h"

#include <fstream>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/core/version.h"
#include "fovea/io/json.h"

namespace fovea::train {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string environment_json(
    const std::vector<std::pair<std::string, std::string>>& data_checksums) {
  io::Json json = {{"version", version()},     {"commit", git_commit()},
                   {"cpu", cpu_name()},        {"processors", available_processors()},
                   {"threads", num_threads()}, {"data", io::Json::object()}};
  for (const auto& [file, sha256] : data_checksums) json["data"][file] = sha256;
  return io::json_lines(json) + "\n";
}

std::vector<std::string> environment_changes(const std::string& before, const std::string& now,
                                             const std::string& file) {
  using io::Json;
  const Json then = io::parse_json(before).value_or(Json());
  check<ParseError>(then.is_object(), "run directory: env.json expected an object, got others (",
                    file, ")");
  const Json here = io::parse_json(now).value();
  const auto differs = [](const Json& a, const Json& b, const std::string& key) {
    return a.contains(key) != b.contains(key) || (a.contains(key) && a[key] != b[key]);
  };
  std::vector<std::string> changes;
  for (const auto& [key, value] : here.items())
    if (key != "data" && differs(then, here, key)) changes.push_back(key);
  const Json data = then.value("data", Json::object());
  check<ParseError>(data.is_object(), "run directory: data of env.json expected an object (", file,
                    ")");
  for (const auto& [name, sum] : here["data"].items())
    if (differs(data, here["data"], name)) changes.push_back("data " + name);
  return changes;
}

}  // namespace fovea::train
