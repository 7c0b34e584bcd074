// Modules that hold other modules: Sequential, which runs them one after the other, and ModuleList,
// which does not.
//
// Both own what they hold: `Sequential(Linear(784, 256), ReLU())` moves the layers to the heap.
// Both can be moved.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "fovea/nn/module.h"

namespace fovea::nn {

/// What Sequential and ModuleList share: modules in an order, named "0", "1", ... unless told
/// otherwise.
class ModuleSequence : public Module {
 public:
  /// Number of modules held.
  std::size_t size() const { return modules_.size(); }
  /// The module at `index`. Throws IndexError.
  Module& operator[](std::size_t index) const;
  /// The module at `index` as the layer it is: `get<Conv2d>(0)`. Throws IndexError, or
  /// ArgumentError for another type.
  template <std::derived_from<Module> M>
  M& get(std::size_t index) const {
    Module& module = (*this)[index];
    M* found = dynamic_cast<M*>(&module);
    if (found == nullptr) fail_type(index, module);
    return *found;
  }

  /// Appends a module, taking it over.
  template <MovedModule M>
  void push_back(M&& module) {
    push_back(std::make_shared<M>(std::forward<M>(module)));
  }
  /// Appends a module that others may hold too. Throws ArgumentError when it is null.
  void push_back(std::shared_ptr<Module> module);
  /// Appends a module under a name of its own, taking it over. Throws ArgumentError when the name
  /// cannot be.
  template <MovedModule M>
  void add_module(const std::string& name, M&& module) {
    add_module(name, std::make_shared<M>(std::forward<M>(module)));
  }
  /// Appends a module that others may hold too, under a name of its own.
  void add_module(const std::string& name, std::shared_ptr<Module> module);

 protected:
  /// The modules in their order.
  const std::vector<std::shared_ptr<Module>>& modules() const { return modules_; }

 private:
  [[noreturn]] void fail_type(std::size_t index, const Module& module) const;

  std::vector<std::shared_ptr<Module>> modules_;
};

/// A module, or a pointer to one, that a container can take.
template <class M>
concept SequenceItem = MovedModule<M> || std::convertible_to<M, std::shared_ptr<Module>>;

/// Runs its modules one after the other.
///
/// Neighbours that the library knows how to fuse run as one operation (fusion.h), with the same
/// results within rounding; a module with a hook runs by itself.
class Sequential final : public ModuleSequence {
 public:
  /// Holds nothing: forward returns its input.
  Sequential() = default;
  /// Holds `modules`, named "0", "1", ...: layers that are moved in, or shared pointers.
  template <class... M>
  requires(sizeof...(M) > 0 && (SequenceItem<M> && ...)) explicit Sequential(M&&... modules) {
    (push_back(std::forward<M>(modules)), ...);
  }
  /// Moves take over the modules; pointers to them stay good.
  Sequential(Sequential&&) = default;
  Sequential& operator=(Sequential&&) = default;  ///< see the move constructor

  Tensor forward(const Tensor& x) override;
};

/// Runs modules one after the other, fused as in Sequential.
Tensor chain(const Tensor& x, std::span<const std::shared_ptr<Module>> modules);

/// Runs layers that a module holds as its members one after the other, fused as in Sequential: for
/// a forward() that is written out.
///
///     return fc2(nn::chain(x, fc1, relu, drop));
template <std::derived_from<Module>... M>
Tensor chain(const Tensor& x, M&... layers) {
  // Pointers that own nothing: the layers live longer than the call.
  const std::array<std::shared_ptr<Module>, sizeof...(M)> pointers{
      std::shared_ptr<Module>(std::shared_ptr<void>(), &layers)...};
  return chain(x, std::span<const std::shared_ptr<Module>>(pointers));
}

/// A list of modules, registered so that their parameters are found. It has no forward: who holds
/// it runs them.
class ModuleList final : public ModuleSequence {
 public:
  /// Holds nothing.
  ModuleList() = default;
  /// Holds `modules`: layers that are moved in, or shared pointers.
  template <class... M>
  requires(sizeof...(M) > 0 && (SequenceItem<M> && ...)) explicit ModuleList(M&&... modules) {
    (push_back(std::forward<M>(modules)), ...);
  }
  /// Moves take over the modules; pointers to them stay good.
  ModuleList(ModuleList&&) = default;
  ModuleList& operator=(ModuleList&&) = default;  ///< see the move constructor
};

}  // namespace fovea::nn
