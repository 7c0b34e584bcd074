// What stands between the contract's tests and the devices, and the count of cases.

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/contract.h"
#include "tests/support/process.h"

namespace fovea::kernels::contract {

void Staged::take() {
  std::sort(pieces_.begin(), pieces_.end(),
            [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  std::vector<Piece> merged;
  for (const Piece& piece : pieces_) {
    if (!merged.empty() && piece.begin < merged.back().end)
      merged.back().end = std::max(merged.back().end, piece.end);
    else
      merged.push_back(piece);
  }
  pieces_ = std::move(merged);
  for (Piece& piece : pieces_) {
    piece.memory = std::make_shared<Memory>(piece.bytes() + Allocator::kAlignment, device_);
    upload(device_, piece.begin, piece.place(), piece.bytes());
  }
}

void* Staged::place_of(const void* host) const {
  const auto* const at = static_cast<const std::byte*>(host);
  for (const Piece& piece : pieces_)
    if (at >= piece.begin && at < piece.end) return piece.place() + (at - piece.begin);
  return nullptr;
}

void Staged::bring_back() const {
  for (const Piece& piece : pieces_) download(device_, piece.place(), piece.begin, piece.bytes());
}

namespace {

/// Says at the end how many cases of the contract ran on each kind of device; skipped ones did not.
class CountCases final : public testing::EmptyTestEventListener {
  void OnTestProgramEnd(const testing::UnitTest& tests) override {
    std::map<std::string, int> cases;
    for (int i = 0; i < tests.total_test_suite_count(); ++i) {
      const testing::TestSuite& suite = *tests.GetTestSuite(i);
      if (std::string(suite.name()).find("Contract") == std::string::npos) continue;
      for (int j = 0; j < suite.total_test_count(); ++j) {
        const testing::TestInfo& test = *suite.GetTestInfo(j);
        const std::string name = test.name();
        if (test.should_run() && !test.result()->Skipped())
          ++cases[name.substr(name.find('/') + 1)];
      }
    }
    std::string line;
    for (const auto& [kind, count] : cases)
      line += (line.empty() ? "" : ", ") + kind + " " + std::to_string(count);
    std::printf("cases of the contract: %s\n", line.empty() ? "none" : line.c_str());
  }
};

[[maybe_unused]] const bool kCounts = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new CountCases);
  return true;
}();

// Views of one array, of which one lies inside the other, stay so on the device; so do gaps.
TEST(Staged, KeepsWhatOverlapsTogether) {
  std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
  const View odd{values.data() + 1, f32, {3}, {2}}, part{values.data() + 2, f32, {2}, {1}};
  Staged staged(Device("late"));
  staged.note(odd);
  staged.note(part);
  staged.take();
  const auto* const first = static_cast<std::byte*>(staged.place_of(values.data() + 1));
  EXPECT_EQ(static_cast<std::byte*>(staged.place_of(values.data() + 2)) - first, 4);
  EXPECT_EQ(staged.place_of(values.data()), nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % Allocator::kAlignment,
            reinterpret_cast<std::uintptr_t>(values.data() + 1) % Allocator::kAlignment);
  device() = Device("late");
  run(&KernelTable::fill, 9, odd);
  EXPECT_EQ(values, (std::vector<float>{1, 9, 3, 9, 5, 9, 7, 8}));
}

// A new argument of kernels must not reach a device with the host's addresses.
TEST(Staged, KnowsWhatHoldsNoView) {
  struct Unknown {
    View y;
  };
  EXPECT_FALSE(test::kHoldsNoView<Unknown>);
  EXPECT_FALSE(test::kHoldsNoView<ConvInputs>);
  EXPECT_FALSE(test::kHoldsNoView<const View>);
  EXPECT_TRUE(test::kHoldsNoView<ConvSpec>);
  EXPECT_TRUE(test::kHoldsNoView<Extreme>);
}

// On the oldest processor every case of bf16 products is skipped.
TEST(Staged, ASkippedCaseIsNotCounted) {
  const auto out = [](const std::string& filter) {
    return test::Process({"/proc/self/exe", "--gtest_filter=" + filter},
                         {.environment = {{"FOVEA_TEST_TARGET", "baseline"}}})
        .wait()
        .out;
  };
  using testing::HasSubstr;
  EXPECT_THAT(out("On/LinearContract.Bf16SumsOfManyTerms/*"),
              HasSubstr("cases of the contract: none\n"));
  EXPECT_THAT(out("On/LinearContract.NoRowsGiveNoGradient/*"),
              HasSubstr("cases of the contract: cpu 1, protected 1\n"));
}

TEST(Staged, EveryDeviceIsHeldToTheContract) {
  for (const char* const kind : {"cpu", "protected", "late"}) {
    const std::vector<Device> devices = devices_with(&KernelTable::copy);
    EXPECT_NE(std::find(devices.begin(), devices.end(), Device(kind)), devices.end()) << kind;
  }
}

}  // namespace
}  // namespace fovea::kernels::contract
