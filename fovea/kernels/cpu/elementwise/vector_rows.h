// Elementwise loops over dense f32 rows, compiled once for each instruction set and chosen at run
// time.
#pragma once

#include <cstdint>

#include "fovea/kernels/specs.h"

namespace fovea::kernels::cpu {

/// True when unary_row and unary_backward_row take `kind`: it is one or two vector instructions.
constexpr bool has_vector_row(Unary kind) {
  return kind == Unary::kNeg || kind == Unary::kAbs || kind == Unary::kSquare ||
         kind == Unary::kSqrt || kind == Unary::kRelu || kind == Unary::kLeakyRelu ||
         kind == Unary::kClamp || kind == Unary::kHardtanh;
}
/// True when binary_row takes `op`.
constexpr bool has_vector_row(Binary op) {
  return op == Binary::kAdd || op == Binary::kSub || op == Binary::kMul || op == Binary::kDiv;
}

/// y[i] = f(x[i]); x may be y.
void unary_row(UnaryOp op, const float* x, float* y, std::int64_t count);
/// y[i] = f(a[i], b[i]), where an operand that is a single value is read at [0] only; operands may
/// be y.
void binary_row(Binary op, const float* a, bool a_single, const float* b, bool b_single, float* y,
                std::int64_t count);
/// dx[i] = dy[i] times the slope of f, from saved[i] as its row says; dx may be dy.
void unary_backward_row(UnaryOp op, const float* dy, const float* saved, float* dx,
                        std::int64_t count);
/// y[i] = (x[i] / divisor - mean) / std, rounded after each of the three.
void bytes_row(const std::uint8_t* x, float divisor, float mean, float std, float* y,
               std::int64_t count);
/// The instruction set that the vector loops use on this machine: "AVX3", "AVX2", "SSE4", ...
const char* vector_target();

}  // namespace fovea::kernels::cpu
