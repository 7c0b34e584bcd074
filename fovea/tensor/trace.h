// Tracing: who wants to know which operations a thread executes, named and described as in ONNX.
//
// An operation that has a form in ONNX says so with `traced`, beside `record`: one line, which
// costs a comparison when nobody listens. Operations that are made of others need nothing, since
// their parts report themselves. While somebody listens, nn::Sequential fuses nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// The operator set of ONNX whose names and descriptions are reported.
inline constexpr int kTracedOpset = 17;

/// A value that describes an operation, of one of ONNX's kinds.
using Attribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>,
                               std::vector<double>, std::vector<std::string>, Tensor>;
/// Attributes by name.
using Attributes = std::map<std::string, Attribute, std::less<>>;

/// Is told of operations.
class Tracer {
 public:
  virtual ~Tracer() = default;
  /// `outputs` have just been computed from `inputs` by the ONNX operator `op`. An undefined input
  /// is one that was left out.
  virtual void operation(std::string_view op, const Tensors& inputs, const Tensors& outputs,
                         Attributes attributes) = 0;
  /// `output` has just been computed by something that the tape calls `operation`: if nobody calls
  /// it an ONNX operator, it has no such form.
  virtual void recorded(std::string_view operation, const Tensors& inputs,
                        const Tensor& output) = 0;
  /// `same` has just been made, and is the value `original` under another handle.
  virtual void detached(const Tensor& original, const Tensor& same) = 0;
};

/// Who is told of this thread's operations; null: nobody.
Tracer* tracer();

/// Tells `tracer` of this thread's operations while it lives.
class TraceScope {
 public:
  explicit TraceScope(Tracer& tracer);  ///< from now on
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  Tracer* before_;
};

/// While it lives, this thread's operations are not reported: they are parts of one that reports
/// itself.
class UntracedScope {
 public:
  UntracedScope();
  ~UntracedScope();
  UntracedScope(const UntracedScope&) = delete;
  UntracedScope& operator=(const UntracedScope&) = delete;

 private:
  Tracer* before_;
};

/// The number by which ONNX calls a dtype: TensorProto.DataType.
std::int64_t onnx_type_of(DType dtype);

/// Shapes as attributes.
inline std::vector<std::int64_t> to_ints(const Shape& shape) {
  return {shape.begin(), shape.end()};
}

/// Reports `output` as the result of the ONNX operator `op` on `inputs`, described by what
/// `attributes` returns, which is called only when somebody listens. Returns `output`.
template <class F>
Tensor traced(std::string_view op, Tensor output, std::initializer_list<Tensor> inputs,
              const F& attributes) {
  if (Tracer* listener = tracer()) [[unlikely]]
    listener->operation(op, inputs, {output}, attributes());
  return output;
}

/// The same for an operator without attributes.
inline Tensor traced(std::string_view op, Tensor output, std::initializer_list<Tensor> inputs) {
  return traced(op, std::move(output), inputs, [] { return Attributes(); });
}

/// For an operation that others do the work of: computes `f()` without a report of its parts, and
/// reports it as the ONNX operator `op`. Call it when there is a tracer.
template <class F>
Tensor traced_whole(std::string_view op, const Tensors& inputs, Attributes attributes, const F& f) {
  Tensor output;
  {
    const UntracedScope untraced;
    output = f();
  }
  tracer()->operation(op, inputs, {output}, std::move(attributes));
  return output;
}

}  // namespace fovea
