#include "apps/serve/api/training.h"

#include <utility>

#include "apps/serve/api/event_json.h"
#include "apps/serve/http/router.h"
#include "fovea/core/error.h"
#include "fovea/io/json.h"

namespace fovea::serve {

TrainingDesk::TrainingDesk(Events& events, std::chrono::milliseconds patience)
    : events_(events), patience_(patience) {}

TrainingDesk::~TrainingDesk() {
  {
    const std::scoped_lock lock(mutex_);
    orders_.clear();
    stopping_ = true;
    if (control_) control_->stop();
  }
  if (thread_.joinable()) thread_.join();
}

void TrainingDesk::start(std::vector<train::TrainConfig> configs) {
  check<ArgumentError>(!configs.empty(), "training: runs expected at least 1, got 0");
  std::deque<Order> orders;
  for (train::TrainConfig& config : configs) orders.push_back({std::move(config)});
  begin(std::move(orders));
}

void TrainingDesk::resume(std::filesystem::path run) {
  train::TrainConfig config = train::run_config(run);
  begin({Order{std::move(config), std::move(run)}});
}

void TrainingDesk::begin(std::deque<Order> orders) {
  std::thread before;
  {
    const std::scoped_lock lock(mutex_);
    if (phase_ != Phase::kIdle) throw Conflict("training: none expected to run, got one that does");
    phase_ = Phase::kStarting;  // nobody else begins from now on
    const Order& first = orders.front();
    run_ = first.run.filename().string();
    model_ = first.config.model;
    data_ = first.config.data;
    orders_ = std::move(orders);
    stopping_ = false;
    is_first_ = true;
    control_ = std::make_shared<train::TrainControl>();
    error_.clear();
    step_.reset();
    plan_ = {};
    before = std::move(thread_);
  }
  // It is over, but for its last word, for which it needs the mutex.
  if (before.joinable()) before.join();
  const std::scoped_lock lock(mutex_);
  thread_ = std::thread([this] { work(); });
}

void TrainingDesk::work() {
  std::string error;
  while (const std::optional<Order> order = next_order()) {
    tell();
    error = train(*order);
    events_.publish("runs", "{}");
    if (!error.empty()) break;
  }
  release(error);
}

/// What is trained now; nothing when all is done, or was stopped.
std::optional<TrainingDesk::Order> TrainingDesk::next_order() {
  const std::scoped_lock lock(mutex_);
  if (orders_.empty() || stopping_) return std::nullopt;
  Order order = std::move(orders_.front());
  orders_.pop_front();
  phase_ = Phase::kStarting;
  run_ = order.run.filename().string();
  model_ = order.config.model;
  data_ = order.config.data;
  step_.reset();
  plan_ = {};
  if (!std::exchange(is_first_, false)) {
    const bool paused = control_->wants_pause();  // while the one before was judged
    control_ = std::make_shared<train::TrainControl>();
    if (paused) control_->pause();
  }
  return order;
}

/// Trains, and says why it failed, if it did.
std::string TrainingDesk::train(const Order& order) {
  std::string error;
  try {
    train::TrainingHooks hooks;
    prepare(hooks);
    if (order.run.empty()) {
      train::run_training(order.config, hooks);
    } else {
      train::resume_training(order.run, order.config, hooks);
    }
  } catch (const std::exception& failure) {
    error = failure.what();
    if (error.empty()) error = "training: failed";
  }
  forget_model();
  return error;
}

void TrainingDesk::adopt(const train::TrainConfig& config, train::TrainingHooks& hooks) {
  {
    const std::scoped_lock lock(mutex_);
    phase_ = Phase::kStarting;
    model_ = config.model;
    data_ = config.data;
    control_ = std::make_shared<train::TrainControl>();
  }
  prepare(hooks);
}

void TrainingDesk::release(const std::string& error) {
  forget_model();
  {
    const std::scoped_lock lock(mutex_);
    phase_ = Phase::kIdle;
    orders_.clear();
    error_ = error;
    stopping_ = false;
  }
  tell();
}

TrainingDesk::Control TrainingDesk::busy_control() const {
  const std::scoped_lock lock(mutex_);
  if (phase_ == Phase::kIdle || !control_)
    throw Conflict("training: one expected to run, got none");
  return control_;
}

void TrainingDesk::pause() {
  busy_control()->pause();
  tell();
}
void TrainingDesk::go() {
  busy_control()->go();
  tell();
}
void TrainingDesk::step() {
  busy_control()->step();
  tell();
}
void TrainingDesk::stop() {
  busy_control();  // throws
  halt();
}
void TrainingDesk::halt() {
  {
    const std::scoped_lock lock(mutex_);
    if (phase_ == Phase::kIdle || !control_) return;
    orders_.clear();
    stopping_ = true;
    control_->stop();
  }
  tell();
}

io::Json TrainingDesk::status() const {
  const std::scoped_lock lock(mutex_);
  return status_locked();
}

io::Json TrainingDesk::status_locked() const {
  const bool busy = phase_ != Phase::kIdle;
  const char* state = !busy                                 ? "idle"
                      : stopping_                           ? "stopping"
                      : phase_ == Phase::kStarting          ? "starting"
                      : control_ && control_->wants_pause() ? "paused"
                      : phase_ == Phase::kJudging           ? "judging"
                                                            : "running";
  io::Json queue = io::Json::array();
  for (const Order& order : orders_)
    if (!is_first_ || &order != &orders_.front()) queue.push_back(order.config.name);
  const auto text = [](const std::string& words) {
    return words.empty() ? io::Json() : io::Json(words);
  };
  return {{"state", state},
          {"run", text(run_)},
          {"model", text(model_)},
          {"data", text(data_)},
          {"queue", queue},
          {"plan", plan_.epochs == 0 ? io::Json()
                                     : io::Json{{"epochs", plan_.epochs},
                                                {"steps_per_epoch", plan_.steps_per_epoch},
                                                {"train_samples", plan_.train_samples}}},
          {"step", step_ ? json_of_step(*step_, run_) : io::Json()},
          {"error", text(error_)}};
}

void TrainingDesk::tell() { events_.publish("training", io::json_line(status())); }

}  // namespace fovea::serve
