// Checks of what flags were given, whose messages name the flag.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace fovea::cli {

/// Throws UsageError unless low <= value <= high.
void check_range(std::string_view flag, std::int64_t value, std::int64_t low, std::int64_t high);
/// Throws UsageError unless value >= low.
void check_at_least(std::string_view flag, std::int64_t value, std::int64_t low);

/// Throws UsageError unless 0 <= value <= 1.
void check_share(std::string_view flag, double value);

/// The extension of `file`, which says what is written or read: ".onnx". Throws UsageError unless
/// it is one of `known`.
std::string check_extension(std::string_view flag, const std::string& file,
                            std::initializer_list<std::string_view> known);

}  // namespace fovea::cli
