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

/// In which of its words a run that goes on has another environment than it had: "cpu", "threads",
/// "data FILE" and so on, in two documents of env.json. Throws ParseError, naming `file`, when
/// `before` is none.
std::vector<std::string> environment_changes(const std::string& before, const std::string& now,
                                             const std::string& file);

}  // namespace fovea::train
