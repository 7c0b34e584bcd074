#include "fovea/train/environment.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "fovea/core/parallel.h"
#include "fovea/core/version.h"

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
  nlohmann::ordered_json json = {
      {"version", version()},     {"commit", git_commit()},
      {"cpu", cpu_name()},        {"processors", available_processors()},
      {"threads", num_threads()}, {"data", nlohmann::ordered_json::object()}};
  for (const auto& [file, sha256] : data_checksums) json["data"][file] = sha256;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace fovea::train
