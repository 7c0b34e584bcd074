// Optimisers: they change parameters so that a loss falls.
//
//     optim::Adam optimizer(model.parameters(), {.lr = 0.001});
//     optimizer.zero_grad();
//     loss.backward();
//     optimizer.step();
//
// An optimiser gathers each group's parameters, gradients and moments into flat blocks (flat.h)
// when it is made, so that a step is one pass over memory. The parameters keep their values and
// their handles; but tensors that only shared their memory (a view or a detached handle made
// before) no longer do, and two parameters that were views of one memory are from then on two. Make
// the optimiser before the first forward pass.
//
// Threads: not thread safe; a step runs in parallel inside, and gives the same bits for any number
// of threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/optim/flat.h"
#include "fovea/tensor/state_dict.h"
#include "fovea/tensor/tensor.h"

namespace fovea::optim {

/// Parameters that share options.
template <class Options>
struct ParameterGroup {
  Tensors parameters;  ///< leaves, f32 or f64
  Options options;     ///< how they are updated
};

/// Base of the optimisers: parameter groups, their learning rates, and the state that a run is
/// resumed from.
class Optimizer {
 public:
  virtual ~Optimizer();
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Updates every parameter that has a gradient; the others, and their moments, stay as they are.
  /// Throws   StateError when a parameter's dtype, device or sizes have changed since.
  void step();
  /// Forgets all gradients; backward writes the next ones into the flat block.
  void zero_grad();

  int group_count() const {
    return static_cast<int>(groups_.size());
  }  ///< number of parameter groups
  /// All parameters, group by group, in the order they were given in.
  Tensors parameters() const;

  /// The learning rate of a group. Throws IndexError.
  double lr(int group = 0) const;
  /// Changes a group's learning rate. Throws IndexError; ArgumentError unless finite and >= 0.
  void set_lr(double lr, int group = 0);
  /// The momentum of a group: for Adam its first beta. Throws IndexError.
  double momentum(int group = 0) const;
  /// Changes a group's momentum. Throws IndexError; ArgumentError unless in [0, 1), or for SGD
  /// finite and >= 0.
  void set_momentum(double momentum, int group = 0);

  /// What a run is resumed from, as copies: "group.G.lr" and "group.G.momentum" (f64, 0-d) and, for
  /// each parameter that has been updated, "param.P.step" (i64, 0-d) and its moments
  /// ("param.P.exp_avg", ...). P counts as parameters() does.
  StateDict state_dict() const;
  /// Takes back what state_dict() gave. Parameters that it does not name start afresh.
  /// Throws   StateError for a name or dtype that this optimiser does not have, ShapeError for
  ///          other sizes; nothing has changed then.
  void load_state_dict(const StateDict& state);

  std::string_view name() const { return name_; }  ///< "sgd", "adam", "adamw"

 protected:
  /// `name` is for messages, `state_names` are the moments that each parameter has.
  Optimizer(std::string name, std::vector<std::string> state_names);
  /// Adds a group. Throws ArgumentError when it is empty or a parameter came before, StateError
  /// unless all are leaves, DTypeError unless f32 or f64.
  void add_group(const Tensors& parameters);

  /// Updates one run of group `group`, whose parameters have all been updated `run.steps` times
  /// before.
  virtual void update(int group, FlatBlock& block, const FlatBlock::Run& run) = 0;
  virtual double get_lr(int group) const = 0;                 ///< see lr
  virtual void put_lr(double lr, int group) = 0;              ///< see set_lr
  virtual double get_momentum(int group) const = 0;           ///< see momentum
  virtual void put_momentum(double momentum, int group) = 0;  ///< see set_momentum
  virtual void check_momentum(
      double momentum) const = 0;  ///< throws ArgumentError when out of range

  /// Throws ArgumentError unless `value` is finite and >= 0; the message names `what`.
  void check_not_negative(double value, std::string_view what) const;

 private:
  void check_group(int group) const;
  void check_state(const StateDict& state) const;

  std::string name_;
  std::vector<std::string> state_names_;
  std::vector<std::vector<FlatBlock>> groups_;  // a group's blocks: one a dtype and device
};

}  // namespace fovea::optim
