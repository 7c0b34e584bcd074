#include "fovea/kernels/backend.h"

#include <array>
#include <atomic>
#include <string>

#include "fovea/core/error.h"
#include "fovea/kernels/cpu/cpu.h"

namespace fovea::kernels {

namespace {

/// The backends that come with the library, the CPU first.
constexpr const Backend& (*kBuiltIn[])() = {cpu::backend};

/// The backends by the number of their kind.
class Registry {
 public:
  Registry() {
    for (const auto backend : kBuiltIn) {
      if (backend == kBuiltIn[0])
        put(Device().kind(), backend());  // core knows the CPU's name of itself
      else
        add(backend());
    }
  }

  std::int16_t add(const Backend& backend) {
    const std::int16_t kind =
        register_device_kind(std::string(backend.name), static_cast<int>(backend.queues.size()));
    put(kind, backend);
    return kind;
  }

  const Backend* find(Device device) const {
    const auto kind = static_cast<std::size_t>(device.kind());
    if (kind >= backends_.size()) return nullptr;
    const Backend* const backend = backends_[kind].load(std::memory_order_acquire);
    if (backend == nullptr) return nullptr;
    return static_cast<std::size_t>(device.index()) < backend->queues.size() ? backend : nullptr;
  }

 private:
  void put(std::int16_t kind, const Backend& backend) {
    std::int16_t index = 0;
    for (Queue* const queue : backend.queues) queue->device = Device(kind, index++);
    backends_[static_cast<std::size_t>(kind)].store(&backend, std::memory_order_release);
  }

  std::array<std::atomic<const Backend*>, kMaxDeviceKinds> backends_{};
};

Registry& registry() {
  static Registry instance;
  return instance;
}

/// Before main, so that core can tell which devices there are.
[[maybe_unused]] Registry& registered_at_start = registry();

}  // namespace

std::int16_t register_backend(const Backend& backend) { return registry().add(backend); }

const Backend& backend_of(Device device) {
  const Backend* const backend = registry().find(device);
  check<DeviceError>(backend != nullptr, "backend: device expected to have kernels, got ", device,
                     " without");
  return *backend;
}

bool can(Device device, Feature feature) {
  return backend_of(device).can(queue_of(device), feature);
}

Facts facts(Device device) {
  const Backend& backend = backend_of(device);
  return backend.facts == nullptr ? Facts{} : backend.facts();
}

std::string fact(Device device, std::string_view name) {
  for (auto& [its_name, value] : facts(device))
    if (its_name == name) return value;
  return "";
}

double measure(Device device, Peak peak, int threads, double seconds) {
  const Backend& backend = backend_of(device);
  if (backend.measure == nullptr) return 0;
  return backend.measure(queue_of(device), peak, threads, seconds);
}

void synchronize(Device device) {
  const Backend& backend = backend_of(device);
  if (backend.synchronize != nullptr) backend.synchronize(queue_of(device));
}

void upload(Device device, const void* host, void* memory, std::size_t bytes) {
  const Backend& backend = backend_of(device);
  Queue& queue = queue_of(device);
  const Entered entered(backend, queue);
  backend.upload(queue, host, memory, bytes);
}

void download(Device device, const void* memory, void* host, std::size_t bytes) {
  const Backend& backend = backend_of(device);
  Queue& queue = queue_of(device);
  const Entered entered(backend, queue);
  backend.download(queue, memory, host, bytes);
}

}  // namespace fovea::kernels
