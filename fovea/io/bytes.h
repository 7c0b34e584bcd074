// Numbers in files: bytes in an order that is the format's, not the machine's.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fovea/core/error.h"
#include "fovea/core/shape.h"

namespace fovea::io {

static_assert(std::endian::native == std::endian::little,
              "Fovea's files are written and read as little-endian memory");

/// The unsigned integer in the first bytes of `bytes`, least significant byte first.
/// Requires bytes.size() >= sizeof(T).
template <std::unsigned_integral T>
T load_little(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

/// The unsigned integer in the first bytes of `bytes`, most significant byte first.
/// Requires bytes.size() >= sizeof(T).
template <std::unsigned_integral T>
T load_big(std::span<const std::byte> bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(std::uint64_t{value} << 8 | std::to_integer<std::uint64_t>(bytes[i]));
  return value;
}

/// Turns the order of the bytes of each `width`-byte element round, in place.
inline void swap_bytes(std::span<std::byte> elements, std::size_t width) {
  if (width < 2) return;
  for (std::size_t i = 0; i + width <= elements.size(); i += width)
    std::reverse(elements.data() + i, elements.data() + i + width);
}

/// Bytes of `sizes` elements of `width` bytes; nothing when the elements are more than a tensor can
/// have (2^62), sizes of 0 left out: strides are products of the other sizes. Requires sizes of at
/// least 0.
inline std::optional<std::uint64_t> bytes_of(const Shape& sizes, std::size_t width) {
  constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 62;
  std::uint64_t count = 1, bytes = 0;
  bool empty = false;
  for (const std::int64_t size : sizes) {
    empty |= size == 0;
    const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(size, 1));
    const bool overflow = __builtin_mul_overflow(count, factor, &count);
    if (overflow || count > kMaxElements) return std::nullopt;
  }
  if (__builtin_mul_overflow(count, width, &bytes)) return std::nullopt;
  return empty ? 0 : bytes;
}

/// Checks that each byte of a bool array is 0 or 1: in C++ a bool that is neither is undefined.
/// `first` is the first byte's position in file `name`. Throws ParseError naming `operation`.
inline void check_bools(std::span<const std::byte> elements, const char* operation,
                        const std::string& name, std::uint64_t first) {
  const auto bad =
      std::find_if(elements.begin(), elements.end(), [](std::byte b) { return b > std::byte{1}; });
  if (bad == elements.end()) return;
  throw ParseError(str(operation, ": bool expected 0 or 1, got ", std::to_integer<int>(*bad), " (",
                       name, ", byte ", first + static_cast<std::uint64_t>(bad - elements.begin()),
                       ")"));
}

/// "89 50 4e 47": the first `count` bytes, for messages about files that are something else.
inline std::string hex_of(std::span<const std::byte> bytes, std::size_t count) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte b : bytes.first(std::min(count, bytes.size()))) {
    if (!text.empty()) text += ' ';
    text += kDigits[std::to_integer<unsigned>(b) >> 4];
    text += kDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

/// At most `count` bytes of an untrusted file as they may stand in a one-line message: what is not
/// printable ASCII becomes its hexadecimal digits behind a backslash and an x.
inline std::string printable(std::string_view text, std::size_t count = 40) {
  std::string safe;
  for (const char& c : text.substr(0, count)) {
    if (c >= ' ' && c <= '~')
      safe += c;
    else
      safe += "\\x" + hex_of(std::as_bytes(std::span(&c, 1)), 1);
  }
  return text.size() > count ? safe + "..." : safe;
}

}  // namespace fovea::io
