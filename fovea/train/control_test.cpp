#include "fovea/train/control.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace fovea::train {
namespace {

/// A training of nothing: `steps` steps, told to a control.
class Fake {
 public:
  explicit Fake(std::int64_t steps = 1'000'000'000) : thread_([this, steps] { run(steps); }) {
    while (!begun_) std::this_thread::yield();
  }
  ~Fake() {
    control.stop();
    thread_.join();
  }
  void wait_for_pause() const {
    while (!control.is_waiting()) std::this_thread::yield();
  }

  TrainControl control;
  std::atomic<std::int64_t> done{0};

 private:
  void run(std::int64_t steps) {
    control.on_train_begin({});
    begun_ = true;
    for (std::int64_t step = 1; step <= steps && !control.stop_flag(); ++step) {
      done = step;
      control.on_step({.step = step});
    }
    control.on_train_end(TrainEnd::kDone);
  }

  std::atomic<bool> begun_{false};
  std::thread thread_;
};

TEST(TrainControl, PausesAndGoesOn) {
  Fake training;
  training.control.pause();
  training.wait_for_pause();
  const std::int64_t at = training.done;
  EXPECT_TRUE(training.control.wants_pause());
  training.control.go();
  while (training.done == at) std::this_thread::yield();
  EXPECT_FALSE(training.control.wants_pause());
}

TEST(TrainControl, DoesOneStepAtATime) {
  Fake training;
  training.control.pause();
  training.wait_for_pause();
  for (int i = 0; i < 20; ++i) {
    const std::int64_t before = training.done;
    training.control.step();
    while (training.done == before) std::this_thread::yield();
    training.wait_for_pause();
    EXPECT_EQ(training.done, before + 1);
  }
}

TEST(TrainControl, DoesAsManyStepsAsItIsAskedFor) {
  Fake training;
  training.control.pause();
  training.wait_for_pause();
  const std::int64_t before = training.done;
  training.control.between_steps([&] {  // while it waits, so that none is done between
    for (int i = 0; i < 3; ++i) training.control.step();
  });
  while (training.done < before + 3) std::this_thread::yield();
  training.wait_for_pause();
  EXPECT_EQ(training.done, before + 3);
}

TEST(TrainControl, TellsHowLongItHasHeldUp) {
  using std::chrono::steady_clock;
  Fake training;
  training.control.between_steps([&] { EXPECT_EQ(training.control.paused_s(), 0); });
  training.control.pause();
  training.wait_for_pause();
  const auto begin = steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto end = steady_clock::now();
  training.control.go();
  double paused_s = 0;
  while (paused_s == 0)
    training.control.between_steps([&] { paused_s = training.control.paused_s(); });
  EXPECT_GE(paused_s, std::chrono::duration<double>(end - begin).count());
  training.control.between_steps([&] { EXPECT_EQ(training.control.paused_s(), paused_s); });
}

TEST(TrainControl, StopsInAPauseToo) {
  auto training = std::make_unique<Fake>();
  training->control.pause();
  training->wait_for_pause();
  training.reset();  // would not return
}

TEST(TrainControl, LooksBetweenStepsOnTheTrainingsThread) {
  Fake training;
  for (const bool paused : {false, true}) {
    if (paused) {
      training.control.pause();
      training.wait_for_pause();
    }
    std::thread::id where;
    std::int64_t seen = 0;
    EXPECT_TRUE(training.control.between_steps([&] {
      where = std::this_thread::get_id();
      seen = training.done;
    }));
    EXPECT_NE(where, std::this_thread::get_id());
    EXPECT_GT(seen, 0);
    EXPECT_THROW(training.control.between_steps([] { throw std::runtime_error("look"); }),
                 std::runtime_error);
  }
}

TEST(TrainControl, LooksAtNothingThatIsOver) {
  TrainControl control;
  EXPECT_FALSE(control.between_steps([] { ADD_FAILURE(); }));
  control.on_train_begin({});
  control.on_train_end(TrainEnd::kDone);
  EXPECT_FALSE(control.between_steps([] { ADD_FAILURE(); }));
}

TEST(TrainControl, WaitsNoLongerThanIsWanted) {
  TrainControl control;
  control.on_train_begin({});  // and no step
  EXPECT_FALSE(control.between_steps([] { ADD_FAILURE(); }, std::chrono::milliseconds(5)));
  control.on_step({.step = 1});  // nobody is left who waits
  control.on_train_end(TrainEnd::kDone);
}

// Once it is looked, its result is waited for.
TEST(TrainControl, ALookThatHasBegunIsWaitedFor) {
  Fake training;
  bool looked = false;
  EXPECT_TRUE(training.control.between_steps(
      [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(1500));
        looked = true;
      },
      std::chrono::milliseconds(1000)));
  EXPECT_TRUE(looked);
}

TEST(TrainControl, LetsGoOfWhoWaitsWhenTheTrainingEnds) {
  TrainControl control;
  control.on_train_begin({});
  std::thread waiting([&] { EXPECT_FALSE(control.between_steps([] { ADD_FAILURE(); })); });
  control.close();
  waiting.join();
}

}  // namespace
}  // namespace fovea::train
