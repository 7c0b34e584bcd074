// The lock on a run's directory, which says that somebody works in it. The system drops it with
// the process, however that ends. Library internal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace fovea::train {

/// Whether a folder could be locked.
enum class LockState : std::uint8_t {
  kHeld,   ///< it is, for as long as FolderLock::held lives
  kTaken,  ///< somebody else has it
  kNone,   ///< there are no locks, as on some file systems of networks, or no such folder
};

/// A lock, or why there is none.
struct FolderLock {
  LockState state = LockState::kNone;    ///< how it went
  std::shared_ptr<const int> held = {};  ///< the folder, open; null unless it is held
};

/// Takes a folder, if nobody has it. Who only looks (is_folder_locked) has it for a moment, so it
/// is tried for a tenth of a second.
FolderLock lock_folder(const std::filesystem::path& folder);

/// Whether somebody has the folder.
bool is_folder_locked(const std::filesystem::path& folder);

}  // namespace fovea::train
