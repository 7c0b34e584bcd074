#include "fovea/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "fovea/core/error.h"

namespace fovea::optim {

namespace {

void check_not_negative(const char* schedule, const char* what, double value) {
  check<ArgumentError>(std::isfinite(value) && value >= 0, schedule, ": ", what,
                       " expected a finite number >= 0, got ", value);
}

void check_positive(const char* schedule, const char* what, double value) {
  check<ArgumentError>(std::isfinite(value) && value > 0, schedule, ": ", what,
                       " expected a finite number > 0, got ", value);
}

/// What each group rises to.
std::vector<double> tops(const Optimizer& optimizer, const OneCycleLROptions& options) {
  const auto groups = static_cast<std::size_t>(optimizer.group_count());
  if (options.max_lrs.empty()) return std::vector<double>(groups, options.max_lr);
  check<ArgumentError>(options.max_lrs.size() == groups,
                       "one_cycle: max_lrs expected one for each of ", groups, " groups, got ",
                       options.max_lrs.size());
  return options.max_lrs;
}

void check_count(const char* schedule, const char* what, std::int64_t value) {
  check<ArgumentError>(value >= 1, schedule, ": ", what, " expected >= 1, got ", value);
}

}  // namespace

Schedule::Schedule(Optimizer& optimizer) : optimizer_(&optimizer) {
  for (int group = 0; group < optimizer.group_count(); ++group)
    base_lr_.push_back(optimizer.lr(group));
}

Schedule::Schedule(Optimizer& optimizer, std::vector<double> base_lr)
    : optimizer_(&optimizer), base_lr_(std::move(base_lr)) {}

double Schedule::lr_at(std::int64_t step, int group) const {
  const int groups = static_cast<int>(base_lr_.size());
  check<IndexError>(group >= 0 && group < groups, "schedule: group expected in [0, ", groups,
                    "), got ", group);
  check_step(step);
  return compute(step, base_lr_[static_cast<std::size_t>(group)]);
}

void Schedule::set_position(std::int64_t step) {
  check_step(step);
  apply(step);
  position_ = step;
}

void Schedule::check_step(std::int64_t step) const {
  check<ArgumentError>(step >= 0, "schedule: step expected >= 0, got ", step);
}

void Schedule::apply(std::int64_t step) {
  for (std::size_t group = 0; group < base_lr_.size(); ++group) {
    optimizer_->set_lr(compute(step, base_lr_[group]), static_cast<int>(group));
  }
}

// --- StepLR --------------------------------------------------------------------------------------

StepLR::StepLR(Optimizer& optimizer, const StepLROptions& options)
    : Schedule(optimizer), options_(options) {
  check_count("step_lr", "step_size", options.step_size);
  check_not_negative("step_lr", "gamma", options.gamma);
  set_position(0);
}

double StepLR::compute(std::int64_t step, double base_lr) const {
  const std::int64_t decays = step / options_.step_size;
  return base_lr * std::pow(options_.gamma, static_cast<double>(decays));
}

// --- CosineAnnealingLR ---------------------------------------------------------------------------

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options)
    : Schedule(optimizer), options_(options) {
  check_count("cosine", "t_max", options.t_max);
  check_not_negative("cosine", "eta_min", options.eta_min);
  set_position(0);
}

double CosineAnnealingLR::compute(std::int64_t step, double base_lr) const {
  const double way = static_cast<double>(step) / static_cast<double>(options_.t_max);
  return options_.eta_min +
         (base_lr - options_.eta_min) * (1 + std::cos(std::numbers::pi * way)) / 2;
}

// --- OneCycleLR ----------------------------------------------------------------------------------

OneCycleLR::OneCycleLR(Optimizer& optimizer, const OneCycleLROptions& options)
    : Schedule(optimizer, tops(optimizer, options)), options_(options) {
  check_not_negative("one_cycle", "max_lr", options.max_lr);
  for (const double top : options.max_lrs) check_not_negative("one_cycle", "max_lrs", top);
  check_count("one_cycle", "total_steps", options.total_steps);
  check_positive("one_cycle", "div_factor", options.div_factor);
  check_positive("one_cycle", "final_div_factor", options.final_div_factor);
  check<ArgumentError>(options.pct_start >= 0 && options.pct_start <= 1,
                       "one_cycle: pct_start expected in [0, 1], got ", options.pct_start);
  for (const double momentum : {options.base_momentum, options.max_momentum}) {
    check<ArgumentError>(momentum >= 0 && momentum < 1,
                         "one_cycle: momentum expected in [0, 1), got ", momentum);
  }
  set_position(0);
}

/// The value at `step` of something that starts at `first`, is at `top` when the rate is, and ends
/// at `last`. The ends of the phases are PyTorch's, fractions and all, so that the curves are the
/// same.
double OneCycleLR::follow(std::int64_t step, double first, double top, double last) const {
  struct Phase {
    double end, from, to;
  };
  const auto total = static_cast<double>(options_.total_steps), now = static_cast<double>(step);
  const double rise_end = options_.pct_start * total - 1;
  const bool three = options_.three_phase;
  const Phase phases[] = {
      {rise_end, first, top},
      {three ? 2 * options_.pct_start * total - 2 : total - 1, top, three ? first : last},
      {total - 1, first, last}};
  const int count = three ? 3 : 2;
  double begin = 0;
  int i = 0;
  while (i + 1 < count && now > phases[i].end) begin = phases[i++].end;
  const auto [end, from, to] = phases[i];
  const double way = end == begin ? 1 : (now - begin) / (end - begin);
  if (options_.anneal == Anneal::kLinear) return from + (to - from) * way;
  return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * way));
}

double OneCycleLR::compute(std::int64_t step, double base_lr) const {
  const double first = base_lr / options_.div_factor;
  const double rate = follow(step, first, base_lr, first / options_.final_div_factor);
  return std::max(rate, 0.0);  // a straight line goes below 0 behind its end
}

double OneCycleLR::momentum_at(std::int64_t step) const {
  check_step(step);
  const double ends = options_.max_momentum, middle = options_.base_momentum;
  return std::clamp(follow(step, ends, middle, ends), std::min(ends, middle),
                    std::max(ends, middle));
}

void OneCycleLR::check_step(std::int64_t step) const {
  check<ArgumentError>(step >= 0 && step <= options_.total_steps,
                       "one_cycle: step expected in [0, ", options_.total_steps, "], got ", step);
}

void OneCycleLR::apply(std::int64_t step) {
  Schedule::apply(step);
  if (!options_.cycle_momentum) return;
  for (int group = 0; group < optimizer().group_count(); ++group) {
    optimizer().set_momentum(momentum_at(step), group);
  }
}

// --- LinearLR ------------------------------------------------------------------------------------

LinearLR::LinearLR(Optimizer& optimizer, const LinearLROptions& options)
    : Schedule(optimizer), options_(options) {
  check_not_negative("linear", "start_factor", options.start_factor);
  check_not_negative("linear", "end_factor", options.end_factor);
  check_count("linear", "total_iters", options.total_iters);
  set_position(0);
}

double LinearLR::compute(std::int64_t step, double base_lr) const {
  const double way = static_cast<double>(std::min(step, options_.total_iters)) /
                     static_cast<double>(options_.total_iters);
  return base_lr * (options_.start_factor + (options_.end_factor - options_.start_factor) * way);
}

}  // namespace fovea::optim
