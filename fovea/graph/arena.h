// The memory of a session's runs: the first run of a shape is noted, and later ones find their
// blocks in one arena that was planned from it.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fovea/core/allocator.h"
#include "fovea/graph/memory_plan.h"
#include "fovea/kernels/memory.h"

namespace fovea::graph {

/// Serves the requests for memory of one device by runs that ask for the same blocks in the same
/// order. In the first run the device's allocator serves, and what is asked for and when it is
/// freed is noted. Later runs get planned places; blocks that outlive a run, as outputs do, come
/// from the device's allocator. Noted requests that are not made again are passed over. A request
/// that was not noted, or whose place is still in use, is served by the device's allocator too: the
/// plan is about speed and size, never about correctness.
/// Its last block deletes it.
///
/// Threads: one run at a time; blocks may be given back from any thread, also after `retire`.
class Arena final : public Allocator {  // NOLINT(cppcoreguidelines-virtual-class-destructor)
 public:
  /// Gives up an arena, which goes away when its last block does.
  struct Retire {
    void operator()(Arena* arena) const { arena->retire(); }  ///< for unique_ptr
  };
  /// An owner.
  using Pointer = std::unique_ptr<Arena, Retire>;
  /// A new arena on `device`, whose blocks share memory as told.
  static Pointer make(Device device, Sharing sharing = Sharing::kAnywhere) {
    return Pointer(new Arena(allocator_of(device), sharing));
  }

  void begin();  ///< before a run
  void end();    ///< after it
  /// Length of the planned memory; 0 before the first run has ended.
  std::size_t bytes() const { return plan_.bytes; }
  /// What the planned blocks would take if none shared memory.
  std::size_t bytes_unshared() const;
  /// Requests of later runs that had no planned place, so far.
  std::size_t unplanned() const { return unplanned_; }

  void* allocate(std::size_t bytes) override;
  void deallocate(void* memory, std::size_t bytes) noexcept override;

 private:
  static constexpr std::size_t kKept = static_cast<std::size_t>(-1);  // outlives the run

  Arena(Allocator& device, Sharing sharing) : device_(device), sharing_(sharing) {}
  ~Arena() override;
  void retire();
  bool holds(const void* memory) const;
  std::byte* place_for(std::size_t bytes);
  void note(void* memory, std::size_t bytes);

  Allocator& device_;  // the device's own
  Sharing sharing_;
  std::mutex mutex_;
  bool planned_ = false, retired_ = false;
  std::size_t outstanding_ = 0;  // blocks handed out, wherever they lie

  // The first run.
  std::vector<Lifetime> requests_;
  std::unordered_map<void*, std::size_t> open_;  // by address: the request
  std::size_t events_ = 0;

  // Later ones.
  struct Noted {
    std::size_t bytes;
    std::size_t block;  // the planned one, or kKept
  };
  std::vector<Noted> noted_;  // by request
  std::vector<Lifetime> blocks_;
  MemoryPlan plan_;
  std::byte* memory_ = nullptr;
  std::size_t next_ = 0;  // the next request
  std::size_t unplanned_ = 0;
  std::vector<std::pair<std::size_t, std::size_t>> live_;  // offset and length of blocks in use
};

}  // namespace fovea::graph
