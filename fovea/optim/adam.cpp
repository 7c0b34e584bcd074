#include "fovea/optim/adam.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"

namespace fovea::optim {

namespace {

std::vector<ParameterGroup<AdamOptions>> as_adam(
    const std::vector<ParameterGroup<AdamWOptions>>& groups) {
  std::vector<ParameterGroup<AdamOptions>> converted;
  converted.reserve(groups.size());
  for (const auto& [parameters, o] : groups) {
    converted.push_back(
        {parameters, {.lr = o.lr, .betas = o.betas, .eps = o.eps, .weight_decay = o.weight_decay}});
  }
  return converted;
}

bool is_decay(double beta) { return beta >= 0 && beta < 1; }

}  // namespace

Adam::Adam(const Tensors& parameters, const AdamOptions& options)
    : Adam(std::vector<ParameterGroup<AdamOptions>>{{parameters, options}}) {}

Adam::Adam(const std::vector<ParameterGroup<AdamOptions>>& groups)
    : Adam("adam", Decay::kL2, groups) {}

Adam::Adam(std::string name, Decay decay, const std::vector<ParameterGroup<AdamOptions>>& groups)
    : Optimizer(std::move(name), {"exp_avg", "exp_avg_sq"}), decay_(decay) {
  check<ArgumentError>(!groups.empty(), this->name(), ": groups expected at least one, got none");
  for (const auto& [parameters, options] : groups) {
    check_not_negative(options.lr, "lr");
    check<ArgumentError>(is_decay(options.betas.first) && is_decay(options.betas.second),
                         this->name(), ": betas expected in [0, 1), got ", options.betas.first,
                         " and ", options.betas.second);
    check_not_negative(options.eps, "eps");
    check_not_negative(options.weight_decay, "weight_decay");
  }
  for (const auto& [parameters, options] : groups) {
    options_.push_back(options);
    add_group(parameters);
  }
}

const AdamOptions& Adam::options(int group) const {
  lr(group);  // checks the number
  return options_[static_cast<std::size_t>(group)];
}

void Adam::update(int group, FlatBlock& block, const FlatBlock::Run& run) {
  const AdamOptions& options = options_[static_cast<std::size_t>(group)];
  const double t = static_cast<double>(run.steps + 1);
  const kernels::AdamSpec spec{.lr = options.lr,
                               .beta1 = options.betas.first,
                               .beta2 = options.betas.second,
                               .eps = options.eps,
                               .weight_decay = options.weight_decay,
                               .decoupled = decay_ == Decay::kDecoupled,
                               .bias_correction1 = 1 - std::pow(options.betas.first, t),
                               .bias_correction2 = 1 - std::pow(options.betas.second, t)};
  kernels::launch(block.device(), &kernels::KernelTable::adam_step, spec, block.gradients(run),
                  block.values(run), block.state(0, run), block.state(1, run), block.rounded(run));
  block.advance(run);
}

double Adam::get_lr(int group) const { return options_[static_cast<std::size_t>(group)].lr; }
void Adam::put_lr(double lr, int group) { options_[static_cast<std::size_t>(group)].lr = lr; }
double Adam::get_momentum(int group) const {
  return options_[static_cast<std::size_t>(group)].betas.first;
}
void Adam::put_momentum(double momentum, int group) {
  options_[static_cast<std::size_t>(group)].betas.first = momentum;
}
void Adam::check_momentum(double momentum) const {
  check<ArgumentError>(is_decay(momentum), name(), ": momentum expected in [0, 1), got ", momentum);
}

AdamW::AdamW(const Tensors& parameters, const AdamWOptions& options)
    : AdamW(std::vector<ParameterGroup<AdamWOptions>>{{parameters, options}}) {}

AdamW::AdamW(const std::vector<ParameterGroup<AdamWOptions>>& groups)
    : Adam("adamw", Decay::kDecoupled, as_adam(groups)) {}

}  // namespace fovea::optim
