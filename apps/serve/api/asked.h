// What most addresses that look into a model are asked: which model, which image, which class, and
// whether gradients are wanted.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "apps/serve/api/explaining.h"
#include "apps/serve/api/query_reader.h"

namespace fovea::serve {

/// The largest class that an address takes; a model may have fewer.
inline constexpr std::int64_t kMostClasses = 1'000'000;
/// The largest number of a channel, a value of a layer or a place in it.
inline constexpr std::int64_t kMostPlaces = 1'000'000'000;

/// A model and an image that a request names, the model being held until this goes. `training=1`
/// means the model that learns right now, whatever `model` says.
class Asked {
 public:
  /// Throws BadRequest, NotFound; what loading and reading throw.
  Asked(const Explaining& explaining, const QueryReader& query);

  ServedModel& model() const { return *model_; }       ///< held
  const ServedImage& image() const { return image_; }  ///< as it takes it
  bool gradients() const { return gradients_; }        ///< whether they are asked for
  /// The class that is asked about; nothing: the model's answer.
  const std::optional<std::int64_t>& index() const { return index_; }
  /// The run on the image.
  std::shared_ptr<const ServedRun> run() const { return model_->run(image_, index_, gradients_); }

 private:
  std::shared_ptr<ServedModel> model_;
  ServedImage image_;
  std::optional<std::int64_t> index_;
  bool gradients_;
  std::unique_lock<std::mutex> lock_;
};

/// "[28,28]".
std::string json_of_sizes(const Shape& sizes);
/// A model's likeliest classes: [{"index", "name", "probability", "score"}].
std::string json_of_likeliest(const models::Classifier& classifier, const Tensor& scores,
                              std::int64_t count);

}  // namespace fovea::serve
