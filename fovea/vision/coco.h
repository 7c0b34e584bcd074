// CocoDetection: images and the boxes of the objects in them, as COCO has them.
//
//     const CocoDetection dataset({.images = "val2017", .annotations = "instances_val2017.json"});
//     const auto [image, target] = dataset[0];              // [3, h, w], and its boxes as they are
//     for (auto& [images, boxes] : data::DataLoader(dataset, {.batch_size = 8})) { ... }
//
// Images differ in size and in how many boxes they have; a batch holds them padded. The transform
// of a loader changes images alone, so one that moves pixels (a crop, a flip) would leave boxes
// behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/transforms.h"
#include "fovea/io/pictures/image.h"
#include "fovea/vision/coco_annotations.h"
#include "fovea/vision/pictures.h"

namespace fovea::vision {

/// What is to be found in an image of n boxes.
struct DetectionTarget {
  std::int64_t image_id = 0;  ///< the file's number for the image
  Tensor boxes;               ///< f32 [n, 4]: x1, y1, x2, y2 in pixels
  Tensor labels;              ///< i64 [n]: indices of classes
  Tensor area;                ///< f32 [n]: of the objects' outlines
  Tensor iscrowd;             ///< bool [n]: regions of many objects
};

/// An image with its target: `auto [image, target] = dataset[i]`.
struct DetectionSample {
  io::Image image;         ///< u8 [3, h, w]
  DetectionTarget target;  ///< its boxes
};

/// What batches hold where an image has fewer boxes than another: the label of no object.
inline constexpr std::int64_t kNoObject = -1;

/// Puts samples of any size into one batch.
///
/// Shapes   data u8 [k, 3, h, w], the largest height and width of the images, with zeros to the
///          right of smaller ones and below; target f32 [k, m, 5] of rows x1, y1, x2, y2, label, m
///          the most boxes of an image, and rows 0, 0, 0, 0, kNoObject after the last box. Crowd
///          regions are left out.
/// Throws   ArgumentError for no samples.
data::Batch collate_detections(std::span<const DetectionSample> samples);

/// Where a set lies, and what its batches are like.
struct CocoOptions {
  std::filesystem::path images;       ///< folder of the images
  std::filesystem::path annotations;  ///< a file instances_*.json
  /// Size that images of a batch are stretched to, and their boxes with them; 0x0: images keep
  /// their sizes and are padded.
  data::ImageSize size = {};
  /// What a loader does to the images of each batch; by default u8 becomes f32 in [0, 1].
  data::Transform transform = data::ToTensor();
};

/// Images with boxes. See the head of this file.
///
/// Source   Lin et al. 2014, "Microsoft COCO: Common Objects in Context", arXiv:1405.0312;
///          torchvision, CocoDetection.
class CocoDetection final : public data::Dataset {
 public:
  /// Reads the annotations; images are read when they are wanted.
  /// Throws   IoError; ParseError as parse_coco; ArgumentError when one of the two sides of size is
  ///          below 1.
  explicit CocoDetection(CocoOptions options);

  std::int64_t size() const override {
    return static_cast<std::int64_t>(annotations_.images.size());
  }
  /// Image `index`, in the order of image ids, and its boxes, both as the files have them.
  /// Throws   IndexError; IoError, ParseError from the image, also when its size is not the one
  ///          that the annotations say.
  DetectionSample operator[](std::int64_t index) const;
  /// Several images and their boxes, as collate_detections puts them together, or stretched to the
  /// options' size.
  data::Batch get_batch(std::span<const std::int64_t> indices) const override;
  const std::vector<std::string>& classes() const override { return annotations_.classes; }
  data::Transform transform() const override { return options_.transform; }

  const CocoAnnotations& annotations() const { return annotations_; }  ///< all of them

 private:
  PictureSource source() const;
  Tensor stretched_boxes(std::span<const std::int64_t> indices) const;

  CocoOptions options_;
  CocoAnnotations annotations_;
};

}  // namespace fovea::vision
