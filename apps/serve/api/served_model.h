// A model that the page looks into, with the runs that it made last: a cursor that is dragged over
// a map asks for the same run again and again.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "apps/base/data_flags.h"
#include "apps/serve/api/recent.h"
#include "fovea/explain/model/gradients.h"
#include "fovea/explain/model/run.h"
#include "fovea/explain/model/subject.h"
#include "fovea/models/classifier.h"

namespace fovea::serve {

/// An image as a model takes it.
struct ServedImage {
  std::string id;     ///< "test:42", "upload:1f"
  std::string label;  ///< its class, or classes; empty where nobody knows
  Tensor x;           ///< f32 [1, channels, height, width]
};

/// A run on an image, and what it says of a class.
struct ServedRun {
  explain::ModelRun run;              ///< unfused, in evaluation mode
  explain::Answer answer;             ///< of the class that was asked for, or the model's answer
  explain::LayerGradients gradients;  ///< of its score; of nothing unless they were asked for
};

/// A model, and which data its samples are of.
class ServedModel {
 public:
  /// Parameters of `model` require no gradients from now on: nobody else may train it.
  ServedModel(std::string id, models::LoadedModel model, cli::DataFlags data);

  const std::string& id() const { return id_; }                         ///< "run:exp"
  const models::Classifier& classifier() const { return classifier_; }  ///< what answers
  const cli::DataFlags& data() const { return data_; }  ///< `data` is empty where none is known

  /// To be held while the model or a run of it is used.
  std::mutex& mutex() const { return mutex_; }

  /// What is asked about an image.
  explain::Subject subject(const ServedImage& image) const;
  /// The run on an image, of the last four or a new one. `index` is a class, without it the model's
  /// answer. Gradients of runs that have them are the class's.
  /// Requires the mutex.
  /// Throws   IndexError when there is no such class; what the model throws.
  std::shared_ptr<const ServedRun> run(const ServedImage& image,
                                       const std::optional<std::int64_t>& index, bool gradients);
  /// A run on zeros, for who wants nothing of the image. Requires the mutex.
  std::shared_ptr<const ServedRun> run_on_zeros();

 private:
  using RunKey = std::tuple<std::string, std::int64_t, bool>;  // image, class or -1, gradients
  std::string id_;
  models::Classifier classifier_;
  cli::DataFlags data_;
  mutable std::mutex mutex_;
  Recent<RunKey, std::shared_ptr<const ServedRun>> runs_;
  bool warm_ = false;  // kernels have prepared what they need for its shapes
};

}  // namespace fovea::serve
