// Where tensors live. `cpu` is always there; other kinds of device are registered by their kernels'
// room.
#pragma once

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// A place that holds tensors and runs operations on them: a kind of device and its number.
class Device {
 public:
  /// The CPU.
  constexpr Device() = default;
  /// Device `index` of a registered kind; kind 0 is the CPU. The backends' business: users parse
  /// names.
  constexpr Device(std::int16_t kind, std::int16_t index) : kind_(kind), index_(index) {}
  /// Parses "cpu" or "kind:1". Throws DeviceError, listing what is available, when there is no such
  /// device.
  explicit Device(std::string_view name);

  /// Every device that is there, the CPU first.
  static std::vector<Device> available();
  /// The first accelerator if there is one, else the CPU.
  static Device best();

  constexpr std::int16_t kind() const { return kind_; }       ///< number of the kind; 0 is the CPU
  constexpr std::int16_t index() const { return index_; }     ///< number within the kind
  constexpr bool is_cpu() const { return kind_ == 0; }        ///< true for the CPU
  std::string name() const;                                   ///< "cpu", "kind:0"
  constexpr auto operator<=>(const Device&) const = default;  ///< by kind, then index

 private:
  std::int16_t kind_ = 0;
  std::int16_t index_ = 0;
};

/// The CPU.
inline constexpr Device cpu{};

/// Where tensors are made when nobody says otherwise; the CPU unless set.
Device default_device();
/// Sets default_device() for all threads.
void set_default_device(Device device);

/// Prints the device's name.
std::ostream& operator<<(std::ostream& out, const Device& device);

/// Kinds of devices that there may be, the CPU among them.
inline constexpr int kMaxDeviceKinds = 16;
/// Makes `name` a kind of device, of which there are `count`, and returns its number. Only
/// kernels::register_backend calls this: a device without kernels is of no use. Throws StateError
/// beyond kMaxDeviceKinds. Thread safe.
std::int16_t register_device_kind(std::string name, int count);

}  // namespace fovea
