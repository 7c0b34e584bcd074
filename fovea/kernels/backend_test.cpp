#include "fovea/kernels/backend.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "fovea/core/caching_allocator.h"
#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"
#include "fovea/kernels/memory.h"
#include "hwy/highway.h"

namespace fovea::kernels {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

std::vector<std::string>& calls() {
  static std::vector<std::string> list;
  return list;
}

/// The host's memory as two devices that can do one thing: fill throws, after it has been noted.
struct Bare {
  CachingAllocator memory[2];
  Queue first{memory[0]}, second{memory[1]};
  Queue* queues[2] = {&first, &second};
  KernelTable table = {.fill = [](Queue& queue, double, View) {
    calls().push_back("fill on " + queue.device.name());
    throw NumericError("fill: refused");
  }};
  Backend backend = {.name = "bare",
                     .kernels = &table,
                     .queues = queues,
                     .can = [](const Queue&, Feature feature) { return feature == Feature::kF64; },
                     .synchronize = [](Queue&) { calls().push_back("synchronize"); },
                     .upload = [](Queue&, const void*, void*, std::size_t) {},
                     .download = [](Queue&, const void*, void*, std::size_t) {},
                     .enter = [](Queue&) { calls().push_back("enter"); },
                     .leave = [](Queue&) { calls().push_back("leave"); }};
  std::int16_t kind = register_backend(backend);
};

Bare& bare() {
  static auto* const instance = new Bare;
  return *instance;
}

TEST(Backend, IsADeviceByItsName) {
  const Device second(bare().kind, 1);
  EXPECT_EQ(Device("bare:1"), second);
  EXPECT_EQ(queue_of(second).device, second);
  EXPECT_EQ(&queue_of(second), &bare().second);
  EXPECT_EQ(&allocator_of(second), &bare().memory[1]);
  EXPECT_TRUE(can(second, Feature::kF64));
  EXPECT_FALSE(can(second, Feature::kBf16Products));
}

TEST(Backend, MissingKernelsAndDevicesAreNamed) {
  EXPECT_THAT(
      [&] { launch(Device(bare().kind, 0), &KernelTable::copy, ConstView(), View()); },
      ThrowsMessage<DeviceError>("launch: kernel expected to exist on bare:0, got none (copy)"));
  const auto expect_none = [](Device device, const std::string& name) {
    EXPECT_THAT([&] { backend_of(device); },
                ThrowsMessage<DeviceError>("backend: device expected to have kernels, got " + name +
                                           " without"));
  };
  expect_none(Device(bare().kind, 2), "bare:2");
  expect_none(Device(bare().kind, -1), "bare:-1");
  expect_none(Device(0, 1), "cpu:1");
  expect_none(Device(15, 0), "kind15:0");
  expect_none(Device(16, 0), "kind16:0");
  expect_none(Device(-1, 0), "kind-1:0");
}

// The queue is the device's own at every launch, and the device is left whatever the kernel does.
TEST(Backend, LaunchEntersAndLeaves) {
  calls().clear();
  EXPECT_THROW(launch(Device(bare().kind, 1), &KernelTable::fill, 0.0, View()), NumericError);
  EXPECT_THAT(calls(), ElementsAre("enter", "fill on bare:1", "leave"));
  calls().clear();
  upload(Device(bare().kind, 0), nullptr, nullptr, 0);
  download(Device(bare().kind, 0), nullptr, nullptr, 0);
  EXPECT_THAT(calls(), ElementsAre("enter", "leave", "enter", "leave"));
  calls().clear();
  synchronize(Device(bare().kind, 0));
  EXPECT_THAT(calls(), ElementsAre("synchronize"));
}

// Memory of one device is not that of another, and a scope is for one device alone.
TEST(Backend, EachDeviceHasItsOwnMemory) {
  const Device first(bare().kind, 0), second(bare().kind, 1);
  const Memory block(1000, second);
  EXPECT_EQ(memory_stats(first).bytes_in_use, 0);
  EXPECT_GE(memory_stats(second).bytes_in_use, 1000);
  CachingAllocator other;
  const AllocatorScope scope(first, other);
  EXPECT_EQ(&current_allocator(first), &other);
  EXPECT_EQ(&current_allocator(second), &bare().memory[1]);
  {
    CachingAllocator inner;
    const AllocatorScope both(second, inner);
    EXPECT_EQ(&current_allocator(first), &other);
    EXPECT_EQ(&current_allocator(second), &inner);
    EXPECT_EQ(&allocator_of(second), &bare().memory[1]);
  }
  EXPECT_EQ(&current_allocator(second), &bare().memory[1]);
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
  const Device device(bare().kind, 0);
  EXPECT_TRUE(has_kernel(device, &KernelTable::fill));
  EXPECT_FALSE(has_kernel(device, &KernelTable::copy));
  EXPECT_FALSE(has_kernel(device, &KernelTable::fill, &KernelTable::copy));
  EXPECT_FALSE(has_kernel(device, &KernelTable::copy, &KernelTable::fill));
  EXPECT_TRUE(has_kernel(cpu, &KernelTable::fill, &KernelTable::copy));
}

TEST(Backend, TheCpuIsAskedForWhatItKnows) {
  EXPECT_THAT(
      [] { can(cpu, static_cast<Feature>(200)); },
      ThrowsMessage<ArgumentError>("can: enumerator expected one of its type's, got number 200"));
  EXPECT_THAT([] { backend_of(cpu).measure(queue_of(cpu), static_cast<Peak>(201), 1, 0.01); },
              ThrowsMessage<ArgumentError>(
                  "measure: enumerator expected one of its type's, got number 201"));
}

TEST(Backend, TheCpuCanWhatItsProcessorCan) {
  EXPECT_TRUE(can(cpu, Feature::kF64));
  hwy::SetSupportedTargetsForTest(HWY_AVX2);
  EXPECT_FALSE(can(cpu, Feature::kBf16Products));
  hwy::SetSupportedTargetsForTest(0);
}

TEST(Backend, SaysWhatItsKernelsAreMadeWith) {
  EXPECT_NE(fact(cpu, "instructions"), "");
  EXPECT_EQ(fact(cpu, "instructions").find("AVX3"), std::string::npos) << "Highway's own name";
  EXPECT_EQ(fact(cpu, "colour"), "");
  EXPECT_GT(measure(cpu, Peak::kMemory, 1, 1e-3), 0);
  const Device silent(bare().kind, 0);
  EXPECT_TRUE(facts(silent).empty());
  EXPECT_EQ(measure(silent, Peak::kF32, 1, 1), 0);
}

}  // namespace
}  // namespace fovea::kernels
