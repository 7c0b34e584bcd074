#include "fovea/kernels/cpu/onednn/version.h"

#include <hwy/base.h>
#include <hwy/highway.h>

#include "fovea/core/error.h"
#include "oneapi/dnnl/dnnl.h"

namespace fovea::kernels::cpu {

std::string onednn::version() {
  const dnnl_version_t* loaded = dnnl_version();
  return str(loaded->major, ".", loaded->minor, ".", loaded->patch);
}

std::string highway_version() { return str(HWY_MAJOR, ".", HWY_MINOR, ".", HWY_PATCH); }

}  // namespace fovea::kernels::cpu
