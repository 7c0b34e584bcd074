// ImageFolder: pictures in folders by class as a data set, decoded when a batch is asked for. The
// layout of the folders is described in image_files.h, reading in picture_set.h.
//
//     ImageFolder photos("photos/train", {.image_transform = data::RandomResizedCrop(224)});
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fovea/vision/held_out.h"
#include "fovea/vision/image_files.h"
#include "fovea/vision/picture_set.h"

namespace fovea::vision {

/// Pictures and their classes, one for each folder. See the head of this file.
///
/// Shapes   data u8 [k, channels, height, width], target i64 [k].
class ImageFolder final : public PictureSet {
 public:
  /// Finds the pictures in `folder`; reads none unless channels or skip_corrupt need it.
  /// With a part, only the pictures of that side of a split: before corrupt ones are left out, so
  /// that these change nothing for the others.
  /// Throws   as list_images; ArgumentError unless channels are 0, 1 or 3; ParseError when nothing
  ///          is left, or a picture that is looked at for its channels cannot be decoded.
  explicit ImageFolder(std::filesystem::path folder, PictureSetOptions options = {},
                       const std::optional<Part>& part = {});

  std::int64_t size() const override { return static_cast<std::int64_t>(files_.size()); }
  std::string name_of(std::int64_t index) const override { return file(index).path.string(); }
  /// One SHA-256 over the names and lengths of all files: reading them would take as long as an
  /// epoch. It tells when pictures came, went, or changed their length.
  Checksums checksums() const override;

  const std::vector<ImageFile>& files() const { return files_; }  ///< by sample
  std::int64_t label_of(std::int64_t index) const override { return file(index).label; }
  /// describe_left_out, with the folder.
  std::vector<std::string> left_out() const override { return left_out_; }

 private:
  const ImageFile& file(std::int64_t index) const {
    return files_[static_cast<std::size_t>(index)];
  }
  io::Image read(std::int64_t index, io::Channels channels) const override;
  void keep(std::span<const std::int64_t> samples) override;
  std::shared_ptr<PictureSet> copy() const override;

  std::filesystem::path folder_;
  std::vector<ImageFile> files_;
  std::vector<std::string> left_out_;
  std::string part_;  // "" or which part of the folder it is
};

}  // namespace fovea::vision
