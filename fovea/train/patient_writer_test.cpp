#include "fovea/train/patient_writer.h"

#include <gmock/gmock.h>

#include <vector>

#include "fovea/core/error.h"

namespace fovea::train {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::ThrowsMessage;

struct Full {
  int fails = 0;
  std::atomic<bool> stop = false;
  int tries = 0;
  std::vector<std::string> told = {};

  PatientWriter writer(OnFull on_full) {
    return {on_full, &stop, [this](const std::string& note) { told.push_back(note); },
            milliseconds(1)};
  }
  /// Fails `fails` times.
  void write() {
    ++tries;
    if (tries <= fails) throw IoError("disk full");
  }
};

TEST(PatientWriter, SaysNothingWhenAllIsWell) {
  Full full;
  full.writer(OnFull::kStop).write([&] { full.write(); });
  EXPECT_EQ(full.tries, 1);
  EXPECT_TRUE(full.told.empty());
}

TEST(PatientWriter, TriesAgain) {
  Full full{.fails = 2};
  full.writer(OnFull::kStop).write([&] { full.write(); });
  EXPECT_EQ(full.tries, 3);
  EXPECT_THAT(full.told,
              ElementsAre("warning: disk full; it is tried again", "train: written, it goes on"));
}

TEST(PatientWriter, GivesUpAfterSomeTries) {
  Full full{.fails = 100};
  EXPECT_THAT([&] { full.writer(OnFull::kStop).write([&] { full.write(); }); },
              ThrowsMessage<IoError>("disk full"));
  EXPECT_EQ(full.tries, 4);
}

TEST(PatientWriter, WaitsForRoomUntilItIsStopped) {
  Full full{.fails = 50};
  full.writer(OnFull::kWait).write([&] { full.write(); });
  EXPECT_EQ(full.tries, 51);
  EXPECT_THAT(full.told, ElementsAre("warning: disk full; it is tried again until there is room",
                                     "train: written, it goes on"));
  Full stopped{.fails = 50, .stop = true};
  EXPECT_THAT([&] { stopped.writer(OnFull::kWait).write([&] { stopped.write(); }); },
              ThrowsMessage<IoError>("disk full"));
  EXPECT_EQ(stopped.tries, 1);
}

TEST(PatientWriter, OtherErrorsAreNotItsBusiness) {
  Full full;
  EXPECT_THROW(full.writer(OnFull::kWait).write([] { throw NumericError("NaN"); }), NumericError);
}

}  // namespace
}  // namespace fovea::train
