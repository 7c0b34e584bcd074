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

}  // namespace fovea::train
