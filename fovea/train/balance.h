// Classes of unequal size: what a rare one's samples count in the loss, or how often they are seen.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/sampler.h"

namespace fovea::train {

/// The number of samples of each class. Throws IndexError for a label outside [0, classes).
std::vector<std::int64_t> count_classes(const std::vector<std::int64_t>& labels,
                                        std::int64_t classes);

/// Weights of classes with which each counts the same in the loss: samples / (classes * samples of
/// the class), whose mean over the samples is 1.
/// Throws   ArgumentError, naming it, for a class without a sample.
/// Source   King and Zeng 2001; compute_class_weight("balanced") of scikit-learn.
std::vector<double> balanced_weights(const std::vector<std::int64_t>& counts,
                                     const std::vector<std::string>& classes);

/// Factors of labels that are there with which those count the same as labels that are not:
/// samples without the label / samples with it. `counts` are these, of `samples`.
/// Throws   ArgumentError, naming it, for a class that no sample has, or every one.
/// Source   pos_weight of PyTorch's BCEWithLogitsLoss.
std::vector<double> balanced_label_weights(const std::vector<std::int64_t>& counts,
                                           std::int64_t samples,
                                           const std::vector<std::string>& classes);

/// The weights of `classes` that a text says: a number for each, separated by commas ("1,2,0.5");
/// or lines NAME,WEIGHT, one for each class in any order (a name may have commas in it).
/// Throws   ParseError, naming `source` and the line.
std::vector<double> parse_class_weights(std::string_view text,
                                        const std::vector<std::string>& classes,
                                        const std::string& source);

/// The setting class_weights as numbers, one for each class: "balanced" by the labels of `train`
/// (balanced_label_weights where its targets are multi-label), numbers as they are, else what the
/// file of that name says. Empty for "none".
/// Throws   as balanced_weights, balanced_label_weights and parse_class_weights; IoError.
std::vector<double> class_weights_of(const std::string& setting, const data::Dataset& train,
                                     const std::vector<std::string>& classes);

/// Numbers as the setting class_weights has them.
std::string format_class_weights(const std::vector<double>& weights);

/// Draws samples so that each class comes up as often as every other: as many an epoch as there
/// are, with replacement.
/// Throws   as balanced_weights.
std::shared_ptr<const data::Sampler> balanced_sampler(const data::Dataset& train,
                                                      const std::vector<std::string>& classes,
                                                      std::uint64_t seed);

}  // namespace fovea::train
