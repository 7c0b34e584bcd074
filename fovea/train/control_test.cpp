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

TEST(TrainControl, LetsGoOfWhoWaitsWhenTheTrainingEnds) {
  TrainControl control;
  control.on_train_begin({});
  std::thread waiting([&] { EXPECT_FALSE(control.between_steps([] { ADD_FAILURE(); })); });
  control.close();
  waiting.join();
}

}  // namespace
}  // namespace fovea::train
