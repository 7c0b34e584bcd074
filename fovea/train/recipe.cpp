#include "fovea/train/recipe.h"

#include <vector>

#include "fovea/core/error.h"
#include "fovea/optim/adam.h"
#include "fovea/optim/sgd.h"
#include "fovea/train/monitor.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

using OptimizerPtr = std::unique_ptr<optim::Optimizer>;
using SchedulePtr = std::unique_ptr<optim::Schedule>;

/// Makes one of complete settings (in_force).
using MakeOptimizer = OptimizerPtr (*)(const TrainConfig&, const std::vector<ScaledParameters>&);

/// Groups with these options, whose learning rate is each one's own.
template <class Options>
std::vector<optim::ParameterGroup<Options>> with_options(
    const std::vector<ScaledParameters>& groups, const Options& options) {
  std::vector<optim::ParameterGroup<Options>> all;
  for (const auto& [parameters, scale] : groups) {
    all.push_back({parameters, options});
    all.back().options.lr *= scale;
  }
  return all;
}

constexpr Word<MakeOptimizer> kOptimizers[] = {
    {"adam",
     [](const TrainConfig& c, const std::vector<ScaledParameters>& groups) -> OptimizerPtr {
       return std::make_unique<optim::Adam>(
           with_options(groups, optim::AdamOptions{.lr = c.lr, .weight_decay = *c.weight_decay}));
     }},
    {"adamw",
     [](const TrainConfig& c, const std::vector<ScaledParameters>& groups) -> OptimizerPtr {
       return std::make_unique<optim::AdamW>(
           with_options(groups, optim::AdamWOptions{.lr = c.lr, .weight_decay = *c.weight_decay}));
     }},
    {"sgd", [](const TrainConfig& c, const std::vector<ScaledParameters>& groups) -> OptimizerPtr {
       return std::make_unique<optim::SGD>(with_options(
           groups, optim::SGDOptions{
                       .lr = c.lr, .momentum = *c.momentum, .weight_decay = *c.weight_decay}));
     }}};

constexpr Word<optim::Anneal> kAnneals[] = {{"cosine", optim::Anneal::kCosine},
                                            {"linear", optim::Anneal::kLinear}};

constexpr Word<bool> kSwitches[] = {{"on", true}, {"off", false}};
constexpr Word<bool> kSampling[] = {{"all", false}, {"balanced", true}};
constexpr Word<OnFull> kOnFull[] = {{"stop", OnFull::kStop}, {"wait", OnFull::kWait}};

/// Likewise.
using MakeSchedule = SchedulePtr (*)(const TrainConfig&, optim::Optimizer&, std::int64_t steps,
                                     const std::vector<double>& scales);

/// The top of a one-cycle schedule for each group.
std::vector<double> tops(double lr, std::vector<double> scales) {
  for (double& scale : scales) scale *= lr;
  return scales;
}

constexpr Word<MakeSchedule> kSchedules[] = {
    {"none",
     [](const TrainConfig&, optim::Optimizer&, std::int64_t,
        const std::vector<double>&) -> SchedulePtr { return nullptr; }},
    {"step",
     [](const TrainConfig&, optim::Optimizer& optimizer, std::int64_t steps,
        const std::vector<double>&) -> SchedulePtr {
       return std::make_unique<optim::StepLR>(optimizer,
                                              optim::StepLROptions{.step_size = (steps + 2) / 3});
     }},
    {"cosine",
     [](const TrainConfig&, optim::Optimizer& optimizer, std::int64_t steps,
        const std::vector<double>&) -> SchedulePtr {
       return std::make_unique<optim::CosineAnnealingLR>(
           optimizer, optim::CosineAnnealingLROptions{.t_max = steps});
     }},
    {"onecycle",
     [](const TrainConfig& c, optim::Optimizer& optimizer, std::int64_t steps,
        const std::vector<double>& scales) -> SchedulePtr {
       return std::make_unique<optim::OneCycleLR>(
           optimizer, optim::OneCycleLROptions{.max_lr = c.lr,
                                               .max_lrs = tops(c.lr, scales),
                                               .total_steps = steps,
                                               .pct_start = *c.warmup,
                                               .anneal = meaning_of("anneal", kAnneals, c.anneal),
                                               .cycle_momentum = c.cycle_momentum});
     }}};

}  // namespace

std::vector<std::string> optimizer_words() { return words_of(kOptimizers); }
std::vector<std::string> schedule_words() { return words_of(kSchedules); }
std::vector<std::string> anneal_words() { return words_of(kAnneals); }
std::vector<std::string> on_full_words() { return words_of(kOnFull); }
std::vector<std::string> switch_words() { return words_of(kSwitches); }
std::vector<std::string> sampling_words() { return words_of(kSampling); }

void check_recipe_words(const TrainConfig& config) {
  (void)meaning_of("optimizer", kOptimizers, config.optimizer);
  (void)meaning_of("schedule", kSchedules, config.schedule);
  (void)meaning_of("anneal", kAnneals, config.anneal);
  (void)samples_balanced(config);
  (void)monitor_of(config.monitor);
  (void)on_full_of(config);
  (void)has_events(config);
}

bool has_events(const TrainConfig& config) {
  return meaning_of("tensorboard", kSwitches, config.tensorboard);
}

bool samples_balanced(const TrainConfig& config) {
  return meaning_of("sampling", kSampling, config.sampling);
}

OnFull on_full_of(const TrainConfig& config) {
  return meaning_of("on_full", kOnFull, config.on_full);
}

std::unique_ptr<optim::Optimizer> make_optimizer(const TrainConfig& config,
                                                 const std::vector<ScaledParameters>& groups) {
  return meaning_of("optimizer", kOptimizers, config.optimizer)(in_force(config), groups);
}

std::unique_ptr<optim::Optimizer> make_optimizer(const TrainConfig& config,
                                                 const Tensors& parameters) {
  return make_optimizer(config, std::vector<ScaledParameters>{{parameters, 1}});
}

std::unique_ptr<optim::Schedule> make_schedule(const TrainConfig& config,
                                               optim::Optimizer& optimizer,
                                               std::int64_t total_steps,
                                               const std::vector<double>& scales) {
  return meaning_of("schedule", kSchedules, config.schedule)(in_force(config), optimizer,
                                                             total_steps, scales);
}

}  // namespace fovea::train
