// The images that the page asks models about, by their ids.
//
//   test:N, train:N   a sample of the model's data
//   upload:ID         a picture that was sent; the last 64 are kept, of 256 MB together
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "apps/serve/api/recent.h"
#include "apps/serve/api/served_model.h"
#include "fovea/data/dataset.h"
#include "fovea/io/pictures/image.h"
#include "fovea/vision/data_sets.h"

namespace fovea::serve {

/// Images. See the head of this file.
/// Threads  may be used by several at once.
class Images {
 public:
  Images();

  /// Keeps a picture that was sent as a file, light and dark swapped if `invert`, and returns its
  /// id.
  /// Throws   ParseError when it is none, has more than 25 million pixels, or more than 8 MB.
  std::string add(const std::string& content, bool invert);
  /// The picture with this id, "upload:1f". Throws NotFound when there is none any more.
  io::Image upload(const std::string& id) const;

  /// An image as the model takes it.
  /// Throws   BadRequest for what is no id; NotFound for an upload that is gone, a sample that
  ///          there is not, and a model of which no data are known; what reading throws.
  ServedImage get(const ServedModel& model, const std::string& id) const;

  /// A split of the model's data, of the last four or opened now. Throws likewise.
  std::shared_ptr<const data::Dataset> samples(const ServedModel& model, vision::Split split) const;

 private:
  mutable std::mutex mutex_;
  mutable Recent<std::string, io::Image> uploads_;
  mutable Recent<std::string, std::shared_ptr<const data::Dataset>> samples_;
};

}  // namespace fovea::serve
