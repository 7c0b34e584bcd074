#include "fovea/tensor/trace.h"

namespace fovea {

namespace {
thread_local Tracer* current = nullptr;
}  // namespace

// Source   onnx.proto, TensorProto.DataType.
std::int64_t onnx_type_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 1;
    case DType::kU8:
      return 2;
    case DType::kI8:
      return 3;
    case DType::kU16:
      return 4;
    case DType::kI16:
      return 5;
    case DType::kI32:
      return 6;
    case DType::kI64:
      return 7;
    case DType::kBool:
      return 9;
    case DType::kF16:
      return 10;
    case DType::kF64:
      return 11;
    case DType::kU32:
      return 12;
    case DType::kU64:
      return 13;
    case DType::kBF16:
      return 16;
  }
  return 0;
}

Tracer* tracer() { return current; }

TraceScope::TraceScope(Tracer& tracer) : before_(current) { current = &tracer; }
TraceScope::~TraceScope() { current = before_; }

UntracedScope::UntracedScope() : before_(current) { current = nullptr; }
UntracedScope::~UntracedScope() { current = before_; }

}  // namespace fovea
