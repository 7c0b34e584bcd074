// Element types. f32, f64, i64, u8 and boolean can be computed with; the others store and convert.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string_view>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/half.h"

namespace fovea {

/// The type of a tensor's elements.
enum class DType : std::uint8_t {
  kF32,
  kF64,
  kI64,
  kU8,
  kBool,
  kF16,
  kBF16,
  kI8,
  kI16,
  kU16,
  kI32,
  kU32,
  kU64
};

inline constexpr DType f32 = DType::kF32;       ///< 32-bit float
inline constexpr DType f64 = DType::kF64;       ///< 64-bit float
inline constexpr DType i64 = DType::kI64;       ///< 64-bit signed integer
inline constexpr DType u8 = DType::kU8;         ///< 8-bit unsigned integer
inline constexpr DType boolean = DType::kBool;  ///< true or false, a byte
inline constexpr DType f16 = DType::kF16;       ///< IEEE half precision; storage only
inline constexpr DType bf16 = DType::kBF16;     ///< bfloat16; storage only
inline constexpr DType i8 = DType::kI8;         ///< 8-bit signed integer; storage only
inline constexpr DType i16 = DType::kI16;       ///< 16-bit signed integer; storage only
inline constexpr DType u16 = DType::kU16;       ///< 16-bit unsigned integer; storage only
inline constexpr DType i32 = DType::kI32;       ///< 32-bit signed integer; storage only
inline constexpr DType u32 = DType::kU32;       ///< 32-bit unsigned integer; storage only
inline constexpr DType u64 = DType::kU64;       ///< 64-bit unsigned integer; storage only

/// Every dtype, in the order of the enumeration.
inline constexpr DType kAllDTypes[] = {f32, f64, i64, u8,  boolean, f16, bf16,
                                       i8,  i16, u16, i32, u32,     u64};

/// Bytes of one element.
std::size_t size_of(DType dtype);
/// The dtype's short name: "f32", "bool", ...
std::string_view name_of(DType dtype);
/// f32, f64, f16 and bf16.
bool is_floating(DType dtype);
/// f32 and f64: the dtypes that layers compute in and that can carry gradients.
bool is_differentiable(DType dtype);
/// f32, f64, i64, u8 and boolean: the dtypes that arithmetic takes.
bool is_computable(DType dtype);
/// Prints name_of.
std::ostream& operator<<(std::ostream& out, DType dtype);

/// The dtype of the C++ type T.
template <class T>
struct DTypeOf;
#define FOVEA_DTYPE_OF(type, dtype)         \
  template <>                               \
  struct DTypeOf<type> {                    \
    static constexpr DType value = (dtype); \
  };
FOVEA_DTYPE_OF(float, f32)
FOVEA_DTYPE_OF(double, f64)
FOVEA_DTYPE_OF(std::int64_t, i64)
FOVEA_DTYPE_OF(std::uint8_t, u8)
FOVEA_DTYPE_OF(bool, boolean)
FOVEA_DTYPE_OF(f16_t, f16)
FOVEA_DTYPE_OF(bf16_t, bf16)
FOVEA_DTYPE_OF(std::int8_t, i8)
FOVEA_DTYPE_OF(std::int16_t, i16)
FOVEA_DTYPE_OF(std::uint16_t, u16)
FOVEA_DTYPE_OF(std::int32_t, i32)
FOVEA_DTYPE_OF(std::uint32_t, u32)
FOVEA_DTYPE_OF(std::uint64_t, u64)
#undef FOVEA_DTYPE_OF
/// The dtype of the C++ type T, as a value.
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

/// Carries a type as a value, for generic lambdas.
template <class T>
struct TypeTag {
  using type = T;  ///< the type carried
};

/// Calls `f(TypeTag<T>{})` with the C++ type of `dtype` when it is one of Ts; DTypeError otherwise.
template <class... Ts, class F>
void dispatch_dtype(DType dtype, std::string_view operation, F&& f) {
  const bool found = ((dtype == dtype_of<Ts> ? (f(TypeTag<Ts>{}), true) : false) || ...);
  if (found) return;
  std::string allowed;
  ((allowed += (allowed.empty() ? "" : ", "), allowed += name_of(dtype_of<Ts>)), ...);
  throw DTypeError(str(operation, ": dtype expected ", allowed, ", got ", name_of(dtype)));
}

/// dispatch_dtype over the dtypes that carry gradients: f32 and f64.
template <class F>
void dispatch_float(DType dtype, std::string_view operation, F&& f) {
  dispatch_dtype<float, double>(dtype, operation, std::forward<F>(f));
}

/// dispatch_dtype over f32, f64, i64 and u8.
template <class F>
void dispatch_number(DType dtype, std::string_view operation, F&& f) {
  dispatch_dtype<float, double, std::int64_t, std::uint8_t>(dtype, operation, std::forward<F>(f));
}

/// dispatch_dtype over everything that arithmetic takes: f32, f64, i64, u8 and boolean.
template <class F>
void dispatch_compute(DType dtype, std::string_view operation, F&& f) {
  dispatch_dtype<float, double, std::int64_t, std::uint8_t, bool>(dtype, operation,
                                                                  std::forward<F>(f));
}

/// dispatch_dtype over every dtype.
template <class F>
void dispatch_all(DType dtype, std::string_view operation, F&& f) {
  dispatch_dtype<float, double, std::int64_t, std::uint8_t, bool, f16_t, bf16_t, std::int8_t,
                 std::int16_t, std::uint16_t, std::int32_t, std::uint32_t, std::uint64_t>(
      dtype, operation, std::forward<F>(f));
}

}  // namespace fovea
