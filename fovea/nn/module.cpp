#include "fovea/nn/module.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <typeinfo>
#include <unordered_set>

#include "fovea/core/error.h"

namespace fovea::nn {

namespace {

std::string indent(const std::string& text) {
  std::string indented;
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented += "  ";
  }
  return indented;
}

}  // namespace

// --- Moves ---

// NOLINTBEGIN(performance-noexcept-move-constructor): see the header
Module::Module(Module&& other) {
  check_movable(other);
  parameters_ = std::move(other.parameters_);
  buffers_ = std::move(other.buffers_);
  children_ = std::move(other.children_);
  hooks_ = std::move(other.hooks_);
  next_hook_ = other.next_hook_;
  training_ = other.training_;
}

Module& Module::operator=(Module&& other) {
  if (this == &other) return *this;
  check_movable(other);
  check_movable(*this);
  parameters_ = std::move(other.parameters_);
  buffers_ = std::move(other.buffers_);
  children_ = std::move(other.children_);
  hooks_ = std::move(other.hooks_);
  next_hook_ = other.next_hook_;
  training_ = other.training_;
  return *this;
}
// NOLINTEND(performance-noexcept-move-constructor)

void Module::check_movable(const Module& other) const {
  for (const Child& child : other.children_) {
    check<StateError>(
        child.owner != nullptr, "module: a moved module expected to own its children, got \"",
        child.name,
        "\", a member registered by reference (make the module with std::make_shared and hand over "
        "the pointer)");
  }
}

// --- Forward ---

Tensor Module::forward(const Tensor&) {
  throw StateError(str("forward: ", type_name(),
                       " expected to define forward for one tensor, got a call without it"));
}

Tensor Module::operator()(const Tensor& x) {
  Tensor y = forward(x);
  if (hooks_.empty()) return y;
  // A copy: a hook may remove itself.
  const std::vector<Hook> hooks = hooks_;
  for (const Hook& hook : hooks) hook.function(*this, x, y);
  return y;
}

std::int64_t Module::register_forward_hook(ForwardHook hook) {
  check<ArgumentError>(hook != nullptr,
                       "register_forward_hook: hook expected a function, got none (", type_name(),
                       ")");
  hooks_.push_back({next_hook_, std::move(hook)});
  return next_hook_++;
}

void Module::remove_forward_hook(std::int64_t id) {
  const auto removed = std::erase_if(hooks_, [id](const Hook& hook) { return hook.id == id; });
  check<ArgumentError>(removed == 1,
                       "remove_forward_hook: id expected one that register_forward_hook gave, got ",
                       id, " (", type_name(), ")");
}

// --- Registering ---

void Module::check_name(std::string_view operation, const std::string& name) const {
  check<ArgumentError>(!name.empty() && name.find('.') == std::string::npos, operation,
                       ": name expected at least one character and no dot, got \"", name, "\" (",
                       type_name(), ")");
  const bool taken = find(parameters_, name) != nullptr || find(buffers_, name) != nullptr ||
                     std::any_of(children_.begin(), children_.end(),
                                 [&](const Child& c) { return c.name == name; });
  check<ArgumentError>(!taken, operation, ": name expected to be new, got \"", name, "\" (",
                       type_name(), ")");
}

Tensor Module::register_parameter(const std::string& name, Tensor parameter) {
  check_name("register_parameter", name);
  check<ArgumentError>(parameter.defined(), "register_parameter: \"", name,
                       "\" expected a tensor, got an undefined one (", type_name(), ")");
  check<DTypeError>(is_differentiable(parameter.dtype()), "register_parameter: \"", name,
                    "\" expected dtype f32 or f64, got ", parameter.dtype(), " (", type_name(),
                    ")");
  parameter.set_requires_grad(true);
  parameters_.emplace_back(name, parameter);
  return parameter;
}

Tensor Module::register_buffer(const std::string& name, Tensor buffer) {
  check_name("register_buffer", name);
  check<ArgumentError>(buffer.defined(), "register_buffer: \"", name,
                       "\" expected a tensor, got an undefined one (", type_name(), ")");
  buffers_.emplace_back(name, buffer);
  return buffer;
}

