// Module: a part of a network with its own parameters, which may be made of other modules.
//
// A module registers in its constructor what it consists of: parameters (trained), buffers (kept
// with the model but not trained) and children (other modules). Everything else follows from that:
// names, training mode, conversion, the state dict, printing.
//
//     struct Net : nn::Module {
//       nn::Linear fc1{784, 256}, fc2{256, 10};
//       Net() {
//         register_module("fc1", fc1);
//         register_module("fc2", fc2);
//       }
//       Tensor forward(const Tensor& x) override { return fc2(relu(fc1(x))); }
//     };
//
// Invariants: names are unique within a module and hold no dot. A parameter keeps its identity for
// as long as its module lives: loading and conversion change what the tensor holds, so that handles
// to it stay good. Moves: a module whose children are its members, like Net, knows them by address
// and cannot be moved; make it with std::make_shared. The library's layers and containers can be
// moved.
// Threads: a module may be used by one thread at a time; forward in evaluation mode under NoGrad
// may run in several.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fovea/tensor/state_dict.h"
#include "fovea/tensor/tensor.h"

namespace fovea::nn {

/// Whether the names of a state dict must be exactly those of the module.
enum class Strict : std::uint8_t {
  kYes,  ///< missing or unexpected names are an error
  kNo,   ///< they are reported, and what is there is loaded
};

/// What load_state_dict did not find, or had no place for; both empty after a strict load.
struct LoadReport {
  std::vector<std::string> missing;     ///< names of the module that the dict does not have
  std::vector<std::string> unexpected;  ///< names of the dict that the module does not have
};

/// A part of a network. See the head of this file.
class Module {
 public:
  /// Called after forward with the module, its input and its output, which it may replace.
  using ForwardHook = std::function<void(Module& module, const Tensor& input, Tensor& output)>;

  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  // NOLINTBEGIN(performance-noexcept-move-constructor): they throw rather than let children dangle
  /// Takes over what `other` consists of. Throws StateError when `other` has children that are its
  /// members.
  Module(Module&& other);
  /// See the move constructor; nor may this module have such children.
  Module& operator=(Module&& other);
  // NOLINTEND(performance-noexcept-move-constructor)

  /// The output for `x`. Throws StateError when the module takes something else than one tensor (a
  /// loss, a list).
  virtual Tensor forward(const Tensor& x);
  /// forward, then the hooks.
  Tensor operator()(const Tensor& x);

  // --- What it consists of ---
  /// Own parameters, then those of the children, each one once.
  Tensors parameters() const;
  /// parameters() with their dotted names.
  NamedTensors named_parameters() const;
  /// Buffers with their dotted names, each one once.
  NamedTensors named_buffers() const;
  /// The modules registered here, with their names.
  std::vector<std::pair<std::string, Module*>> named_children() const;
  /// This module, named "", and all modules below it with their dotted names, parents first.
  std::vector<std::pair<std::string, Module*>> named_modules();
  /// Number of values in the parameters.
  std::int64_t num_parameters() const;

  // --- State ---
  /// Parameters and buffers with their dotted names: each module's own parameters first, then its
  /// buffers, then its children. The tensors share memory with the module's and are not on the
  /// tape.
  StateDict state_dict() const;
  /// Copies values into the module's parameters and buffers, converting dtypes but never a floating
  /// one to an integer. Everything is checked before anything changes.
  ///
  /// Throws   ArgumentError, listing all that is wrong: sizes or kinds of dtype that differ, names
  ///          that come twice and, when strict, missing and unexpected names.
  LoadReport load_state_dict(const StateDict& state, Strict strict = Strict::kYes);

  // --- Mode, gradients, conversion: each for this module and all below ---
  /// Sets training mode, or evaluation mode.
  Module& train(bool mode = true);
  /// Sets evaluation mode: dropout does nothing, batch norm uses its running statistics.
  Module& eval() { return train(false); }
  /// True in training mode, in which a module starts.
  bool is_training() const { return training_; }
  /// Forgets the parameters' gradients.
  void zero_grad();
  /// Makes parameters trainable, or freezes them.
  Module& set_requires_grad(bool value = true);
  /// Calls `f` with every module below, children first, and with this one.
  Module& apply(const std::function<void(Module&)>& f);
  /// Moves parameters and buffers to `device`. Make optimisers afterwards.
  Module& to(Device device);
  /// Converts floating parameters and buffers; others keep their dtype. Make optimisers afterwards.
  /// Throws DTypeError unless f32 or f64.
  Module& to(DType dtype);

  // --- Hooks ---
  /// Calls `hook` after each forward of this module, which then runs by itself and never fused with
  /// its neighbours. Returns a number for remove_forward_hook.
  std::int64_t register_forward_hook(ForwardHook hook);
  /// Takes a hook away. Throws ArgumentError when there is none with that number.
  void remove_forward_hook(std::int64_t id);
  /// True when the module must run by itself.
  bool has_forward_hooks() const { return !hooks_.empty(); }

  // --- Text ---
  /// The class's name without namespaces: "Conv2d".
  virtual std::string type_name() const;
  /// The options in the parentheses of a printed layer: "1, 32, kernel_size=(3, 3), ...". None for
  /// most modules.
  virtual std::string options_text() const { return {}; }
  /// The module and all below, as PyTorch prints them.
  std::string to_string() const;

 protected:
  /// Adds a parameter, which starts to require gradients, and returns it. Throws ArgumentError when
  /// the name is taken, empty or has a dot, or the tensor is undefined; DTypeError unless f32 or
  /// f64.
  Tensor register_parameter(const std::string& name, Tensor parameter);
  /// Adds a buffer and returns it. Throws as register_parameter, but for the dtype.
  Tensor register_buffer(const std::string& name, Tensor buffer);
  /// Adds a member as a child, by reference. Throws ArgumentError when the name cannot be, or
  /// `member` is this module.
  void register_module(const std::string& name, Module& member);
  /// Adds a child, which this module then owns too, and returns it. Throws as above, and when
  /// `module` is null.
  template <std::derived_from<Module> M>
  std::shared_ptr<M> register_module(const std::string& name, std::shared_ptr<M> module) {
    add_child(name, module);
    return module;
  }

 private:
  struct Child {
    std::string name;
    Module* module;
    std::shared_ptr<Module> owner;  // null for a member
  };
  struct Hook {
    std::int64_t id;
    ForwardHook function;
  };
  enum class Kind : std::uint8_t { kParameter, kBuffer };

  void check_name(std::string_view operation, const std::string& name) const;
  void check_movable(const Module& other) const;
  void add_child(const std::string& name, std::shared_ptr<Module> module);
  void collect(Kind kind, const std::string& prefix, NamedTensors& into) const;
  void collect_state(const std::string& prefix, StateDict& into) const;
  void collect_modules(const std::string& prefix,
                       std::vector<std::pair<std::string, Module*>>& into);
  void convert(const std::function<Tensor(const Tensor&)>& conversion);

  NamedTensors parameters_;
  NamedTensors buffers_;
  std::vector<Child> children_;
  std::vector<Hook> hooks_;
  std::int64_t next_hook_ = 0;
  bool training_ = true;
};

/// Prints to_string().
std::ostream& operator<<(std::ostream& out, const Module& module);

/// A module that is handed over to another one: an rvalue. Whether it can be moved is not asked
/// here: the answer would depend on constructors that are constrained by this concept.
template <class M>
concept MovedModule =
    std::derived_from<std::remove_cvref_t<M>, Module> && !std::is_lvalue_reference_v<M>;

}  // namespace fovea::nn
