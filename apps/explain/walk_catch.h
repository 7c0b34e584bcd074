// Who wants a topic's walk instead of its picture.
#pragma once

#include <optional>

#include "fovea/explain/walk.h"

namespace fovea::cli {

/// While it lives, topics that this thread runs hand their walk to it, and show nothing.
class WalkCatch {
 public:
  WalkCatch();
  ~WalkCatch();
  WalkCatch(const WalkCatch&) = delete;
  WalkCatch& operator=(const WalkCatch&) = delete;

  static WalkCatch* current();      ///< this thread's; null: nobody waits
  void take(explain::Walk&& walk);  ///< what a topic made
  explain::Walk&& walk();           ///< what it has. Requires a topic that has run

 private:
  WalkCatch* before_;
  std::optional<explain::Walk> walk_;
};

}  // namespace fovea::cli
