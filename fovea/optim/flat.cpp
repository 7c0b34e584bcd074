#include "fovea/optim/flat.h"

#include <algorithm>
#include <utility>

#include "fovea/core/allocator.h"
#include "fovea/core/error.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"

namespace fovea::optim {

namespace {

using kernels::Precision;

bool lies_at(const TensorImpl& impl, const Tensor& place) {
  const TensorImpl& home = *place.impl();
  return impl.storage == home.storage && impl.offset == home.offset && impl.strides == home.strides;
}

kernels::View part(const Tensor& block, const FlatBlock::Run& run) {
  return block.narrow(0, run.begin, run.end - run.begin).kernel_view();
}

}  // namespace

FlatBlock::FlatBlock(const Tensors& parameters, const std::vector<std::size_t>& numbers,
                     std::size_t states)
    : states_(states) {
  const DType dtype = parameters.front().dtype();
  const auto alignment = static_cast<std::int64_t>(Allocator::kAlignment / size_of(dtype));
  std::int64_t end = 0;
  for (std::size_t i = parameters.size(); i-- > 0;) {
    const Tensor& parameter = parameters[i];
    slots_.push_back({parameter, numbers[i], parameter.sizes(), end, parameter.numel(), 0});
    end += (parameter.numel() + alignment - 1) / alignment * alignment;
  }
  // Zeros, so that steps over the gaps stay clear of whatever was there before.
  values_ = zeros({end}, {.dtype = dtype, .device = parameters.front().device()});
  gradients_ = zeros_like(values_);
  for (Slot& slot : slots_) {
    adopt(slot);
    slot.parameter.set_grad_buffer(place(gradients_, slot));
  }
}

void FlatBlock::check(std::string_view operation) const {
  for (const Slot& slot : slots_) {
    const Tensor& p = slot.parameter;
    const bool same =
        p.sizes() == slot.sizes && p.dtype() == values_.dtype() && p.device() == device();
    fovea::check<StateError>(same, operation, ": parameter ", slot.number, " expected ",
                             values_.dtype(), " ", slot.sizes, " on ", device(),
                             " as when the optimizer was made, got ", p.dtype(), " ", p.sizes(),
                             " on ", p.device());
  }
}

std::vector<FlatBlock::Run> FlatBlock::collect() {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.parameter.grad().defined()) continue;
    if (!lies_at(*slot.parameter.impl(), place(values_, slot))) adopt(slot);
    const Tensor home = place(gradients_, slot);
    if (!lies_at(*slot.parameter.impl()->grad, home)) slot.parameter.set_grad_buffer(home);
    if (!runs.empty() && runs.back().last == i && runs.back().steps == slot.steps) {
      runs.back().last = i + 1;
      runs.back().end = slot.begin + slot.length;
    } else {
      runs.push_back({i, i + 1, slot.begin, slot.begin + slot.length, slot.steps});
    }
    if (wants_elements(slot.parameter, Precision::kBf16)) runs.back().rounded = true;
  }
  return runs;
}

void FlatBlock::advance(const Run& run) {
  for (std::size_t i = run.first; i < run.last; ++i) ++slots_[i].steps;
}

void FlatBlock::mark_changed(const std::vector<Run>& runs) {
  Storage& storage = *values_.impl()->storage;
  const std::uint64_t before = storage.version();
  storage.bump_version();
  auto run = runs.begin();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (run != runs.end() && i == run->last) ++run;
    const Tensor& parameter = slots_[i].parameter;
    if (run == runs.end() || i < run->first) {
      carry_prepared(parameter, before);
    } else {
      const bool wanted = run->rounded && wants_elements(parameter, Precision::kBf16);
      put_elements(parameter, Precision::kBf16, wanted ? place(rounded_, slots_[i]) : Tensor());
    }
  }
  if (std::ranges::none_of(runs, &Run::rounded)) rounded_ = {};
}

void FlatBlock::zero_grad() {
  for (Slot& slot : slots_) {
    slot.parameter.zero_grad();
    const Tensor home = place(gradients_, slot);
    const auto& buffer = slot.parameter.impl()->grad;
    if (!buffer || !lies_at(*buffer, home)) slot.parameter.set_grad_buffer(home);
  }
}

kernels::View FlatBlock::values(const Run& run) const { return part(values_, run); }

kernels::View FlatBlock::gradients(const Run& run) const { return part(gradients_, run); }

kernels::View FlatBlock::state(std::size_t kind, const Run& run) {
  return part(whole_state(kind), run);
}

kernels::View FlatBlock::rounded(const Run& run) {
  if (!run.rounded) return {};
  if (!rounded_.defined()) rounded_ = empty(values_.sizes(), {.dtype = bf16, .device = device()});
  return part(rounded_, run);
}

void FlatBlock::reset() {
  for (Slot& slot : slots_) slot.steps = 0;
  states_.assign(states_.size(), Tensor());
}

void FlatBlock::resume(std::size_t slot, std::int64_t steps, const Tensors& states) {
  const NoGrad no_grad;
  slots_[slot].steps = steps;
  for (std::size_t kind = 0; kind < states_.size(); ++kind) {
    place(whole_state(kind), slots_[slot]).copy_(states[kind].to(device()));
  }
}

Tensor FlatBlock::place(const Tensor& block, const Slot& slot) const {
  return block.narrow(0, slot.begin, slot.length).view(slot.sizes);
}

const Tensor& FlatBlock::whole_state(std::size_t kind) {
  if (!states_[kind].defined()) states_[kind] = zeros_like(values_);
  return states_[kind];
}

/// Copies the parameter's values to its place, and makes the parameter mean that place.
void FlatBlock::adopt(Slot& slot) {
  const NoGrad no_grad;
  Tensor home = place(values_, slot);
  home.copy_(slot.parameter.detach());
  TensorImpl& impl = *slot.parameter.impl();
  impl.storage = home.impl()->storage;
  impl.offset = home.impl()->offset;
  impl.strides = home.impl()->strides;
}

std::vector<FlatBlock> gather(const Tensors& parameters, std::size_t first_number,
                              std::size_t states) {
  struct Kind {
    DType dtype;
    Device device;
    Tensors parameters;
    std::vector<std::size_t> numbers;
  };
  std::vector<Kind> kinds;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Tensor& p = parameters[i];
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& candidate) {
      return candidate.dtype == p.dtype() && candidate.device == p.device();
    });
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), Kind{p.dtype(), p.device(), {}, {}});
    kind->parameters.push_back(p);
    kind->numbers.push_back(first_number + i);
  }
  std::vector<FlatBlock> blocks;
  blocks.reserve(kinds.size());
  for (const Kind& kind : kinds) blocks.emplace_back(kind.parameters, kind.numbers, states);
  return blocks;
}

}  // namespace fovea::optim
