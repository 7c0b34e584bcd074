// What COCO's instances_*.json says: which images there are, and the boxes in them.
//
// The file is an object with three lists; other keys are passed over:
//
//   images       {"id", "file_name", "width", "height"}
//   categories   {"id", "name"}
//   annotations  {"image_id", "category_id", "bbox": [x, y, width, height], "area", "iscrowd"}
//
// It is read in one pass, and only what is named here is kept: outlines, which are most of a file
// of hundreds of megabytes, are dropped as they are met.
//
// What is done about boxes:
//   - they become corners x1, y1, x2, y2 in pixels, and are cut off at the image's borders
//   - those with nothing left inside the image are dropped and counted
//   - a negative width or height, and a category or an image that is not there, are errors
// Crowd regions are kept and marked.
//
// Source   cocodataset.org, "Data format", "Object Detection".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/data/window_transform.h"

namespace fovea::vision {

/// A box in an image.
struct CocoBox {
  float x1 = 0;            ///< left border, in pixels
  float y1 = 0;            ///< upper border
  float x2 = 0;            ///< right border, right of x1
  float y2 = 0;            ///< lower border, below y1
  float area = 0;          ///< of the object's outline, as the file says; else the box's
  std::int64_t label = 0;  ///< index of the class
  bool is_crowd = false;   ///< a region of many objects
};

/// An image and where its boxes are.
struct CocoImage {
  std::int64_t id = 0;        ///< the file's number for it
  std::string file_name;      ///< below the folder of images; it does not lead out of it
  data::ImageSize size;       ///< as the file says
  std::size_t first_box = 0;  ///< in CocoAnnotations::boxes
  std::size_t box_count = 0;  ///< likewise
};

/// A whole file.
struct CocoAnnotations {
  std::vector<std::string> classes;        ///< names of the categories, in the order of their ids
  std::vector<std::int64_t> category_ids;  ///< ids of the classes: COCO's own leave numbers out
  std::vector<CocoImage> images;           ///< in the order of their ids
  std::vector<CocoBox> boxes;              ///< of the first image, the second, ...; as in the file
  std::int64_t dropped = 0;                ///< boxes that lay outside their images

  /// The boxes of image `i`. Requires i < images.size().
  std::span<const CocoBox> boxes_of(std::size_t i) const {
    return std::span(boxes).subspan(images[i].first_box, images[i].box_count);
  }
};

/// Reads annotations from memory; `name` stands for the file in messages.
/// Throws   ParseError naming file and byte when it is not JSON, lacks a list, or breaks the rules
///          above.
CocoAnnotations parse_coco(std::span<const std::byte> json, const std::string& name);

/// Reads a file of annotations. Throws IoError, ParseError.
CocoAnnotations read_coco(const std::filesystem::path& path);

}  // namespace fovea::vision
