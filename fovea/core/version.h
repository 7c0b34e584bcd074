// Which Fovea this is: what `fovea --version`, `fovea checks` and a run directory's env.json say.
//
// Threads: both functions may be called from any thread.
#pragma once

#include <string_view>

namespace fovea {

/// The version of the library, as "0.1.0".
std::string_view version();

/// The commit that the library was built from: twelve or more hexadecimal digits, with "-dirty"
/// after them when the tree had changes; "unknown" when it was built outside a git checkout.
std::string_view git_commit();

}  // namespace fovea
