// ImageFolder: pictures in folders by class as a data set, decoded when a batch is asked for. The
// layout of the folders is described in image_files.h.
//
// Pictures are of any size, and a batch is of one. What brings each picture to it is a transform that
// gets the picture alone, as a batch of one, before the others are joined to it:
//
//     ImageFolder judging("photos/test", {.image_transform = scaled_and_cut(224)});
//
// Without it the pictures must all be of one size.
// Threads: a batch is decoded on the threads of whoever asks for it (core/parallel.h); a DataLoader
// asks from a thread of its own while the model works.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/transforms.h"
#include "fovea/vision/file_backed.h"
#include "fovea/vision/image_files.h"
#include "fovea/vision/pictures.h"

namespace fovea::vision {

/// How an ImageFolder reads.
struct ImageFolderOptions {
  /// 1 (grey) or 3 (colour), which every picture is converted to. 0: 1 when 64 pictures, evenly
  /// spread over all, are grey as they are stored; else 3.
  std::int64_t channels = 0;
  /// Brings one picture, as a batch [1, channels, h, w] (u8), to the size of all. A random one draws
  /// for each sample and epoch. Empty: they are of one size.
  data::Transform image_transform = {};
  /// Names of the classes, by index; empty: the folders' names. A model's own, to judge it with.
  std::vector<std::string> classes = {};
  /// Reads all pictures first, and leaves out those that cannot be decoded. Otherwise a batch that
  /// holds such a picture throws.
  bool skip_corrupt = false;
  std::function<void(const CorruptImage&)> on_corrupt = {};  ///< told of each that is left out
  ImageProgress progress = {};                               ///< told while skip_corrupt reads all
  /// What a loader does to each batch; by default u8 becomes f32 in [0, 1]. Empty: nothing.
  data::Transform transform = data::ToTensor();
};

/// Pictures and their classes. See the head of this file.
///
/// Shapes   data u8 [k, channels, height, width], target i64 [k].
class ImageFolder : public data::Dataset, public FileBacked {
 public:
  /// Finds the pictures in `folder`; reads none unless channels or skip_corrupt need it.
  /// Throws   as list_images; ArgumentError unless channels are 0, 1 or 3; ParseError when nothing is
  ///          left, or a picture that is looked at for its channels cannot be decoded.
  explicit ImageFolder(std::filesystem::path folder, ImageFolderOptions options = {});

  std::int64_t size() const override { return static_cast<std::int64_t>(files_.size()); }
  /// The pictures, as those of epoch 0 with seed 0 where image_transform draws.
  /// Throws   IndexError; IoError, ParseError naming the path of a picture that cannot be read;
  ///          ShapeError naming the path of one of another size.
  data::Batch get_batch(std::span<const std::int64_t> indices) const override;
  data::Batch draw_batch(std::span<const std::int64_t> indices,
                         const data::SampleKeys& keys) const override;
  const std::vector<std::string>& classes() const override { return classes_; }
  data::Transform transform() const override { return options_.transform; }
  /// One SHA-256 over the names and lengths of all files: reading them would take as long as an
  /// epoch. It tells when pictures came, went, or changed their length.
  Checksums checksums() const override;

  /// The same pictures, brought to one size by another transform: how training data is judged, for
  /// example, of which random parts are learned from.
  ImageFolder with_image_transform(data::Transform transform) const {
    ImageFolder other = *this;
    other.options_.image_transform = std::move(transform);
    return other;
  }

  const std::vector<ImageFile>& files() const { return files_; }  ///< by sample
  std::int64_t channels() const { return options_.channels; }     ///< 1 or 3

 private:
  void leave_out_corrupt(ImageListing& listing) const;
  PictureSource source() const;

  std::filesystem::path folder_;
  ImageFolderOptions options_;
  std::vector<std::string> classes_;
  std::vector<ImageFile> files_;
};

/// Scales a picture, keeping its proportions, until it just covers `size`, and cuts that from its
/// middle: how pictures of any size are judged. For a square, torchvision's Resize(side) and
/// CenterCrop(side).
/// Throws   ArgumentError when a size is below 1.
data::Transform scaled_and_cut(data::ImageSize size);

}  // namespace fovea::vision
