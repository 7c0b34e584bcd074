#include "apps/cli/train/dashboard.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/progress_line.h"
#include "apps/base/signals.h"
#include "apps/base/table.h"
#include "apps/cli/train/train_progress.h"

namespace fovea::cli {

namespace {

constexpr std::chrono::milliseconds kInterval{200};
constexpr int kMostCurveRows = 16;
constexpr int kLeastCurveRows = 8;
constexpr int kClassColumns = 2;
constexpr int kNameColumns = 14;
// Of a step's loss in the smooth one: of the last twenty steps or so.
constexpr double kNewest = 0.1;

/// `text`, which may hold escape sequences, filled up to `columns`.
std::string filled(std::string text, int width, int columns) {
  return text.append(static_cast<std::size_t>(std::max(0, columns - width)), ' ');
}

}  // namespace

void LongCurve::add(double x, double y) {
  sum_.first += x;
  sum_.second += y;
  if (++count_ < each_) return;
  const auto count = static_cast<double>(count_);
  points_.emplace_back(sum_.first / count, sum_.second / count);
  sum_ = {0, 0};
  count_ = 0;
  if (points_.size() < kMost) return;
  for (std::size_t i = 0; i < kMost / 2; ++i) {
    const auto &a = points_[2 * i], &b = points_[2 * i + 1];
    points_[i] = {(a.first + b.first) / 2, (a.second + b.second) / 2};
  }
  points_.resize(kMost / 2);
  each_ *= 2;
}

std::vector<std::pair<double, double>> LongCurve::points() const {
  std::vector<std::pair<double, double>> points = points_;
  const auto count = static_cast<double>(count_);
  if (count_ > 0) points.emplace_back(sum_.first / count, sum_.second / count);
  return points;
}

void Dashboard::on_train_begin(const train::TrainPlan& plan) {
  plan_ = plan;
  judged_loss_.style = judged_accuracy_.style = Style::kBold;
  judged_loss_.letter = judged_accuracy_.letter = 'o';
}

void Dashboard::on_step(const train::StepEvent& event) {
  const bool first = step_.step == 0;
  step_ = event;
  doing_.clear();
  smooth_loss_ = first ? event.loss : smooth_loss_ + kNewest * (event.loss - smooth_loss_);
  train_loss_.add(static_cast<double>(event.step), smooth_loss_);
  train_accuracy_.add(static_cast<double>(event.step), event.train_accuracy);
  draw(first);
}

void Dashboard::on_evaluate(std::string_view data) {
  doing_ = fmt::format("evaluating on the {} data", data == "val" ? "validation" : data);
  draw(true);
}

void Dashboard::on_evaluated(std::string_view data, const train::Evaluation& evaluation,
                             const std::vector<std::string>& classes) {
  judged_ = data == "val" ? "validation" : std::string(data);
  per_class_.clear();
  for (const train::ClassMetrics& one : evaluation.metrics(classes).per_class)
    per_class_.push_back({one.name, one.recall});
}

void Dashboard::on_epoch_end(const train::EpochEvent& event) {
  const std::optional<train::Score>& score = event.test ? event.test : event.val;
  if (score) {
    const auto step = static_cast<double>(event.step);
    judged_loss_.points.emplace_back(step, score->loss);
    judged_accuracy_.points.emplace_back(step, score->accuracy);
  }
  doing_.clear();
  draw(true);
}

void Dashboard::on_train_end(train::TrainEnd) {
  doing_.clear();
  draw(true);
}

std::vector<std::string> Dashboard::lines() const {
  std::vector<std::string> lines = {step_line(plan_, step_, terminal_)};
  if (!fits(terminal_)) return lines;
  lines.push_back(styled(terminal_, Style::kDim, doing_));
  // A row stays free below, for the cursor, and one above.
  const int free = terminal_.rows - 2 - static_cast<int>(lines.size());
  const int class_rows =
      std::min((static_cast<int>(per_class_.size()) + kClassColumns - 1) / kClassColumns + 2,
               free - kLeastCurveRows - 1);
  const int curve_rows = std::min(free - (per_class_.empty() ? 0 : class_rows) - 1, kMostCurveRows);
  for (std::string& line : curves(curve_rows)) lines.push_back(std::move(line));
  if (!per_class_.empty())
    for (std::string& line : classes(class_rows)) lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> Dashboard::curves(int rows) const {
  const int columns = (terminal_.columns - 1 - 2) / 2;
  const double steps = static_cast<double>(plan_.epochs * plan_.steps_per_epoch);
  const auto make = [&](const LongCurve& train, const Curve& judged, bool percent) {
    return plot(
        {{.points = train.points()}, judged},
        {.columns = columns, .rows = rows, .x_most = steps, .percent = percent, .x_label = "steps"},
        terminal_);
  };
  const auto head = [&](const char* what) {
    const std::string plain = fmt::format("       {}: train, {}", what, judged_);
    const std::string text =
        fmt::format("       {}: {}, {}", what, styled(terminal_, Style::kAccent, "train"),
                    styled(terminal_, Style::kBold, judged_));
    return filled(text, display_width(plain), columns);
  };
  const std::vector<std::string> left = make(train_loss_, judged_loss_, false);
  const std::vector<std::string> right = make(train_accuracy_, judged_accuracy_, true);
  std::vector<std::string> lines = {head("loss") + "  " + head("accuracy in %")};
  for (std::size_t i = 0; i < left.size(); ++i) lines.push_back(left[i] + "  " + right[i]);
  return lines;
}

/// A heading, and classes side by side: all, or those that are told worst.
std::vector<std::string> Dashboard::classes(int rows) const {
  std::vector<ClassAccuracy> shown = per_class_;
  const auto room = static_cast<std::size_t>(std::max(0, rows - 2) * kClassColumns);
  std::string heading = fmt::format("accuracy by class, {} data", judged_);
  if (shown.size() > room) {
    std::ranges::stable_sort(shown, {}, &ClassAccuracy::accuracy);
    shown.resize(room);
    heading += fmt::format(": the {} lowest of {}", room, per_class_.size());
  }
  std::vector<std::string> lines = {"", heading};
  const std::size_t down = (shown.size() + kClassColumns - 1) / kClassColumns;
  const int columns = (terminal_.columns - 1 - 2) / kClassColumns;
  for (std::size_t row = 0; row < down; ++row) {
    std::string line;
    for (std::size_t i = row; i < shown.size(); i += down) {
      const std::string name = shortened(terminal_, one_line(shown[i].name), kNameColumns);
      const std::string share = fmt::format("{:>5.1f} %", 100 * shown[i].accuracy);
      // The bar has two caps, and a space at each side.
      const int bar_columns = columns - kNameColumns - display_width(share) - 4;
      if (i > row) line += "  ";
      line += filled(name, display_width(name), kNameColumns) + " " +
              bar(shown[i].accuracy, bar_columns, terminal_) + " " + share;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

void Dashboard::draw(bool now) {
  // Somebody has pressed Ctrl-C and been answered on a line of its own: what stands stays.
  if (StopSignals::requested()) return;
  const auto time = Clock::now();
  if (!now && time - last_shown_ < kInterval) return;
  last_shown_ = time;
  // The window may have changed its size.
  const Terminal present = Terminal::error();
  if (present.is_terminal) {
    terminal_.columns = present.columns;
    terminal_.rows = present.rows;
  }
  std::string out;
  if (drawn_ > 0) out += fmt::format("\x1b[{}A", drawn_);
  const std::vector<std::string> all = lines();
  for (const std::string& line : all) out += "\r\x1b[K" + line + "\n";
  out += "\x1b[J";  // of a taller one before
  drawn_ = all.size();
  std::fputs(out.c_str(), out_);
  std::fflush(out_);
}

}  // namespace fovea::cli
