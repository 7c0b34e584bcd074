#include "fovea/kernels/kernels.h"

#include <array>
#include <atomic>
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

/// The entries of KernelTable in their order.
constexpr std::string_view kKernelNames[] = {"fill",
                                             "copy",
                                             "unary",
                                             "unary_backward",
                                             "binary",
                                             "where",
                                             "arange",
                                             "reduce",
                                             "arg_extreme",
                                             "matmul",
                                             "linear_forward",
                                             "linear_backward",
                                             "index_select",
                                             "index_add",
                                             "gather",
                                             "scatter_add",
                                             "random",
                                             "dropout",
                                             "conv_plan",
                                             "conv_prepare",
                                             "conv_forward",
                                             "conv_add_clamp",
                                             "conv_backward",
                                             "extreme_pool_forward",
                                             "extreme_pool_backward",
                                             "adaptive_extreme_pool_forward",
                                             "avg_pool_forward",
                                             "avg_pool_backward",
                                             "adaptive_avg_pool_forward",
                                             "adaptive_avg_pool_backward",
                                             "batch_norm_stats",
                                             "batch_norm_apply",
                                             "batch_norm_backward_sums",
                                             "batch_norm_backward_input",
                                             "norm_pool_forward",
                                             "norm_pool_backward_sums",
                                             "norm_pool_backward_input",
                                             "conv_block_plan",
                                             "conv_block_forward",
                                             "conv_block_backward",
                                             "softmax",
                                             "softmax_backward",
                                             "cross_entropy_forward",
                                             "cross_entropy_backward",
                                             "crop_flip",
                                             "gather_images",
                                             "adam_step",
                                             "sgd_step"};
static_assert(std::size(kKernelNames) * sizeof(void (*)()) == sizeof(KernelTable),
              "an entry of KernelTable has no name here");

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
