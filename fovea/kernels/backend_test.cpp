#include <string>

#include <gmock/gmock.h>

#include "fovea/core/allocator.h"
#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"

namespace fovea::kernels {
namespace {

using testing::ThrowsMessage;

TEST(Backend, MissingKernelsAndBackendsAreNamed) {
  const Device bare(register_device_kind("bare", 1, cpu_allocator()), 0);
  EXPECT_THAT(
      [&] { backend_of(bare); },
      ThrowsMessage<DeviceError>("backend: device expected to have kernels, got bare:0 without"));
  static const KernelTable kNothing = {};
  static const Backend kBackend = {.name = "bare", .kernels = &kNothing};
  register_backend(bare.kind(), kBackend);
  EXPECT_THAT([&] { launch(bare, &KernelTable::copy, ConstView(), View()); },
              ThrowsMessage<DeviceError>("launch: kernel expected to exist on bare:0, got none"));
  for (const std::int16_t kind : {std::int16_t{0}, std::int16_t{16}}) {
    EXPECT_THAT([&] { register_backend(kind, kBackend); },
                ThrowsMessage<ArgumentError>("register_backend: kind expected in [1, 15], got " +
                                             std::to_string(kind)));
  }
}

}  // namespace
}  // namespace fovea::kernels
