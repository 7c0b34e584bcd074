#include "tests/support/plain_device.h"

#include <cstring>

#include "fovea/core/allocator.h"
#include "fovea/kernels/kernels.h"

namespace fovea::test {

namespace {

void copy_bytes(kernels::Queue&, const void* from, void* to, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

kernels::KernelTable without_optional_kernels(kernels::KernelTable table) {
  table.linear_forward = nullptr;
  table.linear_backward = nullptr;
  table.conv_plan = nullptr;
  table.conv_prepare = nullptr;
  table.conv_add_clamp = nullptr;
  table.norm_pool_forward = nullptr;
  table.norm_pool_backward_sums = nullptr;
  table.norm_pool_backward_input = nullptr;
  table.conv_block_plan = nullptr;
  table.conv_block_forward = nullptr;
  table.conv_block_backward = nullptr;
  table.gather_images = nullptr;
  return table;
}

}  // namespace

Device plain_device() {
  static const kernels::KernelTable table =
      without_optional_kernels(*kernels::backend_of(cpu).kernels);
  static const kernels::Backend backend = {
      .name = "plain", .kernels = &table, .upload = copy_bytes, .download = copy_bytes};
  static const std::int16_t kind = [] {
    const std::int16_t number = register_device_kind("plain", 1, cpu_allocator());
    kernels::register_backend(number, backend);
    return number;
  }();
  return {kind, 0};
}

}  // namespace fovea::test
