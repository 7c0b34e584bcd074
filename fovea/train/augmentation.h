// From the words of a configuration to what is done to images: augmentation of those that are
// learned from, views of those that are judged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/data/batch_mix.h"
#include "fovea/data/transforms.h"
#include "fovea/train/evaluate.h"

namespace fovea::train {

std::vector<std::string> augment_words();  ///< see make_augmentation and make_mixing
std::vector<std::string> view_words();     ///< see parse_views

/// The augmentation that `words` name: none, or some of these joined by +, for images of `size`:
///
/// flip     mirrored left to right with probability 1/2; vflip top to bottom;
/// crop     moved by up to an eighth of the size in each direction, with zeros coming in; crop:N by
///          up to N pixels;
/// rotate   turned by up to 15 degrees either way; rotate:N by up to N;
/// affine   turned by up to 10 degrees, moved by up to a tenth of the size, scaled by 0.9 to 1.1
///          and sheared by up to 10 degrees;
/// perspective  seen askew with probability 1/2, its corners moved in by up to a quarter of the
///          size; perspective:N by N % of half of it;
/// cutout   a square of a quarter of the size (of its smaller side) erased, at any place; cutout:N
///          one of N pixels a side;
/// resizedcrop  a part of 8 to 100 % of the area, with sides of 3:4 to 4:3, scaled to the size;
///          resizedcrop:N of N to 100 %;
/// jitter   brightness, contrast and saturation times 0.6 to 1.4, hue turned by up to a tenth;
/// grayscale  grey with probability 1/10; grayscale:N with N %;
/// blur     blurred by 0.1 to 2 pixels with probability 1/2; blur:N with N %. The kernel is about a
///          tenth of the size;
/// randaugment  data::RandAugment, two changes of magnitude 9 of 30; randaugment:M of magnitude M,
///          randaugment:N,M N of them;
/// trivialaugment  data::TrivialAugmentWide;
/// erase    a rectangle of 2 to 33 % of the area erased with probability 1/2; erase:N with N %.
///
/// Words of make_mixing may be among them, and are checked. What turns and bends is bilinear, but
/// for randaugment's and trivialaugment's, which take the nearest pixel as torchvision does.
/// They take images in [0, 1]. `normalize` follows, and after it what erases, in the order of the
/// words, so that erased pixels are 0: the mean of normalised images.
/// Returns an empty transform where nothing is to be done. Throws ArgumentError naming the word
/// that it does not know, or the number that is none from 1 to models::kMaxSide (pixels), 180
/// (degrees) or 100 (per cent).
data::Transform make_augmentation(std::string_view words, data::ImageSize size,
                                  const data::Transform& normalize = {});

/// What `words` say is done to batches, of samples of so many classes, after all else:
///
/// mixup    data::MixUp with alpha 1; mixup:X with X, which may be a fraction;
/// cutmix   data::CutMix, likewise.
///
/// Several take turns, a batch each as drawn. Empty where there is none. Throws ArgumentError as
/// make_augmentation, or when X is not above 0 and at most 100.
data::BatchTransform make_mixing(std::string_view words, std::int64_t classes);

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
