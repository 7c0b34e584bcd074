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

// A name is that of the place in the table which an observer is told.
TEST(Backend, EveryKernelIsKnownByItsName) {
  static const KernelTable kTable = {};
  std::size_t count = 0;
  for_each_kernel([&](std::string_view name, auto entry) {
    const auto offset =
        reinterpret_cast<const char*>(&(kTable.*entry)) - reinterpret_cast<const char*>(&kTable);
    EXPECT_EQ(kernel_name(static_cast<std::size_t>(offset) / sizeof(void (*)())), name);
    EXPECT_TRUE(has_kernel(cpu, entry)) << name;
    ++count;
  });
  EXPECT_EQ(count * sizeof(void (*)()), sizeof(KernelTable));
}

TEST(Backend, HasTheKernelsOfItsTable) {
  static const KernelTable kOne = {.fill = [](Queue&, double, View) {}};
  static const Backend kBackend = {.name = "one", .kernels = &kOne};
  const Device one(register_device_kind("one", 1, cpu_allocator()), 0);
  register_backend(one.kind(), kBackend);
  EXPECT_TRUE(has_kernel(one, &KernelTable::fill));
  EXPECT_FALSE(has_kernel(one, &KernelTable::copy));
}

}  // namespace
}  // namespace fovea::kernels
