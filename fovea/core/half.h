// Storage formats of 16 bits: IEEE half precision and bfloat16. They are converted, never computed
// with.
#pragma once

#include <bit>
#include <cstdint>

namespace fovea {

/// IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. Conversion from float rounds to nearest
/// even.
struct f16_t {
  std::uint16_t bits = 0;  ///< as they are stored

  f16_t() = default;
  explicit f16_t(float value) : bits(from_float(value)) {}    ///< rounded to nearest even
  explicit operator float() const { return to_float(bits); }  ///< exact

 private:
  static std::uint16_t from_float(float value) {
    const std::uint32_t x = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (x >> 16) & 0x8000u;
    const std::uint32_t magnitude = x & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);  // NaN
    // Rounds to inf.
    if (magnitude >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
    // Subnormal in binary16: the addition rounds to a multiple of 2^-24.
    if (magnitude < 0x38800000u) {
      const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
      return static_cast<std::uint16_t>(sign |
                                        (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
    }
    const std::uint32_t odd = (magnitude >> 13) & 1u;
    return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
  }

  static float to_float(std::uint16_t h) {
    const std::uint32_t sign = (h & 0x8000u) << 16;
    const std::uint32_t exponent = (h >> 10) & 0x1fu;
    const std::uint32_t fraction = h & 0x3ffu;
    if (exponent == 0x1fu) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
    if (exponent != 0)
      return std::bit_cast<float>(sign | ((exponent + 112u) << 23) | (fraction << 13));
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
};

/// bfloat16: the upper half of a float. Conversion from float rounds to nearest even and keeps NaN.
struct bf16_t {
  std::uint16_t bits = 0;  ///< as they are stored

  bf16_t() = default;
  /// Rounded to nearest even.
  explicit bf16_t(float value) {
    const std::uint32_t x = std::bit_cast<std::uint32_t>(value);
    if ((x & 0x7fffffffu) > 0x7f800000u) {
      bits = static_cast<std::uint16_t>((x >> 16) | 0x40u);
    } else {
      bits = static_cast<std::uint16_t>((x + 0x7fffu + ((x >> 16) & 1u)) >> 16);
    }
  }
  /// Exact.
  explicit operator float() const {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  }
};

}  // namespace fovea
