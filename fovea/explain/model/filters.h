// A convolution's filters as pictures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fovea/explain/model/run.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Which filters.
struct FilterOptions {
  std::string layer = {};  ///< a convolution's name; empty: the first one
  /// All slices of this filter, one an input channel; without it all filters, of more than three
  /// input channels the slice that weighs most.
  std::optional<std::int64_t> filter = {};
  std::int64_t most = 64;  ///< pictures, at most
};

/// The filters of a convolution that ran: vision::weight_pictures. The document has "layer",
/// "type" and "weights", all of them.
/// Throws   ArgumentError when there is no such layer, it is no two-dimensional convolution, or
///          most is below 1; IndexError when it has no such filter.
Walk walk_filters(const ModelRun& run, const FilterOptions& options = {});

}  // namespace fovea::explain
