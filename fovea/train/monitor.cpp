#include "fovea/train/monitor.h"

#include "fovea/core/error.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

constexpr Word<Monitor> kMonitors[] = {{"val_accuracy", Monitor::kValAccuracy},
                                       {"val_loss", Monitor::kValLoss},
                                       {"macro_f1", Monitor::kMacroF1}};

}  // namespace

std::vector<std::string> monitor_words() { return words_of(kMonitors); }

Monitor monitor_of(std::string_view word) { return meaning_of("monitor", kMonitors, word); }

bool is_better(Monitor monitor, const Score& now, const Score& best) {
  switch (monitor) {
    case Monitor::kValAccuracy:
      return now.accuracy > best.accuracy;
    case Monitor::kValLoss:
      return now.loss < best.loss;
    case Monitor::kMacroF1:
      return now.macro_f1 > best.macro_f1;
  }
  no_case_for("is_better", monitor);
}

std::int64_t epochs_without_better(const std::vector<EpochEvent>& epochs, Monitor monitor) {
  const Score* best = nullptr;
  std::int64_t since = 0;
  for (const EpochEvent& event : epochs) {
    if (!event.val) continue;
    const bool better = best == nullptr || is_better(monitor, *event.val, *best);
    if (better) best = &*event.val;
    since = better ? 0 : since + 1;
  }
  return since;
}

}  // namespace fovea::train
