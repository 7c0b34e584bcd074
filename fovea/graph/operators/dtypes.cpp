#include "fovea/graph/operators/dtypes.h"

#include <algorithm>
#include <iterator>

namespace fovea::graph {

DType compute_dtype(DType dtype) {
  if (is_computable(dtype)) return dtype;
  return is_floating(dtype) ? f32 : i64;
}

Tensor computable(const Tensor& x) {
  Tensor y = x.to(compute_dtype(x.dtype()));
  if (x.dtype() == DType::kU64) {  // what lies beyond i64 has wrapped to below 0
    check<DTypeError>(!any(y < 0).item<bool>(),
                      "u64: values expected below 2^63, as far as Fovea computes, got larger ones");
  }
  return y;
}

DType dtype_attribute(const NodeReader& node, std::string_view name) {
  const std::int64_t number = node.integer(name);
  const auto found = std::ranges::find(kAllDTypes, number, onnx_type_of);
  node.require(found != std::end(kAllDTypes), "attribute \"", name,
               "\" expected a type that Fovea has, got number ", number);
  return *found;
}

Run run_unary(std::function<Tensor(const Tensor&)> f) {
  return [f = std::move(f)](const Inputs& in) -> Tensors { return {computed(f, in[0])}; };
}

}  // namespace fovea::graph
