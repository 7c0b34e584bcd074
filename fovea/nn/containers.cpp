#include "fovea/nn/containers.h"

#include "fovea/core/error.h"
#include "fovea/nn/fusion.h"

namespace fovea::nn {

Module& ModuleSequence::operator[](std::size_t index) const {
  check<IndexError>(index < size(), type_name(), ": index expected below ", size(), ", got ",
                    index);
  return *modules_[index];
}

void ModuleSequence::fail_type(std::size_t index, const Module& module) const {
  throw ArgumentError(str(type_name(), ": get expected another type of module, got ",
                          module.type_name(), " (index ", index, ")"));
}

void ModuleSequence::push_back(std::shared_ptr<Module> module) {
  add_module(std::to_string(size()), std::move(module));
}

void ModuleSequence::add_module(const std::string& name, std::shared_ptr<Module> module) {
  modules_.push_back(register_module(name, std::move(module)));
}

Tensor chain(const Tensor& x, std::span<const std::shared_ptr<Module>> modules) {
  Tensor y = x;
  for (const Run& run : plan_runs(modules)) y = execute(run, modules, y);
  return y;
}

Tensor Sequential::forward(const Tensor& x) { return chain(x, modules()); }

}  // namespace fovea::nn
