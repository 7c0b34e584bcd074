// What every device's kernels are held to: tests that run once for each kind of device that has the
// kernels in question, over memory of the host that is taken there and back.
//
//   FOVEA_CONTRACT(CopyContract, &KernelTable::copy);
//   TEST_P(CopyContract, MovesEveryElement) {
//     run(&KernelTable::copy, x.view(), y.view());  // as launch(), on host memory
//     EXPECT_EQ(y.values, expected);                // what reference/ gives
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/kernels.h"
#include "fovea/kernels/memory.h"
#include "tests/support/kernel_views.h"
#include "tests/support/vector_targets.h"

namespace fovea::kernels::contract {

/// The device whose contract is being tested.
inline Device& device() {
  static Device current;
  return current;
}

/// Copies of pieces of the host's memory on a device. Pieces that overlap are one, and each begins
/// as far past a cache line as on the host.
class Staged {
 public:
  explicit Staged(Device device) : device_(device) {}

  /// Notes what a view covers.
  void note(const ConstView& view) {
    if (view.data == nullptr || view.numel() == 0) return;
    std::int64_t first = 0, last = 0;
    for (int dim = 0; dim < view.ndim(); ++dim) {
      const std::int64_t reach = (view.size(dim) - 1) * view.strides[dim];
      (reach < 0 ? first : last) += reach;
    }
    const auto size = static_cast<std::int64_t>(size_of(view.dtype));
    auto* const at = static_cast<std::byte*>(const_cast<void*>(view.data));
    pieces_.push_back({at + first * size, at + (last + 1) * size, nullptr});
  }
  /// Takes what was noted to the device.
  void take();
  /// Where the element at a host's address is there.
  void* place_of(const void* host) const;
  /// Brings everything back.
  void bring_back() const;

 private:
  struct Piece {
    std::byte *begin, *end;  // on the host
    std::shared_ptr<Memory> memory;
    std::byte* place() const {
      const auto past = reinterpret_cast<std::uintptr_t>(begin) % Allocator::kAlignment;
      return memory->data() + past;
    }
    std::size_t bytes() const { return static_cast<std::size_t>(end - begin); }
  };

  Device device_;
  std::vector<Piece> pieces_;
};

/// Runs a kernel of device() over views of the host's memory, and waits for it.
template <class... Parameters>
void run(void (*KernelTable::*entry)(Queue&, Parameters...),
         std::type_identity_t<Parameters>... arguments) {
  if (device().is_cpu()) return launch(device(), entry, arguments...);
  std::tuple<std::decay_t<Parameters>...> there(arguments...);
  Staged staged(device());
  const auto for_all = [&there](const auto& f) {
    std::apply([&](auto&... argument) { (test::for_each_view(argument, f), ...); }, there);
  };
  for_all([&](const auto& view) { staged.note(view); });
  staged.take();
  for_all([&](auto& view) {
    if (view.data != nullptr && view.numel() > 0) view.data = staged.place_of(view.data);
  });
  std::apply([&](const auto&... argument) { launch(device(), entry, argument...); }, there);
  staged.bring_back();
}

/// Calls `f()` as often as the device's kernels come in variants: on the CPU, one for each
/// instruction set that this machine has.
template <class F>
void for_each_variant(const F& f) {
  if (device().is_cpu()) return test::for_each_vector_target(f);
  f();
}

/// A test of the contract: see the head of this file.
class Contract : public testing::TestWithParam<Device> {
 protected:
  void SetUp() override { device() = GetParam(); }
};

/// One device of each kind that has all these kernels.
template <class... Entries>
std::vector<Device> devices_with(Entries... entries) {
  std::vector<Device> devices;
  for (const Device& candidate : Device::available()) {
    if (candidate.index() == 0 && has_kernel(candidate, entries...)) devices.push_back(candidate);
  }
  return devices;
}

/// A device's name as part of a test's: "cpu", "late".
inline std::string test_name(const testing::TestParamInfo<Device>& info) {
  const std::string name = info.param.name();
  return name.substr(0, name.find(':'));
}

}  // namespace fovea::kernels::contract

// FOVEA_CONTRACT(name, entries...): the suite `name` of tests of the contract of these kernels.
#define FOVEA_CONTRACT(suite, ...)                                                         \
  class suite : public ::fovea::kernels::contract::Contract {};                            \
  INSTANTIATE_TEST_SUITE_P(                                                                \
      On, suite, testing::ValuesIn(::fovea::kernels::contract::devices_with(__VA_ARGS__)), \
      ::fovea::kernels::contract::test_name)
