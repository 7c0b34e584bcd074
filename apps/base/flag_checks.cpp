#include "apps/base/flag_checks.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "fovea/core/suggest.h"

namespace fovea::cli {

void check_range(std::string_view flag, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return;
  throw UsageError(fmt::format("{} expected from {} to {}, got {}", flag, low, high, value));
}

void check_at_least(std::string_view flag, std::int64_t value, std::int64_t low) {
  if (value >= low) return;
  throw UsageError(fmt::format("{} expected at least {}, got {}", flag, low, value));
}

std::string check_extension(std::string_view flag, const std::string& file,
                            std::initializer_list<std::string_view> known) {
  std::string extension = std::filesystem::path(file).extension();
  if (std::find(known.begin(), known.end(), extension) != known.end()) return extension;
  const std::vector<std::string> most(known.begin(), known.end() - 1);
  throw UsageError(fmt::format("{} expected a {}{}{} file, got \"{}\"", flag, join_words(most),
                               most.empty() ? "" : " or ", *(known.end() - 1), file));
}

}  // namespace fovea::cli
