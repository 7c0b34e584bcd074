// What a model saw of pictures: a sheet of them with their answers, and whether light and dark are
// swapped in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/predict/answers.h"
#include "fovea/io/pictures/image.h"
#include "fovea/models/ground.h"
#include "fovea/vision/tiles.h"

namespace fovea::cli {

/// A picture of the first pictures, as the model saw them, each with its likeliest class, or the
/// labels that are there.
class AnswerSheet {
 public:
  /// How many pictures there is room for: more would make a file that no viewer likes.
  static constexpr std::size_t kMost = 100;

  /// One more picture, u8 [1 or 3, h, w]. Left out, but counted, when there is no room.
  /// Throws DTypeError, ShapeError for others.
  void add(const Asked& asked, const Answer& answer, const io::Image& image);
  /// Writes the sheet, whose title is `title`, as SVG. Throws IoError.
  void save(const std::string& file, const std::string& title) const;
  /// "12 pictures", or "the first 100 of 1,234 pictures".
  std::string contents() const;

 private:
  std::vector<vision::Tile> tiles_;
  std::int64_t count_ = 0;
};

/// Counts pictures whose light and dark seem to be swapped.
class SwapWatch {
 public:
  /// `ground` is that of the model's training; without it nothing is ever swapped.
  explicit SwapWatch(std::optional<models::Ground> ground) : ground_(ground) {}

  /// Looks at pictures as a model sees them, u8 [n, c, h, w].
  void add(const Tensor& images);
  /// What is to be said of them, in a line without its end; empty for nothing. `inverted`: they
  /// were swapped already, by --invert.
  std::string message(bool inverted) const;

 private:
  std::optional<models::Ground> ground_;
  std::int64_t swapped_ = 0, count_ = 0;
};

}  // namespace fovea::cli
