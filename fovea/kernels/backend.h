// What a kind of device is: a name, its kernels, and for each device a queue and an allocator.
//
// A backend is a folder under kernels/ that fills a Backend and stands in the list of backend.cpp;
// others (tests have two) register themselves. Nothing above kernels/ knows which backends there
// are: it asks the one that a tensor's device has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/core/allocator.h"
#include "fovea/core/device.h"

namespace fovea::kernels {

struct KernelTable;

/// Where the kernels of one device are submitted, which run in this order: one object a device,
/// that lives as long as the process. A backend that keeps more for each device derives its own.
///
/// Threads  any number may submit at once; the order among them is theirs to keep.
struct Queue {
  /// Of the device whose memory `memory` gives.
  explicit Queue(Allocator& memory) : allocator(memory) {}
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  Allocator& allocator;  ///< gives the device's memory
  Device device = {};    ///< whose queue it is: register_backend writes it
};

/// What some devices can do and others cannot, beside the kernels that their table has.
enum class Feature : std::uint8_t {
  kF64,           ///< kernels over f64
  kBf16Products,  ///< Precision::kBf16: products of bf16 numbers that are summed in f32
};

/// What bounds the speed of a device.
enum class Peak : std::uint8_t {
  kF32,     ///< fused multiply-adds of f32, in GFLOP/s
  kBf16,    ///< products of pairs of bf16 numbers that are summed in f32, in GFLOP/s
  kMemory,  ///< memory that is read and written, in GB/s
};

/// Names and values that a report shows.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// What a kind of device brings. Functions that may be unset are null.
struct Backend {
  std::string_view name;               ///< as users write it: "cpu"
  const KernelTable* kernels;          ///< what its devices can do
  std::span<Queue* const> queues;      ///< one for each device
  bool (*can)(const Queue&, Feature);  ///< what else they can do
  /// Waits until all that was submitted is done; unset where kernels are done when they return.
  void (*synchronize)(Queue&) = nullptr;
  /// Copies host memory to the device, in the queue's order; the host's bytes may change as soon as
  /// it returns.
  void (*upload)(Queue&, const void* host, void* device, std::size_t bytes);
  /// Copies device memory to the host, in the queue's order; the bytes are there when it returns.
  void (*download)(Queue&, const void* device, void* host, std::size_t bytes);
  void (*enter)(Queue&) = nullptr;  ///< called before each kernel and copy, if set
  void (*leave)(Queue&) = nullptr;  ///< called after each kernel and copy, thrown out of or not
  /// What `kernels` are made with: instruction sets, versions of libraries.
  Facts (*facts)() = nullptr;
  /// Measures on `threads` of the host's threads, for about `seconds`; 0 where there is no such
  /// thing.
  double (*measure)(Queue&, Peak, int threads, double seconds) = nullptr;
};

/// Makes `backend` (which must live for ever) a kind of device that all of Fovea knows by its name,
/// and returns the kind's number. Throws StateError when there are too many.
std::int16_t register_backend(const Backend& backend);
/// The backend of `device`. Throws DeviceError when there is no such device.
const Backend& backend_of(Device device);
/// The queue of `device`. Throws DeviceError when there is no such device.
inline Queue& queue_of(Device device) {
  return *backend_of(device).queues[static_cast<std::size_t>(device.index())];
}

/// Whether `device` can do it.
bool can(Device device, Feature feature);
/// What the kernels of `device` are made with; nothing where it does not say.
Facts facts(Device device);
/// One of those by its name; "" where there is none.
std::string fact(Device device, std::string_view name);
/// Measures what bounds the speed of `device`, on `threads` of the host's threads, for about
/// `seconds`; 0 where it does not say.
double measure(Device device, Peak peak, int threads, double seconds);
/// Waits until `device` has done all that was submitted to it.
void synchronize(Device device);
/// Copies bytes from the host to `device`.
void upload(Device device, const void* host, void* memory, std::size_t bytes);
/// Copies bytes from `device` to the host, after all that was submitted before.
void download(Device device, const void* memory, void* host, std::size_t bytes);

/// A device that is about to run a kernel or a copy: Backend::enter and, whatever happens in
/// between, Backend::leave.
class Entered {
 public:
  /// Calls Backend::enter.
  Entered(const Backend& backend, Queue& queue) : backend_(backend), queue_(queue) {
    if (backend_.enter != nullptr) backend_.enter(queue_);
  }
  ~Entered() {
    if (backend_.leave != nullptr) backend_.leave(queue_);
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;

 private:
  const Backend& backend_;
  Queue& queue_;
};

}  // namespace fovea::kernels
