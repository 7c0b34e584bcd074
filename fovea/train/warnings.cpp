#include "fovea/train/warnings.h"

#include <algorithm>
#include <utility>

namespace fovea::train {

void Warnings::add(const std::string& file, const std::string& message) {
  auto found = std::find_if(warnings_.begin(), warnings_.end(),
                            [&](const Warning& warning) { return warning.file == file; });
  if (found == warnings_.end()) {
    found = warnings_.insert(found, {.file = file, .message = message});
    if (tell_) tell_("warning: " + message);
  }
  ++found->times;
}

std::vector<std::string> Warnings::lines() const {
  std::vector<std::string> lines;
  for (const auto& [file, message, times] : warnings_) {
    lines.push_back(str("warning: ", message,
                        times > 1 ? str(", and ", times - 1, " times more") : std::string()));
  }
  return lines;
}

}  // namespace fovea::train
