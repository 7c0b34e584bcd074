// A second device, for tests only: the CPU's kernels over memory that nobody but a kernel may
// touch. With FOVEA_TEST_DEVICE=protected every tensor of a test lies on it unless the test says
// otherwise, so a test run proves that nothing above kernels/ reads or writes a tensor's storage:
// such code dies of a segmentation fault.

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/core/allocator.h"
#include "fovea/core/device.h"
#include "fovea/kernels/kernels.h"

namespace fovea::test {

namespace {

/// One region whose pages are all closed or all open. Kernels of several threads may overlap: it
/// closes with the last.
class ProtectedMemory final : public Allocator {
 public:
  ProtectedMemory() {
    void* region =
        mmap(nullptr, kRegion, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) throw std::bad_alloc();
    region_ = static_cast<std::byte*>(region);
  }

  void* allocate(std::size_t bytes) override {
    const std::lock_guard lock(mutex_);
    const std::size_t size = pages(bytes);
    auto& free = free_[size];
    if (!free.empty()) {
      void* memory = free.back();
      free.pop_back();
      return memory;
    }
    if (size > kRegion - used_) throw std::bad_alloc();
    void* memory = region_ + used_;
    used_ += size;
    if (open_ > 0) protect(PROT_READ | PROT_WRITE);
    return memory;
  }

  void deallocate(void* memory, std::size_t bytes) noexcept override {
    const std::lock_guard lock(mutex_);
    // Opening and closing costs time for every page that is there.
    madvise(memory, pages(bytes), MADV_DONTNEED);
    free_[pages(bytes)].push_back(memory);
  }

  void open() {
    const std::lock_guard lock(mutex_);
    if (open_++ == 0) protect(PROT_READ | PROT_WRITE);
  }

  void close() {
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) protect(PROT_NONE);
  }

 private:
  // Addresses only: no memory until it is touched.
  static constexpr std::size_t kRegion = std::size_t{16} << 30;
  static constexpr std::size_t kPage = 4096;

  static std::size_t pages(std::size_t bytes) { return (bytes + kPage) / kPage * kPage; }

  void protect(int mode) {
    if (used_ > 0 && mprotect(region_, used_, mode) != 0) std::abort();
  }

  std::mutex mutex_;
  std::byte* region_;
  std::size_t used_ = 0;
  int open_ = 0;
  std::map<std::size_t, std::vector<void*>> free_;
};

ProtectedMemory& memory() {
  static auto* instance = new ProtectedMemory;  // never destroyed: tensors may outlive it
  return *instance;
}

void copy_bytes(kernels::Queue&, const void* from, void* to, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

/// Registered in every test executable, so that tests can also use Device("protected") by name.
const kernels::Backend kBackend = {.name = "protected",
                                   .kernels = kernels::backend_of(cpu).kernels,
                                   .enter = [](kernels::Queue&) { memory().open(); },
                                   .leave = [](kernels::Queue&) { memory().close(); },
                                   .upload = copy_bytes,
                                   .download = copy_bytes};

class ProtectedDevice final : public testing::Environment {
 public:
  void SetUp() override {
    const std::int16_t kind = register_device_kind("protected", 2, memory());
    kernels::register_backend(kind, kBackend);
    const char* wanted = std::getenv("FOVEA_TEST_DEVICE");
    if (wanted != nullptr && std::string(wanted) == "protected")
      set_default_device(Device(kind, 0));
  }
};

[[maybe_unused]] testing::Environment* const environment =
    testing::AddGlobalTestEnvironment(new ProtectedDevice);

}  // namespace

}  // namespace fovea::test
