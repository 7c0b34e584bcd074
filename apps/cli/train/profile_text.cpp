#include "apps/cli/train/profile_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "apps/base/table.h"

namespace fovea::cli {

void StepProfile::on_epoch_begin(std::int64_t) { profile_.start(); }
void StepProfile::on_step(const train::StepEvent&) { ++steps_; }
void StepProfile::on_evaluate(std::string_view) { profile_.stop(); }
void StepProfile::on_epoch_end(const train::EpochEvent&) { profile_.stop(); }
void StepProfile::on_train_end(train::TrainEnd) { profile_.stop(); }

std::string StepProfile::to_string(const Terminal& terminal) const {
  Table table({{"kernel", Align::kLeft},
               {"", Align::kLeft},
               {"calls a step", Align::kRight},
               {"ms a step", Align::kRight},
               {"share", Align::kRight}});
  const auto steps = static_cast<double>(std::max<std::int64_t>(steps_, 1));
  const double all = profile_.seconds();
  const auto add = [&](std::string_view name, const char* direction, const std::string& calls,
                       double seconds) {
    table.add_row({std::string(name), direction, calls,
                   fmt::format("{:.3f}", 1e3 * seconds / steps),
                   percent(all > 0 ? seconds / all : 0)});
  };
  double rest = all;
  for (const ProfileRow& row : profile_.rows()) {
    add(row.kernel, row.backward ? "backward" : "",
        fmt::format("{:.1f}", static_cast<double>(row.calls) / steps), row.seconds);
    rest -= row.seconds;
  }
  add("outside kernels", "", "", rest);
  table.add_rule();
  add("step", "", "", all);
  return fmt::format("{} steps\n\n{}", with_commas(steps_), table.to_string(terminal));
}

}  // namespace fovea::cli
