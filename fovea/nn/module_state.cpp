// The state of a module: its state dict, loading, and conversion to other devices and dtypes.
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/nn/load_state.h"
#include "fovea/nn/module.h"
#include "fovea/tensor/tape.h"

namespace fovea::nn {

namespace {

// What a parameter holds is replaced rather than its handle, so that the handles of layers and
// optimisers stay good.
void replace_values(const Tensor& tensor, const Tensor& values) {
  TensorImpl& impl = *tensor.impl();
  const TensorImpl& source = *values.impl();
  impl.storage = source.storage;
  impl.offset = source.offset;
  impl.sizes = source.sizes;
  impl.strides = source.strides;
  impl.dtype = source.dtype;
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string quote(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back("\"" + name + "\"");
  return join(quoted);
}

// What keeps `source` from being copied into `target`, in words; empty when nothing does.
std::string mismatch(const Tensor& target, const StateSource& source) {
  if (source.copy_into == nullptr) return str("\"", source.name, "\" undefined");
  if (source.sizes != target.sizes()) {
    return str("\"", source.name, "\" ", source.sizes, " instead of ", target.sizes());
  }
  if (is_floating(source.dtype) && !is_floating(target.dtype())) {
    return str("\"", source.name, "\" ", source.dtype, " instead of ", target.dtype());
  }
  return {};
}

// What a state dict would do to a module, found out before anything is done.
struct Loading {
  LoadReport report;
  std::vector<std::string> twice;  // names that the dict has more than once
  std::vector<std::string> unfit;  // tensors of another size or kind, in words
  std::vector<std::pair<Tensor, const StateSource*>> copies;  // from where into what

  Loading(const StateDict& own, const std::vector<StateSource>& state) {
    std::unordered_map<std::string_view, const Tensor*> targets;
    for (const auto& [name, tensor] : own) targets.emplace(name, &tensor);
    std::unordered_set<std::string_view> given;
    for (const StateSource& source : state) {
      if (!given.insert(source.name).second) twice.push_back(source.name);
      const auto target = targets.find(source.name);
      if (target == targets.end()) {
        report.unexpected.push_back(source.name);
        continue;
      }
      const std::string problem = mismatch(*target->second, source);
      if (problem.empty())
        copies.emplace_back(*target->second, &source);
      else
        unfit.push_back(problem);
    }
    for (const auto& [name, tensor] : own) {
      if (!given.contains(name)) report.missing.push_back(name);
    }
  }

  // All that forbids loading, in one line; empty when nothing does.
  std::string problems(Strict strict) const {
    std::string text;
    const auto add = [&](std::string_view what, const std::string& list) {
      if (!list.empty()) text += str(text.empty() ? "" : "; ", what, " ", list);
    };
    if (strict == Strict::kYes) {
      add("missing", quote(report.missing));
      add("unexpected", quote(report.unexpected));
    }
    add("twice", quote(twice));
    add("unfit", join(unfit));
    return text;
  }
};

}  // namespace

void Module::collect_state(const std::string& prefix, StateDict& into) const {
  for (const auto& [name, tensor] : parameters_) into.emplace_back(prefix + name, tensor.detach());
  for (const auto& [name, tensor] : buffers_) into.emplace_back(prefix + name, tensor.detach());
  for (const Child& child : children_) child.module->collect_state(prefix + child.name + ".", into);
}

StateDict Module::state_dict() const {
  StateDict state;
  collect_state("", state);
  return state;
}

LoadReport Module::load_state_dict(const StateDict& state, Strict strict) {
  std::vector<StateSource> sources;
  for (const auto& [name, tensor] : state) {
    StateSource& source = sources.emplace_back(StateSource{.name = name});
    if (!tensor.defined()) continue;
    source.dtype = tensor.dtype();
    source.sizes = tensor.sizes();
    source.copy_into = [from = tensor.detach()](const Tensor& target) {
      Tensor(target).copy_(from.to(target.device()));
    };
  }
  return load_state(*this, sources, strict);
}

LoadReport load_state(Module& module, const std::vector<StateSource>& state, Strict strict) {
  const StateDict own = module.state_dict();
  Loading loading(own, state);
  const std::string problems = loading.problems(strict);
  check<ArgumentError>(problems.empty(), "load_state_dict: state expected the names and sizes of ",
                       module.type_name(), ", got ", problems);
  NoGrad no_grad;
  for (const auto& [target, source] : loading.copies) source->copy_into(target);
  return loading.report;
}

void Module::convert(const std::function<Tensor(const Tensor&)>& conversion) {
  NoGrad no_grad;
  for (Tensor& parameter : parameters()) {
    const Tensor gradient = parameter.grad();
    replace_values(parameter, conversion(parameter.detach()));
    // A buffer that an optimiser gave belongs to the old values.
    parameter.impl()->grad = nullptr;
    parameter.impl()->grad_is_stale = true;
    if (gradient.defined()) parameter.set_grad(conversion(gradient));
  }
  for (const auto& [name, buffer] : named_buffers())
    replace_values(buffer, conversion(buffer.detach()));
}

Module& Module::to(Device device) {
  convert([device](const Tensor& tensor) { return tensor.to(device); });
  return *this;
}

Module& Module::to(DType dtype) {
  check<DTypeError>(is_differentiable(dtype), "to: dtype of a module expected f32 or f64, got ",
                    dtype, " (", type_name(), ")");
  convert([dtype](const Tensor& tensor) {
    return is_floating(tensor.dtype()) ? tensor.to(dtype) : tensor;
  });
  return *this;
}

}  // namespace fovea::nn
