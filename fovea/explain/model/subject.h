// What is asked about a model's answer: the model, the image that it sees, and the class.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fovea/explain/walk.h"
#include "fovea/io/pictures/image.h"
#include "fovea/models/classifier.h"
#include "fovea/nn/module.h"

namespace fovea::explain {

/// A model and an image that it sees.
struct Subject {
  nn::Module& module;      ///< gives class scores; run in evaluation mode
  Tensor x;                ///< [1, channels, height, width], as the model takes it
  io::Image picture = {};  ///< the image for people, of x's size; undefined: made from x
  std::vector<std::string> classes = {};  ///< names by index; may be fewer
  std::vector<double> grey = {0.5};       ///< middle grey as the model takes it, a number a channel
                                          ///< or one for all
  bool multi_label = false;               ///< each class has a probability by itself
};

/// The subject of a classifier and an image that it has prepared: picture, names and grey are its.
Subject subject_of(const models::Classifier& classifier, const Tensor& image);

/// A class, and what the model says of it.
struct Answer {
  std::int64_t index = 0;  ///< of the class
  std::string name;        ///< its name, or the index
  double score = 0;        ///< before the softmax
  double probability = 0;  ///< after it, or after the sigmoid of a multi-label model
};

/// What the scores [1, classes] say of class `index`; without one of the likeliest.
/// Throws   IndexError when there is no such class; ShapeError for other scores.
Answer answer_of(const Subject& subject, const Tensor& scores,
                 const std::optional<std::int64_t>& index);

/// Throws ShapeError unless x is one image.
void check_subject(const Subject& subject);

/// Probabilities [n, classes] of scores.
Tensor probabilities_of(const Subject& subject, const Tensor& scores);

/// The image for people: [1 or 3, height, width] u8.
io::Image picture_of(const Subject& subject);

}  // namespace fovea::explain
