#include "fovea/core/version.h"

// Written by the build (cmake/FoveaVersion.cmake). Only this file includes it.
#include "fovea_build_info.h"

namespace fovea {

std::string_view version() { return FOVEA_VERSION_STRING; }

std::string_view git_commit() { return FOVEA_COMMIT_STRING; }

}  // namespace fovea
