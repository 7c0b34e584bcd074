// ImageList: pictures and their classes as a list says them, in a CSV file (io/csv.h):
//
//     path,label
//     photos/0001.jpg,cat
//     photos/0002.png,"dog, small"
//
// The first row is a heading when one of its fields is path, file, filename or image, and another
// one label or class, in capitals or not, with blanks around them or without; columns with other
// headings are passed over. Without a heading each row has two fields, the path and the class.
// Paths are relative to the list's folder. Classes are numbered by their names in alphabetical
// (byte) order; by their values where all of them are whole numbers.
//
// A heading labels, classes or tags instead of label makes the list multi-label: a picture has any
// number of classes, with ; or | between their names, or none; blanks around a name are none of it.
//
//     path,labels
//     photos/0001.jpg,cat;dog
//     photos/0002.png,
//
// Of a picture in several rows all classes are joined, so that it is one sample; ./1.png is 1.png.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fovea/vision/held_out.h"
#include "fovea/vision/picture_set.h"

namespace fovea::vision {

/// Pictures in a list. See the head of this file; how they are read is in picture_set.h.
///
/// Shapes   data u8 [k, channels, height, width], target i64 [k]; of a multi-label list f32
///          [k, classes].
class ImageList final : public PictureSet {
 public:
  /// Reads the list, of which with a part only that side of a split is kept: of a multi-label list
  /// by the seed alone, not class by class.
  /// Throws   IoError when it cannot be read; ParseError naming list and line: as parse_csv; a row
  ///          with too few or too many fields, no path or no class (unless multi-label); a path
  ///          where there is no file, unless corrupt ones are to be skipped; a class that is none
  ///          of those given in the options; ParseError when there are no rows, or no class in any
  ///          of them; as ImageFolder for what pictures hold.
  explicit ImageList(std::filesystem::path list, const PictureSetOptions& options = {},
                     const std::optional<Part>& part = {});

  std::int64_t size() const override { return static_cast<std::int64_t>(files_.size()); }
  std::string name_of(std::int64_t index) const override { return file(index).path.string(); }
  /// One SHA-256 over paths, classes and the lengths of the files, and whether targets are
  /// multi-label.
  Checksums checksums() const override;
  data::Targets targets() const override { return targets_; }
  std::int64_t label_of(std::int64_t index) const override { return file(index).labels.front(); }
  std::vector<std::int64_t> labels_of(std::int64_t index) const override {
    return file(index).labels;
  }
  /// Nothing: a list names what it is about.
  std::vector<std::string> left_out() const override { return {}; }

 private:
  struct ListedFile {
    std::filesystem::path path;
    std::vector<std::int64_t> labels;  // ascending
  };

  const ListedFile& file(std::int64_t index) const {
    return files_[static_cast<std::size_t>(index)];
  }
  io::Image read(std::int64_t index, io::Channels channels) const override;
  void keep(std::span<const std::int64_t> samples) override;
  std::shared_ptr<PictureSet> copy() const override;

  std::filesystem::path list_;
  data::Targets targets_ = data::Targets::kSingleLabel;
  std::vector<ListedFile> files_;
  std::string part_;  // "" or which part of the list it is
};

}  // namespace fovea::vision
