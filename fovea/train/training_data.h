// The data of a training: which samples are learned from, chosen by and judged with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/data/dataset.h"
#include "fovea/models/model_file.h"
#include "fovea/train/config.h"
#include "fovea/train/training.h"

namespace fovea::train {

/// What a training learns from and is judged with.
struct TrainingData {
  std::shared_ptr<const data::Dataset> train;  ///< to learn from
  std::shared_ptr<const data::Dataset> test;   ///< to judge with
  /// To choose the best weights by; null for none. The same object as `test` when there is nothing
  /// else to judge with.
  std::shared_ptr<const data::Dataset> val = {};
  Shape image = {};                              ///< [channels, height, width]
  std::string augment;                           ///< words for batches of `train`
  std::optional<models::PictureFit> fit = {};    ///< what was done to pictures
  std::optional<models::HeldOut> held_out = {};  ///< what `test` is of data in one piece
  std::vector<std::pair<std::string, std::string>> checksums = {};  ///< by file

  const std::vector<std::string>& classes() const { return test->classes(); }  ///< their names
};

/// Opens the data that `config` names. hooks.on_note is told what was left out and which folders of
/// it are not used.
/// Throws   IoError, ParseError from reading; ArgumentError for a setting that does not fit the
///          data; ShapeError when images to judge with are not those to learn from.
TrainingData load_training_data(const TrainConfig& config, const TrainingHooks& hooks);

}  // namespace fovea::train
