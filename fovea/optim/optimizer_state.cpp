// Saving and resuming an optimiser.

#include <map>
#include <string>

#include "fovea/core/error.h"
#include "fovea/optim/optimizer.h"
#include "fovea/tensor/tape.h"

namespace fovea::optim {

namespace {

std::string group_key(int group, const char* what) { return str("group.", group, ".", what); }

std::string parameter_key(std::size_t number, const std::string& what) {
  return str("param.", number, ".", what);
}

}  // namespace

StateDict Optimizer::state_dict() const {
  const NoGrad no_grad;
  StateDict state;
  for (int group = 0; group < group_count(); ++group) {
    state.emplace_back(group_key(group, "lr"), scalar(get_lr(group), {.dtype = f64}));
    state.emplace_back(group_key(group, "momentum"), scalar(get_momentum(group), {.dtype = f64}));
  }
  std::map<std::size_t, StateDict> by_number;
  for (const auto& blocks : groups_) {
    for (const FlatBlock& block : blocks) {
      for (const FlatBlock::Slot& slot : block.slots()) {
        if (slot.steps == 0) continue;
        StateDict& own = by_number[slot.number];
        own.emplace_back(parameter_key(slot.number, "step"),
                         scalar(static_cast<double>(slot.steps), {.dtype = i64}));
        for (std::size_t kind = 0; kind < state_names_.size(); ++kind) {
          own.emplace_back(parameter_key(slot.number, state_names_[kind]),
                           block.state(kind, slot).clone());
        }
      }
    }
  }
  for (const auto& [number, own] : by_number) state.insert(state.end(), own.begin(), own.end());
  return state;
}

/// Checks every entry of `state` against what this optimiser would save.
void Optimizer::check_state(const StateDict& state) const {
  struct Expected {
    DType dtype;
    Shape sizes;
    std::string companion;  // what must be there too
  };
  std::map<std::string, Expected> known;
  for (int group = 0; group < group_count(); ++group) {
    known[group_key(group, "lr")] = {f64, {}, group_key(group, "momentum")};
    known[group_key(group, "momentum")] = {f64, {}, group_key(group, "lr")};
  }
  for (const auto& blocks : groups_) {
    for (const FlatBlock& block : blocks) {
      for (const FlatBlock::Slot& slot : block.slots()) {
        const std::string step = parameter_key(slot.number, "step");
        std::string before = step;  // a ring: each entry asks for the next, so none can be missing
        for (const std::string& name : state_names_) {
          const std::string key = parameter_key(slot.number, name);
          known[key] = {slot.parameter.dtype(), slot.sizes, before};
          before = key;
        }
        known[step] = {i64, {}, before};
      }
    }
  }
  for (const auto& [name, tensor] : state) {
    const auto found = known.find(name);
    check<StateError>(found != known.end(), name_, ": state expected of this optimizer's ",
                      group_count(), " groups and ", parameters().size(), " parameters, got \"",
                      name, "\"");
    const auto& [dtype, sizes, companion] = found->second;
    check<StateError>(tensor.dtype() == dtype, name_, ": state \"", name, "\" expected dtype ",
                      dtype, ", got ", tensor.dtype());
    check<ShapeError>(tensor.sizes() == sizes, name_, ": state \"", name, "\" expected shape ",
                      sizes, ", got ", tensor.sizes());
    check<StateError>(find(state, companion) != nullptr, name_, ": state expected \"", companion,
                      "\" beside \"", name, "\", got none");
  }
  for (int group = 0; group < group_count(); ++group) {
    if (const Tensor* lr = find(state, group_key(group, "lr")))
      check_not_negative(lr->item(), "lr");
    if (const Tensor* momentum = find(state, group_key(group, "momentum")))
      check_momentum(momentum->item());
  }
}

void Optimizer::load_state_dict(const StateDict& state) {
  const NoGrad no_grad;
  check_state(state);
  for (int group = 0; group < group_count(); ++group) {
    if (const Tensor* lr = find(state, group_key(group, "lr"))) put_lr(lr->item(), group);
    if (const Tensor* momentum = find(state, group_key(group, "momentum")))
      put_momentum(momentum->item(), group);
  }
  for (auto& blocks : groups_) {
    for (FlatBlock& block : blocks) {
      block.reset();
      for (std::size_t i = 0; i < block.slots().size(); ++i) {
        const std::size_t number = block.slots()[i].number;
        const Tensor* step = find(state, parameter_key(number, "step"));
        if (step == nullptr) continue;
        Tensors moments;
        for (const std::string& name : state_names_)
          moments.push_back(*find(state, parameter_key(number, name)));
        block.resume(i, step->item<std::int64_t>(), moments);
      }
    }
  }
}

}  // namespace fovea::optim
