// A try before a training: what would only be found at its first step, or at the last of its first
// epoch, is better said before there is a run directory.
#pragma once

#include <functional>
#include <string>

#include "fovea/data/data_loader.h"
#include "fovea/models/model_file.h"
#include "fovea/nn/module.h"

namespace fovea::train {

/// Checks that `model`, made as `card` says, can be trained on the batches of `train`: it takes
/// their images, and the smallest batch is not one sample where batch norm needs more. The model is
/// run on zeros, augmented as the loader's transform does; its buffers and the thread's generator
/// are what they were afterwards. `weights` names the file that it starts from, if any, for
/// messages. `prepare` is called once the model is in training mode; may be empty.
/// Throws   ArgumentError when there is no batch; ShapeError saying what does not fit.
void check_trains(nn::Module& model, const models::ModelCard& card, const data::DataLoader& train,
                  const std::string& weights, const std::function<void()>& prepare = {});

}  // namespace fovea::train
