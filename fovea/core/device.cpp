#include "fovea/core/device.h"

#include <atomic>
#include <mutex>
#include <ostream>

#include "fovea/core/error.h"
#include "fovea/core/language.h"

namespace fovea {

namespace {

struct Kind {
  std::string name;
  int count;
};

struct Registry {
  std::mutex mutex;
  std::vector<Kind> kinds{{"cpu", 1}};
};

Registry& registry() {
  static Registry instance;
  return instance;
}

}  // namespace

Device::Device(std::string_view name) {
  for (const Device& device : available()) {
    const std::string full = device.name();
    const bool short_form = device.index() == 0 && full.substr(0, full.find(':')) == name;
    if (full == name || short_form) {
      *this = device;
      return;
    }
  }
  std::string names;
  for (const Device& device : available()) names += (names.empty() ? "" : ", ") + device.name();
  throw InBoth<DeviceError>(
      {str("device: expected one that is available (", names, "), got \"", name, "\""),
       str("device: 쓸 수 있는 장치(", names, ") 가운데 하나여야 하는데 \"", name, "\"입니다")});
}

std::vector<Device> Device::available() {
  std::lock_guard lock(registry().mutex);
  std::vector<Device> devices;
  for (std::size_t kind = 0; kind < registry().kinds.size(); ++kind) {
    for (int i = 0; i < registry().kinds[kind].count; ++i) {
      devices.emplace_back(static_cast<std::int16_t>(kind), static_cast<std::int16_t>(i));
    }
  }
  return devices;
}

Device Device::best() {
  const std::vector<Device> devices = available();
  return devices.size() > 1 ? devices[1] : devices[0];
}

std::string Device::name() const {
  std::lock_guard lock(registry().mutex);
  const auto kind = static_cast<std::size_t>(kind_);
  const std::vector<Kind>& kinds = registry().kinds;
  const std::string name = kind < kinds.size() ? kinds[kind].name : str("kind", kind_);
  return *this == cpu ? name : name + ":" + std::to_string(index_);
}

namespace {

/// Aligned like a number of its size: Clang then loads and stores it without calling a library.
struct alignas(sizeof(Device)) AlignedDevice {
  Device device;
};
std::atomic<AlignedDevice> the_default_device{};
static_assert(decltype(the_default_device)::is_always_lock_free);

}  // namespace

Device default_device() { return the_default_device.load(std::memory_order_relaxed).device; }
void set_default_device(Device device) {
  the_default_device.store({device}, std::memory_order_relaxed);
}

std::ostream& operator<<(std::ostream& out, const Device& device) { return out << device.name(); }

std::int16_t register_device_kind(std::string name, int count) {
  std::lock_guard lock(registry().mutex);
  check<StateError>(registry().kinds.size() < kMaxDeviceKinds,
                    "register_device_kind: kinds of devices expected at most ", kMaxDeviceKinds,
                    ", got \"", name, "\" besides");
  registry().kinds.push_back({std::move(name), count});
  return static_cast<std::int16_t>(registry().kinds.size() - 1);
}

}  // namespace fovea
