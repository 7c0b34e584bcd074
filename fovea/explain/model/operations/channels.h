// Sums over channels: what convolutions, forward and transposed, make a value of.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

/// What is read from one input channel for a value.
struct ChannelPart {
  std::int64_t channel;          ///< of the input
  std::vector<double> values;    ///< under the window
  std::vector<double> weights;   ///< the filter's, in the same order
  std::vector<double> products;  ///< of both
  double sum;                    ///< of the products
};

/// A part with its products and their sum. Requires as many weights as values.
ChannelPart make_part(std::int64_t channel, std::vector<double> values,
                      std::vector<double> weights);

/// The sum of all parts, each under `window` of its channel of the layer's first input, and the
/// third input's number for the output channel, where there is one. Those channels that add most
/// are shown with all numbers; `note` says what is done.
Account account_of_channels(const Visit& visit, const std::vector<ChannelPart>& parts,
                            const WindowAt& window, const Text& note);

}  // namespace fovea::explain
