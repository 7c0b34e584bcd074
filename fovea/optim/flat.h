// Flat blocks: the parameters of an optimiser's group gathered into one piece of memory, and their
// gradients and moments into pieces of the same layout.
//
// Parameters lie in reverse order of registration, which is about the order in which backward
// finishes their gradients, each at a multiple of Allocator::kAlignment bytes. The gaps between
// them hold zeros, and steps may run over them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/kernels/view.h"
#include "fovea/tensor/tensor.h"

namespace fovea::optim {

/// Parameters of one dtype on one device in one block.
class FlatBlock {
 public:
  /// Consecutive parameters of the block that can be updated together.
  struct Run {
    std::size_t first = 0;   ///< first parameter, in the block's order
    std::size_t last = 0;    ///< past the last parameter
    std::int64_t begin = 0;  ///< first element
    std::int64_t end = 0;    ///< past the last element
    std::int64_t steps = 0;  ///< updates that each of them has had
  };

  /// Gathers `parameters` (of one dtype and device, in registration order) and gives their
  /// gradients places. The first one is number `numbers[0]` of the optimiser, and so on.
  FlatBlock(const Tensors& parameters, std::vector<std::size_t> numbers, std::size_t state_count);

  /// Finds the parameters that have a gradient. Parameters and gradients that were given other
  /// memory since are brought home first. Throws StateError, naming `operation`, when a parameter
  /// is no longer what it was.
  std::vector<Run> collect(std::string_view operation);
  /// Throws StateError, naming `operation`, when a parameter is no longer what it was.
  void check(std::string_view operation) const;
  /// Counts an update of the run's parameters. State that did not exist is made, as zeros.
  void advance(const Run& run);
  /// Notes that the run's parameters have changed in place.
  void mark_changed();
  /// Forgets the gradients.
  void zero_grad();

  kernels::View parameters(const Run& run) const;  ///< the run's parameters
  kernels::View gradients(const Run& run) const;   ///< the run's gradients
  kernels::View state(
      std::size_t which,
      const Run& run);  ///< the run's moments of one kind, made when first asked for

  std::size_t size() const { return slots_.size(); }  ///< number of parameters
  std::size_t number(std::size_t slot) const {
    return slots_[slot].number;
  }  ///< the optimiser's number of a parameter
  const Tensor& parameter(std::size_t slot) const { return slots_[slot].handle; }  ///< a parameter
  std::int64_t steps(std::size_t slot) const {
    return slots_[slot].steps;
  }                                                      ///< updates that it has had
  Tensor state_of(std::size_t which, std::size_t slot);  ///< its moments of one kind, as a view
  void set_steps(std::size_t slot, std::int64_t steps) {
    slots_[slot].steps = steps;
  }                                                   ///< to resume a run
  Device device() const { return values_.device(); }  ///< where all of it lies

 private:
  struct Slot {
    Tensor handle;           // the parameter
    std::size_t number = 0;  // its number in the optimiser
    Shape sizes;             // its sizes when gathered
    std::int64_t begin = 0;  // its first element in the block
    std::int64_t steps = 0;  // updates so far
  };
  Tensor place(const Tensor& flat, const Slot& slot) const;
  void adopt(Slot& slot);
  bool at_home(const Slot& slot) const;
  bool gradient_at_home(const Slot& slot) const;

  std::vector<Slot> slots_;
  Tensor values_;
  Tensor gradients_;
  Tensors states_;
};

}  // namespace fovea::optim
