#include "fovea/optim/optimizer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/tape.h"

namespace fovea::optim {

Optimizer::Optimizer(std::string name, std::vector<std::string> state_names)
    : name_(std::move(name)), state_names_(std::move(state_names)) {}

Optimizer::~Optimizer() = default;

void Optimizer::add_group(const Tensors& parameters) {
  check<ArgumentError>(!parameters.empty(), name_, ": parameters expected at least one, got none");
  Tensors seen = this->parameters();
  const std::size_t first = seen.size();
  for (const Tensor& parameter : parameters) {
    const std::size_t number = seen.size();
    check<StateError>(parameter.is_leaf(), name_, ": parameter ", number,
                      " expected to be a leaf, got the result of an operation");
    check<DTypeError>(is_differentiable(parameter.dtype()), name_, ": parameter ", number,
                      " expected dtype f32 or f64, got ", parameter.dtype());
    const auto twin = std::find_if(seen.begin(), seen.end(), [&](const Tensor& other) {
      return other.impl() == parameter.impl();
    });
    check<ArgumentError>(twin == seen.end(), name_, ": parameter ", number,
                         " expected only once, got parameter ", twin - seen.begin(), " again");
    seen.push_back(parameter);
  }
  groups_.push_back(gather(parameters, first, state_names_.size()));
}

void Optimizer::step() {
  const NoGrad no_grad;
  for (const auto& blocks : groups_) {
    for (const FlatBlock& block : blocks) block.check(name_);
  }
  for (int group = 0; group < group_count(); ++group) {
    for (FlatBlock& block : groups_[static_cast<std::size_t>(group)]) {
      const std::vector<FlatBlock::Run> runs = block.collect();
      for (const FlatBlock::Run& run : runs) update(group, block, run);
      if (!runs.empty()) block.mark_changed(runs);
    }
  }
}

void Optimizer::zero_grad() {
  for (auto& blocks : groups_) {
    for (FlatBlock& block : blocks) block.zero_grad();
  }
}

Tensors Optimizer::parameters() const {
  std::map<std::size_t, Tensor> by_number;
  for (const auto& blocks : groups_) {
    for (const FlatBlock& block : blocks) {
      for (const FlatBlock::Slot& slot : block.slots()) by_number[slot.number] = slot.parameter;
    }
  }
  Tensors all;
  for (const auto& [number, parameter] : by_number) all.push_back(parameter);
  return all;
}

void Optimizer::check_group(int group) const {
  check<IndexError>(group >= 0 && group < group_count(), name_, ": group expected in [0, ",
                    group_count(), "), got ", group);
}

void Optimizer::check_not_negative(double value, std::string_view what) const {
  check<ArgumentError>(std::isfinite(value) && value >= 0, name_, ": ", what,
                       " expected a finite number >= 0, got ", value);
}

double Optimizer::lr(int group) const {
  check_group(group);
  return get_lr(group);
}

void Optimizer::set_lr(double lr, int group) {
  check_group(group);
  check_not_negative(lr, "lr");
  put_lr(lr, group);
}

double Optimizer::momentum(int group) const {
  check_group(group);
  return get_momentum(group);
}

void Optimizer::set_momentum(double momentum, int group) {
  check_group(group);
  check_momentum(momentum);
  put_momentum(momentum, group);
}

}  // namespace fovea::optim
