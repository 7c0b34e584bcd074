// The addresses of data sets: what is in them, and their pictures.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "apps/serve/api/allowed.h"
#include "apps/serve/api/recent.h"
#include "apps/serve/http/router.h"
#include "fovea/core/language.h"
#include "fovea/data/dataset.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/picture_set.h"

namespace fovea::serve {

/// Data sets that are looked at, the last few of them open.
/// Threads  may be used by several at once.
class DataShelf {
 public:
  explicit DataShelf(const Allowed& allowed);  ///< which must outlive it

  /// A split, [k, c, h, w] u8 images as they are, those of folders cut to squares of 96 pixels.
  /// Throws   BadRequest for data that the page may not name; as vision::open_data.
  std::shared_ptr<const data::Dataset> open(const std::string& name, vision::Split split) const;
  /// The pictures of a split that cannot be read or decoded: all are tried, once. Nothing where
  /// there are more pictures than a minute's work.
  std::optional<std::vector<vision::CorruptImage>> unreadable(const std::string& name,
                                                              vision::Split split) const;

 private:
  const Allowed& allowed_;
  mutable std::mutex mutex_;
  mutable Recent<std::string, std::shared_ptr<const data::Dataset>> open_;
  mutable Recent<std::string, std::vector<vision::CorruptImage>> unreadable_;
};

/// Says that classes are uneven, where the largest has at least twice as many samples as the
/// smallest; empty otherwise.
Text uneven_note(const std::vector<std::string>& classes, const std::vector<std::int64_t>& counts);

/// Adds /api/data, /api/sheet and /api/picture.
void add_data(Router& router, const DataShelf& shelf);

}  // namespace fovea::serve
