// Calibration: whether a model that says 80 % is right four times in five.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/train/answers.h"

namespace fovea::train {

/// Answers whose probability lies in (from, to].
struct ReliabilityBin {
  double from = 0;         ///< beyond this
  double to = 0;           ///< up to this
  std::int64_t count = 0;  ///< answers
  double accuracy = 0;     ///< share of them that is right; 0 where there is none
  double confidence = 0;   ///< their mean probability; 0 where there is none
};

/// How far probabilities can be believed.
struct Calibration {
  std::vector<ReliabilityBin> bins = {};  ///< of equal width, from 0 to 1
  double ece = 0;                         ///< expected calibration error
};

/// Formula  ece = sum over bins of count / samples * |accuracy - confidence|.
/// Throws   ArgumentError when there is no answer, or bins < 1.
/// Source   Guo et al. 2017, "On Calibration of Modern Neural Networks", equations 1 to 3.
Calibration calibrate(const std::vector<SampleAnswer>& answers, int bins = 15);

}  // namespace fovea::train
