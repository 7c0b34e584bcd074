#include "fovea/train/calibration.h"

#include <algorithm>
#include <cmath>

#include "fovea/core/error.h"

namespace fovea::train {

Calibration calibrate(const std::vector<SampleAnswer>& answers, int bins) {
  check<ArgumentError>(!answers.empty(), "calibration: answers expected at least 1, got 0");
  check<ArgumentError>(bins >= 1, "calibration: bins expected at least 1, got ", bins);
  Calibration result;
  for (int i = 0; i < bins; ++i)
    result.bins.push_back(
        {.from = static_cast<double>(i) / bins, .to = static_cast<double>(i + 1) / bins});
  for (const SampleAnswer& one : answers) {
    const double probability = one.probability;
    const int bin = std::clamp(static_cast<int>(std::ceil(probability * bins)) - 1, 0, bins - 1);
    ReliabilityBin& into = result.bins[static_cast<std::size_t>(bin)];
    ++into.count;
    into.accuracy += one.right() ? 1 : 0;
    into.confidence += probability;
  }
  for (ReliabilityBin& bin : result.bins) {
    if (bin.count == 0) continue;
    const auto count = static_cast<double>(bin.count);
    bin.accuracy /= count;
    bin.confidence /= count;
    result.ece +=
        count / static_cast<double>(answers.size()) * std::abs(bin.accuracy - bin.confidence);
  }
  return result;
}

}  // namespace fovea::train
