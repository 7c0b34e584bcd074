// What a transform is: something done to the data of a batch between the data set and the model.
//
// A transform is anything that can be called with a batch [k, ...] and its SampleKeys. Random ones
// draw from (seed, epoch, sample index) alone: what happens to a sample does not depend on the
// batch it is in, on the batch size, or on a thread. Transforms work with operations, a batch at a
// time, and are immutable, so any thread may call one.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "fovea/tensor/tensor.h"

namespace fovea::data {

class WindowTransform;

/// Which samples a batch holds, and in which pass over the data: what random transforms draw from.
struct SampleKeys {
  std::uint64_t seed = 0;                 ///< of the loader
  std::uint64_t epoch = 0;                ///< pass over the data
  std::span<const std::int64_t> indices;  ///< number of each sample in the loader's data set

  /// Keys whose numbers are unrelated to these: those of transform `position` within a chain.
  SampleKeys nested(std::uint64_t position) const;
  /// Four random words for sample `i` of the batch. Requires i < indices.size().
  std::array<std::uint32_t, 4> draw(std::size_t i) const;
};

/// Turns the data of a batch into other data with as many samples: any callable, shared by copies.
class Transform {
 public:
  /// Nothing: converts to false, and must not be called.
  Transform() = default;
  /// Whatever can be called with a batch and its keys.
  template <class F>
  requires(!std::same_as<F, Transform> &&
           std::is_invocable_r_v<Tensor, const F&, const Tensor&, const SampleKeys&>)
      Transform(F f) {  // NOLINT(google-explicit-constructor): callables convert
    auto owned = std::make_shared<const F>(std::move(f));
    type_ = &typeid(F);
    if constexpr (std::derived_from<F, WindowTransform>) window_ = owned.get();
    call_ = [function = owned.get()](const Tensor& batch, const SampleKeys& keys) -> Tensor {
      return std::invoke(*function, batch, keys);
    };
    object_ = std::move(owned);
  }

  explicit operator bool() const { return object_ != nullptr; }  ///< whether it is something
  /// Applies it.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const {
    return call_(batch, keys);
  }

  /// What it was made of, if that was a T; otherwise null.
  template <class T>
  const T* as() const {
    return object_ && *type_ == typeid(T) ? static_cast<const T*>(object_.get()) : nullptr;
  }
  /// What it was made of, if that cuts windows; otherwise null.
  const WindowTransform* window() const { return window_; }

 private:
  std::shared_ptr<const void> object_;
  const std::type_info* type_ = nullptr;
  const WindowTransform* window_ = nullptr;
  std::function<Tensor(const Tensor&, const SampleKeys&)> call_;
};

}  // namespace fovea::data
