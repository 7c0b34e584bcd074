// Schedules: learning rates that change as training goes on. step() is called once after each
// optimiser step (or each epoch, as the schedule's numbers are meant); lr_at says what any step
// has, without changing anything.
//
//     optim::StepLR schedule(optimizer, {.step_size = 30, .gamma = 0.1});
//     for (...) { optimizer.step(); schedule.step(); }
//
// A schedule starts from the optimiser's learning rates at the time it is made, puts its own rate
// for step 0 in force at once, and must not outlive the optimiser.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/optim/optimizer.h"

namespace fovea::optim {

/// Base of the schedules.
class Schedule {
 public:
  virtual ~Schedule() = default;
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  /// The learning rate of a group at a step, counted from 0. Throws IndexError, or ArgumentError
  /// for a step that the schedule does not have.
  double lr_at(std::int64_t step, int group = 0) const;
  /// Puts the next step's learning rates in force. Throws ArgumentError after the schedule's last
  /// step.
  void step() { set_position(position_ + 1); }

  std::int64_t position() const { return position_; }  ///< the step whose rates are in force
  /// Goes to a step, to resume a run. Throws ArgumentError for a step that the schedule does not
  /// have.
  void set_position(std::int64_t step);

 protected:
  /// Remembers the optimiser's learning rates. The derived class ends its constructor with
  /// set_position(0).
  explicit Schedule(Optimizer& optimizer);
  /// Starts from these learning rates instead, one a group.
  Schedule(Optimizer& optimizer, std::vector<double> base_lr);
  /// The learning rate at `step` of a group that started with `base_lr`.
  virtual double compute(std::int64_t step, double base_lr) const = 0;
  /// Throws ArgumentError unless the schedule has the step.
  virtual void check_step(std::int64_t step) const;
  /// Called when a step comes into force; changes the learning rates, and in OneCycleLR the
  /// momentum.
  virtual void apply(std::int64_t step);

  Optimizer& optimizer() const { return *optimizer_; }  ///< what is scheduled

 private:
  Optimizer* optimizer_;
  std::vector<double> base_lr_;
  std::int64_t position_ = 0;
};

/// Options of StepLR.
struct StepLROptions {
  std::int64_t step_size = 1;  ///< steps between changes, >= 1
  double gamma = 0.1;          ///< factor of each change, >= 0
};

/// lr = base * gamma^floor(step / step_size).
class StepLR : public Schedule {
 public:
  /// Throws ArgumentError for an option out of range.
  StepLR(Optimizer& optimizer, const StepLROptions& options);

 private:
  double compute(std::int64_t step, double base_lr) const override;
  StepLROptions options_;
};

/// Options of CosineAnnealingLR.
struct CosineAnnealingLROptions {
  std::int64_t t_max = 1;  ///< steps from the base rate to eta_min, >= 1
  double eta_min = 0;      ///< the lowest rate, >= 0
};

/// lr = eta_min + (base - eta_min) (1 + cos(pi step / t_max)) / 2; it rises again after t_max.
/// Source   Loshchilov and Hutter 2017, "SGDR", without restarts.
class CosineAnnealingLR : public Schedule {
 public:
  /// Throws ArgumentError for an option out of range.
  CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options);

 private:
  double compute(std::int64_t step, double base_lr) const override;
  CosineAnnealingLROptions options_;
};

/// The way from one value to another in OneCycleLR.
enum class Anneal : std::uint8_t {
  kCosine,  ///< half a cosine
  kLinear,  ///< a straight line
};

/// Options of OneCycleLR.
struct OneCycleLROptions {
  double max_lr = 0.001;  ///< the top of the cycle, >= 0; it replaces the optimiser's own rate
  std::vector<double> max_lrs = {};  ///< the same for each group; empty: max_lr for all
  std::int64_t total_steps = 0;      ///< steps of the whole cycle, >= 1
  double pct_start = 0.3;            ///< share of the steps that rise, in [0, 1]
  Anneal anneal = Anneal::kCosine;   ///< shape of the ways up and down
  bool cycle_momentum = true;        ///< momentum (Adam: the first beta) falls while the rate rises
  double base_momentum = 0.85;       ///< momentum at the top of the cycle
  double max_momentum = 0.95;        ///< momentum at its ends
  double div_factor = 25;            ///< the first rate is max_lr / div_factor, > 0
  double final_div_factor = 1e4;     ///< the last rate is the first / final_div_factor, > 0
  bool three_phase = false;  ///< fall back to the first rate as slowly as it rose, then to the last
};

/// Up to max_lr and down to almost nothing, once. Groups with tops of their own (max_lrs) follow
/// the curve in proportion. step() may be called after each of total_steps updates: the last call,
/// for which there is no update any more, leaves what PyTorch's formulas say of the step after the
/// last, but no rate below 0 and no momentum outside the cycle's.
/// Source   Smith and Topin 2018, "Super-Convergence"; PyTorch's OneCycleLR.
class OneCycleLR : public Schedule {
 public:
  /// Throws ArgumentError for an option out of range.
  OneCycleLR(Optimizer& optimizer, const OneCycleLROptions& options);
  /// The momentum at a step. Throws ArgumentError unless 0 <= step <= total_steps.
  double momentum_at(std::int64_t step) const;

 private:
  double compute(std::int64_t step, double base_lr) const override;
  void check_step(std::int64_t step) const override;
  void apply(std::int64_t step) override;
  double follow(std::int64_t step, double first, double top, double last) const;
  OneCycleLROptions options_;
};

/// Options of LinearLR.
struct LinearLROptions {
  double start_factor = 1.0 / 3;  ///< factor of the base rate at step 0, >= 0
  double end_factor = 1;          ///< factor from total_iters on, >= 0
  std::int64_t total_iters = 5;   ///< steps of the way, >= 1
};

/// Linear warm-up: from start_factor to end_factor times the base rate in total_iters steps, and
/// constant from there.
class LinearLR : public Schedule {
 public:
  /// Throws ArgumentError for an option out of range.
  explicit LinearLR(Optimizer& optimizer, const LinearLROptions& options = {});

 private:
  double compute(std::int64_t step, double base_lr) const override;
  LinearLROptions options_;
};

}  // namespace fovea::optim
