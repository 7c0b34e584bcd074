#include "fovea/optim/sgd.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"

namespace fovea::optim {

SGD::SGD(const Tensors& parameters, const SGDOptions& options)
    : SGD(std::vector<ParameterGroup<SGDOptions>>{{parameters, options}}) {}

SGD::SGD(const std::vector<ParameterGroup<SGDOptions>>& groups)
    : Optimizer("sgd", {"momentum_buffer"}) {
  check<ArgumentError>(!groups.empty(), "sgd: groups expected at least one, got none");
  for (const auto& [parameters, options] : groups) {
    check_not_negative(options.lr, "lr");
    check_not_negative(options.momentum, "momentum");
    check<ArgumentError>(std::isfinite(options.dampening),
                         "sgd: dampening expected a finite number, got ", options.dampening);
    check_not_negative(options.weight_decay, "weight_decay");
    check<ArgumentError>(!options.nesterov || (options.momentum > 0 && options.dampening == 0),
                         "sgd: nesterov expected momentum > 0 and dampening 0, got momentum ",
                         options.momentum, " and dampening ", options.dampening);
  }
  for (const auto& [parameters, options] : groups) {
    options_.push_back(options);
    add_group(parameters);
  }
}

const SGDOptions& SGD::options(int group) const {
  lr(group);  // checks the number
  return options_[static_cast<std::size_t>(group)];
}

void SGD::update(int group, FlatBlock& block, const FlatBlock::Run& run) {
  const SGDOptions& options = options_[static_cast<std::size_t>(group)];
  const bool has_velocity = options.momentum != 0;
  const kernels::SgdSpec spec{.lr = options.lr,
                              .momentum = options.momentum,
                              .dampening = options.dampening,
                              .weight_decay = options.weight_decay,
                              .nesterov = options.nesterov,
                              .first_step = run.steps == 0};
  kernels::launch(block.device(), &kernels::KernelTable::sgd_step, spec, block.gradients(run),
                  block.values(run), has_velocity ? block.state(0, run) : kernels::View{},
                  block.rounded(run));
  // Counted from the first step with a velocity, for momentum may be switched on later.
  if (has_velocity) block.advance(run);
}

double SGD::get_lr(int group) const { return options_[static_cast<std::size_t>(group)].lr; }
void SGD::put_lr(double lr, int group) { options_[static_cast<std::size_t>(group)].lr = lr; }
double SGD::get_momentum(int group) const {
  return options_[static_cast<std::size_t>(group)].momentum;
}
void SGD::put_momentum(double momentum, int group) {
  options_[static_cast<std::size_t>(group)].momentum = momentum;
}
void SGD::check_momentum(double momentum) const { check_not_negative(momentum, "momentum"); }

}  // namespace fovea::optim
