// From the words of a configuration to the objects that train: optimiser, schedule, augmentation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/data/transforms.h"
#include "fovea/optim/optimizer.h"
#include "fovea/optim/schedule.h"
#include "fovea/train/config.h"
#include "fovea/train/evaluate.h"
#include "fovea/train/patient_writer.h"

namespace fovea::train {

std::vector<std::string> optimizer_words();  ///< adam, adamw, sgd
std::vector<std::string> schedule_words();   ///< see make_schedule
std::vector<std::string> anneal_words();     ///< ways of a one-cycle schedule
std::vector<std::string> augment_words();    ///< see make_augmentation
std::vector<std::string> view_words();       ///< see parse_views
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

/// The optimiser that the configuration names, for `parameters`.
std::unique_ptr<optim::Optimizer> make_optimizer(const TrainConfig& config,
                                                 const Tensors& parameters);

/// The schedule that the configuration names, stepped after each of `total_steps` steps; null for
/// "none".
///
/// step     a tenth of the rate after each third of the training;
/// cosine   from lr to 0 along half a cosine;
/// onecycle up to lr in the share `warmup` of the steps and down again (PyTorch's OneCycleLR),
///          along half cosines or straight lines (`anneal`).
std::unique_ptr<optim::Schedule> make_schedule(const TrainConfig& config,
                                               optim::Optimizer& optimizer,
                                               std::int64_t total_steps);

/// The augmentation that `words` name: none, or some of these joined by +, for images of `size`:
///
/// flip     mirrored left to right with probability 1/2;
/// crop     moved by up to an eighth of the size in each direction, with zeros coming in; crop:N by
///          up to N pixels;
/// cutout   a square of a quarter of the size (of its smaller side) erased, at any place; cutout:N
///          one of N pixels a side;
/// resizedcrop  a part of 8 to 100 % of the area, with sides of 3:4 to 4:3, scaled to the size;
///          resizedcrop:N of N to 100 %;
/// jitter   brightness, contrast and saturation times 0.6 to 1.4, hue turned by up to a tenth;
/// erase    a rectangle of 2 to 33 % of the area erased with probability 1/2; erase:N with N %.
///
/// They take images in [0, 1]. `normalize` follows, and after it what erases, in the order of the
/// words, so that erased pixels are 0: the mean of normalised images.
/// Returns an empty transform for none without `normalize`. Throws ArgumentError naming the word
/// that it does not know, or the number that is none from 1 to models::kMaxSide (pixels) or 100
/// (per cent).
data::Transform make_augmentation(std::string_view words, data::ImageSize size,
                                  const data::Transform& normalize = {});

/// Words of an augmentation, "none" where there are none.
struct AugmentWords {
  std::string picture;  ///< what is done to a picture in the size that its file has
  std::string image;    ///< what is done to images once they are of one size
};
/// Which of `words` are best done to pictures of any size, before they are scaled to that of all:
/// the first resizedcrop, which comes first then, wherever it stands.
AugmentWords split_augmentation(std::string_view words);

/// The views of an image that `words` name: none (the image alone), or some of these joined by +:
///
/// flip     mirrored left to right;
/// shift    moved by a pixel up, down, left and right; shift:N by N pixels.
///
/// Throws ArgumentError as make_augmentation.
Views parse_views(std::string_view words);

}  // namespace fovea::train
