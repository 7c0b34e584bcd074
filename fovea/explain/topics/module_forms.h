// The two forms in which a layer exists.
#pragma once

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// A layer as an object with its own parameters beside the function to which weights are passed:
/// what each has and is for, and the same numbers computed by both.
Walk walk_module_vs_functional();

}  // namespace fovea::explain
