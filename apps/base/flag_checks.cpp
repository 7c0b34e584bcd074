#include "apps/base/flag_checks.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "fovea/core/language.h"
#include "fovea/core/suggest.h"

namespace fovea::cli {

void check_range(std::string_view flag, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return;
  throw InBoth<UsageError>(
      {fmt::format("{} expected from {} to {}, got {}", flag, low, high, value),
       fmt::format("{}: {}에서 {}까지여야 하는데 {}입니다", flag, low, high, value)});
}

void check_at_least(std::string_view flag, std::int64_t value, std::int64_t low) {
  if (value >= low) return;
  throw InBoth<UsageError>({fmt::format("{} expected at least {}, got {}", flag, low, value),
                            fmt::format("{}: {} 이상이어야 하는데 {}입니다", flag, low, value)});
}

void check_share(std::string_view flag, double value) {
  if (value >= 0 && value <= 1) return;
  throw InBoth<UsageError>({fmt::format("{} expected from 0 to 1, got {}", flag, value),
                            fmt::format("{}: 0에서 1까지여야 하는데 {}입니다", flag, value)});
}

std::string check_extension(std::string_view flag, const std::string& file,
                            std::initializer_list<std::string_view> known) {
  std::string extension = std::filesystem::path(file).extension();
  if (std::find(known.begin(), known.end(), extension) != known.end()) return extension;
  const std::vector<std::string> most(known.begin(), known.end() - 1);
  throw InBoth<UsageError>(
      {fmt::format("{} expected a {}{}{} file, got \"{}\"", flag, join_words(most),
                   most.empty() ? "" : " or ", *(known.end() - 1), file),
       fmt::format("{}: {}{}{} 파일이어야 하는데 \"{}\"입니다", flag, join_words(most),
                   most.empty() ? "" : " 또는 ", *(known.end() - 1), file)});
}

}  // namespace fovea::cli
