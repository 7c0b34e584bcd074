// Counter-based random numbers: a draw is a pure function of (seed, stream, element index), so it
// does not matter which thread asks, or in which order.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "fovea/core/device.h"

namespace fovea {

/// Names one stream of random numbers: element i of the stream is a function of (seed, stream, i).
struct RngKey {
  std::uint64_t seed = 0;    ///< the generator's seed
  std::uint64_t stream = 0;  ///< which draw of the generator
};

/// Four random 32-bit words, a function of key and counter.
/// Source   Philox4x32-10: Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3".
inline std::array<std::uint32_t, 4> philox(const RngKey& key, std::uint64_t counter) {
  std::uint32_t c0 = static_cast<std::uint32_t>(counter),
                c1 = static_cast<std::uint32_t>(counter >> 32);
  std::uint32_t c2 = static_cast<std::uint32_t>(key.stream),
                c3 = static_cast<std::uint32_t>(key.stream >> 32);
  std::uint32_t k0 = static_cast<std::uint32_t>(key.seed),
                k1 = static_cast<std::uint32_t>(key.seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<std::uint32_t>(p1);
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<std::uint32_t>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

/// A float in [0, 1) with 24 random bits.
inline float to_unit_float(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }
/// A double in [0, 1) with 53 random bits.
inline double to_unit_double(std::uint32_t high, std::uint32_t low) {
  return static_cast<double>((std::uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
}
/// A standard normal number from four random words (Box and Muller 1958).
inline double to_normal(const std::array<std::uint32_t, 4>& words) {
  const double u = 1.0 - to_unit_double(words[0], words[1]);  // in (0, 1]
  const double v = to_unit_double(words[2], words[3]);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * v);
}
/// A whole number in [0, n) without bias beyond 2^-64; requires n > 0.
inline std::uint64_t to_below(const std::array<std::uint32_t, 4>& words, std::uint64_t n) {
  const std::uint64_t wide = std::uint64_t{words[0]} << 32 | words[1];
  __extension__ using Product = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Product>(wide) * n) >> 64);
}

/// A source of random streams. Copy it to repeat its draws. Not thread safe.
class Generator {
 public:
  /// Streams are numbered from 0 for each seed.
  explicit Generator(std::uint64_t seed = 0, Device device = cpu) : seed_(seed), device_(device) {}

  /// Starts again with `seed`.
  void manual_seed(std::uint64_t seed) {
    seed_ = seed;
    next_stream_ = 0;
  }
  /// The key of the next stream.
  RngKey next() { return {seed_, next_stream_++}; }
  /// A whole number in [0, n). Throws ArgumentError when n is 0.
  std::uint64_t below(std::uint64_t n);
  /// A generator whose streams are unrelated to this one's, for component `id`.
  Generator fork(std::uint64_t id) const;

  std::uint64_t seed() const { return seed_; }             ///< the seed
  std::uint64_t position() const { return next_stream_; }  ///< streams used so far
  /// Goes on after `position` streams, to resume a run.
  void set_position(std::uint64_t position) { next_stream_ = position; }
  /// Where it may draw: a generator on the CPU serves every device, since a stream's key is made on
  /// the host.
  Device device() const { return device_; }

 private:
  std::uint64_t seed_;
  std::uint64_t next_stream_ = 0;
  Device device_;
};

/// The generator that operations use when none is given. One a thread, so that draws do not depend
/// on scheduling.
Generator& default_generator();
/// Seeds this thread's default generator.
void manual_seed(std::uint64_t seed);

}  // namespace fovea
