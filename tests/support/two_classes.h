// A data set that a linear layer learns in some steps.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/tensor/ops.h"

namespace fovea::test {

/// Points of two classes that a straight line parts.
inline data::TensorDataset points(std::int64_t n) {
  std::vector<float> data;
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t label = i % 2;
    data.push_back(static_cast<float>(i) / static_cast<float>(n));
    data.push_back(static_cast<float>(label * 4 - 2));
    labels.push_back(label);
  }
  return {from_data(data, {n, 2}), from_data(labels, {n}), {"left", "right"}};
}

}  // namespace fovea::test
