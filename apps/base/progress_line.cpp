#include "apps/base/progress_line.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "apps/base/output.h"
#include "apps/base/table.h"

namespace fovea::cli {

void ProgressLine::show(const std::string& label, double share, const std::string& detail) {
  if (!terminal_.is_terminal) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100) && share < 1) return;
  last_ = now;
  say("\r\x1b[K{}  {}  {}", shortened(terminal_, label, 28), bar(share, 24, terminal_), detail);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressLine::clear() {
  if (drawn_) say("\r\x1b[K");
  drawn_ = false;
}

void CountLine::show(std::int64_t done, std::int64_t total) {
  line_.show(label_, static_cast<double>(done) / static_cast<double>(total),
             fmt::format("{} of {}", with_commas(done), with_commas(total)));
  if (done == total) line_.clear();
}

std::string bar(double share, int columns, const Terminal& terminal) {
  constexpr std::array<const char*, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double bounded = std::clamp(share, 0.0, 1.0);
  const int parts = terminal.unicode ? 8 : 1;
  const auto filled = static_cast<int>(std::lround(bounded * columns * parts));
  std::string done;
  for (int i = 0; i < filled / parts; ++i) done += terminal.unicode ? "█" : "#";
  if (terminal.unicode) done += kEighths[static_cast<std::size_t>(filled % 8)];
  const int left = columns - (filled + parts - 1) / parts;
  const std::string todo(static_cast<std::size_t>(left), terminal.unicode ? ' ' : '.');
  return styled(terminal, Style::kDim, terminal.unicode ? "▕" : "[") +
         styled(terminal, Style::kAccent, done) + todo +
         styled(terminal, Style::kDim, terminal.unicode ? "▏" : "]");
}

}  // namespace fovea::cli
