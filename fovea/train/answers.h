// Answers: what a model says of every sample of a data set, one by one. From them follows which
// samples lie in a cell of the confusion matrix, how far the probabilities can be believed, and
// whether two models differ by more than chance.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "fovea/data/data_loader.h"
#include "fovea/nn/module.h"

namespace fovea::train {

/// What was said of a sample.
struct SampleAnswer {
  std::int64_t truth = 0;       ///< its class
  std::int64_t answer = 0;      ///< the class with the largest score, the first of equals
  float probability = 0;        ///< of the answer: softmax of the scores
  float truth_probability = 0;  ///< of the truth, likewise
  bool right() const { return truth == answer; }  ///< whether it is its class
};

/// Adds what scores [n, classes] say of samples of the classes `labels` [n], i64.
/// Throws   IndexError for a class that there is no score for; NumericError, naming the sample, for
///          scores that are not finite.
void add_answers(const Tensor& scores, const Tensor& labels, std::vector<SampleAnswer>& answers);

/// Told how many samples are answered.
using AnswerProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// The answers to one epoch of `loader`, in its order; nothing when `stop` (which may be null)
/// became true meanwhile. The model is run in evaluation mode, and put back.
/// Throws   ShapeError where targets are not one class a sample; as add_answers; what the model and
///          reading throw.
std::optional<std::vector<SampleAnswer>> answer_all(nn::Module& model, data::DataLoader& loader,
                                                    const std::atomic<bool>* stop = nullptr,
                                                    const AnswerProgress& progress = {});

/// A class that was taken for another.
struct Confusion {
  std::int64_t truth = 0;   ///< the class
  std::int64_t answer = 0;  ///< what it was taken for
  std::int64_t count = 0;   ///< how often
};
/// The `most` pairs that were confused most often, of equals those of lower classes first.
std::vector<Confusion> most_confused(const std::vector<SampleAnswer>& answers, std::size_t most);

/// Numbers of the samples of class `truth` that were answered with `answer`, the surest first, of
/// equals the lower number.
std::vector<std::int64_t> samples_of_cell(const std::vector<SampleAnswer>& answers,
                                          std::int64_t truth, std::int64_t answer);
/// Numbers of the `most` wrong answers that were surest, likewise.
std::vector<std::int64_t> surest_mistakes(const std::vector<SampleAnswer>& answers,
                                          std::size_t most);

}  // namespace fovea::train
