// What element i of a random tensor is: the definition that every device follows.
//
// Philox gives four words a counter. Where an element needs more than one word (uniform f64,
// normal, integer), element i has counter i to itself. Where one word is enough (uniform f32,
// Bernoulli, dropout), 64 elements share 16 counters: the elements of a group take word 0 of its 16
// counters in turn, then word 1, and so on. So vector registers with up to 16 lanes, one counter a
// lane, come out in the elements' order.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/kernels/reference/walk.h"
#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

inline constexpr std::int64_t kGroupCounters = 16;  ///< counters that a group shares
inline constexpr std::int64_t kGroupElements = 4 * kGroupCounters;  ///< elements of a group

/// The random word of element `i` where elements take one word.
inline std::uint32_t element_word(const RngKey& key, std::int64_t i) {
  const std::int64_t counter = i / kGroupElements * kGroupCounters + i % kGroupCounters;
  const std::int64_t word = i % kGroupElements / kGroupCounters;
  return philox(key, static_cast<std::uint64_t>(counter))[static_cast<std::size_t>(word)];
}

/// A number in [a, b) from one in [0, 1), also where rounding would give b.
template <class T>
T stretch(T unit, double a, double b) {
  const T low = static_cast<T>(a), high = static_cast<T>(b);
  const T value = low + (high - low) * unit;
  return value < high ? value : std::nextafter(high, low);
}

/// Element `i` of a tensor of Ts drawn from a distribution; a and b as Distribution says.
template <class T>
T draw(Distribution distribution, double a, double b, const RngKey& key, std::int64_t i) {
  const auto own_words = [&] { return philox(key, static_cast<std::uint64_t>(i)); };
  switch (distribution) {
    case Distribution::kUniform:
      if constexpr (std::is_same_v<T, float>) {
        return stretch(to_unit_float(element_word(key, i)), a, b);
      } else {
        const auto words = own_words();
        return static_cast<T>(stretch(to_unit_double(words[0], words[1]), a, b));
      }
    case Distribution::kNormal:
      return static_cast<T>(a + b * to_normal(own_words()));
    case Distribution::kInteger: {
      // In 64-bit integers: a difference or sum in double would round beyond 2^53.
      const auto low = static_cast<std::int64_t>(a), high = static_cast<std::int64_t>(b);
      const std::uint64_t count =
          static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
      return static_cast<T>(static_cast<std::int64_t>(static_cast<std::uint64_t>(low) +
                                                      to_below(own_words(), count)));
    }
    case Distribution::kBernoulli:
      return static_cast<T>(to_unit_float(element_word(key, i)) < a);
  }
  no_case_for("random", distribution);
}

/// Dropout keeps an element when the upper 24 bits of its word reach this: when to_unit_float(word)
/// >= p.
inline std::int32_t keep_threshold(double p) {
  return static_cast<std::int32_t>(std::ceil(p * 0x1p24));
}

/// What an element that dropout keeps is multiplied by. Of no use when p is 1.
template <class T>
T keep_scale(double p) {
  return static_cast<T>(1 / (1 - p));
}

/// The kernel table's `random`.
template <class T>
void random(Distribution distribution, double a, double b, RngKey key, View y) {
  Walker to(y.sizes, y.strides);
  const std::int64_t count = y.numel();
  for (std::int64_t i = 0; i < count; ++i, to.next()) {
    y.as<T>()[to.offset()] = draw<T>(distribution, a, b, key, i);
  }
}

/// The kernel table's `dropout`.
template <class T>
void dropout(RngKey key, double p, ConstView x, View y) {
  Walker from(x.sizes, x.strides), to(y.sizes, y.strides);
  const std::int64_t count = y.numel();
  for (std::int64_t i = 0; i < count; ++i, from.next(), to.next()) {
    const bool keep = to_unit_float(element_word(key, i)) >= p;
    y.as<T>()[to.offset()] = keep ? x.as<T>()[from.offset()] * keep_scale<T>(p) : T(0);
  }
}

}  // namespace fovea::kernels::reference
