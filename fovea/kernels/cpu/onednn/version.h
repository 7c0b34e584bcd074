// Which versions of its two libraries the CPU's kernels use.
#pragma once

#include <string>

namespace fovea::kernels::cpu {

namespace onednn {
/// The version of the oneDNN that is loaded: "2.6.3".
std::string version();
}  // namespace onednn

/// The version of Highway that the vector loops were compiled with: "1.0.3".
std::string highway_version();

}  // namespace fovea::kernels::cpu
