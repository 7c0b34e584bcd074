// The test device "protected": the CPU's kernels over memory that nobody but a kernel may touch. A
// test run on it proves that nothing above kernels/ reads or writes a tensor's storage: such code
// dies of a segmentation fault.

#include <cstdlib>
#include <cstring>
#include <string>

#include "fovea/core/device.h"
#include "fovea/kernels/backend.h"
#include "tests/support/closed_memory.h"
#include "tests/test_devices.h"

namespace fovea::test {

namespace {

/// What is freed costs nothing to open and close from then on.
class ForgetfulMemory final : public Allocator {
 public:
  void* allocate(std::size_t bytes) override { return memory_.allocate(bytes); }
  void deallocate(void* memory, std::size_t bytes) noexcept override {
    ClosedMemory::forget(memory, bytes);
    memory_.deallocate(memory, bytes);
  }
  MemoryStats stats() const override { return memory_.stats(); }
  void open() { memory_.open(); }
  void close() { memory_.close(); }

 private:
  ClosedMemory memory_;
};

struct ProtectedQueue final : kernels::Queue {
  explicit ProtectedQueue(ForgetfulMemory& own) : Queue(own), memory(own) {}
  ForgetfulMemory& memory;
};

void copy_bytes(kernels::Queue&, const void* from, void* to, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

const kernels::Backend& backend() {
  // Never destroyed: tensors may outlive it.
  static kernels::Queue* const queues[] = {new ProtectedQueue(*new ForgetfulMemory),
                                           new ProtectedQueue(*new ForgetfulMemory)};
  static const kernels::Backend& host = kernels::backend_of(cpu);
  static const kernels::Backend instance = {
      .name = "protected",
      .kernels = host.kernels,
      .queues = queues,
      .can = host.can,
      .upload = copy_bytes,
      .download = copy_bytes,
      .enter = [](kernels::Queue& q) { static_cast<ProtectedQueue&>(q).memory.open(); },
      .leave = [](kernels::Queue& q) { static_cast<ProtectedQueue&>(q).memory.close(); }};
  return instance;
}

[[maybe_unused]] const bool kRegistered = [] {
  use_as_test_device("protected", kernels::register_backend(backend()));
  return true;
}();

}  // namespace

void use_as_test_device(const char* name, std::int16_t kind) {
  const char* const wanted = std::getenv("FOVEA_TEST_DEVICE");
  if (wanted != nullptr && std::string(wanted) == name) set_default_device(Device(kind, 0));
}

}  // namespace fovea::test
