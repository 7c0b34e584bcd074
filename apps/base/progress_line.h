// One line on a terminal that says how far something is: drawn over itself, and gone at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "apps/base/terminal.h"

namespace fovea::cli {

/// A line on standard error, drawn at most ten times a second, and never where nobody watches.
class ProgressLine {
 public:
  /// For standard error, which `terminal` describes.
  explicit ProgressLine(const Terminal& terminal) : terminal_(terminal) {}
  /// Wipes it.
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// "LABEL  ▇▇▇▇    DETAIL", `share` of the bar filled.
  void show(const std::string& label, double share, const std::string& detail);
  /// Wipes it until it is shown again.
  void clear();

 private:
  Terminal terminal_;
  std::chrono::steady_clock::time_point last_{};
  bool drawn_ = false;
};

/// A ProgressLine that counts.
class CountLine {
 public:
  /// `label` says what is counted.
  CountLine(const Terminal& terminal, std::string label)
      : line_(terminal), label_(std::move(label)) {}
  /// Shows `done` of `total`; wiped when all are.
  void show(std::int64_t done, std::int64_t total);

 private:
  ProgressLine line_;
  std::string label_;
};

/// A bar of `columns` columns, `share` of it filled, in eighths of a column.
std::string bar(double share, int columns, const Terminal& terminal);

}  // namespace fovea::cli
