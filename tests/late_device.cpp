// The test device "late": the reference's kernels, which run when the host waits for them and not
// before, over memory that nobody but they may touch.
//
// A launch notes the kernel and a copy of its arguments; synchronize, upload and download run what
// was noted, in order. So what points into the caller's memory, reads a result that is not there
// yet, or frees a block too early, is seen. A block that was freed may be given out again at once,
// since who uses it comes later in the queue, and is spoiled in its turn: kernels that read memory
// nobody wrote find NaN.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <tuple>
#include <type_traits>
#include <utility>

#include "fovea/core/device.h"
#include "fovea/kernels/kernels.h"
#include "fovea/kernels/reference/table.h"
#include "tests/support/closed_memory.h"
#include "tests/support/kernel_views.h"
#include "tests/test_devices.h"

namespace fovea::test {

namespace {

using kernels::KernelTable;
using kernels::Queue;

/// The memory of one device and what it is to do with it.
class LateWork final : public Allocator {
 public:
  // Of what was noted; no program should let it grow for ever.
  static constexpr std::size_t kMost = 512;

  void submit(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    pending_.push_back(std::move(work));
    if (pending_.size() >= kMost) run();
  }
  void synchronize() {
    const std::lock_guard lock(mutex_);
    run();
  }
  /// `copy()` after all that was noted, with the memory open.
  template <class Copy>
  void run_then(const Copy& copy) {
    const std::lock_guard lock(mutex_);
    pending_.push_back(copy);
    run();
  }
  std::size_t pending() const {
    const std::lock_guard lock(mutex_);
    return pending_.size();
  }

  void* allocate(std::size_t bytes) override { return memory_.allocate(bytes); }
  void deallocate(void* memory, std::size_t bytes) noexcept override {
    // NaN at its beginning; the rest must not make every opening and closing dearer from then on.
    submit([memory, bytes] {
      ClosedMemory::forget(memory, bytes);
      std::memset(memory, 0xff, std::min<std::size_t>(bytes, 4096));
    });
    memory_.deallocate(memory, bytes);
  }
  MemoryStats stats() const override { return memory_.stats(); }

  /// Ends the program where a kernel is given an address of another device.
  void expect_own(const void* data, std::int64_t elements) const {
    if (data == nullptr || elements == 0 || memory_.holds(data)) return;
    std::fputs("late: a view expected in the device's memory, got one elsewhere\n", stderr);
    std::abort();
  }

 private:
  void run() {
    if (pending_.empty()) return;
    memory_.open();
    while (!pending_.empty()) {
      const std::function<void()> work = std::move(pending_.front());
      pending_.pop_front();
      work();
    }
    memory_.close();
  }

  ClosedMemory memory_;
  mutable std::recursive_mutex mutex_;
  std::deque<std::function<void()>> pending_;
};

struct LateQueue final : Queue {
  explicit LateQueue(LateWork& own) : Queue(own), work(own) {}
  LateWork& work;
};

LateWork& work_of(Queue& queue) { return static_cast<LateQueue&>(queue).work; }

/// An entry of the table that notes what `kEntry` of the reference's is to do.
template <auto kEntry>
struct Late;

template <class... Parameters, void (*KernelTable::*kEntry)(Queue&, Parameters...)>
struct Late<kEntry> {
  // A kernel that answers to the host, as the plans do, answers at once.
  static constexpr bool kAnswers = (std::is_pointer_v<Parameters> || ...);

  static void submit(Queue& queue, Parameters... parameters) {
    const auto kernel = kernels::reference::table().*kEntry;
    if constexpr (kAnswers) {
      kernel(queue, parameters...);
    } else {
      std::tuple<std::decay_t<Parameters>...> copies(parameters...);
      LateWork& work = work_of(queue);
      std::apply(
          [&](auto&... copy) {
            (for_each_view(copy, [&](auto& view) { work.expect_own(view.data, view.numel()); }),
             ...);
          },
          copies);
      work.submit([kernel, &queue, copies = std::move(copies)] {
        std::apply([&](const auto&... copy) { kernel(queue, copy...); }, copies);
      });
    }
  }
};

const KernelTable& table() {
#define FOVEA_LATE(name) .name = Late<&KernelTable::name>::submit,
#define FOVEA_LEAVE_OUT(name) .name = nullptr,
  static constexpr KernelTable instance = {FOVEA_KERNELS(FOVEA_LATE, FOVEA_LEAVE_OUT)};
#undef FOVEA_LEAVE_OUT
#undef FOVEA_LATE
  return instance;
}

const kernels::Backend& backend() {
  // Never destroyed: tensors may outlive it.
  static Queue* const queues[] = {new LateQueue(*new LateWork), new LateQueue(*new LateWork)};
  static const kernels::Backend instance = {
      .name = "late",
      .kernels = &table(),
      .queues = queues,
      .can = [](const Queue&,
                kernels::Feature feature) { return feature == kernels::Feature::kF64; },
      .synchronize = [](Queue& queue) { work_of(queue).synchronize(); },
      .upload =
          [](Queue& queue, const void* host, void* device, std::size_t bytes) {
            if (bytes > 0) work_of(queue).run_then([=] { std::memcpy(device, host, bytes); });
          },
      .download =
          [](Queue& queue, const void* device, void* host, std::size_t bytes) {
            if (bytes > 0) work_of(queue).run_then([=] { std::memcpy(host, device, bytes); });
          }};
  return instance;
}

[[maybe_unused]] const bool kRegistered = [] {
  use_as_test_device("late", kernels::register_backend(backend()));
  return true;
}();

}  // namespace

std::size_t late_pending(Device device) { return work_of(kernels::queue_of(device)).pending(); }

}  // namespace fovea::test
