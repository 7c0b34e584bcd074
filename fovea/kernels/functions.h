// The functions of one element: a row each, which holds all that Fovea knows of it. From the rows
// are made the words of `Unary`, kernels and their gradients, the public function and the layer,
// and ONNX both ways. To add a function: a row here, and golden values from PyTorch in the tests,
// which run over the rows too.
//
//   FUNCTION(Word, name, domain, value, reads, slope, "ONNX operator", .what else it is = ...)
//   LAYER(Class, Word, name, ...)  is also a layer, fovea::nn::Class
//   OWN(Word, name, ...)           has parameters a and b, or a layer that prints some: its public
//                                  function and layer are written by hand
//
// value   of x, and of the parameters a and b, all of type T. Where there is no ONNX operator, or a
//         newer one than is traced, tracing evaluates it on a tensor: then it is written with
//         functions and operators that tensors have (function_values.h).
// reads   what the slope is computed from: x (kInput), the result y (kResult), neither (kNothing).
// slope   the derivative. A bool lets the gradient pass or makes it 0, whatever it is.
#pragma once

#include <cstdint>

namespace fovea::kernels {

// clang-format off
#define FOVEA_FUNCTIONS(FUNCTION, LAYER, OWN)                                                      \
  /** -x; whole numbers too. */                                                                    \
  FUNCTION(Neg, neg, kNumbers, -x, kNothing, -1, "Neg")                                            \
  /** |x|; whole numbers too. */                                                                   \
  FUNCTION(Abs, abs, kNumbers, abs(x), kInput, x > 0 ? T(1) : x < 0 ? T(-1) : T(0), "Abs")         \
  /** -1, 0 or 1; whole numbers too. */                                                            \
  FUNCTION(Sign, sign, kNumbers, sign(x), kNothing, 0, "Sign")                                     \
  /** x^2; whole numbers too. */                                                                   \
  FUNCTION(Square, square, kNumbers, x * x, kInput, 2 * x, "")                                     \
  /** e^x. */                                                                                      \
  FUNCTION(Exp, exp, kFloats, exp(x), kResult, y, "Exp")                                           \
  /** Natural logarithm. */                                                                        \
  FUNCTION(Log, log, kFloats, log(x), kInput, 1 / x, "Log")                                        \
  /** log(1 + x). */                                                                               \
  FUNCTION(Log1p, log1p, kFloats, log_plus_one(x), kInput, 1 / (1 + x), "")                        \
  /** Square root. */                                                                              \
  FUNCTION(Sqrt, sqrt, kFloats, sqrt(x), kResult, T(0.5) / y, "Sqrt")                              \
  /** 1 / sqrt(x). */                                                                              \
  FUNCTION(Rsqrt, rsqrt, kFloats, 1 / sqrt(x), kResult, T(-0.5) * y * y * y, "")                   \
  /** 1 / x. */                                                                                    \
  FUNCTION(Reciprocal, reciprocal, kFloats, 1 / x, kResult, -y * y, "Reciprocal")                  \
  /** Sine. */                                                                                     \
  FUNCTION(Sin, sin, kFloats, sin(x), kInput, cos(x), "Sin")                                       \
  /** Cosine. */                                                                                   \
  FUNCTION(Cos, cos, kFloats, cos(x), kInput, -sin(x), "Cos")                                      \
  /** Error function. */                                                                           \
  FUNCTION(Erf, erf, kFloats, erf(x), kInput, erf_slope(x), "Erf")                                 \
  /** Rounded down. */                                                                             \
  FUNCTION(Floor, floor, kFloats, floor(x), kNothing, 0, "Floor")                                  \
  /** Rounded up. */                                                                               \
  FUNCTION(Ceil, ceil, kFloats, ceil(x), kNothing, 0, "Ceil")                                      \
  /** Rounded to nearest, ties to even. */                                                         \
  FUNCTION(Round, round, kFloats, nearbyint(x), kNothing, 0, "Round")                              \
  /** Whether x is NaN; bool. */                                                                   \
  FUNCTION(IsNan, isnan, kTests, isnan(x), kNothing, 0, "IsNaN")                                   \
  /** Whether x is neither NaN nor infinite; bool. */                                              \
  FUNCTION(IsFinite, isfinite, kTests, finite(x), kNothing, 0, "")                                 \
  /** Not; bool only. */                                                                           \
  FUNCTION(Not, logical_not, kLogic, !x, kNothing, 0, "Not")                                       \
  /** max(x, 0); NaN stays NaN. Numerics: the gradient at 0 is 0. */                               \
  LAYER(ReLU, Relu, relu, kFloats, x < 0 ? T(0) : x, kResult, !(y <= 0), "Relu")                   \
  /** 1 / (1 + exp(-x)). */                                                                        \
  LAYER(Sigmoid, Sigmoid, sigmoid, kFloats, sigmoid(x), kResult, y * (1 - y), "Sigmoid")           \
  /** log(sigmoid(x)). Numerics: no underflow; for x far below 0 it is x. */                       \
  LAYER(LogSigmoid, LogSigmoid, logsigmoid, kFloats, -softplus(-x), kInput, sigmoid(-x), "")       \
  /** Hyperbolic tangent. */                                                                       \
  LAYER(Tanh, Tanh, tanh, kFloats, tanh(x), kResult, 1 - y * y, "Tanh")                            \
  /** x - tanh(x). */                                                                              \
  LAYER(Tanhshrink, Tanhshrink, tanhshrink, kFloats, x - tanh(x), kInput, tanh(x) * tanh(x), "")   \
  /** x / (1 + exp(-x)), also known as swish. */                                                   \
  LAYER(SiLU, Silu, silu, kFloats, x * sigmoid(x),                                                 \
        kInput, sigmoid(x) * (1 + x * (1 - sigmoid(x))), "")                                       \
  /** x hardsigmoid(x). The gradient at -3 is 0, at 3 it is 1. Source: Howard et al. 2019. */      \
  LAYER(Hardswish, HardSwish, hardswish, kFloats,                                                  \
        x <= -3 ? x * T(0) : x >= 3 ? x : x * (x + 3) / 6, /* NaN of -infinity */                  \
        kInput, x <= -3 ? T(0) : x >= 3 ? T(1) : x / 3 + T(0.5), "HardSwish")                      \
  /** x / (1 + |x|). */                                                                            \
  LAYER(Softsign, Softsign, softsign, kFloats, x / (1 + abs(x)),                                   \
        kInput, 1 / ((1 + abs(x)) * (1 + abs(x))), "Softsign")                                     \
  /** x tanh(softplus(x)). Source: Misra 2019. */                                                  \
  LAYER(Mish, Mish, mish, kFloats, x * tanh(softplus(x)), kInput, mish_slope(x),                   \
        "Mish", .since = 18)                                                                       \
  /** x^a. */                                                                                      \
  OWN(Pow, pow, kFloats, power(x, a), kInput, a == 0 ? T(0) : a * power(x, a - 1), "")             \
  /** min(max(x, a), b); whole numbers too. */                                                     \
  OWN(Clamp, clamp, kNumbers, x < a ? a : x > b ? b : x, kInput, x >= a && x <= b,                 \
      "Clip", .a = {"min"}, .b = {"max"}, .by_inputs = true)                                       \
  /** Clamp's values, with gradient 0 at a and b. */                                               \
  OWN(Hardtanh, hardtanh, kFloats, x < a ? a : x > b ? b : x, kResult, !(y <= a || y >= b),        \
      "Clip", .a = {"min"}, .b = {"max"}, .by_inputs = true)                                       \
  /** x > 0 ? x : a x. */                                                                          \
  OWN(LeakyRelu, leaky_relu, kFloats, x > 0 ? x : a * x, kInput, x > 0 ? T(1) : a,                 \
      "LeakyRelu", .a = {"alpha", 0.01})                                                           \
  /** x Phi(x), with the error function. */                                                        \
  OWN(Gelu, gelu, kFloats, x * normal_cdf(x), kInput, gelu_slope(x), "")                           \
  /** gelu's tanh approximation. */                                                                \
  OWN(GeluTanh, gelu, kFloats, x / 2 * (1 + tanh(gelu_tanh_argument(x))),                          \
      kInput, gelu_tanh_slope(x), "")                                                              \
  /** log(1 + exp(x)), without overflow. */                                                        \
  OWN(Softplus, softplus, kFloats, softplus(x), kInput, sigmoid(x), "Softplus")                    \
  /** x > 0 ? x : a (exp(x) - 1). */                                                               \
  OWN(Elu, elu, kFloats, x > 0 ? x : a * expm1(x), kInput, x > 0 ? T(1) : a * exp(x),              \
      "Elu", .a = {"alpha", 1})                                                                    \
  /** b (x > 0 ? x : a (exp(x) - 1)). */                                                           \
  OWN(Selu, selu, kFloats, b * (x > 0 ? x : a * expm1(x)),                                         \
      kInput, b * (x > 0 ? T(1) : a * exp(x)),                                                     \
      "Selu", .a = {"alpha", 1.67326319217681884765625},                                           \
      .b = {"gamma", 1.05070102214813232421875})                                                   \
  /** x > 0 ? x : a (exp(x / a) - 1). */                                                           \
  OWN(Celu, celu, kFloats, x > 0 ? x : a * expm1(x / a), kInput, x > 0 ? T(1) : exp(x / a),        \
      "Celu", .a = {"alpha", 1})                                                                   \
  /** min(max(a x + b, 0), 1). */                                                                  \
  OWN(HardSigmoid, hardsigmoid, kFloats, min(max(a * x + b, T(0)), T(1)),                          \
      kInput, a * x + b > 0 && a * x + b < 1 ? a : T(0),                                           \
      "HardSigmoid", .a = {"alpha", 0.2}, .b = {"beta", 0.5})                                      \
  /** x <= a ? b : x. */                                                                           \
  OWN(Threshold, threshold, kFloats, select(x <= a, b, x), kInput, !(x <= a), "")
// clang-format on

/// For who reads a row that is a layer as he reads the others: the row without the class's name.
#define FOVEA_ROW_OF_LAYER(Class, ...) FOVEA_ROW(__VA_ARGS__)
/// All rows as FOVEA_ROW(Word, name, domain, value, reads, slope, "ONNX operator", ...), whatever
/// that is then; the rest are members of OnnxOperator.
#define FOVEA_ROWS FOVEA_FUNCTIONS(FOVEA_ROW, FOVEA_ROW_OF_LAYER, FOVEA_ROW)

/// Functions of one element. `UnaryOp` carries their parameters.
enum class Unary : std::uint8_t {
#define FOVEA_ROW(Word, ...) k##Word,
  FOVEA_ROWS
#undef FOVEA_ROW
};

/// A function of one element and its parameters.
struct UnaryOp {
  Unary kind;    ///< which function
  double a = 0;  ///< first parameter
  double b = 0;  ///< second parameter
};

/// What a function takes, and gives.
enum class Domain : std::uint8_t {
  kFloats,   ///< f32 and f64, and gives the same
  kNumbers,  ///< f32, f64, i64 and u8, and gives the same
  kTests,    ///< f32 and f64, and gives bool
  kLogic,    ///< bool, and gives bool
};

/// What the gradient of a function reads beside that of its result.
enum class Reads : std::uint8_t {
  kInput,    ///< x
  kResult,   ///< y
  kNothing,  ///< neither
};

/// A parameter as ONNX knows it.
struct OnnxParameter {
  const char* name = nullptr;  ///< of the attribute or input; null: there is none
  double standard = 0;         ///< what the attribute is when a node does not say
};

/// A function as ONNX knows it.
struct OnnxOperator {
  const char* name;      ///< "": it is none
  OnnxParameter a = {};  ///< what the first parameter is called
  OnnxParameter b = {};  ///< what the second parameter is called
  /// Its first operator set, where that is newer than the one that is traced.
  int since = 1;
  bool by_inputs = false;  ///< whether the parameters are inputs, not attributes
};

/// A row.
struct FunctionRow {
  const char* name;   ///< of the public function: "mish"
  Domain domain;      ///< what it takes
  Reads reads;        ///< what its gradient reads
  OnnxOperator onnx;  ///< as what it is exported and imported
};

/// The rows, by the number of their word.
inline constexpr FunctionRow kFunctionRows[] = {
#define FOVEA_ROW(Word, word, domain, value, reads, slope, onnx, ...) \
  {#word, Domain::domain, Reads::reads, {.name = onnx __VA_OPT__(, ) __VA_ARGS__}},
    FOVEA_ROWS
#undef FOVEA_ROW
};

/// The row of a function.
constexpr const FunctionRow& row_of(Unary kind) { return kFunctionRows[static_cast<int>(kind)]; }

}  // namespace fovea::kernels
