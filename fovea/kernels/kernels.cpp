#include "fovea/kernels/kernels.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <utility>

#include "fovea/kernels/cpu/cpu.h"

namespace fovea::kernels {

namespace {

constexpr std::size_t kMaxKinds = 16;

/// Indexed by the kind of device. The CPU is always there; nothing depends on static initialisers
/// being linked in.
std::array<std::atomic<const Backend*>, kMaxKinds>& backends() {
  static std::array<std::atomic<const Backend*>, kMaxKinds> table{&cpu::backend()};
  return table;
}

#define FOVEA_NAME(name) #name,
constexpr std::string_view kKernelNames[] = {FOVEA_KERNELS(FOVEA_NAME)};
#undef FOVEA_NAME
#define FOVEA_PLACE(name) offsetof(KernelTable, name) / sizeof(void (*)()),
constexpr std::size_t kPlaces[] = {FOVEA_KERNELS(FOVEA_PLACE)};
#undef FOVEA_PLACE

constexpr bool list_is_the_table() {
  for (std::size_t i = 0; i < std::size(kPlaces); ++i)
    if (kPlaces[i] != i) return false;
  return std::size(kPlaces) * sizeof(void (*)()) == sizeof(KernelTable);
}
static_assert(list_is_the_table(), "FOVEA_KERNELS must list the entries of KernelTable in order");

thread_local LaunchObserver* observer_of_thread = nullptr;

}  // namespace

LaunchObserver* observe_launches(LaunchObserver* observer) {
  return std::exchange(observer_of_thread, observer);
}

LaunchObserver* launch_observer() { return observer_of_thread; }

std::string_view kernel_name(std::size_t entry) {
  check<IndexError>(entry < std::size(kKernelNames), "kernel_name: entry expected below ",
                    std::size(kKernelNames), ", got ", entry);
  return kKernelNames[entry];
}

void register_backend(std::int16_t kind, const Backend& backend) {
  check<ArgumentError>(kind > 0 && static_cast<std::size_t>(kind) < kMaxKinds,
                       "register_backend: kind expected in [1, 15], got ", kind);
  backends()[static_cast<std::size_t>(kind)] = &backend;
}

const Backend& backend_of(Device device) {
  const auto kind = static_cast<std::size_t>(device.kind());
  const Backend* backend =
      kind < kMaxKinds ? backends()[kind].load(std::memory_order_acquire) : nullptr;
  check<DeviceError>(backend != nullptr, "backend: device expected to have kernels, got ", device,
                     " without");
  return *backend;
}

void upload(Device device, const void* host, void* memory, std::size_t bytes) {
  const Backend& backend = backend_of(device);
  Queue queue{device};
  if (backend.enter) backend.enter(queue);
  backend.upload(queue, host, memory, bytes);
  if (backend.leave) backend.leave(queue);
}

void download(Device device, const void* memory, void* host, std::size_t bytes) {
  const Backend& backend = backend_of(device);
  Queue queue{device};
  if (backend.enter) backend.enter(queue);
  backend.download(queue, memory, host, bytes);
  if (backend.leave) backend.leave(queue);
}

}  // namespace fovea::kernels
