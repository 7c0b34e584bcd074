#include "fovea/graph/arena.h"

#include <algorithm>
#include <functional>

namespace fovea::graph {

Arena::~Arena() {
  if (memory_ != nullptr) device_.deallocate(memory_, plan_.bytes);
}

void Arena::retire() {
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    retired_ = true;
    last = outstanding_ == 0;
  }
  if (last) delete this;
}

void Arena::begin() {
  const std::lock_guard lock(mutex_);
  next_ = 0;
}

void Arena::end() {
  const std::lock_guard lock(mutex_);
  if (planned_) return;
  planned_ = true;
  for (const auto& [memory, request] : open_) requests_[request].last = kKept;
  for (const Lifetime& request : requests_) {
    const bool kept = request.last == kKept;
    noted_.push_back({request.bytes, kept ? kKept : blocks_.size()});
    if (!kept) blocks_.push_back(request);
  }
  requests_.clear();
  open_.clear();
  plan_ = plan_memory(blocks_, sharing_);
  if (plan_.bytes > 0) memory_ = static_cast<std::byte*>(device_.allocate(plan_.bytes));
}

std::size_t Arena::bytes_unshared() const {
  std::size_t bytes = 0;
  for (const Lifetime& block : blocks_) bytes += block.bytes;
  return bytes;
}

bool Arena::holds(const void* memory) const {
  const std::less<const void*> before;
  return memory_ != nullptr && !before(memory, memory_) && before(memory, memory_ + plan_.bytes);
}

// The planned place of the next request, or null.
std::byte* Arena::place_for(std::size_t bytes) {
  // What is asked for in the first run alone is passed over: a table that is made once, say.
  const auto found = std::find_if(noted_.begin() + static_cast<std::ptrdiff_t>(next_), noted_.end(),
                                  [bytes](const Noted& noted) { return noted.bytes == bytes; });
  if (found == noted_.end()) {
    ++unplanned_;
    return nullptr;
  }
  next_ = static_cast<std::size_t>(found - noted_.begin()) + 1;
  if (found->block == kKept) return nullptr;
  const std::size_t offset = plan_.offsets[found->block];
  const bool taken = std::ranges::any_of(live_, [&](const auto& other) {
    return offset < other.first + other.second && other.first < offset + bytes;
  });
  if (taken) {
    ++unplanned_;
    return nullptr;
  }
  live_.emplace_back(offset, bytes);
  return memory_ + offset;
}

void* Arena::allocate(std::size_t bytes) {
  bytes = std::max<std::size_t>(bytes, 1);  // nothing, too, has a place of its own
  const std::lock_guard lock(mutex_);
  void* memory = planned_ ? place_for(bytes) : nullptr;
  if (memory == nullptr) memory = device_.allocate(bytes);
  try {
    if (!planned_) note(memory, bytes);
  } catch (...) {
    device_.deallocate(memory, bytes);
    throw;
  }
  ++outstanding_;
  return memory;
}

// A request of the first run; all or nothing.
void Arena::note(void* memory, std::size_t bytes) {
  requests_.push_back({.bytes = bytes, .first = events_, .last = 0});
  try {
    open_[memory] = requests_.size() - 1;
  } catch (...) {
    requests_.pop_back();
    throw;
  }
  ++events_;
}

void Arena::deallocate(void* memory, std::size_t bytes) noexcept {
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    if (holds(memory)) {
      const auto offset = static_cast<std::size_t>(static_cast<std::byte*>(memory) - memory_);
      std::erase_if(live_, [&](const auto& block) { return block.first == offset; });
    } else {
      device_.deallocate(memory, bytes);
      if (const auto request = open_.find(memory); request != open_.end()) {
        requests_[request->second].last = events_++;
        open_.erase(request);
      }
    }
    last = --outstanding_ == 0 && retired_;
  }
  if (last) delete this;
}

}  // namespace fovea::graph
