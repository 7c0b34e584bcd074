// From the words of a configuration to the objects that train: optimiser, schedule, and in
// augmentation.h what is done to images.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fovea/optim/optimizer.h"
#include "fovea/optim/schedule.h"
#include "fovea/train/augmentation.h"
#include "fovea/train/config.h"
#include "fovea/train/fine_tuning.h"
#include "fovea/train/patient_writer.h"

namespace fovea::train {

std::vector<std::string> optimizer_words();  ///< adam, adamw, sgd
std::vector<std::string> schedule_words();   ///< see make_schedule
std::vector<std::string> anneal_words();     ///< ways of a one-cycle schedule
std::vector<std::string> on_full_words();    ///< stop, wait
std::vector<std::string> switch_words();     ///< on, off
/// all: every sample once an epoch; balanced: as many samples, drawn so that each class comes up as
/// often as every other.
std::vector<std::string> sampling_words();
bool samples_balanced(const TrainConfig& config);  ///< whether `sampling` is balanced
bool has_events(const TrainConfig& config);        ///< whether `tensorboard` is on
/// What the configuration does when weights or a checkpoint cannot be written.
OnFull on_full_of(const TrainConfig& config);
/// Throws ArgumentError, listing the words, unless those of optimizer, schedule, anneal, sampling,
/// monitor, on_full and tensorboard are known.
void check_recipe_words(const TrainConfig& config);

/// The optimiser that the configuration names, with a group for each of `groups`.
std::unique_ptr<optim::Optimizer> make_optimizer(const TrainConfig& config,
                                                 const std::vector<ScaledParameters>& groups);
/// The same for parameters that all learn at the same rate.
std::unique_ptr<optim::Optimizer> make_optimizer(const TrainConfig& config,
                                                 const Tensors& parameters);

/// The schedule that the configuration names, stepped after each of `total_steps` steps; null for
/// "none".
///
/// step     a tenth of the rate after each third of the training;
/// cosine   from lr to 0 along half a cosine;
/// onecycle up to lr in the share `warmup` of the steps and down again (PyTorch's OneCycleLR),
///          along half cosines or straight lines (`anneal`).
///
/// `scales` are the factors of the groups' rates, which keep their ratios; empty: 1 for each.
std::unique_ptr<optim::Schedule> make_schedule(const TrainConfig& config,
                                               optim::Optimizer& optimizer,
                                               std::int64_t total_steps,
                                               const std::vector<double>& scales = {});

}  // namespace fovea::train
