// How images are normalised before a model sees them: (x - mean) / std of each channel, of values
// in [0, 1]. The constants of well-known data sets, by name, and the form in which settings and
// weights files say it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/data/transform.h"

namespace fovea::models {

/// Mean and standard deviation of each channel, or one for all; none of either: images stay x /
/// 255.
struct Normalization {
  std::vector<double> mean;  ///< of values in [0, 1]
  std::vector<double> std;   ///< likewise, as many

  bool empty() const { return mean.empty(); }             ///< images stay as they are
  bool operator==(const Normalization&) const = default;  ///< the same numbers
  /// data::Normalize; an empty transform for none.
  data::Transform transform() const;
};

/// The constants of a data set.
struct NamedNormalization {
  std::string name;      ///< "imagenet"
  Normalization values;  ///< the usual numbers
  std::string source;    ///< where they come from
};

/// Those that are known: imagenet, cifar10, cifar100, mnist, fashion-mnist.
const std::vector<NamedNormalization>& usual_normalizations();

/// What `text` names: none, one of usual_normalizations(), or numbers as "mean/std" with one value
/// a channel, "0.5/0.25" or "0.485,0.456,0.406/0.229,0.224,0.225".
/// Throws   ArgumentError, beginning with `what`, when it is none of these, or when the numbers are
///          not as many on both sides, not finite, or a deviation is not above 0.
Normalization parse_normalization(std::string_view text, std::string_view what);
/// The numbers as parse_normalization reads them back; "none" for none.
std::string format_normalization(const Normalization& normalization);

/// Throws ArgumentError, beginning with `what`, unless images of so many channels can be
///          normalised.
void check_channels(const Normalization& normalization, std::int64_t channels,
                    std::string_view what);

}  // namespace fovea::models
