#include "apps/explain/walk_catch.h"

#include <utility>

namespace fovea::cli {

namespace {
thread_local WalkCatch* waiting = nullptr;
}  // namespace

WalkCatch::WalkCatch() : before_(std::exchange(waiting, this)) {}
WalkCatch::~WalkCatch() { waiting = before_; }
WalkCatch* WalkCatch::current() { return waiting; }
void WalkCatch::take(explain::Walk&& walk) { walk_ = std::move(walk); }
explain::Walk&& WalkCatch::walk() { return std::move(walk_.value()); }

}  // namespace fovea::cli
