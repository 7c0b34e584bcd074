#include "apps/serve/api/training.h"

#include <algorithm>
#include <utility>

#include "apps/serve/api/sheet.h"
#include "apps/serve/http/router.h"
#include "fovea/core/error.h"
#include "fovea/io/json.h"
#include "fovea/models/models.h"
#include "fovea/train/first_layer.h"

namespace fovea::serve {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kStepInterval{100};
// Between two looks at the model that learns, and how many times longer than a look took: so much
// of the training's time goes into being watched, 2 % at most.
constexpr std::chrono::milliseconds kLookInterval{2000};
constexpr int kLookShare = 50;

io::Json json_of(const train::StepEvent& event, const std::string& run) {
  return {{"run", run},
          {"epoch", event.epoch},
          {"step", event.step},
          {"step_in_epoch", event.step_in_epoch},
          {"loss", event.loss},
          {"lr", event.lr},
          {"train_loss", event.train_loss},
          {"train_accuracy", event.train_accuracy},
          {"images_per_s", event.images_per_s},
          {"eta_s", event.eta_s}};
}

}  // namespace

io::Json json_of_epoch(const train::EpochEvent& event) {
  io::Json row = {
      {"epoch", event.epoch}, {"step", event.step}, {"time_s", event.time_s}, {"lr", event.lr}};
  const auto add = [&](const std::string& name, const std::optional<train::Score>& score) {
    row[name + "_loss"] = score ? io::Json(score->loss) : io::Json();
    row[name + "_accuracy"] = score ? io::Json(score->accuracy) : io::Json();
  };
  add("train", event.train);
  add("val", event.val);
  add("test", event.test);
  row["images_per_s"] = event.images_per_s;
  row["data_wait_s"] = event.data_wait_s;
  return row;
}

/// Tells the desk what happens, before the control may wait.
class TrainingDesk::Teller final : public train::TrainObserver {
 public:
  explicit Teller(TrainingDesk& desk) : desk_(desk) {}

  void on_train_begin(const train::TrainPlan& plan) override {
    set([&] {
      desk_.plan_ = plan;
      desk_.phase_ = Phase::kRunning;
    });
  }
  void on_step(const train::StepEvent& event) override {
    const auto now = Clock::now();
    bool told = false;
    {
      const std::scoped_lock lock(desk_.mutex_);
      if (desk_.phase_ == Phase::kJudging) desk_.phase_ = Phase::kRunning;
      desk_.step_ = event;
      told = desk_.control_->wants_pause() || now - desk_.last_step_told_ >= kStepInterval;
      if (told) desk_.last_step_told_ = now;
    }
    if (!told || desk_.events_.listeners() == 0) return;
    desk_.events_.publish("step", io::json_line(json_of(event, run())));
    desk_.tell_of_model(desk_.control_->wants_pause());
  }
  void on_evaluate(std::string_view) override {
    set([&] { desk_.phase_ = Phase::kJudging; });
  }
  void on_epoch_end(const train::EpochEvent& event) override {
    io::Json row = json_of_epoch(event);
    row["run"] = run();
    desk_.events_.publish("epoch", io::json_line(row));
    set([&] { desk_.phase_ = Phase::kRunning; });
    desk_.tell_of_model(true);
  }

 private:
  template <class F>
  void set(const F& change) {
    {
      const std::scoped_lock lock(desk_.mutex_);
      change();
    }
    desk_.tell();
  }
  std::string run() const {
    const std::scoped_lock lock(desk_.mutex_);
    return desk_.run_;
  }

  TrainingDesk& desk_;
};

TrainingDesk::TrainingDesk(Events& events) : events_(events) {}

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
  const std::scoped_lock lock(mutex_);
  if (phase_ != Phase::kIdle) throw Conflict("training: none expected to run, got one that does");
  if (thread_.joinable()) thread_.join();  // over, but for its last breath
  orders_ = std::move(orders);
  stopping_ = false;
  error_.clear();
  run_ = orders_.front().run.filename().string();
  step_.reset();
  phase_ = Phase::kStarting;
  thread_ = std::thread([this] { work(); });
}

void TrainingDesk::work() {
  for (;;) {
    Order order;
    {
      const std::scoped_lock lock(mutex_);
      if (orders_.empty() || stopping_) break;
      order = std::move(orders_.front());
      orders_.pop_front();
      phase_ = Phase::kStarting;
      run_ = order.run.filename().string();
      model_ = order.config.model;
      data_ = order.config.data;
      step_.reset();
    }
    tell();
    try {
      train(order);
    } catch (const std::exception& error) {
      const std::scoped_lock lock(mutex_);
      error_ = error.what();
      orders_.clear();
    }
    events_.publish("runs", "{}");
  }
  release(error_);
}

void TrainingDesk::train(const Order& order) {
  train::TrainingHooks hooks;
  prepare(hooks);
  const bool goes_on = !order.run.empty();
  const train::TrainingResult result = goes_on
                                           ? train::resume_training(order.run, order.config, hooks)
                                           : train::run_training(order.config, hooks);
  control_->close();
  const std::scoped_lock lock(mutex_);
  module_ = nullptr;
}

