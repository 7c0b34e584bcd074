// How the desk follows a training: what it tells pages as it goes, and how others look at the model
// that learns.
#include <algorithm>
#include <utility>

#include "apps/serve/api/event_json.h"
#include "apps/serve/api/sheet.h"
#include "apps/serve/api/training.h"
#include "apps/serve/http/router.h"
#include "fovea/core/error.h"
#include "fovea/io/json.h"
#include "fovea/models/models.h"
#include "fovea/train/first_layer.h"

namespace fovea::serve {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kStepInterval{500};
// Between two looks, and how many times longer than a look took.
constexpr std::chrono::milliseconds kLeastLookInterval{1000}, kLongestLookInterval{10000};
constexpr int kLookShare = 50;

/// A training that has just begun changes faster than an old one.
Clock::duration look_interval(Clock::duration age) {
  return std::clamp<Clock::duration>(age / 10, kLeastLookInterval, kLongestLookInterval);
}

}  // namespace

/// Tells the desk what happens, before the control may wait.
class TrainingDesk::Teller final : public train::TrainObserver {
 public:
  Teller(TrainingDesk& desk, Control control) : desk_(desk), control_(std::move(control)) {}

  void on_train_begin(const train::TrainPlan& plan) override {
    set([&] {
      desk_.plan_ = plan;
      desk_.phase_ = Phase::kRunning;
    });
  }
  void on_step(const train::StepEvent& event) override {
    const bool pauses = control_->wants_pause();
    const auto now = Clock::now();
    {
      const std::scoped_lock lock(desk_.mutex_);
      desk_.step_ = event;
      if (!pauses && now - desk_.last_step_told_ < kStepInterval) return;
      desk_.last_step_told_ = now;
    }
    if (desk_.events_.listeners() == 0) return;
    desk_.events_.publish("step", io::json_line(json_of_step(event, run())));
    desk_.tell_of_model(pauses ? Reason::kPause : Reason::kInterval);
  }
  void on_evaluate(std::string_view) override {
    set([&] { desk_.phase_ = Phase::kJudging; });
  }
  void on_epoch_end(const train::EpochEvent& event) override {
    io::Json row = json_of_epoch(event);
    row["run"] = run();
    desk_.events_.publish("epoch", io::json_line(row));
    set([&] { desk_.phase_ = Phase::kRunning; });
    desk_.tell_of_model(Reason::kEpoch);
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
  const Control control_;
};

/// What a training must be told of so that it tells the pages and can be steered.
void TrainingDesk::prepare(train::TrainingHooks& hooks) {
  const std::scoped_lock lock(mutex_);
  teller_ = std::make_unique<Teller>(*this, control_);
  hooks.observers.push_back(teller_.get());
  hooks.observers.push_back(control_.get());
  hooks.stop = &control_->stop_flag();
  hooks.on_model = [this](const nn::Module& module, const models::ModelCard& card) {
    const std::scoped_lock inner(mutex_);
    module_ = &module;
    card_ = card;
    ++version_;  // another one than before
    next_look_ = rested_ = {};
    begun_ = Clock::now();
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

/// The training is over, however it ended.
void TrainingDesk::forget_model() {
  const std::scoped_lock lock(mutex_);
  if (control_) control_->close();
  module_ = nullptr;
}

/// Whether the model that learns may be looked at, on its thread. With the mutex.
bool TrainingDesk::may_look(Reason reason) const {
  if (module_ == nullptr) return false;
  switch (reason) {
    case Reason::kInterval:
      return Clock::now() >= next_look_;
    case Reason::kEpoch:
      return Clock::now() >= rested_;
    case Reason::kPause:
      return true;
  }
  return false;
}

/// A look that began then is over. With the mutex.
void TrainingDesk::note_look(Clock::time_point begin) {
  const auto end = Clock::now();
  rested_ = std::max(rested_, end + (end - begin) * kLookShare);
  next_look_ = std::max({next_look_, rested_, end + look_interval(end - begun_)});
}

/// On the training's thread: the first layer's filters, and word that the model may be looked at
/// anew.
void TrainingDesk::tell_of_model(Reason reason) {
  const auto begin = Clock::now();
  const nn::Module* module = nullptr;
  Shape input;
  {
    const std::scoped_lock lock(mutex_);
    if (!may_look(reason) || events_.listeners() == 0) return;
    module = module_;
    input = card_.input;
  }
  const std::vector<io::Image> pictures = train::first_layer_pictures(*module, input);
  io::Json filters;
  if (!pictures.empty()) filters = json_of(sheet_of(pictures));
  std::int64_t version = 0, step = 0;
  {
    const std::scoped_lock lock(mutex_);
    version = ++version_;
    step = step_ ? step_->step : 0;
    if (!pictures.empty()) filters["version"] = version;
    filters_ = pictures.empty() ? std::string() : io::json_line(filters);
    note_look(begin);
  }
  if (!pictures.empty()) events_.publish("filters", io::json_line({{"version", version}}));
  events_.publish("maps", io::json_line({{"step", step}}));
}

std::optional<io::Json> TrainingDesk::filters() const {
  const std::scoped_lock lock(mutex_);
  return filters_.empty() ? std::nullopt : io::parse_json(filters_);
}

/// A copy of the model that learns, as it is between two steps.
LiveModel TrainingDesk::snapshot() {
  const Control control = busy_control();
  models::ModelCard card;
  std::string data;
  StateDict state;
  const auto look = [&] {
    const auto begin = Clock::now();
    const std::scoped_lock lock(mutex_);
    card = card_;
    data = data_;
    for (const auto& [name, tensor] : module_->state_dict())
      state.emplace_back(name, tensor.detach().clone());
    note_look(begin);
  };
  if (!control->between_steps(look, patience_))
    throw Conflict(
        "training: a moment between two steps expected, got none: it is judged, or over");
  LiveModel live{.model = {.module = models::make_model(card.model, card.options),
                           .card = card,
                           .classes = std::stoll(card.options.at("num_classes"))},
                 .data = {}};
  live.model.module->load_state_dict(state);
  live.model.module->eval();
  live.data.data = data;
  return live;
}

LiveModels TrainingDesk::live() {
  return {.version = [this]() -> std::optional<std::int64_t> {
            const std::scoped_lock lock(mutex_);
            return module_ == nullptr ? std::nullopt : std::optional(version_);
          },
          .snapshot = [this] { return snapshot(); }};
}

}  // namespace fovea::serve
