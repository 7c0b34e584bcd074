// On what a training ran: enough to know later why two runs differ.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace fovea::train {

/// The processor's name as the system gives it; "unknown" where it does not.
std::string cpu_name();

/// The document of env.json: version, commit, cpu, threads (of parallel loops now) and, under data,
/// a SHA-256 for each file of the data set, or one for the names and lengths of a folder's files.
std::string environment_json(
    const std::vector<std::pair<std::string, std::string>>& data_checksums);

}  // namespace fovea::train