/// What a training must be told of so that it tells the pages and can be steered.
void TrainingDesk::prepare(train::TrainingHooks& hooks) {
  const std::scoped_lock lock(mutex_);
  control_ = std::make_unique<train::TrainControl>();
  teller_ = std::make_unique<Teller>(*this);
  if (stopping_) control_->stop();
  hooks.observers.push_back(teller_.get());
  hooks.observers.push_back(control_.get());
  hooks.stop = &control_->stop_flag();
  hooks.on_model = [this](const nn::Module& module, const models::ModelCard& card) {
    const std::scoped_lock inner(mutex_);
    module_ = &module;
    card_ = card;
    next_look_ = {};
  };
  hooks.on_directory = [this, before = hooks.on_directory](const std::filesystem::path& path) {
    if (before) before(path);
    {
      const std::scoped_lock inner(mutex_);
      run_ = path.filename().string();
    }
    tell();
    events_.publish("runs", "{}");
  };
}

void TrainingDesk::adopt(const train::TrainConfig& config, train::TrainingHooks& hooks) {
  {
    const std::scoped_lock lock(mutex_);
    phase_ = Phase::kStarting;
    model_ = config.model;
    data_ = config.data;
  }
  prepare(hooks);
}

void TrainingDesk::release(const std::string& error) {
  {
    const std::scoped_lock lock(mutex_);
    if (control_) control_->close();
    module_ = nullptr;
    phase_ = Phase::kIdle;
    error_ = error;
    stopping_ = false;
  }
  tell();
}

train::TrainControl& TrainingDesk::busy_control() {
  const std::scoped_lock lock(mutex_);
  if (phase_ == Phase::kIdle || !control_)
    throw Conflict("training: one expected to run, got none");
  return *control_;
}

void TrainingDesk::pause() {
  busy_control().pause();
  tell();
}
void TrainingDesk::go() {
  busy_control().go();
  tell();
}
void TrainingDesk::step() {
  busy_control().step();
  tell();
}
void TrainingDesk::stop() {
  train::TrainControl& control = busy_control();
  {
    const std::scoped_lock lock(mutex_);
    orders_.clear();
    stopping_ = true;
  }
  control.stop();
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
  for (const Order& order : orders_) queue.push_back(order.config.name);
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
          {"step", step_ ? json_of(*step_, run_) : io::Json()},
          {"error", text(error_)}};
}

void TrainingDesk::tell() { events_.publish("training", io::json_line(status())); }

/// On the training's thread: the first layer's filters, and word that the model may be looked at
/// anew.
void TrainingDesk::tell_of_model(bool always) {
  const auto begin = Clock::now();
  const nn::Module* module = nullptr;
  Shape input;
  {
    const std::scoped_lock lock(mutex_);
    if (module_ == nullptr || (!always && begin < next_look_) || events_.listeners() == 0) return;
    module = module_;
    input = card_.input;
  }
  const std::vector<io::Image> pictures = train::first_layer_pictures(*module, input);
  io::Json filters;
  if (!pictures.empty()) filters = json_of(sheet_of(pictures));
  const auto end = Clock::now();
  std::int64_t version = 0, step = 0;
  {
    const std::scoped_lock lock(mutex_);
    next_look_ = end + std::max<Clock::duration>(kLookInterval, (end - begin) * kLookShare);
    version = ++version_;
    step = step_ ? step_->step : 0;
    if (!pictures.empty()) {
      filters["version"] = version;
      filters_ = io::json_line(filters);
    }
  }
  if (!pictures.empty()) events_.publish("filters", io::json_line({{"version", version}}));
  events_.publish("maps", io::json_line({{"step", step}}));
}

std::optional<io::Json> TrainingDesk::filters() const {
  const std::scoped_lock lock(mutex_);
  return filters_.empty() ? std::nullopt : io::parse_json(filters_);
}

LiveModels TrainingDesk::live() {
  return {.version = [this]() -> std::optional<std::int64_t> {
            const std::scoped_lock lock(mutex_);
            return module_ == nullptr ? std::nullopt : std::optional(version_);
          },
          .snapshot = [this]() -> LiveModel {
            models::ModelCard card;
            StateDict state;
            train::TrainControl& control = busy_control();
            const bool seen = control.between_steps([&] {
              const std::scoped_lock lock(mutex_);
              card = card_;
              for (const auto& [name, tensor] : module_->state_dict())
                state.emplace_back(name, tensor.detach().clone());
            });
            if (!seen) throw Conflict("training: one expected to run, got none");
            LiveModel live{.model = {.module = models::make_model(card.model, card.options),
                                     .card = card,
                                     .classes = std::stoll(card.options.at("num_classes"))},
                           .data = {}};
            live.model.module->load_state_dict(state);
            live.model.module->eval();
            const std::scoped_lock lock(mutex_);
            live.data.data = data_;
            return live;
          }};
}

}  // namespace fovea::serve
