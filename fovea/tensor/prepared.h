// What kernels make of a weight beforehand, kept beside it until its elements change: Winograd's
// transformed kernels, panels of a product, elements in another precision.
//
// A device says by a plan what it would make (kernels::PreparedPlan): for which purpose, in which
// precision, how many bytes in which layout. One value is kept for each purpose and precision of a
// tensor, so that several kinds of kernels can each have theirs. It is good as long as storage,
// count of changes, offset, sizes and strides are those that it was made of. Where the elements'
// address has been given away (Tensor::data), changes cannot be seen: then nothing is kept.
//
// Threads: all of it may be called at once for one weight.
#pragma once

#include <cstdint>
#include <functional>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// The kernel that makes what linear_plan plans.
constexpr auto maker_for(decltype(&kernels::KernelTable::linear_plan)) {
  return &kernels::KernelTable::linear_prepare;
}
/// The kernel that makes what conv_plan plans.
constexpr auto maker_for(decltype(&kernels::KernelTable::conv_plan)) {
  return &kernels::KernelTable::conv_prepare;
}

/// What a device would make of a weight, as the kernel behind `entry` plans it; nothing where the
/// device lacks that kernel or the one that makes it.
template <class... Parameters, class... Arguments>
kernels::PreparedPlan plan_prepared(Device device,
                                    void (*kernels::KernelTable::*entry)(kernels::Queue&,
                                                                         Parameters...),
                                    const Arguments&... arguments) {
  kernels::PreparedPlan plan;
  if (kernels::has_kernel(device, entry, maker_for(entry)))
    kernels::launch(device, entry, arguments..., &plan);
  return plan;
}

/// Whether an operation may keep what only it can make of `weight`: it does not record (a training
/// would change the weight), no RunOnceScope lives, and no change can go unseen.
bool keeps_prepared(const Tensor& weight, bool recording);

/// The bytes that `prepare` writes for `weight` by `plan`: those that are kept, else new ones,
/// which are then kept. Undefined where there is nothing to make or it may not be kept. An
/// operation that records keeps only what optimisers write again when they change the weight
/// (Purpose::kElements).
///
/// Requires prepare writes the same bytes for the same elements and plan.
Tensor prepared_weight(const Tensor& weight, const kernels::PreparedPlan& plan, bool recording,
                       const std::function<void(const Tensor& value)>& prepare);

/// Lets go of what optimisers could not write again: a training of `weight` begins.
void forget_prepared(const Tensor& weight);

// --- For whoever changes weights in a pass of its own: optimisers --------------------------------
// Theirs write bf16. Another precision is one more that FlatBlock asks for, and that the kernels of
// steps can write.

/// Whether somebody has asked for `weight`'s elements in `precision` since they were made or put.
bool wants_elements(const Tensor& weight, kernels::Precision precision);
/// Replaces `weight`'s elements in `precision`: `elements`, gapless and in the weight's order, are
/// those of the weight as it is now. Undefined: there are none.
void put_elements(const Tensor& weight, kernels::Precision precision, const Tensor& elements);
/// Says that the changes of `weight`'s storage since its version `before` left its elements alone.
void carry_prepared(const Tensor& weight, std::uint64_t before);

/// While it lives, this thread's operations keep nothing: for a model that runs once, whose
/// transformed kernels would be memory for nobody.
class RunOnceScope {
 public:
  RunOnceScope();
  ~RunOnceScope();
  RunOnceScope(const RunOnceScope&) = delete;
  RunOnceScope& operator=(const RunOnceScope&) = delete;

 private:
  bool before_;
};

}  // namespace fovea
