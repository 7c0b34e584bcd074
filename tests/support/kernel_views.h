// The views among the arguments of a kernel, for tests that stand between a caller and a kernel.
#pragma once

#include <type_traits>

#include "fovea/kernels/kernels.h"

namespace fovea::test {

/// Whether T is one of the others.
template <class T, class... Others>
constexpr bool kIsOneOf = (std::is_same_v<T, Others> || ...);

/// Whether an argument of this type is known to hold no view. Pointers are to the host's memory.
template <class T>
constexpr bool kHoldsNoView =
    std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_pointer_v<T> ||
    kIsOneOf<T, Shape, RngKey, kernels::UnaryOp, kernels::LinearSpec, kernels::ConvSpec,
             kernels::ConvEpilogue, kernels::PoolSpec, kernels::BlockSpec, kernels::ConvBlockSpec,
             kernels::CrossEntropySpec, kernels::AdamSpec, kernels::SgdSpec>;

/// Calls `f(view)` for each View& or ConstView& that an argument is or holds, absent ones too.
template <class Argument, class F>
void for_each_view(Argument&, const F&) {
  static_assert(kHoldsNoView<Argument>,
                "a struct that kernels take has a for_each_view here, or stands in kHoldsNoView");
}

/// See above.
template <class F>
void for_each_view(kernels::View& view, const F& f) {
  f(view);
}
/// See above.
template <class F>
void for_each_view(kernels::ConstView& view, const F& f) {
  f(view);
}
/// See above.
template <class F>
void for_each_view(kernels::LinearInputs& in, const F& f) {
  f(in.x), f(in.weight), f(in.bias), f(in.prepared);
}
/// See above.
template <class F>
void for_each_view(kernels::ConvInputs& in, const F& f) {
  f(in.x), f(in.weight), f(in.bias), f(in.residual), f(in.prepared);
}
/// See above.
template <class F>
void for_each_view(kernels::ConvBlockInputs& in, const F& f) {
  f(in.x), f(in.weight), f(in.bias), f(in.norm_weight), f(in.norm_bias), f(in.prepared);
}
/// See above.
template <class F>
void for_each_view(kernels::ConvBlockResults& out, const F& f) {
  f(out.y), f(out.positions), f(out.mean), f(out.var), f(out.saved);
}
/// See above.
template <class F>
void for_each_view(kernels::ConvBlockGradients& d, const F& f) {
  f(d.dx), f(d.dweight), f(d.dbias), f(d.dnorm_weight), f(d.dnorm_bias);
}

}  // namespace fovea::test
