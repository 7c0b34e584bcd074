// Flat blocks: the parameters of an optimiser's group gathered into one piece of memory, and their
// gradients and moments into pieces of the same layout.
//
// Parameters lie in reverse order of registration, which is about the order in which backward
// finishes their gradients, each at a multiple of Allocator::kAlignment bytes. The gaps between
// them are never read, and steps may run over them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fovea/kernels/view.h"
#include "fovea/tensor/tensor.h"

namespace fovea::optim {

/// Parameters of one dtype on one device in one block. Not thread safe.
class FlatBlock {
 public:
  /// Consecutive parameters of the block that are updated together.
  struct Run {
    std::size_t first = 0;   ///< first slot
    std::size_t last = 0;    ///< past the last slot
    std::int64_t begin = 0;  ///< first element
    std::int64_t end = 0;    ///< past the last element
    std::int64_t steps = 0;  ///< updates that each of them has had
    bool rounded = false;    ///< whether an update writes them in bf16 too
  };

  /// One parameter and its place.
  struct Slot {
    Tensor parameter;         ///< the parameter
    std::size_t number = 0;   ///< its number in the optimiser
    Shape sizes;              ///< its sizes when it was gathered
    std::int64_t begin = 0;   ///< its first element in the block
    std::int64_t length = 0;  ///< its elements
    std::int64_t steps = 0;   ///< updates that it has had
  };

  /// Gathers `parameters`, which are of one dtype, on one device and in order of registration, and
  /// gives their gradients places. Parameter i is number numbers[i] of the optimiser. Each will
  /// have `states` kinds of moments.
  FlatBlock(const Tensors& parameters, const std::vector<std::size_t>& numbers, std::size_t states);

  /// Throws StateError, naming `operation`, when a parameter's sizes, dtype or device are no longer
  /// what they were.
  void check(std::string_view operation) const;
  /// Finds the parameters that have a gradient, and cuts them into runs of neighbours with as many
  /// steps behind them. Parameters and gradients that were given other memory since are brought
  /// home first. A run is written in bf16 too where somebody multiplied by one of its parameters in
  /// bf16 since the last update (tensor/prepared.h).
  std::vector<Run> collect();
  /// Counts an update of the run's parameters.
  void advance(const Run& run);
  /// Notes that the parameters of these runs have changed in place, and the others not: the tape
  /// must know, and what is kept beside parameters (tensor/prepared.h).
  void mark_changed(const std::vector<Run>& runs);
  /// Forgets the gradients.
  void zero_grad();

  Device device() const { return values_.device(); }      ///< where all of it lies
  kernels::View values(const Run& run) const;             ///< the run's parameters
  kernels::View gradients(const Run& run) const;          ///< the run's gradients
  kernels::View state(std::size_t kind, const Run& run);  ///< the run's moments of a kind
  /// Where an update writes the run's new parameters in bf16; absent unless it should.
  kernels::View rounded(const Run& run);
  const std::vector<Slot>& slots() const {
    return slots_;
  }  ///< the parameters, in the block's order
  /// A parameter's moments of a kind, as a view. Requires that it has been updated or resumed.
  Tensor state(std::size_t kind, const Slot& slot) const { return place(states_[kind], slot); }

  /// Forgets all updates and moments.
  void reset();
  /// Makes parameter `slot` one that has had `steps` updates, which left these moments.
  void resume(std::size_t slot, std::int64_t steps, const Tensors& states);

 private:
  Tensor place(const Tensor& block, const Slot& slot) const;
  const Tensor& whole_state(std::size_t kind);
  void adopt(Slot& slot);

  std::vector<Slot> slots_;
  Tensor values_;
  Tensor gradients_;
  Tensors states_;  // each undefined until it is first asked for
  Tensor rounded_;  // likewise
};

/// Gathers a group's parameters: a block for each dtype and device, in order of first appearance.
/// Their numbers go on from `first_number`.
std::vector<FlatBlock> gather(const Tensors& parameters, std::size_t first_number,
                              std::size_t states);

}  // namespace fovea::optim
