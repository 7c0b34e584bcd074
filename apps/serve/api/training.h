// The training that the page starts and steers: one at a time, on a thread of its own, which tells
// every page how it goes.
//
// What it costs the training to be watched: an event at most twice a second; a look at the first
// layer's filters, and one at the whole model for who asks, no sooner after the last than fifty
// times as long as that took, so 2 % at most, and than a tenth of the training's age, up to ten
// seconds. What a page draws of each costs a processor shared with the training far more than
// telling it.
//
// Threads: all may be called from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apps/serve/api/models.h"
#include "apps/serve/http/events.h"
#include "fovea/io/json_fwd.h"
#include "fovea/models/model_file.h"
#include "fovea/train/control.h"
#include "fovea/train/training.h"

namespace fovea::serve {

/// See the head of this file.
class TrainingDesk {
 public:
  /// Tells `events`, which must outlive it. Who looks at the model that learns waits no longer than
  /// `patience` for a step or an evaluation to end.
  explicit TrainingDesk(Events& events,
                        std::chrono::milliseconds patience = std::chrono::seconds(5));
  /// Ends the training after its present step, saved.
  ~TrainingDesk();
  TrainingDesk(const TrainingDesk&) = delete;
  TrainingDesk& operator=(const TrainingDesk&) = delete;

  /// Trains these one after the other. Throws Conflict while one trains; ArgumentError for none.
  void start(std::vector<train::TrainConfig> configs);
  /// Goes on with a run. Throws Conflict while one trains.
  void resume(std::filesystem::path run);
  void pause();  ///< also one that has yet to begin. Throws Conflict when none trains.
  void go();     ///< on, from a pause; throws likewise
  void step();   ///< one step, and a pause; throws likewise
  void stop();   ///< ends it, saved, and drops those that wait; throws likewise
  void halt();   ///< the same, if one trains

  /// A training that somebody else runs, `fovea train --serve`: what it must be told of, and the
  /// control that steers it. `config` says what is trained.
  void adopt(const train::TrainConfig& config, train::TrainingHooks& hooks);
  /// That is over; `error` says why, if it failed.
  void release(const std::string& error = {});

  io::Json status() const;  ///< as /api/state and the event `training` tell it
  LiveModels live();        ///< who knows the model that learns
  /// The filters of its first layer as they were last, with a number that grows; nothing where they
  /// cannot be seen.
  std::optional<io::Json> filters() const;

 private:
  /// What is trained, or goes on.
  struct Order {
    train::TrainConfig config;
    std::filesystem::path run = {};  // that goes on; empty: a new one
  };
  class Teller;
  enum class Phase : std::uint8_t { kIdle, kStarting, kRunning, kJudging };
  /// Why the model that learns is looked at.
  enum class Reason : std::uint8_t { kInterval, kEpoch, kPause };
  using Control = std::shared_ptr<train::TrainControl>;

  void begin(std::deque<Order> orders);
  void work();
  std::optional<Order> next_order();
  std::string train(const Order& order);
  void prepare(train::TrainingHooks& hooks);
  void tell();
  io::Json status_locked() const;
  Control busy_control() const;

  // The model that learns: training_looks.cpp.
  void forget_model();
  bool may_look(Reason reason) const;
  void note_look(std::chrono::steady_clock::time_point begin);
  void tell_of_model(Reason reason);
  LiveModel snapshot();

  Events& events_;
  const std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;  // of what follows
  std::deque<Order> orders_;
  Phase phase_ = Phase::kIdle;
  std::string run_, model_, data_, error_;
  train::TrainPlan plan_;
  std::optional<train::StepEvent> step_;
  bool stopping_ = false;
  bool is_first_ = true;  // of its orders
  Control control_;       // of the training that runs, or will next; who uses it holds it
  std::unique_ptr<train::TrainObserver> teller_;
  const nn::Module* module_ = nullptr;  // that learns; of the training's thread
  models::ModelCard card_;
  std::int64_t version_ = 0;  // of the model, as others may look at it
  std::string filters_;       // as JSON
  std::chrono::steady_clock::time_point last_step_told_{};
  std::chrono::steady_clock::time_point next_look_{}, rested_{};  // when the next one may be
  std::chrono::steady_clock::time_point begun_{};                 // when the model was there
  std::thread thread_;
};

}  // namespace fovea::serve
