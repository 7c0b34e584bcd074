// What the pictures of a training stand on, dark or light: by that a picture shows itself whose
// light and dark are swapped, a black digit on paper for a model of white ones on black.
//
// It is the outermost pixels that are asked. Of Fashion-MNIST's 10,000 test images none looks
// swapped so, and of their negatives all but one do; by the mean of all pixels, which depends on
// what is shown, the same rule finds 24 % of them.
#pragma once

#include <optional>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/tensor/tensor.h"

namespace fovea::models {

/// How light the edges of pictures are, in [0, 1]: mean and deviation over the pictures.
struct Ground {
  double mean = 0;                                 ///< 0 black, 1 white
  double std = 0;                                  ///< between pictures
  bool operator==(const Ground&) const = default;  ///< the same numbers
};

/// The mean of the outermost pixels of each image, in [0, 1].
/// Shapes   u8 [n, c, h, w].
/// Throws   DTypeError, ShapeError for others, and for images without pixels.
std::vector<double> edge_brightness(const Tensor& images);

/// Mean and deviation of what edge_brightness gives.
/// Shapes   u8 [n, c, h, w]. Throws as edge_brightness; ShapeError for no image.
Ground ground_of(const Tensor& images);

/// The ground of a data set, by 64 of its samples, evenly spread over all; nothing when these are
/// no images in u8, or one of them cannot be read: that is for those who need it to say.
std::optional<Ground> ground_of(const data::Dataset& dataset);

/// Whether a picture with edges of brightness `edge` lies far from the pictures of `ground` (more
/// than four deviations, each of at least 0.05), and would be twice as near, or nearer, with light
/// and dark swapped. Never where the ground is a middle grey or of all kinds, as photographs' is.
bool looks_swapped(double edge, const Ground& ground);

}  // namespace fovea::models
