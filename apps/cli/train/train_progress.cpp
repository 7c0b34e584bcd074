#include "apps/cli/train/train_progress.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "apps/base/progress_line.h"
#include "apps/base/table.h"

namespace fovea::cli {

namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{30};
constexpr int kShortestBar = 10;
constexpr int kLongestBar = 40;

std::string accuracy_text(double accuracy) { return fmt::format("{:.1f} %", 100 * accuracy); }

std::string rate_text(double images_per_s) {
  return with_commas(std::llround(images_per_s)) + " img/s";
}

}  // namespace

std::string step_line(const train::TrainPlan& plan, const train::StepEvent& event,
                      const Terminal& terminal) {
  const double share = static_cast<double>(event.step_in_epoch) /
                       static_cast<double>(std::max<std::int64_t>(1, plan.steps_per_epoch));
  const std::string head = fmt::format("epoch {}/{}", event.epoch, plan.epochs);
  struct Field {
    std::string text;
    int importance;
  };
  std::vector<Field> fields = {
      {fmt::format("{:3.0f} %", 100 * share), 3},
      {fmt::format("loss {:.4f}", event.train_loss), 5},
      {fmt::format("accuracy {}", accuracy_text(event.train_accuracy)), 4},
      {rate_text(event.images_per_s), 1},
      {clock_time(event.eta_s) + " left", 2},
  };
  const auto width = [&] {
    int columns = display_width(head);
    for (const Field& field : fields) columns += 2 + display_width(field.text);
    return columns;
  };
  // The last column stays free: a full line makes some terminals wrap. A bar takes two caps and two
  // spaces beside its own columns.
  const int room = terminal.columns - 1;
  while (!fields.empty() && width() + kShortestBar + 4 > room &&
         (fields.size() > 1 || width() > room)) {
    fields.erase(std::min_element(fields.begin(), fields.end(), [](const Field& a, const Field& b) {
      return a.importance < b.importance;
    }));
  }
  std::string line = styled(terminal, Style::kBold, head);
  if (const int free = room - width() - 4; free >= kShortestBar) {
    line += "  " + bar(share, std::min(free, kLongestBar), terminal);
  }
  for (const Field& field : fields) line += "  " + field.text;
  return line;
}

std::string epoch_line(const train::TrainPlan& plan, const train::EpochEvent& event) {
  std::string line = fmt::format("epoch {}/{}  loss {:.4f}  accuracy {}", event.epoch, plan.epochs,
                                 event.train.loss, accuracy_text(event.train.accuracy));
  const auto add_score = [&line](const char* name, const std::optional<train::Score>& score) {
    if (!score) return;
    line += fmt::format("  {} loss {:.4f}  {} accuracy {}", name, score->loss, name,
                        percent(score->accuracy));
  };
  add_score("validation", event.val);
  add_score("test", event.test);
  return line + fmt::format("  {}  {:.1f} s", rate_text(event.images_per_s), event.time_s);
}

void TrainProgress::on_train_begin(const train::TrainPlan& plan) {
  plan_ = plan;
  last_shown_ = Clock::now();
}

void TrainProgress::on_step(const train::StepEvent& event) {
  const auto now = Clock::now();
  if (terminal_.is_terminal) {
    // The first step shows at once that something is happening.
    if (event.step > 1 && now - last_shown_ < kBarInterval) return;
    // The window may have changed its width.
    terminal_.columns = Terminal::error().columns;
    draw(step_line(plan_, event, terminal_));
  } else {
    if (now - last_shown_ < kLineInterval) return;
    print_line(fmt::format("epoch {}/{}  step {}/{}  loss {:.4f}  accuracy {}  {}  {} left",
                           event.epoch, plan_.epochs, event.step_in_epoch, plan_.steps_per_epoch,
                           event.train_loss, accuracy_text(event.train_accuracy),
                           rate_text(event.images_per_s), clock_time(event.eta_s)));
  }
  last_shown_ = now;
}

void TrainProgress::on_evaluate(std::string_view data) {
  if (!terminal_.is_terminal) return;
  draw(shortened(terminal_,
                 fmt::format("evaluating on the {} data{}", data == "val" ? "validation" : data,
                             terminal_.unicode ? "…" : "..."),
                 terminal_.columns - 1));
}

void TrainProgress::on_epoch_end(const train::EpochEvent& event) {
  print_line(epoch_line(plan_, event));
  last_shown_ = Clock::now();
}

void TrainProgress::on_train_end(train::TrainEnd) { clear(); }

void TrainProgress::draw(const std::string& line) {
  std::fputs(("\r\x1b[K" + line).c_str(), out_);
  std::fflush(out_);
  bar_is_drawn_ = true;
}

void TrainProgress::clear() {
  if (!bar_is_drawn_) return;
  std::fputs("\r\x1b[K", out_);
  std::fflush(out_);
  bar_is_drawn_ = false;
}

void TrainProgress::print_line(const std::string& line) {
  clear();
  std::fputs((line + '\n').c_str(), out_);
  std::fflush(out_);
}

}  // namespace fovea::cli