void Module::register_module(const std::string& name, Module& member) {
  check_name("register_module", name);
  check<ArgumentError>(&member != this, "register_module: \"", name,
                       "\" expected another module, got the module itself (", type_name(), ")");
  member.train(training_);
  children_.push_back({name, &member, nullptr});
}

void Module::add_child(const std::string& name, std::shared_ptr<Module> module) {
  check_name("register_module", name);
  check<ArgumentError>(module != nullptr && module.get() != this, "register_module: \"", name,
                       "\" expected another module, got ",
                       module ? "the module itself" : "a null pointer", " (", type_name(), ")");
  Module* raw = module.get();
  children_.push_back({name, raw, std::move(module)});
}

// --- What it consists of ---

void Module::collect(Kind kind, const std::string& prefix, NamedTensors& into) const {
  for (const auto& [name, tensor] : kind == Kind::kParameter ? parameters_ : buffers_) {
    into.emplace_back(prefix + name, tensor);
  }
  for (const Child& child : children_) child.module->collect(kind, prefix + child.name + ".", into);
}

namespace {

// A tensor that two modules share counts once, under its first name.
void keep_first_names(NamedTensors& tensors) {
  std::unordered_set<const TensorImpl*> seen;
  std::erase_if(tensors,
                [&](const auto& entry) { return !seen.insert(entry.second.impl().get()).second; });
}

}  // namespace

NamedTensors Module::named_parameters() const {
  NamedTensors found;
  collect(Kind::kParameter, "", found);
  keep_first_names(found);
  return found;
}

NamedTensors Module::named_buffers() const {
  NamedTensors found;
  collect(Kind::kBuffer, "", found);
  keep_first_names(found);
  return found;
}

Tensors Module::parameters() const {
  Tensors found;
  for (auto& [name, tensor] : named_parameters()) found.push_back(std::move(tensor));
  return found;
}

std::int64_t Module::num_parameters() const {
  std::int64_t count = 0;
  for (const Tensor& parameter : parameters()) count += parameter.numel();
  return count;
}

std::vector<std::pair<std::string, Module*>> Module::named_children() const {
  std::vector<std::pair<std::string, Module*>> found;
  for (const Child& child : children_) found.emplace_back(child.name, child.module);
  return found;
}

void Module::collect_modules(const std::string& prefix,
                             std::vector<std::pair<std::string, Module*>>& into) {
  into.emplace_back(prefix, this);
  for (const Child& child : children_) {
    child.module->collect_modules(prefix.empty() ? child.name : prefix + "." + child.name, into);
  }
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  std::vector<std::pair<std::string, Module*>> found;
  collect_modules("", found);
  return found;
}

// --- Mode and gradients ---

Module& Module::train(bool mode) {
  training_ = mode;
  for (const Child& child : children_) child.module->train(mode);
  return *this;
}

void Module::zero_grad() {
  for (Tensor& parameter : parameters()) parameter.zero_grad();
}

Module& Module::set_requires_grad(bool value) {
  for (Tensor& parameter : parameters()) parameter.set_requires_grad(value);
  return *this;
}

Module& Module::apply(const std::function<void(Module&)>& f) {
  for (const Child& child : children_) child.module->apply(f);
  f(*this);
  return *this;
}

// --- Text ---

std::string Module::type_name() const {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status), &std::free);
  std::string name = status == 0 ? demangled.get() : typeid(*this).name();
  if (name.ends_with('>')) {  // without the template's arguments
    std::size_t start = name.size();
    for (int depth = 0; start > 0;) {
      const char c = name[--start];
      depth += c == '>' ? 1 : c == '<' ? -1 : 0;
      if (depth == 0) break;
    }
    name.resize(start);
  }
  const std::size_t scope = name.rfind("::");
  return scope == std::string::npos ? name : name.substr(scope + 2);
}

std::string Module::to_string() const {
  const std::string options = options_text();
  if (children_.empty()) return type_name() + "(" + indent(options) + ")";
  std::string text = type_name() + "(";
  if (!options.empty()) text += "\n  " + indent(options);
  for (const Child& child : children_)
    text += "\n  (" + child.name + "): " + indent(child.module->to_string());
  return text + "\n)";
}

std::ostream& operator<<(std::ostream& out, const Module& module) {
  return out << module.to_string();
}

}  // namespace fovea::nn
